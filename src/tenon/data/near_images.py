"""Images that are nearly the same: copies stored again, made smaller, a little brighter.

Two images are near when small pictures of them, 16 x 16 points in colour, correlate by 0.995 or more and differ little in
brightness; what is near to the same image goes together. Pairs are found by the low frequencies of these pictures, a
perceptual hash (Zauner 2010, section 3.2.1) that is kept as numbers instead of bits: distances between such hashes are
never larger than between the pictures, so a tree of them misses no pair. The answer depends on the images alone, not on
their order.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tenon.data.near import connected
from tenon.data.pictures import in_colour, opened
from tenon.errors import DataError

SIDE = 16  # points of a small picture
CORRELATION = 0.995  # least one of two small pictures, all points and colours together
DIFFERENCE = 12.0  # most levels of 255 by which they differ on average
LEAST_CONTRAST = 4.0  # levels of 255, standard deviation; plainer pictures are only compared byte by byte
FREQUENCIES = (8, 2, 2)  # of brightness and of two colour differences: those (i, j) with i + j below
NEIGHBOURS = 16  # nearest hashes looked at of each image
LARGEST_DRAFT = 64  # points on a side that a JPEG is unpacked to at least


def near_images(cells: Sequence[str | bytes | None], root: Path) -> np.ndarray:
    """Return (n,) int64: the same number for images that are the same or nearly; missing ones share a number.

    cells : paths that start from root, or the bytes of image files; what is no image is only like itself.
    """
    pictures: list[np.ndarray | None] = []  # of every different file
    place: dict[bytes, int] = {}  # of its picture, by digest of the file
    codes = np.full(len(cells), -1)
    for row, cell in enumerate(cells):
        content = (root / cell).read_bytes() if isinstance(cell, str) else cell
        if isinstance(content, bytes):
            digest = hashlib.sha256(content).digest()
            codes[row] = place.setdefault(digest, len(place))
            if len(place) > len(pictures):
                pictures.append(_small_picture(content))
    labels = np.arange(len(pictures))
    kept = np.array([i for i, picture in enumerate(pictures) if picture is not None], np.int64)
    if len(kept) > 1:
        left, right = _near_pairs(np.stack([picture for picture in pictures if picture is not None]))
        labels = connected(labels, kept[left], kept[right])
    return np.where(codes < 0, -1, labels[codes]) if len(labels) else codes


def _small_picture(content: bytes) -> np.ndarray | None:
    """Return (SIDE, SIDE, 3) uint8; None for what is no image, and for one that is almost of one colour."""
    from PIL import Image as images

    try:
        with opened(content) as image:
            image.draft("RGB", (LARGEST_DRAFT, LARGEST_DRAFT))
            picture = np.asarray(in_colour(image).resize((SIDE, SIDE), images.Resampling.BOX))
    except DataError:
        return None
    return picture if picture.std() >= LEAST_CONTRAST else None


def _near_pairs(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places (left, right) of the near pairs of (d, SIDE, SIDE, 3) uint8 pictures."""
    from scipy.spatial import cKDTree

    points = pictures.reshape(len(pictures), -1).astype(np.float32)
    units = points - points.mean(axis=1, keepdims=True)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    hashes = _low_frequencies(units.reshape(pictures.shape))
    furthest = np.sqrt(2 * (1 - CORRELATION))  # between unit vectors of that correlation
    n_wanted = min(NEIGHBOURS + 1, len(pictures))
    found = cKDTree(hashes).query(hashes, n_wanted, distance_upper_bound=furthest * (1 + 1e-5))[1]
    left = np.repeat(np.arange(len(pictures)), n_wanted)
    right = found.ravel()
    is_pair = (right < len(pictures)) & (left != right)  # len(pictures) stands where there is no further neighbour
    left, right = left[is_pair], right[is_pair]
    is_alike = np.einsum("ij,ij->i", units[left], units[right]) >= CORRELATION
    is_alike[is_alike] = np.abs(points[left[is_alike]] - points[right[is_alike]]).mean(axis=1) <= DIFFERENCE
    return left[is_alike], right[is_alike]


def _low_frequencies(units: np.ndarray) -> np.ndarray:
    """Return (d, k) float32: low frequencies (orthonormal DCT-II) of brightness and of two differences of colours."""
    from scipy.fft import dctn

    red, green, blue = np.moveaxis(units, -1, 0)
    bands = ((red + green + blue) / np.sqrt(3), (red - green) / np.sqrt(2), (red + green - 2 * blue) / np.sqrt(6))
    i, j = np.indices((SIDE, SIDE))
    kept = [dctn(band, axes=(1, 2), norm="ortho")[:, i + j < n] for band, n in zip(bands, FREQUENCIES, strict=True)]
    return np.concatenate(kept, axis=1)
