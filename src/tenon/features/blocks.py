"""Three matrices side by side, for an estimator that treats numbers, categories and counts by different formulas."""

from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer


class Blocks(TransformerMixin, BaseEstimator):
    """Turn a frame into a dict of matrices, each with n rows and possibly no columns.

    numbers : (n, p) float64, NaN where missing.
    categories : (n, q) float64, the code 0, 1, … of each value, NaN where missing, -1 where never seen in fitting.
    counts : (n, v) float, sparse or dense, never negative: word weights and pixels.
    """

    def __init__(self, numbers: ColumnTransformer, categories: ColumnTransformer, counts: ColumnTransformer):
        self.numbers, self.categories, self.counts = numbers, categories, counts

    def fit(self, X: pd.DataFrame, y: Any = None) -> "Blocks":
        self.fit_transform(X)
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any = None) -> dict[str, Any]:
        self.n_features_in_ = X.shape[1]
        return {name: part.fit_transform(X) for name, part in self._parts().items()}

    def transform(self, X: pd.DataFrame) -> dict[str, Any]:
        return {name: part.transform(X) for name, part in self._parts().items()}

    def _parts(self) -> dict[str, ColumnTransformer]:
        return {"numbers": self.numbers, "categories": self.categories, "counts": self.counts}
