"""Heads and units of an encoder's layers: which matter least, and how they are taken out of the weights.

How much a head matters is the mean over rows of |d loss / d gate|, where a gate of 1 stands on what the head says (Michel, Levy &
Neubig 2019, arXiv:1905.10650, section 4.1). So it is of units within a feed-forward part (McCarley, Chakravarti & Sil 2019,
arXiv:1910.06360, learn such gates); the norm of their weights told less than chance (docs/log.md).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tenon.nn.attention import Attention
from tenon.nn.transformer import FeedForward

Batch = tuple[tuple[Any, ...], Tensor]  # what a network is called with, and targets


def importance(
    net: nn.Module, readers: Sequence[nn.Linear], n: int, batches: Iterable[Batch], loss: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:  # fmt: skip
    """Return how much each of n heads, or units, matters whose outputs a layer reads, (len(readers), n) float32, all from 0 on.

    readers : layers of a network in evaluation mode: `out` of attention, `outer` behind units. loss : of outputs and targets, the
    mean over rows.
    """
    sums, n_rows = torch.zeros(()), 0
    for inputs, targets in batches:
        with gated(readers, n, len(targets), targets.device) as gates:
            total = loss(net(*inputs), targets) * len(targets)
        [gradient] = torch.autograd.grad(total, gates)
        sums, n_rows = sums + gradient.abs().sum(dim=1).cpu(), n_rows + len(targets)
    return sums / n_rows


@contextmanager
def gated(readers: Sequence[nn.Linear], n: int, n_rows: int, device: torch.device) -> Iterator[Tensor]:
    """Put gates of 1 on the n parts that each layer reads of each row in this block; yield them, (len(readers), B, n)."""
    gates = torch.ones(len(readers), n_rows, n, device=device, requires_grad=True)
    hooks = [layer.register_forward_pre_hook(partial(_through, gate)) for layer, gate in zip(readers, gates, strict=True)]
    try:
        yield gates
    finally:
        for hook in hooks:
            hook.remove()


def _through(gates: Tensor, reader: nn.Module, given: tuple[Tensor, ...]) -> Tensor:
    """Return what n parts say side by side, (B, T, n D), times their gates (B, n)."""
    return (given[0].unflatten(-1, (gates.shape[1], -1)) * gates[:, None, :, None]).flatten(2)


def largest(values: Tensor, n: int) -> Tensor:
    """Return the places of the n largest, (n,) int64 in order; of equal ones the first."""
    return values.argsort(descending=True, stable=True)[:n].sort().values


def keep_heads(attention: Attention, kept: Tensor) -> None:
    """Take all other heads out of the weights; kept : (n,) int64, their places."""
    width = attention.query.out_features
    places = torch.arange(width).view(attention.n_heads, -1)[kept].flatten()
    for part in (attention.query, attention.key, attention.value):
        _keep_outputs(part, places)
    _keep_inputs(attention.out, places)
    attention.n_heads = len(kept)


def keep_units(part: FeedForward, kept: Tensor) -> None:
    """Take all other units out of the weights; kept : (n,) int64, their places."""
    _keep_outputs(part.inner, kept)
    _keep_inputs(part.outer, kept)


def _keep_outputs(layer: nn.Linear, places: Tensor) -> None:
    layer.weight, layer.bias = (nn.Parameter(one.detach()[places]) for one in (layer.weight, layer.bias))
    layer.out_features = len(places)


def _keep_inputs(layer: nn.Linear, places: Tensor) -> None:
    layer.weight = nn.Parameter(layer.weight.detach()[:, places].contiguous())
    layer.in_features = len(places)
