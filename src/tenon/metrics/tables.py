"""Counts of truth against prediction, and what is read from them: precision, recall, F1 per class."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PerClass:
    """Figures of each class, in code order. A share whose denominator is 0 is NaN: it is not defined."""

    precision: np.ndarray  # (K,) float
    recall: np.ndarray  # (K,) float
    f1: np.ndarray  # (K,) float
    true: np.ndarray  # (K,) float, rows (or weight) whose truth is this class
    predicted: np.ndarray  # (K,) float, rows (or weight) predicted as this class


def confusion(y: np.ndarray, label: np.ndarray, n_classes: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Return (K, K) float: rows (or weight) with truth i and prediction j; y and label: (n,) int codes."""
    cells = np.bincount(y * n_classes + label, weights=weights, minlength=n_classes * n_classes)
    return cells.reshape(n_classes, n_classes).astype(float)


def per_class(table: np.ndarray) -> PerClass:
    """Return precision, recall and F1 of each class of a (K, K) confusion table."""
    hit, true, predicted = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    return PerClass(_share(hit, predicted), _share(hit, true), _share(2 * hit, true + predicted), true, predicted)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
