"""Metrics per group: GAUC, the mean over users of each user's AUC (Zhu et al. 2017, arXiv:1703.02091).

A group whose rows are of one class has no AUC: it is left out of the mean and of the weights, and counted.
"""

from dataclasses import dataclass

import numpy as np

from tenon.errors import DataError
from tenon.metrics.scores import Metric, Weights
from tenon.metrics.student import quantile

FEWEST_GROUPS = 15  # below, an interval over groups does not hold its 95 %


@dataclass(frozen=True)
class GroupedScore:
    """The weighted mean of a metric over groups; arrays hold the G groups in which it is defined."""

    score: float
    low: float | None  # 95 % interval over groups; None below FEWEST_GROUPS
    high: float | None
    groups: np.ndarray  # (G,) sorted
    of_group: np.ndarray  # (G,) the metric of each
    weights: np.ndarray  # (G,)
    n_left_out: int  # groups in which the metric is undefined

    @property
    def note(self) -> str:
        """A sentence about the groups left out; "" where there are none."""
        total = self.n_left_out + len(self.groups)
        return f"{self.n_left_out} of {total} groups left out: the metric is undefined there." if self.n_left_out else ""


def gauc(y_true: np.ndarray, y_score: np.ndarray, groups: np.ndarray, weights: np.ndarray | str | None = None) -> float:
    """Return the weighted mean of the AUC of each group, in [0, 1]; ties count one half.

    y_true : (n,) 0/1 or bool.    y_score : (n,) float.    groups : (n,) of any type that sorts.
    weights : None gives a group as much weight as it has rows; "groups" gives each the same; (n,) float, impressions
    of each row: a row of weight 2 counts as two rows. Groups of one class are left out.
    Raises DataError where no group has both classes.

    >>> gauc(np.array([1, 0, 1, 0, 0, 1]), np.array([0.9, 0.1, 0.2, 0.8, 0.3, 0.5]), np.array(["a", "a", "b", "b", "b", "c"]))
    0.4
    """
    return gauc_by_group(y_true, y_score, groups, weights).score


def gauc_by_group(
    y_true: np.ndarray, y_score: np.ndarray, groups: np.ndarray, weights: np.ndarray | str | None = None
) -> GroupedScore:
    """Return GAUC with its interval, every group's AUC and the number left out. Arguments as in `gauc`."""
    y_true, y_score, groups = np.asarray(y_true), np.asarray(y_score, float), np.asarray(groups)
    if not len(y_true) == len(y_score) == len(groups):
        raise DataError(f"truth, scores and groups differ in length: {len(y_true)}, {len(y_score)} and {len(groups)}.")
    names, code = np.unique(groups, return_inverse=True)
    row_weight = _row_weights(weights, len(y_true))
    aucs = aucs_of_groups(code, y_true == 1, y_score, row_weight, len(names))
    of_group = np.ones(len(names)) if isinstance(weights, str) else np.bincount(code, row_weight, len(names))
    return _mean_over_groups(names, aucs, of_group)


def aucs_of_groups(
    code: np.ndarray, is_positive: np.ndarray, score: np.ndarray, weights: np.ndarray, n_groups: int
) -> np.ndarray:
    """Return the AUC of each group, (n_groups,) float; NaN where one class has no weight.

    code : (n,) int, the group of each row.    is_positive : (n,) bool.    score, weights : (n,) float.
    """
    positive = np.where(is_positive, weights, 0.0)
    negative = weights - positive
    won = _pairs_won(code, score, positive, negative, n_groups)
    pairs = np.bincount(code, positive, n_groups) * np.bincount(code, negative, n_groups)
    return np.divide(won, pairs, out=np.full(n_groups, np.nan), where=pairs > 0)


