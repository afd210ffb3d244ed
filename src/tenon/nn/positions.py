"""Where a token stands, as a vector added to it: waves (Vaswani et al. 2017, section 3.5), or learnt (Gehring et al. 2017)."""

import math

import torch
from torch import Tensor, nn

from tenon import ranges

LONGEST_WAVE = 10_000.0  # of the slowest pair of columns, over 2 pi, in places


def sinusoidal(n_positions: int, d_model: int) -> Tensor:
    """Return (n_positions, d_model) float32, the waves at places 0, 1, 2 …"""
    return waves(torch.arange(n_positions), d_model)


def waves(places: Tensor, d_model: int) -> Tensor:
    """Return (n, d_model) float32 of places (n,), also negative ones: columns 2i and 2i + 1 are sine and cosine of place / w.

    w is 10,000^(2i / d_model).
    """
    pairs = torch.arange(0, d_model, 2, device=places.device)
    angles = places.double()[:, None] * torch.exp(pairs * (-math.log(LONGEST_WAVE) / d_model))
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, :d_model].float()


class SinusoidalPositions(nn.Module):
    """Add waves to tokens (B, T, C), for any T."""

    def forward(self, x: Tensor, n_before: int = 0) -> Tensor:
        """x: (B, T, C) float; n_before : tokens that stand before these. Returns the same shape."""
        return x + sinusoidal(n_before + x.shape[1], x.shape[2])[n_before:].to(x)


class LearnedPositions(nn.Module):
    """Add a vector for each of `longest` places, learnt like any other weight, to tokens (B, T, C)."""

    def __init__(self, longest: int, d_model: int):
        super().__init__()
        self.vectors = nn.Parameter(torch.empty(longest, d_model))
        nn.init.normal_(self.vectors, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, T, C) float. Returns the same shape. Raises SettingsError where T is beyond `longest`."""
        ranges.whole("the number of tokens", x.shape[1], 0, len(self.vectors))
        return x + self.vectors[: x.shape[1]]
