"""Each metric: its score, and the contribution of every row to it.

All tests and intervals are computed from the contributions alone. They are on the *test scale*, where larger is better:
accuracy, AUC, macro-F1 and R² as they are, minus the loss for log loss and MAE, minus the mean squared error for RMSE.
The mean of a metric's contributions is its level on that scale. For a mean of per-row losses the contribution is the
row's own loss; for AUC and macro-F1 it is the level plus the row's influence (the delta method, DeLong et al. 1988).
With weights the influence of a row is multiplied by its weight over the mean weight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from tenon.errors import DataError
from tenon.metrics.curves import placements
from tenon.metrics.tables import confusion, per_class

SMALLEST_PROBA = 1e-15  # log loss reads smaller probabilities as this one
ROUNDING = 64 * np.finfo(np.float64).eps  # of the largest truth: sums of so many terms differ by it, and nobody cares
KAPPA_OF_MEANS, KAPPA_OF_OTHERS = 3.0, 4.0  # of means of row losses; of AUC, F1 and BLEU: calibrated, see docs/verdicts.md
Weights = np.ndarray | None  # (n,) float > 0, or None: every row counts the same


@dataclass(frozen=True)
class RepeatScore:
    """One method, one repeat of the folds, on the test scale."""

    level: float
    folds: np.ndarray  # (K,) level of each fold; NaN where the metric is undefined there
    psi: np.ndarray  # (n,) contribution of each row; its mean is `level`


@dataclass(frozen=True)
class Metric:
    """A metric. A guess is (n, K) float for reads="proba", (n,) int codes for "label", (n,) float for "value".

    Metrics of sums (`metrics/ratio.py`) read counts, (n, q) float: what each row adds to the q sums, by the function of this
    name in `sequences.COUNTED`.
    """

    name: str  # key of METRICS
    title: str  # for people
    reads: str  # "proba", "label", "value" or a key of `sequences.COUNTED`
    greater_is_better: bool  # of the printed figure
    kappa: float  # how often the training noise enters the variance of the board test: KAPPA_OF_MEANS or KAPPA_OF_OTHERS
    level: "Level"  # (y, guess, weights=None), of all rows at once
    measure: "Measure"  # (y, guess, folds, weights=None)
    in_target_units: bool = False
    is_zero_one: bool = False  # a row is right or wrong
    is_share: bool = False  # between 0 and 1, but not of rows right or wrong: its interval is symmetric on the logit scale
    is_macro: bool = False  # a mean over classes or labels: it hangs on the rows of the rarest
    is_root: bool = False  # the printed figure is the square root of minus the level

    def score(self, y: np.ndarray, guess: np.ndarray, weights: Weights = None) -> float:
        """Return the printed figure of these rows taken together; NaN where it is undefined (AUC of one class)."""
        return self.from_level(self.level(y, guess, weights))

    def from_level(self, level: float) -> float:
        """Return the printed figure that belongs to a level on the test scale."""
        if self.is_root:
            return float(np.sqrt(max(-level, 0.0)))
        return float(level if self.greater_is_better else -level)

    def unit(self, level_a: float, level_b: float) -> float:
        """Return by what a difference of these levels is multiplied to give the difference of printed figures.

        For RMSE: squares differ by (a - b)(a + b), so 1 / (a + b); exact for the difference, the delta method for its
        interval. A positive difference always means that a is better.
        """
        both = self.from_level(level_a) + self.from_level(level_b) if self.is_root else 1.0
        return 1.0 / both if both > 0 else 1.0


Level = Callable[..., float]
Measure = Callable[..., RepeatScore]


def relative_to_mean(weights: Weights, n: int) -> np.ndarray:
    """Return (n,) weights whose mean is 1."""
    return np.ones(n) if weights is None else weights * (n / weights.sum())


# Means of row losses: gain(y, guess, weights) -> (n,), larger = better


def _is_right(y: np.ndarray, label: np.ndarray, weights: Weights) -> np.ndarray:
    return (y == label).astype(float)


def _log_proba(y: np.ndarray, proba: np.ndarray, weights: Weights) -> np.ndarray:
    return np.log(np.clip(proba[np.arange(len(y)), y], SMALLEST_PROBA, 1.0))


def misses(y: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return (..., n) truth less prediction, 0 where no more than rounding is between them, seen from the largest truth."""
    missed = y - value
    return np.where(np.abs(missed) > ROUNDING * np.abs(y).max(initial=0.0), missed, 0.0)


def _minus_square(y: np.ndarray, value: np.ndarray, weights: Weights) -> np.ndarray:
    return -np.square(misses(y, value))


def _minus_distance(y: np.ndarray, value: np.ndarray, weights: Weights) -> np.ndarray:
    return -np.abs(misses(y, value))


def _explained(y: np.ndarray, value: np.ndarray, weights: Weights) -> np.ndarray:
    """One minus the squared error over the target's variance, which is taken as known: the test is that of RMSE."""
    spread = np.average(np.square(y - np.average(y, weights=weights)), weights=weights)
    if not spread > 0:
        raise DataError("R² is not defined for a target that has the same value in every row; use RMSE or MAE.")
    return 1.0 - np.square(misses(y, value)) / spread


