"""A network's weights: copies of the best, of the last good ones, a moving average (Polyak & Juditsky 1992)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Weights = dict[str, Tensor]  # parameters and buffers by name


def copy_of(net: nn.Module) -> Weights:
    """Return the network's parameters and buffers, in memory of their own."""
    return {name: tensor.detach().clone() for name, tensor in net.state_dict().items()}


@torch.no_grad()
def move_average(average: Weights, net: nn.Module, stays: float) -> None:
    """average = stays · average + (1 - stays) · weights; what is no floating point number is taken over."""
    for name, tensor in net.state_dict().items():
        if tensor.is_floating_point():
            average[name].lerp_(tensor, 1.0 - stays)
        else:
            average[name].copy_(tensor)


@contextmanager
def with_weights(net: nn.Module, weights: Weights | None) -> Iterator[None]:
    """Let the network have these weights in the block; None: its own."""
    if weights is None:
        yield
        return
    own = copy_of(net)
    net.load_state_dict(weights)
    try:
        yield
    finally:
        net.load_state_dict(own)
