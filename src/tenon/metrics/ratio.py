"""Metrics that are a smooth function of sums over rows: a ratio A / B such as entity F1, or corpus BLEU.

A row (a sentence, say) brings q counts; the score is g of their sums over all rows, so it is no mean of row scores. The
contribution of a row follows from the delta method: the level plus n g'(A) . (a_i - A / n), whose mean is the level.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from tenon.metrics.scores import Level, Measure, RepeatScore

OfSums = Callable[[np.ndarray], tuple[float, np.ndarray]]  # sums (q,) -> value, gradient (q,); NaN value: undefined
CountsOf = Callable[[np.ndarray], np.ndarray]  # guess (n, ...) -> counts (n, q)
N_GRAMS = 4  # the longest word sequences that BLEU counts


def of_sums(function: OfSums, counts_of: CountsOf = np.asarray) -> tuple[Level, Measure]:
    """Return level and measure of a metric that is a smooth function of the sums of counts.

    A guess is then (n, q) float: the counts of each row, with what the truth adds to them; y is not read. The level is
    that of all rows of a repeat together; with weights each row counts w_i times. counts_of : makes them of a guess that holds
    more than these.
    """
    return partial(_level, function, counts_of), partial(_measure, function, counts_of)


def ratio(sums: np.ndarray) -> tuple[float, np.ndarray]:
    """A / B and its gradient; undefined where B is 0."""
    part, whole = sums
    if not whole > 0:
        return float("nan"), np.zeros(2)
    return float(part / whole), np.array([1 / whole, -part / whole**2])


def f1(sums: np.ndarray) -> tuple[float, np.ndarray]:
    """F1 = 2 hits / (true + predicted) and its gradient; sums: hits, true, predicted (entities, or labels)."""
    hits, true, predicted = sums
    value, (by_part, by_whole) = ratio(np.array([2 * hits, true + predicted]))
    return value, np.array([2 * by_part, by_whole, by_whole])


def bleu(sums: np.ndarray) -> tuple[float, np.ndarray]:
    """Corpus BLEU in [0, 1] (Papineni et al. 2002) with one reference, and its gradient.

    sums (9,) : matches of 1- to 4-grams, clipped per sentence; 1- to 4-grams of the hypotheses; reference words. Without
    a match of some length BLEU is 0 and flat: not smoothed. It is undefined without a reference word alone.
    """
    matches, totals, reference = sums[:N_GRAMS], sums[N_GRAMS : 2 * N_GRAMS], sums[-1]
    if not (matches > 0).all():
        return 0.0 if reference > 0 else float("nan"), np.zeros(2 * N_GRAMS + 1)
    words = totals[0]
    is_short = words < reference
    value = float(np.exp(min(0.0, 1 - reference / words) + np.log(matches / totals).mean()))
    slope = np.concatenate([1 / matches / N_GRAMS, -1 / totals / N_GRAMS, [-1 / words if is_short else 0.0]])
    slope[N_GRAMS] += reference / words**2 if is_short else 0.0
    return value, value * slope


def _weighted_sums(counts: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    return counts.sum(axis=0) if weights is None else weights @ counts


def _level(function: OfSums, counts_of: CountsOf, y: np.ndarray, guess: np.ndarray, weights: np.ndarray | None = None) -> float:
    return function(_weighted_sums(counts_of(guess), weights))[0]


def _measure(
    function: OfSums, counts_of: CountsOf, y: np.ndarray, guess: np.ndarray, folds: np.ndarray, weights: np.ndarray | None = None
) -> RepeatScore:
    counts, n = counts_of(guess), len(guess)
    relative = np.ones(n) if weights is None else weights * (len(weights) / weights.sum())
    sums = relative @ counts
    level, slope = function(sums)
    of_fold = np.full(folds.max() + 1, np.nan)
    for k in np.unique(folds):
        of_fold[k] = function(relative[folds == k] @ counts[folds == k])[0]
    return RepeatScore(level, of_fold, level + relative * n * ((counts - sums / n) @ slope))
