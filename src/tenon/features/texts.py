"""Texts for networks: one for each row, or a pair."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class WholeTexts(TransformerMixin, BaseEstimator):
    """Turn the frame's columns of texts ("" where missing) into (n,) objects of str, those of a row a line each in one."""

    def __init__(self, columns: Sequence[str]):
        self.columns = columns

    def fit(self, X: pd.DataFrame, y: Any = None) -> "WholeTexts":
        self.n_columns_ = len(self.columns)
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        texts = np.empty(len(X), object)
        texts[:] = ["\n".join(cells) for cells in zip(*(X[name] for name in self.columns), strict=True)]
        return texts


class EachText(TransformerMixin, BaseEstimator):
    """Turn the frame's only column of texts ("" where missing) into (n,) objects of str, two columns into (n, 2)."""

    def __init__(self, columns: Sequence[str]):
        self.columns = columns

    def fit(self, X: pd.DataFrame, y: Any = None) -> "EachText":
        self.n_columns_ = len(self.columns)
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        return X[self.columns[0] if len(self.columns) == 1 else list(self.columns)].to_numpy(object)
