"""Images and labels in idx files, the layout of MNIST (yann.lecun.com/exdb/mnist): train-images-idx3-ubyte and its kin.

An image becomes the bytes of a PGM file, which any reader of images knows: a short header, then the pixels as they are.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tenon.data.unpack import open_unpacked
from tenon.data.wording import listed
from tenon.errors import DataError

NAME = re.compile(r"(.*?)(train|t10k|test)[-_.](images|labels)[-_.]idx([13])[-_.]ubyte(\.gz)?", re.IGNORECASE)
BYTES = b"\0\0\x08"  # how a file of unsigned bytes begins


@dataclass(frozen=True)
class IdxFolder:
    """Images with their labels, in the order of the files."""

    images: list[bytes]
    labels: list[str]
    final_images: list[bytes]
    final_labels: list[str]
    about: str  # "70,000 images, 28 × 28 pixels"


def is_idx(path: Path) -> bool:
    """Say whether a file is called as idx files of images or labels are."""
    return NAME.fullmatch(path.name) is not None


def read_idx_folder(folder: Path) -> IdxFolder:
    """Return the images of `train-*`, and those of `t10k-*` (or `test-*`) as final ones.

    Raises DataError where a file is missing, cut short, or no idx file of bytes.
    """
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.iterdir()):
        if match := NAME.fullmatch(path.name):
            key = ("train" if match[2].lower() == "train" else "test", match[3].lower())
            if found.setdefault(key, path) != path:
                raise DataError(f"{folder.name} holds {listed([found[key].name, path.name])}; leave one of them.")
    images, labels = _pairs(folder, found, "train")
    final_images, final_labels = _pairs(folder, found, "test") if ("test", "images") in found else (images[:0], [])
    sizes = {batch.shape[1:] for batch in (images, final_images) if len(batch)}
    if len(sizes) > 1:
        raise DataError(f"{folder.name}: the images of train and test differ in size ({' and '.join(map(str, sorted(sizes)))}).")
    height, width = images.shape[1:]
    about = f"{len(images) + len(final_images):,} images, {width} × {height} pixels"
    return IdxFolder(_pictures(images), labels, _pictures(final_images), final_labels, about)


def read_idx_images(path: Path) -> list[bytes]:
    """Return the images of one file, as PGM. Raises DataError as `read_idx_folder` does."""
    return _pictures(_array(path, 3))


def _pairs(folder: Path, found: dict[tuple[str, str], Path], part: str) -> tuple[np.ndarray, list[str]]:
    for what in ("images", "labels"):
        if (part, what) not in found:
            raise DataError(f"{folder.name} holds idx files, but no {part}-{what}-idx{3 if what == 'images' else 1}-ubyte.")
    images, labels = _array(found[part, "images"], 3), _array(found[part, "labels"], 1)
    if len(images) != len(labels):
        raise DataError(
            f"{found[part, 'images'].name} holds {len(images):,} images, but {found[part, 'labels'].name} {len(labels):,} labels."
        )
    return images, [str(label) for label in labels.tolist()]


def _array(path: Path, n_dims: int) -> np.ndarray:
    """Return the content of an idx file, uint8 of this many dimensions."""
    with open_unpacked(path) as stream:
        content = stream.read()
    start = 4 + 4 * n_dims
    if content[:4] != BYTES + bytes([n_dims]) or len(content) < start:
        raise DataError(f"{path.name} is no idx file of bytes in {n_dims} dimension{'s' if n_dims > 1 else ''}.")
    shape = tuple(np.frombuffer(content, ">u4", n_dims, 4).tolist())
    if len(content) - start != np.prod(shape, dtype=np.int64):
        raise DataError(
            f"{path.name} promises {' × '.join(map(str, shape))} bytes and holds {len(content) - start:,}; fetch it again."
        )
    if not np.prod(shape, dtype=np.int64):
        raise DataError(f"{path.name} holds nothing ({' × '.join(map(str, shape))} bytes); fetch it again.")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _pictures(images: np.ndarray) -> list[bytes]:
    height, width = images.shape[1:]
    return [b"P5 %d %d 255\n" % (width, height) + image.tobytes() for image in images]
