"""The one column of texts, or of token lists, that a method for sequences reads: as a list, changed in nothing."""

from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class OneColumn(TransformerMixin, BaseEstimator):
    """Turn a frame into the list of one column's cells: str, or lists of str."""

    def __init__(self, name: str):
        self.name = name

    def fit(self, X: pd.DataFrame, y: Any = None) -> "OneColumn":
        return self

    def transform(self, X: pd.DataFrame) -> list[Any]:
        return X[self.name].tolist()
