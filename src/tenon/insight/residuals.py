"""Where a model of numbers errs: residuals (truth minus prediction) against the prediction.

{rows, bins: [{rows, prediction, from, to, mean, low, high, q05, q25, median, q75, q95}], quantiles, mean, low, high,
worst_over, worst_under}. Everything is of the first repeat. Bins hold equal numbers of rows by rising prediction; low and
high bound the mean residual (95 %, t; over groups where rows have them). > 0: predicted too low.
"""

import numpy as np

from tenon.insight.bins import bins_along
from tenon.insight.seen import Section, Seen, few_rows, left_out
from tenon.metrics.scores import misses
from tenon.metrics.student import quantile

ROWS_PER_BIN = 10
LEAST_ROWS = 30
LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def residuals(seen: Seen) -> Section:
    """Return the section; left out for classes and below LEAST_ROWS."""
    if not seen.task.is_regression:
        return left_out("classes", "the target is a class, so there are no residuals")
    rows = seen.rows
    if len(rows) < LEAST_ROWS:
        return few_rows(len(rows), LEAST_ROWS)
    predicted = seen.said(seen.chosen, "value")[0]
    errors = misses(seen.y[rows], predicted)
    weights, groups = seen.at(seen.weights), seen.at(seen.groups)
    return {
        "rows": len(rows),
        "bins": residual_bins(predicted, errors, weights, groups),
        "quantiles": {f"{level:g}": float(value) for level, value in zip(LEVELS, np.quantile(errors, LEVELS), strict=True)},
        **mean_and_interval(errors, weights, groups),
        "worst_over": float(errors.min()),
        "worst_under": float(errors.max()),
    }


def residual_bins(
    predicted: np.ndarray, errors: np.ndarray, weights: np.ndarray | None = None, groups: np.ndarray | None = None
) -> list[Section]:
    """Return the residuals by rising prediction, in at most N_BINS bins of equal mass; equal predictions share a bin."""
    place = bins_along(predicted, ROWS_PER_BIN)
    found = []
    for b in np.unique(place):
        at = np.flatnonzero(place == b)
        q05, q25, median, q75, q95 = np.quantile(errors[at], (0.05, 0.25, 0.5, 0.75, 0.95)).tolist()
        found.append({
            "rows": len(at), "prediction": float(predicted[at].mean()),
            "from": float(predicted[at].min()), "to": float(predicted[at].max()),
            "q05": q05, "q25": q25, "median": median, "q75": q75, "q95": q95,
            **mean_and_interval(errors[at], *(None if of is None else of[at] for of in (weights, groups))),
        })  # fmt: skip
    return found


def mean_and_interval(values: np.ndarray, weights: np.ndarray | None = None, groups: np.ndarray | None = None) -> Section:
    """Return {mean, low, high}: a mean with its 95 % t-interval over rows, or over groups; ends null for a single one."""
    w = np.ones(len(values)) if weights is None else weights
    mean = float(np.average(values, weights=w))
    units = np.arange(len(values)) if groups is None else np.unique(groups, return_inverse=True)[1]
    sums = np.bincount(units, w * (values - mean)) / w.sum()
    if len(sums) < 2:
        return {"mean": mean, "low": None, "high": None}
    half = quantile(0.975, len(sums) - 1) * float(np.sqrt(np.square(sums).sum() * len(sums) / (len(sums) - 1)))
    return {"mean": mean, "low": mean - half, "high": mean + half}
