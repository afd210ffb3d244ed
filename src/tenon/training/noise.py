"""Chance that makes networks generalise, and whose chance it is: noise on inputs and weights, the caller's generator left alone.

Noise on inputs acts like an L2 penalty (Bishop 1995); noise on weights pulls towards flat minima (Goodfellow et al. 2016,
section 7.5).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


@contextmanager
def own_chance(seed: int) -> Iterator[None]:
    """Let torch's global generators start from the seed in this block, and go on behind it as if there had been none."""
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield


def noisy(inputs: tuple[Any, ...], deviation: float) -> tuple[Any, ...]:
    """Return the inputs, those of floating point numbers with normal noise on them."""
    if not deviation:
        return inputs
    return tuple(x + deviation * torch.randn_like(x) if isinstance(x, Tensor) and x.is_floating_point() else x for x in inputs)


@contextmanager
def noisy_weights(net: nn.Module, deviation: float) -> Iterator[None]:
    """Put normal noise on all trained weights in this block."""
    if not deviation:
        yield
        return
    parameters = [parameter for parameter in net.parameters() if parameter.requires_grad]
    kept = [parameter.detach().clone() for parameter in parameters]
    with torch.no_grad():
        for parameter in parameters:
            parameter.add_(torch.randn_like(parameter), alpha=deviation)
    try:
        yield
    finally:
        with torch.no_grad():
            for parameter, old in zip(parameters, kept, strict=True):
                parameter.copy_(old)
