"""One image file: opened whatever it holds, upright, on grey where it is transparent, and in words what keeps it from being read.

A camera that was held askew stores the picture as it fell on the sensor, and beside it how to turn it (Exif 2.32, Orientation).
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tenon.errors import DataError, TenonError

if TYPE_CHECKING:
    from PIL.Image import Image, Transpose

Size = tuple[int, int]  # width and height

ORIENTATION = 0x0112
HOW_TURNED = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90",
}  # fmt: skip
SIDEWAYS = ("TRANSPOSE", "ROTATE_270", "TRANSVERSE", "ROTATE_90")
OF_CAMERAS = ("JPEG", "MPO", "WEBP")  # formats that may say how to turn them; Pillow turns TIFF itself


class _Floats(Exception):
    """The image holds floating point numbers."""


@contextmanager
def opened(cell: str | bytes | Path) -> "Iterator[Image]":
    """Open a path or bytes; whatever goes wrong in the block becomes a DataError that names the image, but for want of memory."""
    try:
        with _open(cell) as image:
            yield image
    except (TenonError, MemoryError):
        raise
    except Exception as error:  # there is no telling what a damaged file makes of its reader
        name = f"a cell of {len(cell):,} bytes" if isinstance(cell, bytes) else cell
        raise DataError(f"{name} {_fault(cell, error)}. Remove the row, or mend the file.") from error


def looked_at(cell: str | bytes | Path) -> tuple[Size, str]:
    """Return the size of the upright image and what keeps it from being read to its end, "" where nothing does."""
    try:
        with _open(cell) as image:
            size = upright_size(image)
            if image.format == "PNG":
                image.verify()  # it has checksums
            else:
                image.draft("RGB", (1, 1))  # a JPEG is read to its end, but unpacked to an eighth of its size
                image.load()
            return size, ""
    except MemoryError:
        raise
    except Exception as error:  # as in `opened`
        return (0, 0), _fault(cell, error)


def upright_size(image: "Image") -> Size:
    """Return width and height of an image as it is to be seen, without unpacking it."""
    turn = _turn(image)
    return image.size[::-1] if turn is not None and turn.name in SIDEWAYS else image.size


def upright(image: "Image") -> "Image":
    """Return the image as it is to be seen."""
    turn = _turn(image)
    return image if turn is None else image.transpose(turn)


def on_grey(image: "Image") -> "Image":
    """Return the image, on grey where parts of it are transparent: their colour is not meant to be seen."""
    from PIL import Image as images

    if image.mode not in ("LA", "PA", "La", "RGBA", "RGBa") and "transparency" not in image.info:
        return image
    seen = image.convert("RGBA")
    return images.alpha_composite(images.new("RGBA", seen.size, (128, 128, 128, 255)), seen).convert("RGB")


def in_colour(image: "Image") -> "Image":
    """Return the image as a person sees it, in colours of 8 bits."""
    import numpy as np
    from PIL import Image as images

    if image.mode.startswith("I"):  # of 16 bits
        return images.fromarray((np.asarray(image.convert("F")) / 257).clip(0, 255).astype(np.uint8)).convert("RGB")
    return on_grey(upright(image)).convert("RGB")


@contextmanager
def _open(cell: str | bytes | Path) -> "Iterator[Image]":
    from PIL import Image as images

    if not isinstance(cell, bytes) and not Path(cell).is_file():  # a pipe would be waited for
        raise FileNotFoundError(cell)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a large photograph is no attack, nor does a damaged note beside a picture matter
        with images.open(io.BytesIO(cell) if isinstance(cell, bytes) else cell) as image:
            if image.mode == "F":
                raise _Floats
            yield image


def _fault(cell: str | bytes | Path, error: Exception) -> str:
    """Return what is wrong with an image, to follow its name."""
    from PIL import Image as images

    if isinstance(error, _Floats):
        return "holds floating point numbers, of which nobody says what is white; save it with 8 or 16 bits"
    if isinstance(error, images.DecompressionBombError):
        return f"has more pixels than are unpacked in good faith ({2 * (images.MAX_IMAGE_PIXELS or 0):,})"
    if isinstance(error, FileNotFoundError):
        return "is not there"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened ({error.strerror})"
    if not (len(cell) if isinstance(cell, bytes) else Path(cell).stat().st_size):
        return "is empty"
    return "is no image of a known format" if isinstance(error, images.UnidentifiedImageError) else "is damaged or cut off"


def _turn(image: "Image") -> "Transpose | None":
    """Return what turns the image upright, None where it stands so, or does not say."""
    from PIL import Image as images

    if image.format not in OF_CAMERAS:
        return None
    try:
        name = HOW_TURNED.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # a damaged note beside a sound picture
        return None
    return images.Transpose[name] if name else None
