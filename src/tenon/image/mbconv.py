"""The block of EfficientNet: an inverted bottleneck (Sandler et al. 2018, arXiv:1801.04381) with squeeze and excitation.

Squeeze and excitation: Hu et al. 2018 (arXiv:1709.01507, eq. 2 to 4). Stochastic depth: Huang et al. 2016 (arXiv:1603.09382).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

SQUEEZED = 4  # the block's input is so many times wider than its squeezed layer


class SqueezeExcitation(nn.Module):
    """Weigh every channel, 0 to 1, by what all channels are on average over the map."""

    def __init__(self, width: int, squeezed: int):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(width, squeezed, 1), nn.Conv2d(squeezed, width, 1)
        self.activation = nn.SiLU()

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, width, H, W). Returns the same shape."""
        means = x.mean(dim=(2, 3), keepdim=True)
        return x * self.fc2(self.activation(self.fc1(means))).sigmoid()


class StochasticDepth(nn.Module):
    """In training, leave out a row's branch with probability p; where it stays, divide by 1 - p, which keeps the expectation."""

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, …). Returns the same shape."""
        if not self.training or self.p == 0.0:
            return x
        stays = torch.empty(len(x), *[1] * (x.ndim - 1), dtype=x.dtype, device=x.device).bernoulli_(1.0 - self.p)
        return x * stays / (1.0 - self.p)


class MBConv(nn.Module):
    """An inverted bottleneck. p : probability that it is left out while training; None where no shortcut leads past it."""

    def __init__(self, bottleneck: nn.Sequential, p: float | None):
        super().__init__()
        self.block, self.depth = bottleneck, None if p is None else StochasticDepth(p)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, n_in, H, W). Returns (B, n_out, ceil(H / stride), ceil(W / stride))."""
        y = self.block(x)
        return y if self.depth is None else x + self.depth(y)


def inverted_bottleneck(
    n_in: int, n_out: int, kernel: int, stride: int, expansion: int, conv: Callable[..., nn.Module]
) -> nn.Sequential:
    """Widen by 1x1, look around in every channel alone, weigh the channels, narrow by 1x1. conv : as `conv_norm`."""
    wide = n_in * expansion
    return nn.Sequential(
        *([conv(n_in, wide, 1, activation=nn.SiLU)] if expansion > 1 else []),
        conv(wide, wide, kernel, stride, groups=wide, activation=nn.SiLU),
        SqueezeExcitation(wide, n_in // SQUEEZED),
        conv(wide, n_out, 1, activation=None),
    )
