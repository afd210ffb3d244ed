"""Optimisers side by side: one perceptron, the digits, each with the best of four learning rates."""

from matplotlib.figure import Figure

from examples.fitting import accuracy, by_epoch, fit, perceptron
from examples.pixels import digits
from examples.show import Found, show
from tenon.training import Recipe

WAYS = {
    "full batch": {"optimiser": "sgd", "batch_size": None},
    "one row": {"optimiser": "sgd", "batch_size": 1},
    "sgd": {"optimiser": "sgd"},
    "momentum": {"optimiser": "momentum"},
    "adagrad": {"optimiser": "adagrad"},
    "rmsprop": {"optimiser": "rmsprop"},
    "adam, L2": {"optimiser": "adam", "decay": 0.01},  # the decay is a part of the gradient
    "adamw": {"optimiser": "adamw", "decay": 0.01},  # and here a step of its own
}
RATES = (0.001, 0.01, 0.1, 1.0)


def find(quick: bool) -> Found:
    """Loss by epoch and accuracy on test rows of the rate with the lowest loss of the last epoch."""
    images, epochs = digits(150 if quick else 1200), 3 if quick else 10
    found: Found = {"epochs": epochs}
    for name, settings in WAYS.items():
        for rate in RATES[1:3] if quick else RATES:
            net = perceptron((64, 64, 64, 10), seed=0)
            history = fit(net, images, Recipe(**{"batch_size": 32, "epochs": epochs, "decay": 0.0, "rate": rate} | settings))
            if history is None or history.stopped:
                continue  # it diverged
            losses = by_epoch(history, epochs)
            if name not in found or losses[-1] < found[name]["losses"][-1]:
                found[name] = {"rate": rate, "losses": losses, "accuracy": accuracy(net, images), "steps": len(history.loss)}
    return found


def draw(figure: Figure, found: Found) -> None:
    axes = figure.subplots()
    for name in WAYS:
        losses = found[name]["losses"]
        axes.semilogy(range(1, len(losses) + 1), losses, label=f"{name}, rate {found[name]['rate']:g}")
    axes.set(xlabel="epoch", title="mean loss of an epoch's steps")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def tell(found: Found) -> list[str]:
    lines = [
        f"Digits, two hidden layers of 64, {found['epochs']} epochs in batches of 32 unless said; of the learning rates "
        f"{', '.join(f'{rate:g}' for rate in RATES)} the one with the lowest loss. "
        "Adam and AdamW decay weights by 0.01, the one within the gradient, the other in a step of its own:",
        "",
        "| optimiser | rate | steps | loss of the last epoch | accuracy |",
        "|---|---|---|---|---|",
    ]
    for name in WAYS:
        one = found[name]
        lines.append(f"| {name} | {one['rate']:g} | {one['steps']:,} | {one['losses'][-1]:.4f} | {one['accuracy']:.3f} |")
    best = min(WAYS, key=lambda name: found[name]["losses"][-1])
    return [
        *lines,
        "",
        f"The lowest loss is that of {best}. The same epochs are {found['full batch']['steps']} steps of the full batch and "
        f"{found['one row']['steps']:,} of single rows: what counts is how many steps one gets, and how much each tells.",
    ]


if __name__ == "__main__":
    show("optimisers", "Optimisers side by side", find, draw, tell)
