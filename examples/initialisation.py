"""First weights and depth: what becomes of signals and gradients through 50 layers of ReLU."""

import torch
from matplotlib.figure import Figure
from torch import nn

from examples.show import Found, show
from tenon.nn.initialise import SMALL, initialise

RULES = ("zero", "normal", "xavier", "he")
DEPTH = 50


def find(quick: bool) -> Found:
    """Mean square of what each layer gives, and of the gradient that reaches each layer's weights; means over seeds."""
    width, seeds = (128, 2) if quick else (512, 5)
    found: Found = {"width": width}
    for rule in RULES:
        runs = torch.tensor([_squares(rule, width, seed) for seed in range(seeds)], dtype=torch.float64)
        found[rule] = {"signal": runs[:, 0].mean(0).tolist(), "gradient": runs[:, 1].mean(0).tolist()}
    return found


def _squares(rule: str, width: int, seed: int) -> tuple[list[float], list[float]]:
    torch.manual_seed(seed)
    layers = [nn.Linear(width, width, dtype=torch.float64) for _ in range(DEPTH)]  # doubles: 2^-50 is nothing in floats
    initialise(nn.ModuleList(layers), rule)
    x, signals = torch.randn(64, width, dtype=torch.float64), []
    for layer in layers:
        x = layer(x).relu()
        signals.append(x.square().mean().item())
    (x * torch.randn_like(x)).sum().backward()
    return signals, [layer.weight.grad.square().mean().item() for layer in layers]


def draw(figure: Figure, found: Found) -> None:
    for axes, part, title in zip(figure.subplots(1, 2), ("signal", "gradient"), ("signal", "gradient of weights"), strict=True):
        for rule in RULES:
            values = [value if value > 0 else float("nan") for value in found[rule][part]]
            axes.semilogy(range(1, DEPTH + 1), values, label=rule if rule != "zero" else "zero (0 everywhere)")
        axes.set(title=f"mean square of the {title}", xlabel="layer")
    figure.axes[0].legend(frameon=False)


def tell(found: Found) -> list[str]:
    lines = [
        f"{DEPTH} layers of {found['width']} units and ReLU. Mean square of the signal behind the last layer as a multiple",
        "of that behind the first, what theory says, and the largest gradient that reaches any layer's weights (mean square):",
        "",
        "| first weights | last / first | theory | gradient |",
        "|---|---|---|---|",
    ]
    for rule, theory in zip(RULES, expected(found["width"]), strict=True):
        first, last = found[rule]["signal"][0], found[rule]["signal"][-1]
        ratios = f"{last / first:.2g} | {theory:.2g}" if first else "0 / 0 | 0 / 0"
        lines.append(f"| {rule} | {ratios} | {max(found[rule]['gradient']):.2g} |")
    return [
        *lines,
        "",
        "Only He's rule hands signals on through ReLU; with zeros nothing ever reaches a weight, so nothing is learnt.",
    ]


def expected(width: int) -> tuple[float, float, float, float]:
    """What 49 layers multiply the mean square by: each n_in · Var(w) / 2."""
    return 0.0, (width * SMALL**2 / 2) ** (DEPTH - 1), 0.5 ** (DEPTH - 1), 1.0


if __name__ == "__main__":
    show("initialisation", "First weights over 50 layers", find, draw, tell)