def figures_one_by_one(metric: Metric, y: np.ndarray, guess: np.ndarray, code: np.ndarray, weights: Weights = None) -> np.ndarray:
    """Return the printed figure of each group, (n_groups,) float; NaN where the metric is undefined.

    code : (n,) int, the group of each row, 0 ... n_groups-1, each of them there.
    """
    rows_of = np.split(np.argsort(code, kind="stable"), np.cumsum(np.bincount(code))[:-1])
    return np.array([_score_or_nan(metric, y[at], guess[at], None if weights is None else weights[at]) for at in rows_of])


def per_group(metric: Metric, y: np.ndarray, guess: np.ndarray, groups: np.ndarray, weights: str = "rows") -> GroupedScore:
    """Return the mean over groups of any metric, weighted by "rows", or "groups" alike. Guess: see `Metric.reads`.

    Groups in which the metric is undefined are left out. Raises DataError where that is so in every group.
    """
    if weights not in ("rows", "groups"):
        raise DataError(f'weights must be "rows" or "groups"; got {weights!r}.')
    names, code, size = np.unique(groups, return_inverse=True, return_counts=True)
    scores = figures_one_by_one(metric, y, guess, code)
    return _mean_over_groups(names, scores, size.astype(float) if weights == "rows" else np.ones(len(names)))


def weighted_mean(of_group: np.ndarray, weights: np.ndarray) -> tuple[float, float, float, float]:
    """Return mean, standard error, and the ends of its 95 % t-interval over groups (G,); needs G >= 2."""
    n, total = len(of_group), weights.sum()
    mean = float(weights @ of_group / total)
    scale = float(np.sqrt(n / (n - 1) * np.square(weights * (of_group - mean)).sum()) / total)
    half = quantile(0.975, n - 1) * scale
    return mean, scale, mean - half, mean + half


def _row_weights(weights: np.ndarray | str | None, n: int) -> np.ndarray:
    if isinstance(weights, str) and weights != "groups":
        raise DataError(f'weights must be None, "groups" or a number for each row; got {weights!r}.')
    if weights is None or isinstance(weights, str):
        return np.ones(n)
    given = np.asarray(weights, float)
    if len(given) != n or not (np.isfinite(given).all() and (given >= 0).all()):
        raise DataError(f"weights must be one finite number >= 0 for each of the {n} rows.")
    return given


def _pairs_won(code: np.ndarray, score: np.ndarray, positive: np.ndarray, negative: np.ndarray, n_groups: int) -> np.ndarray:
    """(n_groups,): weight of the (positive, negative) pairs of each group that are ranked right, ties one half."""
    order = np.lexsort((score, code))
    code, score, positive, negative = code[order], score[order], positive[order], negative[order]
    starts_tie = np.append(True, (np.diff(code) != 0) | (np.diff(score) != 0))
    starts_group = np.append(True, np.diff(code) != 0)
    tie, group = np.cumsum(starts_tie) - 1, np.cumsum(starts_group) - 1
    before = np.append(0.0, np.cumsum(negative))
    lower_in_group = before[np.flatnonzero(starts_tie)][tie] - before[np.flatnonzero(starts_group)][group]
    in_tie = np.bincount(tie, negative)[tie]
    return np.bincount(code, positive * (lower_in_group + in_tie / 2), n_groups)


def _score_or_nan(metric: Metric, y: np.ndarray, guess: np.ndarray, weights: Weights) -> float:
    try:
        return metric.score(y, guess, weights)
    except DataError:  # R² of a group whose target does not vary
        return float("nan")


def _mean_over_groups(names: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> GroupedScore:
    defined = np.isfinite(scores)
    n_left_out = int((~defined).sum())
    if not defined.any():
        raise DataError(f"the metric is undefined in all {n_left_out} groups (rows of one class only).")
    names, scores, weights = names[defined], scores[defined], weights[defined]
    mean, low, high = float(weights @ scores / weights.sum()), None, None
    if len(scores) >= FEWEST_GROUPS:
        mean, _, low, high = weighted_mean(scores, weights)
    return GroupedScore(mean, low, high, names, scores, weights, n_left_out)
