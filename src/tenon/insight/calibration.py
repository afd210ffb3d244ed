"""Do the chosen method's probabilities mean what they say? Reliability curve, Brier score, expected calibration error.

Binary: the probability of the positive class against the share of rows that are positive. More classes: the probability of
the predicted class against the share of rows where it is right (Guo et al. 2017, arXiv:1706.04599, eq. 2-3).

{of, label, rows, bins: [{rows, proba, share, low, high, from, to}], brier, ece, ece_by_chance: {mean, high}, bias, is_off}
Bins hold equal numbers of rows of the first repeat, as far as equal probabilities allow; low and high are Wilson's, for as
many rows as the bin's are worth where rows have weights or groups. An error of 0 is never seen: `ece_by_chance` is what a
perfectly calibrated model shows on such rows (Bröcker & Smith 2007, consistency resampling), `is_off` what exceeds it.
"""

from dataclasses import dataclass

import numpy as np

from tenon.insight.bins import bins_along
from tenon.insight.seen import Section, Seen, few_rows, left_out
from tenon.metrics.evidence import effective_rows
from tenon.metrics.intervals import wilson

LEAST_ROWS = 60
ROWS_PER_BIN = 30
N_DRAWS = 2000  # boards of a calibrated model, for `ece_by_chance`


@dataclass(frozen=True)
class Bins:
    """Rows by rising probability: figures of each of b bins."""

    place: np.ndarray  # (n,) int, the bin of each row
    rows: np.ndarray  # (b,) int
    mass: np.ndarray  # (b,) share of the weight
    proba: np.ndarray  # (b,) mean
    share: np.ndarray  # (b,) of rows where it came true
    worth: np.ndarray  # (b,) as many independent, equally weighted rows


def calibration(seen: Seen) -> Section:
    """Return the section; left out for numbers and label sets, below LEAST_ROWS, and for the baseline."""
    if seen.task.has_sets:
        return left_out("sets", "calibration is looked at where a row has one class")
    if not seen.task.has_classes:
        return left_out("no_classes", "the target is a number, so there are no probabilities")
    if seen.is_baseline:
        return left_out("baseline", "the baseline gives every row the same probabilities")
    rows, said = seen.rows, seen.said(seen.chosen, "proba")
    if len(rows) < LEAST_ROWS:
        return few_rows(len(rows), LEAST_ROWS)
    y, weights, groups = seen.y[rows], seen.at(seen.weights), seen.at(seen.groups)
    repeats = [sure_and_right(y, proba) for proba in said]
    tables = [bins_of(sure, right, weights, groups) for sure, right in repeats]
    return {
        "of": "positive" if seen.task.kind == "binary" else "predicted",
        "label": seen.task.labels[1] if seen.task.kind == "binary" else None,
        "rows": len(rows),
        "bins": shown_bins(tables[0], repeats[0][0]),
        "brier": float(np.mean([brier(y, proba, weights) for proba in said])),
        **_errors(tables),
    }


def sure_and_right(y: np.ndarray, proba: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (n,) the probability that is looked at, and (n,) bool whether it came true.

    y : (n,) int codes. proba : (n, K). Two classes: of the second; more: of the likeliest, the first of equals.
    """
    if proba.shape[1] == 2:
        return proba[:, 1], y == 1
    return proba.max(axis=1), proba.argmax(axis=1) == y


def bins_of(sure: np.ndarray, right: np.ndarray, weights: np.ndarray | None = None, groups: np.ndarray | None = None) -> Bins:
    """Return at most N_BINS bins of equal mass with at least about ROWS_PER_BIN rows; equal probabilities share a bin.

    sure : (n,) float. right : (n,) bool. weights : (n,) > 0. groups : (n,) of any type, rows of one are not independent.
    """
    place = np.unique(bins_along(sure, ROWS_PER_BIN), return_inverse=True)[1]
    w = np.ones(len(sure)) if weights is None else weights
    mass = np.bincount(place, w)
    proba, share = np.bincount(place, w * sure) / mass, np.bincount(place, w * right) / mass
    worth = np.array([_worth(right[place == b], w[place == b], groups if groups is None else groups[place == b])
                      for b in range(len(mass))])  # fmt: skip
    return Bins(place, np.bincount(place), mass / mass.sum(), proba, share, worth)


def _worth(right: np.ndarray, weights: np.ndarray, groups: np.ndarray | None) -> float:
    """Return how many independent rows of equal weight give a share this variance; never more than by the weights."""
    most = effective_rows(weights, len(weights))
    if groups is None:
        return most
    codes = np.unique(groups, return_inverse=True)[1]
    share, n_groups = float(np.average(right, weights=weights)), int(codes.max()) + 1
    if n_groups < 2 or share in (0.0, 1.0):
        return min(most, float(n_groups))
    sums = np.bincount(codes, weights * (right - share)) / weights.sum()
    variance = float(np.square(sums).sum()) * n_groups / (n_groups - 1)
    return min(most, share * (1 - share) / variance) if variance > 0 else most


def shown_bins(bins: Bins, sure: np.ndarray) -> list[Section]:
    """Return the bins for people, by rising probability."""
    found = []
    for b in range(len(bins.rows)):
        low, high = wilson(float(bins.share[b]), float(bins.worth[b]))
        inside = sure[bins.place == b]
        found.append({
            "rows": int(bins.rows[b]), "proba": float(bins.proba[b]), "share": float(bins.share[b]),
            "low": low, "high": high, "from": float(inside.min()), "to": float(inside.max()),
        })  # fmt: skip
    return found


def brier(y: np.ndarray, proba: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the mean squared distance of probabilities from what came true; 0 is best.

    Two classes: of the second alone, in [0, 1]; more: summed over classes, in [0, 2] (Brier 1950).
    """
    if proba.shape[1] == 2:
        return float(np.average(np.square(proba[:, 1] - (y == 1)), weights=weights))
    return float(np.average(np.square(proba - np.eye(proba.shape[1])[y]).sum(axis=1), weights=weights))


def _errors(tables: list[Bins]) -> Section:
    """Return what is off, mean over repeats, and what would be by chance."""
    ece = float(np.mean([np.sum(bins.mass * np.abs(bins.proba - bins.share)) for bins in tables]))
    mean, high = ece_by_chance(tables[0])
    return {
        "ece": ece,
        "ece_by_chance": {"mean": mean, "high": high},
        "bias": float(np.mean([np.sum(bins.mass * (bins.proba - bins.share)) for bins in tables])),
        "is_off": ece > high,
    }


def ece_by_chance(bins: Bins) -> tuple[float, float]:
    """Return mean and 95 % quantile of the expected calibration error of a model whose probabilities are right.

    The share of a bin then varies about its mean probability like that of `worth` draws (their normal approximation).
    """
    rng = np.random.default_rng(0)
    scale = np.sqrt(bins.proba * (1 - bins.proba) / bins.worth)
    errors = np.abs(rng.normal(size=(N_DRAWS, len(scale))) * scale) @ bins.mass
    return float(errors.mean()), float(np.quantile(errors, 0.95))