Gain = Callable[[np.ndarray, np.ndarray, Weights], np.ndarray]


def _mean_level(gain: Gain, y: np.ndarray, guess: np.ndarray, weights: Weights = None) -> float:
    return float(np.average(gain(y, guess, weights), weights=weights))


def _measure_mean(gain: Gain, y: np.ndarray, guess: np.ndarray, folds: np.ndarray, weights: Weights = None) -> RepeatScore:
    gains = gain(y, guess, weights)
    relative = relative_to_mean(weights, len(y))
    level = float(np.average(gains, weights=weights))
    in_fold = np.bincount(folds, weights=relative)
    of_folds = np.bincount(folds, weights=relative * gains)
    means = np.divide(of_folds, in_fold, out=np.full(len(in_fold), np.nan), where=in_fold > 0)
    psi = gains if weights is None else level + relative * (gains - level)
    return RepeatScore(level, means, psi)


# AUC: always inside one fold, never pooled over folds; the score is the mean of the fold AUCs


def _auc_level(y: np.ndarray, proba: np.ndarray, weights: Weights = None) -> float:
    return placements(y, proba[:, 1], weights)[0]


def _measure_auc(y: np.ndarray, proba: np.ndarray, folds: np.ndarray, weights: Weights = None) -> RepeatScore:
    """A fold with one class is left out. The influence of a positive of fold k is n/K_left (V - AUC_k) / n1_k."""
    relative = relative_to_mean(weights, len(y))
    aucs, influence = np.full(folds.max() + 1, np.nan), np.zeros(len(y))
    for k in range(len(aucs)):
        rows = np.flatnonzero(folds == k)
        aucs[k], placed = placements(y[rows], proba[rows, 1], relative[rows])
        if np.isfinite(aucs[k]):
            of_class = np.bincount(y[rows], weights=relative[rows], minlength=2)
            influence[rows] = relative[rows] / of_class[y[rows]] * (placed - aucs[k])
    n_left = int(np.isfinite(aucs).sum())
    if n_left == 0:
        raise DataError("AUC is not defined: no fold holds rows of both classes; use log loss.")
    level = float(np.nanmean(aucs))
    return RepeatScore(level, aucs, level + influence * (len(y) / n_left))


# macro-F1: from all rows of a repeat; over the classes that stand in the truth, so that it is one set for all methods


def _macro_f1(y: np.ndarray, label: np.ndarray, weights: Weights = None) -> tuple[float, np.ndarray]:
    """Return the level and each row's influence on it."""
    relative = relative_to_mean(weights, len(y))
    n_classes = int(max(y.max(), label.max())) + 1
    figures = per_class(confusion(y, label, n_classes, relative))
    counts = figures.true > 0
    f1 = np.where(counts, figures.f1, 0.0)
    size = np.where(counts, figures.true + figures.predicted, np.inf)  # a class outside the mean has no influence
    slope = 2 * (y == label) / size[y] - f1[y] / size[y] - f1[label] / size[label]
    return float(f1[counts].mean()), relative * slope * (len(y) / counts.sum())


def _macro_f1_level(y: np.ndarray, label: np.ndarray, weights: Weights = None) -> float:
    return _macro_f1(y, label, weights)[0]


def _measure_macro_f1(y: np.ndarray, label: np.ndarray, folds: np.ndarray, weights: Weights = None) -> RepeatScore:
    level, influence = _macro_f1(y, label, weights)
    of_fold = np.full(folds.max() + 1, np.nan)
    for k in np.unique(folds):
        rows = folds == k
        of_fold[k] = _macro_f1_level(y[rows], label[rows], None if weights is None else weights[rows])
    return RepeatScore(level, of_fold, level + influence)


def mean_of(gain: Gain) -> tuple[Level, Measure]:
    """Return level and measure of a metric that is a mean over rows of gain(y, guess, weights) -> (n,), larger = better."""
    return partial(_mean_level, gain), partial(_measure_mean, gain)


_ALL = (
    Metric("auc", "AUC", "proba", True, KAPPA_OF_OTHERS, _auc_level, _measure_auc, is_share=True),
    Metric("accuracy", "accuracy", "label", True, KAPPA_OF_MEANS, *mean_of(_is_right), is_zero_one=True),
    Metric(
        "macro_f1", "macro-F1", "label", True, KAPPA_OF_OTHERS, _macro_f1_level, _measure_macro_f1, is_share=True, is_macro=True
    ),
    Metric("log_loss", "log loss", "proba", False, KAPPA_OF_MEANS, *mean_of(_log_proba)),
    Metric("rmse", "RMSE", "value", False, KAPPA_OF_MEANS, *mean_of(_minus_square), in_target_units=True, is_root=True),
    Metric("mae", "MAE", "value", False, KAPPA_OF_MEANS, *mean_of(_minus_distance), in_target_units=True),
    Metric("r2", "R²", "value", True, KAPPA_OF_MEANS, *mean_of(_explained)),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
