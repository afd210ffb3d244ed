"""AlexNet on one machine (Krizhevsky 2014, arXiv:1404.5997, footnote 1), after Krizhevsky et al. 2012.

It differs from the paper of 2012 in widths, and has neither two halves nor local response normalisation.
"""

from torch import Tensor, nn

from tenon.image.shape import HIDDEN_SMALL, Shape
from tenon.nn.initialise import initialise

MAP = 6  # pixels of a side of what the linear layers see, at most


class AlexNet(nn.Module):
    """61,100,840 parameters for 1000 classes. See `shape.py` for the arguments; dropout : before either hidden layer."""

    last_map = "features.11"
    heads = ("classifier.6",)

    def __init__(self, n_classes: int, channels: int = 3, size: int | tuple[int, int] = 224, dropout: float = 0.5):
        super().__init__()
        shape = Shape(n_classes, channels, size)
        stem = nn.Conv2d(channels, 64, 3, padding=1) if shape.is_small else nn.Conv2d(channels, 64, 11, stride=4, padding=2)
        self.features = nn.Sequential(
            *(stem, nn.ReLU(inplace=True), _pool(shape)),
            *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(inplace=True), _pool(shape)),
            *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True)),
            *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True)),
            *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True), _pool(shape)),
        )
        height, width = (min(MAP, -(-side // 8)) if shape.is_small else MAP for side in shape.sides)
        hidden = HIDDEN_SMALL if shape.is_small else 4096
        self.avgpool = nn.AdaptiveAvgPool2d((height, width))
        self.classifier = nn.Sequential(
            *(nn.Dropout(dropout), nn.Linear(256 * height * width, hidden), nn.ReLU(inplace=True)),
            *(nn.Dropout(dropout), nn.Linear(hidden, hidden), nn.ReLU(inplace=True)),
            nn.Linear(hidden, n_classes),
        )
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, C, H, W) float. Returns logits (B, K)."""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def _pool(shape: Shape) -> nn.Module:
    """The maximum of overlapping windows; on small images with an edge, so that a map of one pixel stays one."""
    return nn.MaxPool2d(3, stride=2, padding=1 if shape.is_small else 0)
