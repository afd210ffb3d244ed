"""Convolutions as most image networks take them: the map keeps its size (at stride 1), batch norm and an activation behind."""

from torch import nn


def convolution(n_in: int, n_out: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """(B, n_in, H, W) into (B, n_out, ceil(H / stride), ceil(W / stride)), for odd kernels. No bias: batch norm has one."""
    return nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, groups=groups, bias=False)


def conv_norm(
    n_in: int, n_out: int, kernel: int, stride: int = 1, groups: int = 1, *,
    activation: type[nn.Module] | None = nn.ReLU, eps: float = 1e-5, momentum: float = 0.1,
) -> nn.Sequential:  # fmt: skip
    """Return convolution, batch norm (Ioffe & Szegedy 2015, arXiv:1502.03167) and activation (None: none).

    eps : added to the variance; momentum : share of a batch in the running mean and variance. Shapes as for `convolution`.
    """
    layers = [convolution(n_in, n_out, kernel, stride, groups), nn.BatchNorm2d(n_out, eps, momentum)]
    return nn.Sequential(*layers, *([activation(inplace=True)] if activation else []))
