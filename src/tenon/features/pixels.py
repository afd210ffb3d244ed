"""Images as rows of pixels, all of one size."""

import io
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError
from sklearn.base import BaseEstimator, TransformerMixin

from tenon.errors import DataError

IMAGE_LENGTH = 1.0  # root mean square of an image's vector; longer, and the usual strength of a penalty overfits pixels
GREY_MODES = ("1", "L", "I;16", "I")


class Pixels(TransformerMixin, BaseEstimator):
    """Turn a column of images (absolute paths or bytes) into numbers in [0, 1], (n, height · width · channels) float32.

    The size is the most common one of the train rows (of two equally common ones the smaller), shrunk to at most
    `longest_side` pixels on the longer side; there is one channel when all train images are grey, else three.
    """

    def __init__(self, longest_side: int = 32):
        self.longest_side = longest_side

    def fit(self, X: Iterable[str | bytes], y: Any = None) -> "Pixels":
        sizes: Counter[tuple[int, int]] = Counter()
        is_grey = True
        for cell in X:
            with _opened(cell) as image:
                sizes[image.size] += 1
                is_grey = is_grey and image.mode in GREY_MODES
        width, height = min(sizes, key=lambda size: (-sizes[size], size))
        shrink = min(1.0, self.longest_side / max(width, height))
        self.size_ = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        self.n_channels_ = 1 if is_grey else 3
        return self

    def transform(self, X: Iterable[str | bytes]) -> np.ndarray:
        """Raises DataError naming the first file that is no readable image."""
        rows = [self._row(cell) for cell in X]
        n_pixels = self.size_[0] * self.size_[1] * self.n_channels_
        return np.stack(rows) if rows else np.empty((0, n_pixels), np.float32)

    def get_feature_names_out(self, input_features: Any) -> np.ndarray:
        width, height = self.size_
        names = [f"row {r} column {c}" for r in range(height) for c in range(width)]
        return np.array([f"{n} {band}" for n in names for band in "RGB"] if self.n_channels_ == 3 else names, object)

    def _row(self, cell: str | bytes) -> np.ndarray:
        with _opened(cell) as image:
            try:
                values = _as_unit(image, "L" if self.n_channels_ == 1 else "RGB", self.size_)
            except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for a damaged file
                raise _unreadable(cell, error) from error
        return values.ravel()


class Centred(TransformerMixin, BaseEstimator):
    """Take the train rows' mean from each of p numbers, and scale all by one factor so that rows have IMAGE_LENGTH."""

    def fit(self, X: np.ndarray, y: Any = None) -> "Centred":
        self.mean_ = X.mean(axis=0, dtype=np.float64)
        length = float(np.sqrt(((X - self.mean_) ** 2).sum(axis=1).mean()))
        self.factor_ = IMAGE_LENGTH / length if length > 0 else 1.0
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return (n, p) float64: in float32 a prediction would depend on the rows beside it in the seventh digit."""
        return (X - self.mean_) * self.factor_

    def get_feature_names_out(self, input_features: Any) -> Any:
        return input_features


def _as_unit(image: Image.Image, mode: str, size: tuple[int, int]) -> np.ndarray:
    """Return the resized image as float32 in [0, 1]; 16-bit greys keep their range instead of being cut at 255."""
    if image.mode in ("I;16", "I"):
        grey = np.asarray(image.convert("F").resize(size, Image.Resampling.BILINEAR)) / np.float32(65535)
        return grey if mode == "L" else np.stack([grey] * 3, axis=-1)
    resized = image.convert(mode).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(resized, np.float32) / np.float32(255)


def _opened(cell: str | bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(cell) if isinstance(cell, bytes) else cell)
    except (OSError, UnidentifiedImageError) as error:
        raise _unreadable(cell, error) from error


def _unreadable(cell: str | bytes, error: Exception) -> DataError:
    name = f"an image of {len(cell):,} bytes" if isinstance(cell, bytes) else cell
    return DataError(f"{name} cannot be read as an image: {type(error).__name__}. Remove the row, or mend the file.")
