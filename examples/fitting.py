"""A plain perceptron, and how the examples train a network and judge it."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from examples.pixels import Images
from tenon.errors import SettingsError
from tenon.nn.initialise import initialise
from tenon.training import History, Recipe, TensorRows, train


def perceptron(widths: Sequence[int], *, seed: int, batch_norm: bool = False, dropout: float = 0.0) -> nn.Sequential:
    """Linear layers from widths[0] inputs to widths[-1] answers, ReLU between them, first weights by He."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = [nn.Flatten()]
    for i, (n_in, n_out) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        layers.append(nn.Linear(n_in, n_out))
        if i < len(widths) - 2:
            layers += [nn.BatchNorm1d(n_out)] * batch_norm + [nn.ReLU()] + [nn.Dropout(dropout)] * (dropout > 0)
    net = nn.Sequential(*layers)
    initialise(net)
    return net


def fit(net: nn.Module, images: Images, recipe: Recipe, seed: int = 0) -> History | None:
    """Train; None where the loss was no number before the first epoch was over."""
    try:
        return train(net, TensorRows(images.train_x, targets=images.train_y), functional.cross_entropy, recipe, seed=seed)
    except SettingsError:
        return None


@torch.no_grad()
def accuracy(net: nn.Module, images: Images) -> float:
    """Share of the test rows that the network gets right."""
    net.eval()
    return (net(images.test_x).argmax(dim=1) == images.test_y).double().mean().item()


def by_epoch(history: History, epochs: int) -> list[float]:
    """Mean of the losses of each epoch's steps."""
    n = len(history.loss) // epochs
    return [sum(history.loss[i * n : (i + 1) * n]) / n for i in range(epochs)]
