"""Dates as numbers: what the calendar says of them, and how much time has gone by."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

PARTS = ("year", "month", "day", "weekday", "hour", "days", "is_missing")


class DateNumbers(TransformerMixin, BaseEstimator):
    """Turn q date columns into 7 q numbers, column after column in the order of PARTS.

    weekday: 0 = Monday; days: since 1970-01-01, with the time of day as a fraction; is_missing: 1 where there is no
    date, and then the other six are NaN. Nothing is learnt in fitting.
    """

    def fit(self, X: pd.DataFrame, y: Any = None) -> "DateNumbers":
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return (n, 7 q) float64."""
        return np.column_stack([self._numbers(X[name]) for name in X.columns])

    def get_feature_names_out(self, input_features: Any) -> np.ndarray:
        return np.array([f"{name} {part}" for name in input_features for part in PARTS], object)

    @staticmethod
    def _numbers(dates: pd.Series) -> np.ndarray:
        moments = dates.dt
        days = (dates - pd.Timestamp(0)) / pd.Timedelta(days=1)
        parts = [moments.year, moments.month, moments.day, moments.weekday, moments.hour, days, dates.isna()]
        return np.column_stack([part.to_numpy(np.float64) for part in parts])
