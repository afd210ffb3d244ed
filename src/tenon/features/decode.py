"""Image files as arrays of one size: colours, 16 bits, what is transparent, and one clear sentence where a file cannot be read.

Of several frames the first is read. What is transparent is seen on grey, since its colour is not meant to be seen; what a camera
stored askew is turned upright.
"""

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tenon.data.pictures import on_grey, opened, upright, upright_size

GREY_MODES = ("1", "L", "LA")
DEEPEST = 65535  # of greys with 16 bits; what 32 bits hold beyond it counts as white


@dataclass(frozen=True)
class Shape:
    """What all images are brought to, in pixels; one channel is grey, three are red, green and blue."""

    width: int
    height: int
    n_channels: int


def common_shape(cells: Iterable[str | bytes], longest_side: int, shortest_side: int = 1, enlarges: bool = False) -> Shape:
    """Return the most common size (of two equally common ones the smaller), shrunk to at most longest_side pixels a side.

    A side that is then below shortest_side is stretched to it. enlarges : whether smaller sizes grow until the longer side is
    longest_side. There is one channel when all images are grey, else three.
    Raises DataError naming the first that is no image.
    """
    sizes: Counter[tuple[int, int]] = Counter()
    is_grey = True
    for cell in cells:
        with opened(cell) as image:
            sizes[upright_size(image)] += 1
            is_grey = is_grey and (image.mode in GREY_MODES or image.mode.startswith("I"))
    width, height = min(sizes, key=lambda size: (-sizes[size], size))
    scale = longest_side / max(width, height)
    scale = scale if enlarges else min(1.0, scale)
    width, height = (max(shortest_side, round(side * scale)) for side in (width, height))
    return Shape(width, height, 1 if is_grey else 3)


def as_unit(cell: str | bytes, shape: Shape) -> np.ndarray:
    """Return the image (height, width, channels) as float32 in [0, 1]; greys of 16 bits keep their range.

    Raises DataError where it cannot be read, naming the file.
    """
    mode, size = "L" if shape.n_channels == 1 else "RGB", (shape.width, shape.height)
    with opened(cell) as image:
        if image.mode.startswith("I"):
            deep = np.asarray(image.convert("F").resize(size, Image.Resampling.BILINEAR))[..., None] / np.float32(DEEPEST)
            return np.repeat(deep.clip(0, 1), shape.n_channels, axis=2)
        stored = size if upright_size(image) == image.size else size[::-1]
        image.draft(mode, stored)  # a JPEG is then unpacked to half, a quarter or an eighth of its size where that is enough
        resized = on_grey(upright(image)).convert(mode).resize(size, Image.Resampling.BILINEAR)
        return np.asarray(resized, np.float32).reshape(shape.height, shape.width, shape.n_channels) / np.float32(255)


def as_png(pixels: np.ndarray) -> bytes:
    """Return the bytes of a PNG file of pixels (height, width, channels) uint8, one channel or three."""
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "png", compress_level=1)
    return file.getvalue()
