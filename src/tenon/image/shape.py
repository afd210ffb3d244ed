"""What an image network is built for, and the one rule for small images.

Images of up to 64 pixels (the smaller side counts) would be worn down to nothing by stems made for 224. Networks built for them
begin with a 3x3 convolution of stride 1, no max pooling behind it, as He et al. 2015 (arXiv:1512.03385, section 4.2) do on
CIFAR-10; VGG and AlexNet pool so that a map of one pixel stays one, and their hidden layers are narrower. All else is the same.
Grey images have one channel.

A network takes images of other sizes than it was built for, too, since it averages its last map to what follows; but one that was
built for more than 64 pixels may refuse smaller images (VGG below 32, AlexNet below 63).

Batch norm needs more than one value per channel while training. Where maps are worn down to one pixel (images of 8 pixels, in
GoogLeNet of up to 11, in EfficientNet and VGG with batch norm of up to 16), torch therefore raises ValueError for a batch of one
row; evaluation takes it. `tenon.training` makes no such batches out of two rows or more. In all other cases one row will do.
"""

from dataclasses import dataclass

from tenon import ranges

SMALLEST = 8  # pixels of a side
LARGEST_SMALL = 64
HIDDEN_SMALL = 512  # units of the hidden layers of AlexNet and VGG on small images (Liu & Deng 2015, who take VGG-16 to CIFAR-10)


@dataclass(frozen=True)
class Shape:
    """Images in, classes out. size : pixels of a side, or (height, width). Raises SettingsError for what is out of range."""

    n_classes: int
    channels: int
    size: int | tuple[int, int]

    def __post_init__(self) -> None:
        ranges.whole("n_classes", self.n_classes, 1)
        ranges.whole("channels", self.channels, 1)
        for side in self.sides:
            ranges.whole("size", side, SMALLEST)

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width."""
        return self.size if isinstance(self.size, tuple) else (self.size, self.size)

    @property
    def is_small(self) -> bool:
        return min(self.sides) <= LARGEST_SMALL
