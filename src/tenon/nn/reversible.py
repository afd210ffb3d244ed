"""Layers whose inputs follow from their outputs, so that a stack keeps those of the last alone.

Gomez et al. 2017 (arXiv:1707.04585, section 3). Of two halves x, y a layer makes x' = x + f(y), y' = y + g(x'); so y = y' - g(x')
and x = x' - f(y), which is computed anew on the way back, with the same draws of dropout. Memory does not grow with the number of
layers; time grows by a third.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Chance(NamedTuple):
    """Where the generators stand that dropout draws from: that of the processor, and of the device in use, if it is another."""

    state: Tensor
    of_device: Tensor | None

    @classmethod
    def now(cls, x: Tensor) -> "Chance":
        return cls(torch.get_rng_state(), torch.cuda.get_rng_state(x.device) if x.is_cuda else None)

    def set(self, x: Tensor) -> None:
        torch.set_rng_state(self.state)
        if self.of_device is not None:
            torch.cuda.set_rng_state(self.of_device, x.device)


class Reversible(nn.Module):
    """A stack of layers. pairs : f and g of each, called with one half (…, C), f with what else `forward` is given, too."""

    def __init__(self, pairs: Iterable[tuple[nn.Module, nn.Module]]):
        super().__init__()
        self.firsts, self.seconds = (nn.ModuleList(parts) for parts in zip(*pairs, strict=True))

    def forward(self, x: Tensor, y: Tensor, *seen: Any) -> tuple[Tensor, Tensor]:
        """x, y: (…, C). Returns both of the last layer."""
        return _Stack.apply(list(zip(self.firsts, self.seconds, strict=True)), seen, x, y, *self.parameters())


class _Stack(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, pairs: Sequence[Any], seen: Sequence[Any], x: Tensor, y: Tensor, *weights: Tensor) -> Any:
        ctx.pairs, ctx.seen, ctx.chances, ctx.weights, kind = pairs, seen, [], weights, x.device.type
        ctx.cast = {"device_type": kind, "dtype": torch.get_autocast_dtype(kind), "enabled": torch.is_autocast_enabled(kind)}
        for f, g in pairs:
            before = Chance.now(x)
            x = x + f(y, *seen)
            ctx.chances.append((before, Chance.now(x)))
            y = y + g(x)
        ctx.save_for_backward(x.detach(), y.detach())
        return x, y

    @staticmethod
    def backward(ctx: Any, *lost: Tensor) -> Any:
        (x, y), (of_x, of_y), after = ctx.saved_tensors, lost, Chance.now(lost[0])
        of_weights: dict[Tensor, Tensor] = {}
        for (f, g), (before_f, before_g) in zip(reversed(ctx.pairs), reversed(ctx.chances), strict=True):
            said, more = _again(g, x, (), before_g, ctx.cast, of_y, of_weights)
            y, of_x = y - said, of_x + more
            said, more = _again(f, y, ctx.seen, before_f, ctx.cast, of_x, of_weights)
            x, of_y = x - said, of_y + more
        after.set(x)
        return None, None, of_x, of_y, *(of_weights.get(weight) for weight in ctx.weights)


def _again(
    part: nn.Module, x: Tensor, seen: Sequence[Any], chance: Chance, cast: dict[str, Any], lost: Tensor,
    of_weights: dict[Tensor, Tensor],
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Return what a part says of x once more, under the same `torch.autocast`, and the gradient of x.

    Those of its weights are put into of_weights.
    """
    chance.set(x)
    weights = [weight for weight in part.parameters() if weight.requires_grad]
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        with torch.autocast(**cast):
            said = part(x, *seen)
        of_x, *others = torch.autograd.grad(said, [x, *weights], lost.to(said.dtype))
    of_weights.update(zip(weights, others, strict=True))
    return said.detach(), of_x
