"""What a network forgets of its first classes while it learns others from few rows (McCloskey & Cohen 1989), by what learns."""

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from examples.fitting import accuracy, fit
from examples.pixels import Images, clothes
from examples.show import Found, show
from tenon.image import ResNet
from tenon.image.transfer import trainings
from tenon.training import Recipe

N_CLASSES = 5  # of either task: T-shirt to coat first, then sandal to ankle boot
WAYS = ("head", "all", "gradual", "from scratch")
FIRST = Recipe(epochs=5, optimiser="momentum", rate=0.05, decay=1e-4, schedule="cosine", warmup=0.1)
SECOND = Recipe(epochs=30, batch_size=16, rate=3e-3, schedule="cosine", warmup=0.1, clip=1.0)


def find(quick: bool) -> Found:
    """Accuracies on either task by what learns, and on the first one before; several seeds."""
    n_train, n_test, n_few, seeds = (200, 100, 40, 1) if quick else (6000, 2000, 100, 5)
    images = clothes(n_train, n_test)
    first, second = of_classes(images, 0), of_classes(images, N_CLASSES)
    found: Found = {"n_first": len(first.train_y), "n_few": n_few, "before": [], **{way: {"new": [], "old": []} for way in WAYS}}
    for seed in range(seeds):
        chosen = torch.randperm(len(second.train_y), generator=torch.Generator().manual_seed(seed))[:n_few]
        few = second._replace(train_x=second.train_x[chosen], train_y=second.train_y[chosen])
        old = network(seed)
        fit(old, first, FIRST, seed)
        found["before"].append(accuracy(old, first))
        for way in WAYS:
            net = taught(old, few, way, seed)
            found[way]["new"].append(accuracy(net, few))
            net.fc = old.fc
            found[way]["old"].append(accuracy(net, first))
    return found


def taught(old: nn.Module, images: Images, way: str, seed: int) -> nn.Module:
    """Return a network with a new head that has learnt the images, from the old one's weights or, from scratch, without."""
    net = network(seed + 1000)  # an offset, for first weights of its own
    recipes = [SECOND]
    if way != "from scratch":
        net.load_state_dict(old.state_dict() | {f"fc.{name}": values for name, values in net.fc.state_dict().items()})
        recipes = list(trainings(net, SECOND, way).values())
    for recipe in recipes:
        net.requires_grad_(True)
        fit(net, images, recipe, seed)
    return net


def network(seed: int) -> ResNet:
    torch.manual_seed(seed)
    return ResNet(N_CLASSES, channels=1, size=14, depth=8)


def of_classes(images: Images, start: int) -> Images:
    """Return the rows of N_CLASSES classes, these counted from 0."""
    train, test = ((y >= start) & (y < start + N_CLASSES) for y in (images.train_y, images.test_y))
    return Images(images.train_x[train], images.train_y[train] - start, images.test_x[test], images.test_y[test] - start)


def draw(figure: Figure, found: Found) -> None:
    titles = {"new": f"new classes, from {found['n_few']} rows", "old": "first classes, with their own head put back"}
    for axes, (part, title) in zip(figure.subplots(1, 2, sharey=True), titles.items(), strict=True):
        shares = [found[way][part] for way in WAYS]
        axes.bar(range(len(WAYS)), np.mean(shares, axis=1), alpha=0.4)
        axes.plot(shares, "k.", markersize=4)
        axes.axhline(1 / N_CLASSES, color="grey", linestyle=":", label="chance")
        axes.set(title=f"accuracy on {title}", xticks=range(len(WAYS)), xticklabels=WAYS, ylim=(0, 1))
    axes.axhline(np.mean(found["before"]), color="C1", label="before")
    axes.legend(frameon=False, loc="center right")


def tell(found: Found) -> list[str]:
    before, means = np.mean(found["before"]), {way: np.mean(found[way]["old"]) for way in WAYS}
    lines = [
        f"Fashion-MNIST at 14x14 pixels. A residual network of 8 layers learns T-shirt to coat from {found['n_first']:,} rows "
        f"(accuracy {_spread(found['before'])}), then sandal to ankle boot from {found['n_few']}, by what learns of it as in "
        "`tenon.image.transfer`; its old head put back shows what remains. Means and ranges over seeds:",
        "",
        "| what learns | accuracy on the new classes | accuracy on the first classes | forgotten |",
        "|---|---|---|---|",
    ]
    for way in WAYS:
        one = found[way]
        lost = "" if way == "from scratch" else f"{before - means[way]:.3f}"
        lines.append(f"| {way} | {_spread(one['new'])} | {_spread(one['old'])} | {lost} |")
    best = max(WAYS, key=lambda way: np.mean(found[way]["new"]))
    alike = [way for way in WAYS if way != best and max(found[way]["new"]) >= min(found[best]["new"])]
    return [
        *lines,
        "",
        f"The new classes are learnt best by {best}"
        + (f" (the ranges of {', '.join(alike)} overlap with its own). " if alike else ". ")
        + f"Of what stood above chance, {1 / N_CLASSES:g}, there remain "
        + ", ".join(f"{(means[way] - 1 / N_CLASSES) / (before - 1 / N_CLASSES):.0%} with {way}" for way in WAYS[:-1])
        + ". With the head alone no old weight changes: what is lost there are the means and deviations of batch norm, which "
        "follow the new images.",
    ]


def _spread(shares: list[float]) -> str:
    return f"{np.mean(shares):.3f} ({min(shares):.3f} to {max(shares):.3f})"


if __name__ == "__main__":
    show("forgetting", "Forgetting", find, draw, tell)
