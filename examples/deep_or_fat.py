"""Deep against fat: perceptrons of one to sixteen hidden layers that have the same number of parameters."""

import numpy as np
from matplotlib.figure import Figure

from examples.fitting import accuracy, by_epoch, fit, perceptron
from examples.pixels import clothes
from examples.show import Found, show
from tenon.training import Recipe

N_INPUTS = 14 * 14
N_PARAMETERS = 60_000
DEPTHS = (1, 2, 4, 8, 16)


def find(quick: bool) -> Found:
    """Widths, sizes, losses and accuracies by depth; several seeds."""
    images = clothes(300, 200) if quick else clothes(5000, 5000)
    epochs, seeds = (1, 1) if quick else (10, 3)
    found: Found = {"n_train": len(images.train_y)}
    for depth in DEPTHS:
        width = same_size(depth)
        one: Found = {"width": width, "losses": [], "accuracies": []}
        for seed in range(seeds):
            net = perceptron((N_INPUTS, *[width] * depth, 10), seed=seed)
            history = fit(net, images, Recipe(epochs=epochs, schedule="cosine", clip=1.0), seed)
            one["losses"].append(by_epoch(history, epochs)[-1])
            one["accuracies"].append(accuracy(net, images))
        found[depth] = one | {"size": sum(p.numel() for p in net.parameters())}
    return found


def same_size(depth: int) -> int:
    """Return the width whose network comes nearest to N_PARAMETERS: (depth - 1) w² + (inputs + 10 + depth) w + 10 of them."""
    widths = np.arange(1, 1000)
    sizes = (depth - 1) * widths**2 + (N_INPUTS + 10 + depth) * widths + 10
    return int(widths[np.abs(sizes - N_PARAMETERS).argmin()])


def draw(figure: Figure, found: Found) -> None:
    for axes, part, title in zip(
        figure.subplots(1, 2), ("losses", "accuracies"), ("loss of the last epoch", "accuracy on test rows"), strict=True
    ):
        for seed in range(len(found[1][part])):
            axes.plot(DEPTHS, [found[depth][part][seed] for depth in DEPTHS], "o-", alpha=0.5)
        axes.set_xscale("log", base=2)
        axes.set(title=title, xlabel="hidden layers", xticks=DEPTHS, xticklabels=DEPTHS)


def tell(found: Found) -> list[str]:
    lines = [
        f"Fashion-MNIST at 14x14 pixels, {found['n_train']:,} train rows, about {N_PARAMETERS:,} parameters "
        "each; means and ranges over seeds:",
        "",
        "| hidden layers | width | parameters | loss | accuracy |",
        "|---|---|---|---|---|",
    ]
    for depth in DEPTHS:
        one = found[depth]
        share = one["accuracies"]
        lines.append(
            f"| {depth} | {one['width']} | {one['size']:,} | {np.mean(one['losses']):.3f} | "
            f"{np.mean(share):.3f} ({min(share):.3f} to {max(share):.3f}) |"
        )
    best = max(DEPTHS, key=lambda depth: np.mean(found[depth]["accuracies"]))
    alike = [str(depth) for depth in DEPTHS if max(found[depth]["accuracies"]) >= min(found[best]["accuracies"])]
    return [
        *lines,
        "",
        f"The best mean has depth {best}; the ranges of {', '.join(alike)} overlap with its own. Deeper plain networks "
        "are harder to train: see plain against residual ones.",
    ]


if __name__ == "__main__":
    show("deep_or_fat", "Deep against fat, at equal parameters", find, draw, tell)
