"""Plain against residual networks as they grow deeper (He et al. 2015, arXiv:1512.03385, section 4.2, in small)."""

import torch
from matplotlib.figure import Figure

from examples.fitting import accuracy, by_epoch, fit
from examples.pixels import clothes
from examples.show import Found, show
from tenon.image import ResNet
from tenon.training import Recipe

DEPTHS = (8, 20, 44)
KINDS = {"plain": False, "residual": True}


def find(quick: bool) -> Found:
    """Loss by epoch and accuracy on test rows, by kind and depth."""
    images, epochs = (clothes(48, 32), 1) if quick else (clothes(1500, 1500), 5)
    recipe = Recipe(epochs=epochs, optimiser="momentum", rate=0.05, decay=1e-4, schedule="cosine", warmup=0.1)
    found: Found = {"epochs": epochs, "n_train": len(images.train_y)}
    for kind, shortcut in KINDS.items():
        for depth in DEPTHS:
            torch.manual_seed(0)
            net = ResNet(10, channels=1, size=14, depth=depth, shortcut=shortcut)
            history = fit(net, images, recipe)
            found[f"{kind} {depth}"] = {
                "losses": by_epoch(history, epochs),
                "accuracy": accuracy(net, images),
                "size": sum(p.numel() for p in net.parameters()),
            }
    return found


def draw(figure: Figure, found: Found) -> None:
    for axes, kind in zip(figure.subplots(1, 2, sharey=True), KINDS, strict=True):
        for depth in DEPTHS:
            axes.plot(range(1, found["epochs"] + 1), found[f"{kind} {depth}"]["losses"], "o-", label=f"{depth} layers")
        axes.set(title=f"{kind}: mean loss of an epoch's steps", xlabel="epoch", xticks=range(1, found["epochs"] + 1))
        axes.legend(frameon=False)


def tell(found: Found) -> list[str]:
    lines = [
        f"Fashion-MNIST at 14x14 pixels, {found['n_train']:,} train rows, {found['epochs']} epochs; loss of the last epoch on "
        "train rows, accuracy on test rows:",
        "",
        "| layers | parameters | plain loss | residual loss | plain accuracy | residual accuracy |",
        "|---|---|---|---|---|---|",
    ]
    for depth in DEPTHS:
        plain, residual = found[f"plain {depth}"], found[f"residual {depth}"]
        lines.append(
            f"| {depth} | {plain['size']:,} | {plain['losses'][-1]:.3f} | {residual['losses'][-1]:.3f} | "
            f"{plain['accuracy']:.3f} | {residual['accuracy']:.3f} |"
        )
    first, last = DEPTHS[0], DEPTHS[-1]
    lost = {kind: found[f"{kind} {last}"]["losses"][-1] - found[f"{kind} {first}"]["losses"][-1] for kind in KINDS}
    harm = (
        "depth does not overfit here, it hinders learning" if lost["plain"] > max(0.0, lost["residual"]) else "too small a trial"
    )
    return [
        *lines,
        "",
        f"From {first} to {last} layers the train loss changes by {lost['plain']:+.3f} in the plain network and by "
        f"{lost['residual']:+.3f} in the residual one, which has the very same weights to learn: {harm}.",
    ]


if __name__ == "__main__":
    show("plain_or_residual", "Plain against residual networks", find, draw, tell)
