"""Losses as means over rows of unequal weight; targets come with the weights: (n, q + 1) float, q numbers and the weight."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from tenon import ranges
from tenon.errors import DataError


def with_weights_of_rows(target: Tensor, weight: Tensor) -> Tensor:
    """Return (n, 2) float32 of targets (numbers, or classes 0 … K-1 below 2^24) and weights (n,); of targets (n, q) (n, q + 1).

    Raises DataError where they are not of one length, and for weights that are negative or not finite.
    """
    if len(target) != len(weight):
        raise DataError(
            f"y and sample_weight hold one value for each row; got {len(target):,} targets and {len(weight):,} weights."
        )
    if not (weight.isfinite() & (weight >= 0)).all():
        raise DataError("sample_weight takes finite numbers from 0 on.")
    return torch.column_stack([target.float(), weight.float()])


def cross_entropy(smoothing: float = 0.0) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss of logits (n, K). smoothing : share of each target that all classes get alike (Szegedy et al. 2016).

    Raises SettingsError where it is no number from 0 to 1.
    """
    ranges.number("smoothing", smoothing, 0, 1)

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        each = functional.cross_entropy(logits, targets[:, 0].long(), reduction="none", label_smoothing=smoothing)
        return _mean(each, targets[:, 1])

    return loss


def binary_cross_entropy(smoothing: float = 0.0) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss of logits (n, K), the mean over K labels, each of which a row has or has not.

    smoothing : share of each target that having and not having it get alike. Raises SettingsError as `cross_entropy` does.
    """
    ranges.number("smoothing", smoothing, 0, 1)

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        has = (1 - smoothing) * targets[:, :-1].to(logits.dtype) + smoothing / 2
        each = functional.binary_cross_entropy_with_logits(logits, has, reduction="none")
        return _mean(each.mean(dim=1), targets[:, -1])

    return loss


def squared_error(output: Tensor, targets: Tensor) -> Tensor:
    """Return the mean squared error of answers (n, 1)."""
    return _mean((output[:, 0] - targets[:, 0]) ** 2, targets[:, 1])


def _mean(each: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted mean; 0 where no row of the batch has any weight."""
    return (each * weight).sum() / weight.sum().clamp_min(torch.finfo(weight.dtype).tiny)
