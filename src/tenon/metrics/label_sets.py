"""Metrics of label sets: micro-F1, macro-F1, Hamming loss, subset accuracy (Tsoumakas & Katakis 2007; Zhang & Zhou 2014,
doi:10.1109/TKDE.2013.39, section 2.3). All read marks: of each row and label, what truth and prediction say of it.
"""

import numpy as np

from tenon.metrics.scores import RepeatScore, Weights, relative_to_mean

MISSED, TOO_MANY, RIGHT = 1, 2, 3  # 0: neither true nor said


def marks(true: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return (n, K) int8 of two indicator matrices (n, K) bool.

    >>> marks(np.array([[True, True, False, False]]), np.array([[True, False, True, False]])).tolist()
    [[3, 1, 2, 0]]
    """
    return MISSED * true.astype(np.int8) + TOO_MANY * said.astype(np.int8)


def n_wrong(marked: np.ndarray) -> np.ndarray:
    """Return (...,) labels that are missed or too many, of marks (..., K)."""
    return ((marked == MISSED) | (marked == TOO_MANY)).sum(axis=-1)


def label_sums(marked: np.ndarray) -> np.ndarray:
    """Return (n, 3) float64: labels that are right, true labels, labels said, of each row."""
    right = (marked == RIGHT).sum(axis=1)
    return np.column_stack([right, right + (marked == MISSED).sum(axis=1), right + (marked == TOO_MANY).sum(axis=1)]).astype(
        float
    )


def all_right(y: np.ndarray, marked: np.ndarray, weights: Weights) -> np.ndarray:
    """Return (n,) float64, 1 where a row has all of its labels and no other."""
    return (n_wrong(marked) == 0).astype(np.float64)


def minus_share_wrong(y: np.ndarray, marked: np.ndarray, weights: Weights) -> np.ndarray:
    """Return (n,) float64, minus the share of labels that are missed or too many: minus the Hamming loss of each row."""
    return -n_wrong(marked) / marked.shape[1]


def _macro_f1(marked: np.ndarray, weights: Weights) -> tuple[float, np.ndarray]:
    """Return the mean F1 over labels that some row has, NaN where none has any, and each row's influence on it (delta method)."""
    relative = relative_to_mean(weights, len(marked))
    right, missed, too_many = (relative @ (marked == kind) for kind in (RIGHT, MISSED, TOO_MANY))
    counts = right + missed > 0
    if not counts.any():
        return float("nan"), np.zeros(len(marked))
    size = np.where(counts, 2 * right + missed + too_many, np.inf)  # a label outside the mean has no influence
    f1 = 2 * right / size
    is_right = marked == RIGHT
    slope = is_right @ (2 * (1 - f1) / size) - ((marked > 0) & ~is_right) @ (f1 / size)
    return float(f1[counts].mean()), relative * slope * (len(marked) / counts.sum())


def macro_f1_level(y: np.ndarray, marked: np.ndarray, weights: Weights = None) -> float:
    return _macro_f1(marked, weights)[0]


def measure_macro_f1(y: np.ndarray, marked: np.ndarray, folds: np.ndarray, weights: Weights = None) -> RepeatScore:
    """Of all rows of a repeat, over the labels that stand in the truth, so that it is one set for all methods."""
    level, influence = _macro_f1(marked, weights)
    of_fold = np.full(folds.max() + 1, np.nan)
    for k in np.unique(folds):
        rows = folds == k
        of_fold[k] = macro_f1_level(y[rows], marked[rows], None if weights is None else weights[rows])
    return RepeatScore(level, of_fold, level + influence)
