"""Columns as they are, for methods that split on them: numbers with their gaps, categories as categories."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from tenon.features.dates import PARTS, DateNumbers
from tenon.features.pixels import Pixels


class NativeColumns(TransformerMixin, BaseEstimator):
    """Turn a frame into one whose columns are float64 or categories, NaN where missing; into an array where none is a category.

    numbers, dates, categories, images: names of the columns that are read. A date becomes the six numbers of `features.dates`,
    an image its pixels.
    """

    def __init__(self, numbers: list[str], dates: list[str], categories: list[str], images: list[str]):
        self.numbers, self.dates, self.categories, self.images = numbers, dates, categories, images

    def fit(self, X: pd.DataFrame, y: Any = None) -> "NativeColumns":
        self.pixels_ = [Pixels().fit(X[name]) for name in self.images]
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame | np.ndarray:
        parts = [X[self.numbers].to_numpy(np.float64)]
        if self.dates:
            parts.append(DateNumbers().transform(X[self.dates]))
        parts += [pixels.transform(X[name]) for name, pixels in zip(self.images, self.pixels_, strict=True)]
        numbers = np.hstack(parts)
        if not self.categories:
            return numbers
        frame = pd.DataFrame(numbers, index=X.index, columns=self._names_of_numbers())
        return pd.concat([frame, X[self.categories].astype("category")], axis=1)

    def moved(self, X: pd.DataFrame, signs: np.ndarray, size: float) -> dict[str, np.ndarray]:
        """Return the columns of numbers, each cell moved by size standard deviations the way its sign says.

        signs : (n, …) of the numbers that `transform` gives, columns of numbers first.
        """
        return {
            name: X[name].to_numpy(np.float64) + size * X[name].std(ddof=0) * signs[:, j] for j, name in enumerate(self.numbers)
        }

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        return np.array([*self._names_of_numbers(), *self.categories], object)

    def _names_of_numbers(self) -> list[str]:
        dates = [f"{name} {part}" for name in self.dates for part in PARTS]
        images = [
            f"{name} {pixel}"
            for name, pixels in zip(self.images, self.pixels_, strict=True)
            for pixel in pixels.get_feature_names_out(None)
        ]
        return [*self.numbers, *dates, *images]
