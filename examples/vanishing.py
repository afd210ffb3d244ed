"""Gradients through time: what is left, at the last step, of a token that stands far back, with gates and without."""

import torch
from matplotlib.figure import Figure
from torch import nn

from examples.show import Found, show
from tenon.nn.recurrent import Recurrent
from tenon.training import Recipe, TensorRows, train

KINDS = {"rnn": "plain RNN", "gru": "GRU", "lstm": "LSTM"}
FAR = 100  # tokens


def find(quick: bool) -> Found:
    """Length of the gradient of the last state by tokens further and further back, and how far back a class is learnt from."""
    seeds, distances = (2, (5, 20)) if quick else (10, (5, 10, 20, 40, 80))
    found: Found = {"distances": list(distances)}
    for kind in KINDS:
        lengths = torch.tensor([_gradients(kind, seed) for seed in range(seeds)], dtype=torch.float64)
        found[kind] = {
            "gradient": lengths.log().mean(dim=0).exp().tolist(),
            "accuracy": [_accuracy(kind, distance, 2 if quick else 15) for distance in distances],
        }
    return found


def _gradients(kind: str, seed: int) -> list[float]:
    """Return, for tokens 0, 1, … FAR - 1 steps back, how much the last state feels them, over how much it feels the last."""
    torch.manual_seed(seed)
    layer = Recurrent(kind, 32, 64, is_bidirectional=False).double()
    x = torch.randn(16, FAR, 32, dtype=torch.float64, requires_grad=True)
    states = layer(x, torch.full((16,), FAR))
    [gradient] = torch.autograd.grad((states[:, -1] * torch.randn(16, 64, dtype=torch.float64)).sum(), x)
    felt = gradient.norm(dim=2).mean(dim=0).flip(0)
    return (felt / felt[0]).tolist()


class _Last(nn.Module):
    """A layer, and an answer from its last state."""

    def __init__(self, kind: str):
        super().__init__()
        self.layer, self.head = Recurrent(kind, 4, 32, is_bidirectional=False), nn.Linear(32, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layer(x, torch.full((len(x),), x.shape[1]))[:, -1])


def _accuracy(kind: str, distance: int, epochs: int) -> float:
    """Return the share of new rows told apart by a mark that stands `distance` tokens back, noise behind it."""
    rows, test = _marked(1000, distance, 0), _marked(500, distance, 1)
    torch.manual_seed(0)
    net = _Last(kind)
    train(net, rows, nn.functional.cross_entropy, Recipe(epochs=epochs, batch_size=50, rate=3e-3, clip=1.0))
    with torch.no_grad():
        return float((net(*test.inputs).argmax(dim=1) == test.targets).float().mean())


def _marked(n: int, distance: int, seed: int) -> TensorRows:
    chance = torch.Generator().manual_seed(seed)
    x, y = torch.randn(n, distance + 1, 4, generator=chance), torch.randint(0, 2, (n,), generator=chance)
    x[:, :, 0] = 0.0
    x[:, 0, 0] = 2.0 * y - 1  # the mark has a column of its own
    return TensorRows(x, targets=y)


def draw(figure: Figure, found: Found) -> None:
    left, right = figure.subplots(1, 2)
    for kind, name in KINDS.items():
        left.semilogy(found[kind]["gradient"], label=name)
        right.plot(found["distances"], found[kind]["accuracy"], "o-", label=name)
    left.set(title="gradient by a token, over that by the last one", xlabel="tokens back")
    right.set(title="accuracy from a mark far back", xlabel="tokens back", ylim=(0.4, 1.03))
    left.legend(frameon=False)


def tell(found: Found) -> list[str]:
    distances = found["distances"]
    lines = [
        "One layer of 64 units, first weights: length of the gradient of the last state by a token so many steps back, as a",
        "multiple of that by the last token (geometric mean over seeds). Then, trained on 1,000 rows whose class a mark tells",
        f"that stands so many tokens back, the accuracy on new ones ({', '.join(map(str, distances))} back):",
        "",
        "| | 10 back | 50 back | 99 back | accuracy |",
        "|---|---|---|---|---|",
    ]
    for kind, name in KINDS.items():
        felt = " | ".join(f"{found[kind]['gradient'][steps]:.1g}" for steps in (10, 50, FAR - 1))
        lines.append(f"| {name} | {felt} | {', '.join(f'{share:.2f}' for share in found[kind]['accuracy'])} |")
    learnt = {kind: [d for d, share in zip(distances, found[kind]["accuracy"], strict=True) if share > 0.9] for kind in KINDS}
    reach = "; ".join(f"{name}: {max(learnt[kind], default='nowhere')}" for kind, name in KINDS.items())
    return [
        *lines,
        "",
        f"The furthest mark that is learnt to more than 0.9: {reach}.",
        "A gate that is open hands the state on as it is, and with it the gradient; without gates every step multiplies both by",
        "the same weights. How open gates are at first counts as much as that there are any: those of the GRU start half open,",
        "the forget gate of the LSTM, with a bias of 1, at 0.73.",
    ]


if __name__ == "__main__":
    show("vanishing", "Gradients through time, with gates and without", find, draw, tell)
