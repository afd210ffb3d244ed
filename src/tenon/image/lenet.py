"""LeNet-5 (LeCun et al. 1998, Gradient-based learning applied to document recognition, section II.B).

As there: 5x5 convolutions, averages over 2x2, tanh. Not as there: every map of the second convolution sees all maps of the first,
averages have no weights of their own, and the output is linear.
"""

from torch import Tensor, nn

from tenon.image.shape import Shape
from tenon.nn.initialise import initialise

FIELD = 32  # pixels; smaller images are set into the middle of a field of zeros, as the paper does with digits of 28
MAP = 5  # pixels of the last map's side, which larger images are averaged down to


class LeNet(nn.Module):
    """61,706 parameters for 10 classes and grey images. See `shape.py` for the arguments."""

    last_map = "features.5"  # what grad_cam looks at
    heads = ("classifier.4",)  # what depends on the classes

    def __init__(self, n_classes: int, channels: int = 3, size: int | tuple[int, int] = 224):
        super().__init__()
        self.features = nn.Sequential(
            nn.ZeroPad2d(_padding(Shape(n_classes, channels, size).sides)),
            nn.Conv2d(channels, 6, 5),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.AdaptiveAvgPool2d(MAP),
        )
        self.classifier = nn.Sequential(
            nn.Linear(16 * MAP * MAP, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, n_classes)
        )
        initialise(self, "xavier")

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, C, H, W) float. Returns logits (B, K)."""
        return self.classifier(self.features(x).flatten(1))


def _padding(sides: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the columns left and right, and the rows above and below, that are missing to the field."""
    height, width = (max(0, FIELD - side) for side in sides)
    return width // 2, width - width // 2, height // 2, height - height // 2
