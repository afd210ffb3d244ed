"""What estimators that hold a network say: classes or labels with their probabilities, or numbers; how they learn is a family's
own.

A family adds a base class with `fit`, which sets `target_`, and `_answers`, which gives what the target says of rows.
"""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from tenon.training.targets import Numbers, classes_or_labels


class NetClassifier(ClassifierMixin):
    """Of two or more classes, or, where y is an indicator matrix (n, K), of labels of which a row has any number."""

    learns_sets: ClassVar[bool] = True
    target_of = staticmethod(classes_or_labels)

    @property
    def classes_(self) -> np.ndarray:
        """(K,) the classes, sorted; of an indicator matrix the places of its columns."""
        return self.target_.values

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return (n, K) float64, in the order of classes_."""
        check_is_fitted(self, "target_")
        return self._answers(X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the class (n,) of each row, or an indicator matrix (n, K) of labels more probable than not."""
        proba = self.predict_proba(X)
        return self.target_.chosen(proba)


class NetRegressor(RegressorMixin):
    """Of numbers."""

    target_of = Numbers.of
    smoothing = 0.0  # of labels, which there are none of

    def predict(self, X: Any) -> np.ndarray:
        """Return (n,) float64."""
        check_is_fitted(self, "target_")
        return self._answers(X)[:, 0]
