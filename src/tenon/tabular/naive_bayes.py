"""Naive Bayes on numbers, categories and counts at once.

log P(class | row) = log P(class) + sum over columns of log P(cell | class) + const, with a Gaussian for a number, a table of
frequencies for a category, a multinomial for text and pixels (Maron 1961; Manning, Raghavan & Schütze 2008, chapter 13).
A missing number and a value never seen add nothing to the sum.
"""

from typing import Any

import numpy as np
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.naive_bayes import MultinomialNB


class JointNaiveBayes(ClassifierMixin, BaseEstimator):
    """Classifier of the blocks that `features.blocks.Blocks` makes.

    Parameters
    ----------
    smoothing : pseudo-count added to every value of a category and every term, in rows; > 0.
    var_smoothing : share of a number's variance in all rows that is added to its variance in each class.

    Attributes
    ----------
    class_log_prior_ : (K,)
    mean_, variance_ : (K, p) of the numbers, by class
    value_log_proba_ : per category column (K, n_values); the last value stands for missing
    counts_ : MultinomialNB, or None where no column gives counts
    """

    def __init__(self, smoothing: float = 1.0, var_smoothing: float = 1e-3):
        self.smoothing, self.var_smoothing = smoothing, var_smoothing

    def fit(self, blocks: dict[str, Any], y: np.ndarray, sample_weight: np.ndarray | None = None) -> "JointNaiveBayes":
        self.classes_, codes = np.unique(y, return_inverse=True)
        weights = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        is_class = np.eye(len(self.classes_))[codes] * weights[:, None]  # (n, K), weighted
        with np.errstate(divide="ignore"):  # a class of weight 0 has log prior -inf, as it should
            self.class_log_prior_ = np.log(is_class.sum(axis=0) / weights.sum())
        self._fit_numbers(blocks["numbers"], is_class)
        self._fit_categories(blocks["categories"], is_class)
        self.counts_ = None
        if blocks["counts"].shape[1]:
            self.counts_ = MultinomialNB(alpha=self.smoothing).fit(blocks["counts"], codes, sample_weight=weights)
        return self

    def predict_proba(self, blocks: dict[str, Any]) -> np.ndarray:
        """(n, K) float64, rows sum to 1."""
        return np.exp(self.predict_log_proba(blocks))

    def predict_log_proba(self, blocks: dict[str, Any]) -> np.ndarray:
        joint = self.class_log_prior_ + self._log_numbers(blocks["numbers"]) + self._log_categories(blocks["categories"])
        if self.counts_ is not None:
            joint = joint + blocks["counts"] @ self.counts_.feature_log_prob_.T
        return log_softmax(joint, axis=1)

    def predict(self, blocks: dict[str, Any]) -> np.ndarray:
        return self.classes_[self.predict_log_proba(blocks).argmax(axis=1)]

    def count_log_odds(self) -> np.ndarray | None:
        """Return by how much a unit of each count speaks for each class (K, v) against the mean of the others, in log odds.

        For two classes that is the second against the first, (1, v). None where no column gives counts.
        """
        n_classes = len(self.classes_)
        if self.counts_ is None or n_classes < 2:
            return None
        log_proba = self.counts_.feature_log_prob_
        against = (log_proba.sum(axis=0) - log_proba) / (n_classes - 1)
        return (log_proba - against)[1:] if n_classes == 2 else log_proba - against

    def _fit_numbers(self, X: np.ndarray, is_class: np.ndarray) -> None:
        """Means and variances over the cells that are there; a class without any has those of all rows."""
        there = ~np.isnan(X)
        filled = np.where(there, X, 0.0)
        everyone = is_class.sum(axis=1, keepdims=True)
        mean, variance = _moments(filled, there, everyone, np.zeros((1, X.shape[1])), np.ones((1, X.shape[1])))
        self.mean_, spread = _moments(filled, there, is_class, mean, variance)
        self.variance_ = spread + self.var_smoothing * np.where(variance > 0, variance, 1.0)

    def _log_numbers(self, X: np.ndarray) -> np.ndarray:
        total = np.zeros((len(X), len(self.classes_)))
        for k, (mean, variance) in enumerate(zip(self.mean_, self.variance_, strict=True)):
            logs = -0.5 * (np.log(2 * np.pi * variance) + (X - mean) ** 2 / variance)
            total[:, k] = np.nansum(logs, axis=1)
        return total

    def _fit_categories(self, X: np.ndarray, is_class: np.ndarray) -> None:
        self.n_values_ = [int(np.nanmax(column, initial=-1)) + 1 for column in X.T]
        self.value_log_proba_ = []
        for codes, n_values in zip(_codes(X, self.n_values_), self.n_values_, strict=True):
            counts = np.zeros((n_values + 1, is_class.shape[1]))
            np.add.at(counts, codes, is_class)
            if not (codes == n_values).any():
                counts = counts[:-1]  # never missing in the train rows
            smoothed = counts.T + self.smoothing
            self.value_log_proba_.append(np.log(smoothed / smoothed.sum(axis=1, keepdims=True)))

    def _log_categories(self, X: np.ndarray) -> np.ndarray:
        total = np.zeros((len(X), len(self.classes_)))
        for codes, log_proba in zip(_codes(X, self.n_values_), self.value_log_proba_, strict=True):
            is_known = (codes >= 0) & (codes < log_proba.shape[1])
            total[is_known] += log_proba[:, codes[is_known]].T
        return total


def _moments(
    X: np.ndarray, there: np.ndarray, weights: np.ndarray, no_mean: np.ndarray, no_variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance (c, p) of X (n, p) for each column of weights (n, c), over the cells that are there."""
    mass = weights.T @ there
    is_empty = mass == 0
    safe = np.where(is_empty, 1.0, mass)
    mean = np.where(is_empty, no_mean, weights.T @ X / safe)
    variance = np.empty_like(mean)
    for k in range(len(mean)):  # two passes: the difference of squares would lose the digits of a small variance
        variance[k] = weights[:, k] @ np.where(there, (X - mean[k]) ** 2, 0.0) / safe[k]
    return mean, np.where(is_empty, no_variance, variance)


def _codes(X: np.ndarray, n_values: list[int]) -> list[np.ndarray]:
    """Return each column of codes as (n,) int64, a missing cell as the number of its column's values."""
    return [np.where(np.isnan(column), n, column).astype(np.int64) for column, n in zip(X.T, n_values, strict=True)]
