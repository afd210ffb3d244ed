"""Batch norm widens the range of learning rates that work (Ioffe & Szegedy 2015, arXiv:1502.03167)."""

from matplotlib.figure import Figure

from examples.fitting import accuracy, fit, perceptron
from examples.pixels import digits
from examples.show import Found, show
from tenon.training import Recipe

RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
KINDS = {"without": False, "with": True}
GOOD = 0.9  # accuracy of a rate that works


def find(quick: bool) -> Found:
    """Accuracy on test rows by learning rate, None where training diverged."""
    images, epochs = (digits(150), 2) if quick else (digits(), 8)
    found: Found = {"rates": RATES[3:8:2] if quick else RATES, "epochs": epochs}
    for kind, batch_norm in KINDS.items():
        found[kind] = []
        for rate in found["rates"]:
            net = perceptron((64, *[48] * 8, 10), seed=0, batch_norm=batch_norm)
            history = fit(net, images, Recipe(epochs=epochs, batch_size=32, optimiser="sgd", rate=rate, decay=0.0))
            found[kind].append(None if history is None or history.stopped else accuracy(net, images))
    return found


def draw(figure: Figure, found: Found) -> None:
    axes = figure.subplots()
    for kind in KINDS:
        axes.semilogx(
            found["rates"], [0.1 if share is None else share for share in found[kind]], "o-", label=f"{kind} batch norm"
        )
    axes.set(xlabel="learning rate", title="accuracy on test rows (diverged: 0.1, chance)")
    axes.legend(frameon=False)


def tell(found: Found) -> list[str]:
    lines = [
        f"Digits, eight hidden layers of 48, gradient descent in batches of 32, {found['epochs']} epochs; accuracy by rate:",
        "",
        "| | " + " | ".join(f"{rate:g}" for rate in found["rates"]) + " |",
        "|---|" + "---|" * len(found["rates"]),
    ]
    for kind in KINDS:
        lines.append(f"| {kind} | " + " | ".join("diverged" if share is None else f"{share:.3f}" for share in found[kind]) + " |")
    work = {kind: [r for r, share in zip(found["rates"], found[kind], strict=True) if share and share >= GOOD] for kind in KINDS}
    said = [f"{kind} batch norm {f'{min(w):g} to {max(w):g}' if w else 'none'}" for kind, w in work.items()]
    return [*lines, "", f"Rates with an accuracy of {GOOD} or more: {'; '.join(said)}."]


if __name__ == "__main__":
    show("batch_norm", "Batch norm and the learning rate", find, draw, tell)
