"""How well scores rank positives above negatives: placement values, AUC, the ROC curve (DeLong et al. 1988)."""

import numpy as np


def placements(y: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None) -> tuple[float, np.ndarray]:
    """Return the AUC and each row's placement among the rows of the other class, ties counting one half.

    y : (n,) int, 1 positive and 0 negative.    score : (n,) float, larger = more likely positive.
    The placement is, for a positive, the share of negatives scored lower; for a negative, the share of positives
    scored higher; shares are by weight. AUC is NaN (and every placement 0) where one class has no weight.
    """
    weights = np.ones(len(y)) if weights is None else weights
    positive = y == 1
    placed = np.zeros(len(y))
    if not weights[positive].sum() > 0 or not weights[~positive].sum() > 0:
        return float("nan"), placed
    placed[positive] = _share_below(score[~positive], weights[~positive], score[positive])
    placed[~positive] = 1 - _share_below(score[positive], weights[positive], score[~positive])
    return float(np.average(placed[positive], weights=weights[positive])), placed


def _share_below(values: np.ndarray, weights: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return for each of `at` the weighted share of `values` below it, those equal to it counting one half."""
    order = np.argsort(values, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weights[order])])
    below = total[np.searchsorted(values[order], at, side="left")]
    up_to = total[np.searchsorted(values[order], at, side="right")]
    return (below + up_to) / (2 * total[-1])


def roc_curve(y: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return false-positive rate, true-positive rate and threshold at every distinct score, from (0, 0) to (1, 1).

    "Score >= threshold" predicts positive; the first threshold is infinite (nothing is positive).
    Both classes must have weight.
    """
    weights = np.ones(len(y)) if weights is None else weights
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    last_of_value = np.flatnonzero(np.append(np.diff(ordered) != 0, True))
    hits = np.cumsum(np.where(y[order] == 1, weights[order], 0.0))[last_of_value]
    alarms = np.cumsum(np.where(y[order] == 1, 0.0, weights[order]))[last_of_value]
    fpr = np.concatenate([[0.0], alarms / alarms[-1]])
    tpr = np.concatenate([[0.0], hits / hits[-1]])
    return fpr, tpr, np.concatenate([[np.inf], ordered[last_of_value]])
