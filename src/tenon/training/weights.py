"""A network's weights: copies of the best, of the last good ones, a moving average (Polyak & Juditsky 1992); or none at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

Weights = dict[str, Tensor]  # parameters and buffers by name
DRAWS = (nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_, Tensor.normal_, Tensor.uniform_)


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


class _Undrawn(TorchFunctionMode):
    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if func in DRAWS:
            return args[0] if args else given["tensor"]
        return func(*args, **given)


@contextmanager
def on_paper() -> Iterator[None]:
    """Let networks that are built in the block have names and shapes alone: they take no memory, and no chance.

    Nothing is drawn for them: for that torch, which knows of no numbers there either, would first load its compiler, two seconds.
    """
    with torch.device("meta"), _Undrawn():
        yield
