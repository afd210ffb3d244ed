"""Questions with the contexts that answer them, as methods for answers read them: as pairs, changed in nothing."""

from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from tenon.data.questions import CONTEXT, QUESTION


class QuestionsInContext(TransformerMixin, BaseEstimator):
    """Turn a frame into the list of its questions, each with its context: (str, str)."""

    def fit(self, X: pd.DataFrame, y: Any = None) -> "QuestionsInContext":
        return self

    def transform(self, X: pd.DataFrame) -> list[tuple[str, str]]:
        return list(zip(X[QUESTION], X[CONTEXT], strict=True))
