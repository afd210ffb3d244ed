"""Dates as numbers: what the calendar says of them, and how much time has gone by."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

PARTS = ("year", "month", "day", "weekday", "hour", "days")


class DateNumbers(TransformerMixin, BaseEstimator):
    """Turn q date columns into 6 q numbers, or 7 q with `marks_missing`: column after column, each in the order of PARTS.

    weekday: 0 = Monday; days: since 1970-01-01, with the time of day as a fraction. All six are NaN where there is no
    date; the seventh number is then 1, else 0. Nothing is learnt in fitting.
    """

    def __init__(self, marks_missing: bool = False):
        self.marks_missing = marks_missing

    def fit(self, X: pd.DataFrame, y: Any = None) -> "DateNumbers":
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return (n, 6 q) or (n, 7 q) float64."""
        return np.column_stack([self._numbers(X[name]) for name in X.columns])

    def get_feature_names_out(self, input_features: Any) -> np.ndarray:
        parts = (*PARTS, "is missing") if self.marks_missing else PARTS
        return np.array([f"{name} {part}" for name in input_features for part in parts], object)

    def _numbers(self, dates: pd.Series) -> np.ndarray:
        moments = dates.dt
        days = dates.astype("datetime64[s]").astype("int64").where(dates.notna()) / 86_400  # no difference: it may overflow
        parts = [moments.year, moments.month, moments.day, moments.day_of_week, moments.hour, days]
        if self.marks_missing:
            parts.append(dates.isna())
        return np.column_stack([part.to_numpy(np.float64) for part in parts])
