"""Images as rows of pixels, all of one size, and as pictures for networks."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from tenon.features.decode import Shape, as_png, as_unit, common_shape

IMAGE_LENGTH = 1.0  # root mean square of an image's vector; longer, and the usual strength of a penalty overfits pixels
SHORTEST = 8  # pixels of a side of a picture


class Pixels(TransformerMixin, BaseEstimator):
    """Turn a column of images (absolute paths or bytes) into numbers in [0, 1], (n, height · width · channels) float32.

    The size is the most common one of the train rows (of two equally common ones the smaller), shrunk to at most
    `longest_side` pixels on the longer side; there is one channel when all train images are grey, else three.
    """

    def __init__(self, longest_side: int = 32):
        self.longest_side = longest_side

    def fit(self, X: Iterable[str | bytes], y: Any = None) -> "Pixels":
        shape = common_shape(X, self.longest_side)
        self.size_, self.n_channels_ = (shape.width, shape.height), shape.n_channels
        return self

    def transform(self, X: Iterable[str | bytes]) -> np.ndarray:
        """Raises DataError naming the first file that is no readable image."""
        shape = Shape(*self.size_, self.n_channels_)
        rows = [as_unit(cell, shape).ravel() for cell in X]
        return np.stack(rows) if rows else np.empty((0, shape.width * shape.height * shape.n_channels), np.float32)

    def get_feature_names_out(self, input_features: Any) -> np.ndarray:
        width, height = self.size_
        names = [f"row {r} column {c}" for r in range(height) for c in range(width)]
        return np.array([f"{n} {band}" for n in names for band in "RGB"] if self.n_channels_ == 3 else names, object)


class Pictures(TransformerMixin, BaseEstimator):
    """Turn the frame's column of images into (n, height, width, channels) uint8, of one size as `Pixels` chooses it.

    A side has at least SHORTEST pixels, below which networks see nothing. as_published : for weights that others trained, which
    expect three channels, whatever there is, and one size, to which small images grow.
    Each image is unpacked once, and stays small in memory until a network takes a batch; of 16 bits the upper 8 are kept.
    """

    def __init__(self, column: str, longest_side: int = 64, as_published: bool = False):
        self.column, self.longest_side, self.as_published = column, longest_side, as_published

    def fit(self, X: pd.DataFrame, y: Any = None) -> "Pictures":
        shape = common_shape(X[self.column], self.longest_side, SHORTEST, enlarges=self.as_published)
        self.size_, self.n_channels_ = (shape.width, shape.height), 3 if self.as_published else shape.n_channels
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Raises DataError naming the first file that is no readable image."""
        return pictures_of(X[self.column], Shape(*self.size_, self.n_channels_))

    def moved(self, X: pd.DataFrame, signs: np.ndarray, size: float) -> dict[str, np.ndarray]:
        """Return the column of images, each value moved by this share of its range the way its sign says, (n, H, W, C).

        Images are the bytes of PNG files, of the size that `transform` gives.
        """
        pictures = self.transform(X).astype(np.int64) + round(255 * size) * signs.astype(np.int64)
        cells = np.empty(len(X), object)
        cells[:] = [as_png(picture) for picture in pictures.clip(0, 255).astype(np.uint8)]
        return {self.column: cells}


def pictures_of(cells: "pd.Series[Any]", shape: Shape) -> np.ndarray:
    """Return images (n,), absolute paths or bytes, as (n, height, width, channels) uint8.

    Raises DataError naming the first file that is no readable image.
    """
    pictures = np.empty((len(cells), shape.height, shape.width, shape.n_channels), np.uint8)
    for picture, cell in zip(pictures, cells, strict=True):
        np.rint(255 * as_unit(cell, shape), out=picture, casting="unsafe")
    return pictures


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
