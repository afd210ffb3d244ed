"""From which probability on a row counts as positive: where held-out rows cost least (Elkan 2001, "cost-sensitive learning")."""

from dataclasses import dataclass

import numpy as np

SAME_COST = 1e-12  # relative: sums of costs that differ by less are the same, but for rounding


@dataclass(frozen=True)
class Threshold:
    """A row is positive where its probability of being so is at least `value`."""

    value: float  # 0 = every row is positive, above 1 = none is
    positive: int  # position of the positive label in task.labels

    def decide(self, proba: np.ndarray) -> np.ndarray:
        """Return (n,) int64 positions in task.labels. proba : (n, 2)."""
        return np.where(proba[:, self.positive] >= self.value, self.positive, 1 - self.positive)


def best_threshold(proba: np.ndarray, is_positive: np.ndarray, fn: float, fp: float, weights: np.ndarray | None = None) -> float:
    """Return the threshold on (n,) probabilities under which these rows cost least in all.

    is_positive : (n,) bool. fn, fp : what a missed positive and a false alarm cost. weights : (n,) > 0.
    Of all thresholds of least cost it is the one nearest to fp / (fp + fn), which is right where probabilities can be
    taken at their word, except that it stands midway between two rows rather than on one of them.
    """
    weights = np.ones(len(proba)) if weights is None else weights
    levels, level_of = np.unique(proba, return_inverse=True)
    missed = np.bincount(level_of, weights=fn * weights * is_positive, minlength=len(levels))
    alarms = np.bincount(level_of, weights=fp * weights * ~is_positive, minlength=len(levels))
    costs = np.append(0.0, np.cumsum(missed)) + np.append(np.cumsum(alarms[::-1])[::-1], 0.0)  # of cutting below each level
    cuts = _cuts(levels, fp / (fp + fn))
    cheapest = np.flatnonzero(costs <= costs.min() + SAME_COST * (missed.sum() + alarms.sum()))
    return float(cuts[cheapest[np.argmin(np.abs(cuts[cheapest] - fp / (fp + fn)))]])


def _cuts(levels: np.ndarray, bayes: float) -> np.ndarray:
    """Return one threshold for each way to cut (m,) rising levels: below the first, between two, above the last; (m + 1,).

    It is `bayes` in the gap where that stands, else the middle of the gap.
    """
    below = np.append(0.0, levels)  # a threshold is above this, or at it below the first level
    above = np.append(levels, 1.0)  # and not above this
    middle = (below + above) / 2
    middle = np.where(middle > below, middle, above)  # neighbours in floating point leave no room between them
    middle[-1] = max(middle[-1], np.nextafter(levels[-1], 2.0))
    return np.where((below < bayes) & (bayes <= above), bayes, middle)
