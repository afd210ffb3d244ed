"""ResNet (He et al. 2015, arXiv:1512.03385): each block learns what to add to its input, so depth does no harm.

Depths 18, 34, 50, 101 and 152 are those of table 1, four stages with projections where the width changes; a bottleneck takes its
stride in the 3x3 convolution, as the published weights for PyTorch do. Any other depth 6n + 2 (20, 32, 44, 56, 110 …) is the
CIFAR-10 network of section 4.2: three stages of 2n narrow layers, whose shortcuts are identities (option A).
"""

from torch import Tensor, nn
from torch.nn import functional

from tenon.errors import SettingsError
from tenon.image.shape import Shape
from tenon.nn.convolution import conv_norm, convolution
from tenon.nn.initialise import initialise


class Basic(nn.Module):
    """Two 3x3 convolutions. shortcut : what leads past them; None in a plain network."""

    expansion = 1

    def __init__(self, n_in: int, width: int, stride: int, shortcut: nn.Module | None):
        super().__init__()
        self.conv1, self.bn1 = convolution(n_in, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = convolution(width, width, 3), nn.BatchNorm2d(width)
        self.downsample, self.relu = shortcut, nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, n_in, H, W). Returns (B, width, ceil(H / stride), ceil(W / stride))."""
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y if self.downsample is None else y + self.downsample(x))


class Bottleneck(nn.Module):
    """1x1 down to a narrow map, 3x3 there, 1x1 up to four times its width."""

    expansion = 4

    def __init__(self, n_in: int, width: int, stride: int, shortcut: nn.Module | None):
        super().__init__()
        n_out = self.expansion * width
        self.conv1, self.bn1 = convolution(n_in, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = convolution(width, width, 3, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = convolution(width, n_out, 1), nn.BatchNorm2d(n_out)
        self.downsample, self.relu = shortcut, nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, n_in, H, W). Returns (B, 4 width, ceil(H / stride), ceil(W / stride))."""
        y = self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))
        y = self.bn3(self.conv3(y))
        return self.relu(y if self.downsample is None else y + self.downsample(x))


class Subsample(nn.Module):
    """The identity into a smaller and wider map: every stride-th pixel, and zeros in the new channels (option A)."""

    def __init__(self, n_new: int, stride: int):
        super().__init__()
        self.n_new, self.stride = n_new, stride

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.n_new))


STAGES: dict[int, tuple[type[Basic] | type[Bottleneck], tuple[int, ...]]] = {
    18: (Basic, (2, 2, 2, 2)), 34: (Basic, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)), 101: (Bottleneck, (3, 4, 23, 3)), 152: (Bottleneck, (3, 8, 36, 3)),
}  # fmt: skip


class ResNet(nn.Module):
    """See `shape.py` for the first arguments; depth : see above; shortcut : False gives the plain network of the same layers.

    For 1000 classes depth 18 has 11,689,512 parameters and depth 50 has 25,557,032; for 10 classes depth 20 has 269,722.
    """

    heads = ("fc",)

    def __init__(
        self, n_classes: int, channels: int = 3, size: int | tuple[int, int] = 224, depth: int = 18, shortcut: bool = True
    ):
        super().__init__()
        block, counts = _stages(depth)
        is_narrow = depth not in STAGES
        n_in = first = 16 if is_narrow else 64
        is_small = Shape(n_classes, channels, size).is_small
        self.conv1 = convolution(channels, n_in, 3) if is_small else convolution(channels, n_in, 7, stride=2)
        self.bn1, self.relu = nn.BatchNorm2d(n_in), nn.ReLU(inplace=True)
        self.maxpool = nn.Identity() if is_small else nn.MaxPool2d(3, stride=2, padding=1)
        for i, n_blocks in enumerate(counts):
            blocks = []
            for j in range(n_blocks):
                stride, n_out = 2 if i and not j else 1, block.expansion * first * 2**i
                past = _shortcut(n_in, n_out, stride, is_narrow) if shortcut else None
                blocks.append(block(n_in, first * 2**i, stride, past))
                n_in = n_out
            self.add_module(f"layer{i + 1}", nn.Sequential(*blocks))
        self.stages = [f"layer{i + 1}" for i in range(len(counts))]
        self.last_map = self.stages[-1]
        self.fc = nn.Linear(n_in, n_classes)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, C, H, W) float. Returns logits (B, K)."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for stage in self.stages:
            x = self.get_submodule(stage)(x)
        return self.fc(x.mean(dim=(2, 3)))


def _stages(depth: int) -> tuple[type[Basic] | type[Bottleneck], tuple[int, ...]]:
    """Return the kind of block and how many each stage has."""
    if depth in STAGES:
        return STAGES[depth]
    n, rest = divmod(depth - 2, 6)
    if rest or n < 1:
        raise SettingsError(
            f"depth of ResNet takes one of {', '.join(map(str, STAGES))}, or 6n + 2 as in 20, 32, 44; got {depth!r}."
        )
    return Basic, (n, n, n)


def _shortcut(n_in: int, n_out: int, stride: int, is_narrow: bool) -> nn.Module:
    if n_in == n_out and stride == 1:
        return nn.Identity()
    return Subsample(n_out - n_in, stride) if is_narrow else conv_norm(n_in, n_out, 1, stride, activation=None)
