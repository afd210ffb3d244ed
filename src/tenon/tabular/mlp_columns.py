"""Columns for a network: numbers standardised, gaps filled and marked, categories as codes; all learnt from train rows."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

MOST_DEVIATIONS = 10.0  # further out a number is drawn in: one wild cell must not decide a step
MISSING = "\0missing"  # stands for a cell without a value, which is a value of its own
SEEN_OFTEN = 2  # rows that hold a category, for it to have a code of its own


class NetColumns:
    """Fitted on a frame whose columns are numbers (NaN where missing) or categories, or on an array (n, p)."""

    def fit(self, X: Any) -> "NetColumns":
        """X : what `features.native` gives."""
        frame = as_frame(X)
        self.names_ = [str(name) for name in frame.columns]
        self.is_category_ = np.array([not pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes], bool)
        numbers = frame.loc[:, ~self.is_category_].to_numpy(np.float64)
        self.has_gaps_ = np.isnan(numbers).any(axis=0)
        filled = np.where(np.isnan(numbers).all(axis=0), 0.0, numbers)
        self.median_ = np.nanmedian(filled, axis=0) if filled.size else np.zeros(filled.shape[1])
        filled = np.where(np.isnan(numbers), self.median_, numbers)
        self.mean_, deviation = filled.mean(axis=0), filled.std(axis=0)
        self.deviation_ = np.where(deviation > 0, deviation, 1.0)
        self.values_ = [_values(column) for _, column in frame.loc[:, self.is_category_].items()]
        return self

    @property
    def n_numbers(self) -> int:
        return int((~self.is_category_).sum() + self.has_gaps_.sum())

    @property
    def n_values(self) -> list[int]:
        """How many codes each category column has."""
        return [len(values) + 1 for values in self.values_]

    def transform(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers (n, n_numbers) float32, the marks of gaps last, and codes (n, c) int64, 0 for what was not known."""
        frame = as_frame(X)
        numbers = frame.loc[:, ~self.is_category_].to_numpy(np.float64)
        is_gap = np.isnan(numbers)
        filled = (np.where(is_gap, self.median_, numbers) - self.mean_) / self.deviation_
        clipped = np.clip(filled, -MOST_DEVIATIONS, MOST_DEVIATIONS)
        columns = [column for _, column in frame.loc[:, self.is_category_].items()]
        codes = [_codes(column, values) for values, column in zip(self.values_, columns, strict=True)]
        table = np.hstack([clipped, is_gap[:, self.has_gaps_]]).astype(np.float32)
        return table, np.stack(codes, axis=1) if codes else np.zeros((len(frame), 0), np.int64)


def as_frame(X: Any) -> pd.DataFrame:
    return X if isinstance(X, pd.DataFrame) else pd.DataFrame(X.toarray() if hasattr(X, "toarray") else np.asarray(X))


def _texts(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the place (n,) of each cell's text in a list, which is much shorter than the column."""
    places, values = pd.factorize(column)
    return places, [*map(str, values), MISSING]  # the place of a missing cell is -1


def _values(column: pd.Series) -> list[str]:
    places, texts = _texts(column)
    counts = Counter[str]()
    for text, n in zip(texts, np.bincount(places % len(texts), minlength=len(texts)), strict=True):
        counts[text] += int(n)  # 1 and "1" are the same text
    return sorted(text for text, n in counts.items() if n >= SEEN_OFTEN)


def _codes(column: pd.Series, values: list[str]) -> np.ndarray:
    """Return (n,) int64, 1 + the place of each cell's text among the values, 0 where it is none of them."""
    places, texts = _texts(column)
    return (pd.Index(values).get_indexer(pd.Index(texts)) + 1)[places]
