"""VGG (Simonyan & Zisserman 2015, arXiv:1409.1556, table 1): 3x3 convolutions in five stages, each halving the map at its end.

With batch norm behind every convolution, if asked for: the paper was written before it.
"""

from collections.abc import Iterator

from torch import Tensor, nn

from tenon.errors import SettingsError
from tenon.image.shape import HIDDEN_SMALL, Shape
from tenon.nn.initialise import initialise

# Convolutions of each stage, by the number of layers with weights: the paper's A, B, D and E.
STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
WIDTHS = (64, 128, 256, 512, 512)
MAP = 7  # pixels of a side of what the linear layers see


class VGG(nn.Module):
    """See `shape.py` for the first arguments; depth : 11, 13, 16 or 19; dropout : behind either hidden layer.

    138,357,544 parameters for depth 16 and 1000 classes.
    """

    heads = ("classifier.6",)

    def __init__(
        self, n_classes: int, channels: int = 3, size: int | tuple[int, int] = 224, depth: int = 16, batch_norm: bool = False,
        dropout: float = 0.5,
    ):  # fmt: skip
        super().__init__()
        if depth not in STAGES:
            raise SettingsError(f"depth of VGG takes one of {', '.join(map(str, STAGES))}; got {depth!r}.")
        is_small = Shape(n_classes, channels, size).is_small
        side, hidden = (1, HIDDEN_SMALL) if is_small else (MAP, 4096)
        self.features = nn.Sequential(*_layers(channels, depth, batch_norm, is_small))
        self.last_map = f"features.{len(self.features) - 2}"  # before the last pooling
        self.avgpool = nn.AdaptiveAvgPool2d(side)
        self.classifier = nn.Sequential(
            *(nn.Linear(WIDTHS[-1] * side * side, hidden), nn.ReLU(inplace=True), nn.Dropout(dropout)),
            *(nn.Linear(hidden, hidden), nn.ReLU(inplace=True), nn.Dropout(dropout)),
            nn.Linear(hidden, n_classes),
        )
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, C, H, W) float. Returns logits (B, K)."""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def _layers(channels: int, depth: int, batch_norm: bool, is_small: bool) -> Iterator[nn.Module]:
    n_in = channels
    for n_convolutions, width in zip(STAGES[depth], WIDTHS, strict=True):
        for _ in range(n_convolutions):
            yield nn.Conv2d(n_in, width, 3, padding=1)
            if batch_norm:
                yield nn.BatchNorm2d(width)
            yield nn.ReLU(inplace=True)
            n_in = width
        yield nn.MaxPool2d(2, ceil_mode=is_small)  # rounded up, a map of one pixel stays one
