"""EfficientNet B0 to B7 (Tan & Le 2019, arXiv:1905.11946): one small network, scaled in width, depth and resolution together.

Table 1 is B0. The scales of the others, and the rounding of widths, are those of the authors' published networks.
"""

import math
from functools import partial
from typing import NamedTuple

from torch import Tensor, nn

from tenon import ranges
from tenon.image.mbconv import MBConv, inverted_bottleneck
from tenon.image.shape import Shape
from tenon.nn.convolution import conv_norm
from tenon.nn.initialise import initialise


class Stage(NamedTuple):
    expansion: int
    kernel: int
    stride: int  # of its first block
    width: int
    n_blocks: int


STAGES = (
    Stage(1, 3, 1, 16, 1), Stage(6, 3, 2, 24, 2), Stage(6, 5, 2, 40, 2), Stage(6, 3, 2, 80, 3), Stage(6, 5, 1, 112, 3),
    Stage(6, 5, 2, 192, 4), Stage(6, 3, 1, 320, 1),
)  # fmt: skip
STEM = 32  # width before the first stage
SCALES = (  # of width and depth, and the dropout before the last layer
    (1.0, 1.0, 0.2), (1.0, 1.1, 0.2), (1.1, 1.2, 0.3), (1.2, 1.4, 0.3), (1.4, 1.8, 0.4), (1.6, 2.2, 0.4), (1.8, 2.6, 0.5),
    (2.0, 3.1, 0.5),
)  # fmt: skip
NORM, NORM_FROM_B5 = (1e-5, 0.1), (1e-3, 0.01)  # eps and momentum of batch norm, as the published weights were trained


class EfficientNet(nn.Module):
    """See `shape.py` for the first arguments; scale : 0 for B0 … 7 for B7.

    stochastic_depth : probability that the last block is left out for a row while training; it rises from 0 at the first block.
    5,288,548 parameters for B0 and 1000 classes.
    """

    last_map = "features.8"
    heads = ("classifier.1",)

    def __init__(
        self, n_classes: int, channels: int = 3, size: int | tuple[int, int] = 224, scale: int = 0, stochastic_depth: float = 0.2
    ):
        super().__init__()
        ranges.whole("scale", scale, 0, len(SCALES) - 1)
        ranges.number("stochastic_depth", stochastic_depth, 0, 0.9)
        is_small = Shape(n_classes, channels, size).is_small
        wider, deeper, dropout = SCALES[scale]
        eps, momentum = NORM if scale < 5 else NORM_FROM_B5
        conv = partial(conv_norm, eps=eps, momentum=momentum)
        counts = [math.ceil(stage.n_blocks * deeper) for stage in STAGES]
        n_in = scaled_width(STEM, wider)
        layers: list[nn.Module] = [conv(channels, n_in, 3, 1 if is_small else 2, activation=nn.SiLU)]
        done = 0
        for stage, n_blocks in zip(STAGES, counts, strict=True):
            n_out, blocks = scaled_width(stage.width, wider), []
            for i in range(n_blocks):
                stride = 1 if i else stage.stride
                p = stochastic_depth * done / sum(counts) if stride == 1 and n_in == n_out else None
                blocks.append(MBConv(inverted_bottleneck(n_in, n_out, stage.kernel, stride, stage.expansion, conv), p))
                n_in, done = n_out, done + 1
            layers.append(nn.Sequential(*blocks))
        top = 4 * n_in
        layers.append(conv(n_in, top, 1, activation=nn.SiLU))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(top, n_classes))
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, C, H, W) float. Returns logits (B, K)."""
        return self.classifier(self.features(x).mean(dim=(2, 3)))


def scaled_width(width: int, factor: float) -> int:
    """Return the multiple of 8 that is nearest to width times factor, and not more than a tenth below it."""
    scaled = width * factor
    nearest = max(8, int(scaled + 4) // 8 * 8)
    return nearest if nearest >= 0.9 * scaled else nearest + 8
