"""Nearest neighbours (Fix & Hodges 1951; Cover & Hart 1967): the k nearest train rows vote.

Unlike the usual implementation, train rows as near as the k-th one share the votes that are left, so that the answer depends
neither on the order of the train rows nor on rounding in the distances; tables of categories have such ties everywhere.
Three rows at distances 0, 1, 1 and k = 2: the first has a whole vote, the other two half a vote each.
"""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics.pairwise import pairwise_distances_chunked
from sklearn.utils.extmath import row_norms

CHUNK_MB = 32  # of distances held at a time


class _Neighbours(BaseEstimator):
    """Weighted mean of what the neighbours of each row have, in Euclidean distance."""

    def __init__(self, k: int = 15, weights: str = "uniform"):
        self.k, self.weights = k, weights

    def _remember(self, X: Any, targets: np.ndarray, sample_weight: np.ndarray | None) -> None:
        """X: (n, p) dense or sparse; targets: (n, c)."""
        self.X_, self.targets_ = X, targets
        self.row_weights_ = np.ones(len(targets)) if sample_weight is None else sample_weight
        rounding = 1e-6 if X.dtype == np.float32 else 1e-9  # of squared distances, which come from differences of norms
        self.slack_ = max(rounding * float(row_norms(X, squared=True).mean()), 1e-300)
        self.n_features_in_ = X.shape[1]

    def _mean(self, X: Any) -> np.ndarray:
        """(m, c): the mean of the neighbours' targets for each row of X."""
        chunks = pairwise_distances_chunked(
            X, self.X_, reduce_func=self._vote, metric="euclidean", squared=True, working_memory=CHUNK_MB
        )
        return np.vstack(list(chunks))

    def _vote(self, squared: np.ndarray, start: int) -> np.ndarray:
        """squared: (chunk, n) squared distances of some new rows to all train rows."""
        k = min(self.k, squared.shape[1])
        farthest = np.partition(squared, k - 1, axis=1)[:, k - 1 : k]
        is_nearer = squared < farthest - self.slack_
        is_tied = (squared <= farthest + self.slack_) & ~is_nearer
        left = (k - is_nearer.sum(axis=1, keepdims=True)) / is_tied.sum(axis=1, keepdims=True)
        votes = (is_nearer + is_tied * left) * self.row_weights_
        if self.weights == "distance":
            votes /= np.sqrt(np.maximum(squared, self.slack_))
        return votes @ self.targets_ / np.maximum(votes.sum(axis=1, keepdims=True), 1e-300)


class NeighboursClassifier(ClassifierMixin, _Neighbours):
    """Vote for a class. weights: "uniform", or "distance" (each vote divided by the distance)."""

    def fit(self, X: Any, y: np.ndarray, sample_weight: np.ndarray | None = None) -> "NeighboursClassifier":
        self.classes_, codes = np.unique(y, return_inverse=True)
        self._remember(X, np.eye(len(self.classes_))[codes], sample_weight)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """(m, K): each class's share of the votes."""
        return self._mean(X)

    def predict(self, X: Any) -> np.ndarray:
        return self.classes_[self._mean(X).argmax(axis=1)]


class NeighboursRegressor(RegressorMixin, _Neighbours):
    """Mean of the neighbours' numbers."""

    def fit(self, X: Any, y: np.ndarray, sample_weight: np.ndarray | None = None) -> "NeighboursRegressor":
        self._remember(X, y[:, None], sample_weight)
        return self

    def predict(self, X: Any) -> np.ndarray:
        return self._mean(X)[:, 0]
