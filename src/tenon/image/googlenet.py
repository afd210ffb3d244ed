"""GoogLeNet (Szegedy et al. 2015, arXiv:1409.4842, table 1), with batch norm and without local response normalisation.

An inception block looks at its map through windows of several sizes side by side. As in the weights that are published for
PyTorch, the "5x5" branch has windows of 3x3. Two heads half way up give lower layers a gradient of their own while training.
"""

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor, nn

from tenon.image.shape import Shape
from tenon.nn.convolution import conv_norm
from tenon.nn.initialise import initialise

Loss = Callable[[Tensor, Tensor], Tensor]
EPS = 1e-3  # of batch norm
AUXILIARY_SHARE = 0.3  # of the loss of each auxiliary head (section 5)


class GoogLeNet(nn.Module):
    """See `shape.py` for the first arguments; auxiliary : whether there are heads half way up, which join only in training.

    6,624,904 parameters for 1000 classes, with auxiliary heads 13,004,888. The weights published for PyTorch expect channels from
    -1 to 1: pixels with mean 0.5 and deviation 0.5.
    """

    last_map = "inception5b"
    heads = ("fc", "aux1", "aux2")

    def __init__(
        self, n_classes: int, channels: int = 3, size: int | tuple[int, int] = 224, auxiliary: bool = True, dropout: float = 0.4
    ):
        super().__init__()
        is_small = Shape(n_classes, channels, size).is_small
        self.conv1 = _conv(channels, 64, 3) if is_small else _conv(channels, 64, 7, stride=2)
        self.maxpool1 = nn.Identity() if is_small else _halved(3)
        self.conv2, self.conv3, self.maxpool2 = _conv(64, 64, 1), _conv(64, 192, 3), _halved(3)
        self.inception3a = Inception(192, 64, (96, 128), (16, 32), 32)
        self.inception3b = Inception(256, 128, (128, 192), (32, 96), 64)
        self.maxpool3 = _halved(3)
        self.inception4a = Inception(480, 192, (96, 208), (16, 48), 64)
        self.inception4b = Inception(512, 160, (112, 224), (24, 64), 64)
        self.inception4c = Inception(512, 128, (128, 256), (24, 64), 64)
        self.inception4d = Inception(512, 112, (144, 288), (32, 64), 64)
        self.inception4e = Inception(528, 256, (160, 320), (32, 128), 128)
        self.maxpool4 = _halved(2)
        self.inception5a = Inception(832, 256, (160, 320), (32, 128), 128)
        self.inception5b = Inception(832, 384, (192, 384), (48, 128), 128)
        self.aux1 = AuxiliaryHead(512, n_classes) if auxiliary else None
        self.aux2 = AuxiliaryHead(528, n_classes) if auxiliary else None
        self.dropout, self.fc = nn.Dropout(dropout), nn.Linear(1024, n_classes)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        """x: (B, C, H, W) float. Returns logits (B, K); in training with auxiliary heads, theirs behind, the lower one first."""
        x = self.maxpool2(self.conv3(self.conv2(self.maxpool1(self.conv1(x)))))
        lower = self.inception4a(self.maxpool3(self.inception3b(self.inception3a(x))))
        upper = self.inception4d(self.inception4c(self.inception4b(lower)))
        x = self.inception5b(self.inception5a(self.maxpool4(self.inception4e(upper))))
        logits = self.fc(self.dropout(x.mean(dim=(2, 3))))
        if self.training and self.aux1 is not None and self.aux2 is not None:
            return logits, self.aux1(lower), self.aux2(upper)
        return logits


class Inception(nn.Module):
    """Four branches side by side: 1x1; 1x1 then 3x3, twice; maximum over 3x3 then 1x1. Each pair is (narrowed to, widened to)."""

    def __init__(self, n_in: int, n_1x1: int, n_3x3: tuple[int, int], n_5x5: tuple[int, int], n_pool: int):
        super().__init__()
        self.branch1 = _conv(n_in, n_1x1, 1)
        self.branch2 = nn.Sequential(_conv(n_in, n_3x3[0], 1), _conv(*n_3x3, 3))
        self.branch3 = nn.Sequential(_conv(n_in, n_5x5[0], 1), _conv(*n_5x5, 3))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), _conv(n_in, n_pool, 1))

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, n_in, H, W). Returns (B, sum of what the branches end with, H, W)."""
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


class AuxiliaryHead(nn.Module):
    """A small classifier on a map half way up (section 5)."""

    def __init__(self, n_in: int, n_classes: int):
        super().__init__()
        self.pool, self.conv = nn.AdaptiveAvgPool2d(4), _conv(n_in, 128, 1)
        self.fc1, self.fc2 = nn.Linear(128 * 4 * 4, 1024), nn.Linear(1024, n_classes)
        self.relu, self.dropout = nn.ReLU(), nn.Dropout(0.7)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, n_in, H, W). Returns logits (B, K)."""
        return self.fc2(self.dropout(self.relu(self.fc1(self.conv(self.pool(x)).flatten(1)))))


def with_auxiliary(loss: Loss) -> Callable[[Tensor | tuple[Tensor, ...], Tensor], Tensor]:
    """Return the loss that adds 0.3 of the loss of each auxiliary head where the network gives their logits."""

    def joined(output: Tensor | tuple[Tensor, ...], targets: Tensor) -> Tensor:
        logits, *others = (output,) if isinstance(output, Tensor) else output
        return sum((AUXILIARY_SHARE * loss(other, targets) for other in others), loss(logits, targets))

    return joined


def _conv(n_in: int, n_out: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """`conv_norm` under the names that published weights have."""
    return nn.Sequential(OrderedDict(zip(("conv", "bn", "relu"), conv_norm(n_in, n_out, kernel, stride, eps=EPS), strict=True)))


def _halved(kernel: int) -> nn.MaxPool2d:
    return nn.MaxPool2d(kernel, stride=2, ceil_mode=True)
