"""95 % intervals for one score: Wilson, logit, studentised bootstrap (which one: see docs/verdicts.md).

`method_intervals`: mean score of models trained on fresh samples, variance of rows and training together.
`final_interval`: this one model on this population, variance of rows only.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tenon.errors import DataError
from tenon.metrics.by_group import PerGroup
from tenon.metrics.curves import placements
from tenon.metrics.evidence import Evidence, effective_rows, gather
from tenon.metrics.grouped import FEWEST_GROUPS
from tenon.metrics.pairs import delong_variance
from tenon.metrics.scores import Metric
from tenon.metrics.sequences import COUNTED
from tenon.metrics.student import NORMAL_975, quantile
from tenon.metrics.variance import board_variance, unit_sums

N_BOOTSTRAP = 1999
MOST_UNITS = 5_000  # the bootstrap sums more rows than this into random blocks first
MACRO_F1_INFLATION = 1.25  # without it rare classes are not covered
CELLS_AT_ONCE = 100_000  # of resamples: as many as stay near the processor
Interval = tuple[float, float]


def wilson(share: float, n: float, z: float = NORMAL_975) -> Interval:
    """Wilson's interval of a share of n rows (n may be an effective number, not whole); never empty, even at 0 and 1."""
    centre = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    total = 1 + z * z / n
    # at shares of 0 and 1 one end is the share itself, but for rounding
    return max(0.0, min(share, float((centre - half) / total))), min(1.0, max(share, float((centre + half) / total)))


def logit_interval(share: float, variance: float, z: float) -> Interval:
    """Interval of a figure strictly between 0 and 1, symmetric on the logit scale (delta method)."""
    half = z * np.sqrt(variance) / (share * (1 - share))
    ends = np.log(share / (1 - share)) + np.array([-half, half])
    low, high = 0.5 * (1 + np.tanh(ends / 2))  # the logistic function, which cannot overflow in this form
    return float(low), float(high)


def t_interval(level: float, variance: float, df: float) -> Interval:
    """level -+ t * standard error."""
    half = quantile(0.975, df) * np.sqrt(variance)
    return float(level - half), float(level + half)


def bootstrap_t(sums: np.ndarray, coverage: float, seed: int = 0) -> Interval:
    """Return the two quantiles of the studentised mean of resampled units.

    sums : (units,) contributions about their mean. The units are sorted first, so their order has no influence.
    """
    rng = np.random.default_rng(seed)
    sums = np.sort(sums)
    if len(sums) > MOST_UNITS:
        shuffled = rng.permutation(sums)
        sums = np.add.reduceat(shuffled, np.arange(MOST_UNITS) * len(sums) // MOST_UNITS)
    n, resamples = len(sums), []
    for start in range(0, N_BOOTSTRAP, at_once := max(1, CELLS_AT_ONCE // n)):
        again = sums[rng.integers(n, size=(min(at_once, N_BOOTSTRAP - start), n))]
        spread = again.std(axis=1, ddof=1)
        varies = spread > 0  # a resample of one repeated value says nothing
        resamples.append(again.mean(axis=1)[varies] / spread[varies] * np.sqrt(n))
    t = np.concatenate(resamples)
    low, high = np.quantile(t, [(1 - coverage) / 2, (1 + coverage) / 2]) if len(t) else (0.0, 0.0)
    return float(low), float(high)


def method_intervals(evidence: Evidence) -> np.ndarray:
    """Return (m, 2) low and high of each method in printed units; NaN for a metric of fewer than 15 groups."""
    S = board_variance(evidence).diagonal()
    sums = unit_sums(evidence).mean(axis=0)
    return np.array([_interval(evidence, j, S[j], sums[:, j]) for j in range(len(S))]).reshape(-1, 2)


def final_interval(
    metric: Metric,
    y: np.ndarray,
    guess: np.ndarray,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    per: PerGroup | None = None,
) -> tuple[float, float, float]:
    """Return score, low and high of one fixed model on these rows, in printed units.

    y and guess as in `Metric.reads`; weights: (n,) > 0; groups: (n,), rows of one group count as one unit; per: see `gather`.
    Raises DataError where the metric is undefined on these rows.
    """
    evidence = fixed_evidence(metric, ["model"], y, [guess], groups=groups, weights=weights, per=per)
    low, high = method_intervals(evidence)[0]
    if evidence.metric.name == "auc" and groups is None and weights is None and 0 < evidence.level[0] < 1:
        low, high = _delong_interval(y, guess)
    return evidence.metric.from_level(float(evidence.level[0])), float(low), float(high)


def fixed_evidence(
    metric: Metric,
    names: Sequence[str],
    y: np.ndarray,
    guesses: Sequence[np.ndarray],
    *,
    groups: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    per: PerGroup | None = None,
) -> Evidence:
    """Return the evidence on fixed models: all rows in one fold, and no training noise. Arguments as in `gather`."""
    evidence = gather(metric, names, y, [guesses], np.zeros((1, len(y)), int), groups=groups, weights=weights, per=per)
    return replace(evidence, question="model")


def _delong_interval(y: np.ndarray, proba: np.ndarray) -> Interval:
    auc, placed = placements(y, proba[:, 1])
    if min(np.bincount(y, minlength=2)) < 2:
        raise DataError("an interval for AUC needs at least 2 rows of each class.")
    variance = delong_variance(y, placed)
    return logit_interval(auc, variance, quantile(0.975, np.inf)) if variance > 0 else (auc, auc)


def widened(score: float, low: float, high: float, by: float = 1.3) -> Interval:
    """Return the interval with both arms made longer: 1.3 for scores of nested folds, whose rows share their models."""
    return score - by * (score - low), score + by * (high - score)


def _interval(evidence: Evidence, j: int, variance: float, sums: np.ndarray) -> Interval:
    level, metric = float(evidence.level[j]), evidence.metric
    df, share = _behind(evidence, j)
    t = quantile(0.975, df if evidence.groups is not None else np.inf)
    if evidence.per is not None:
        return _over_groups(evidence, level, variance, df)
    if metric.is_zero_one:
        return wilson(level, _rows_worth(level, variance, evidence, share), t)
    if metric.is_share:
        return _bounded(evidence, level, variance, t, share)
    coverage = 0.98 if evidence.n_units < 1000 else 0.95
    t_low, t_high = bootstrap_t(sums, coverage)
    ends = level - t_high * np.sqrt(variance), level - t_low * np.sqrt(variance)
    best = 1.0 if metric.name == "r2" else 0.0  # no loss is below 0
    low, high = sorted(metric.from_level(min(float(end), best)) for end in ends)
    return low, high


def _behind(evidence: Evidence, j: int) -> tuple[float, float]:
    """Return the degrees of freedom and the share of the rows that the level of method j rests on."""
    one = evidence.one_split
    return (one.df, one.share) if one is not None and one.is_dear[j] else (evidence.df, 1.0)


def _over_groups(evidence: Evidence, level: float, variance: float, df: float) -> Interval:
    """t over groups, cut where no score can lie; not known below FEWEST_GROUPS."""
    if evidence.n_units < FEWEST_GROUPS:
        return float("nan"), float("nan")
    low, high = sorted(evidence.metric.from_level(end) for end in t_interval(level, variance, df))
    lowest = -np.inf if evidence.metric.name.startswith("r2 ") else 0.0
    highest = 1.0 if evidence.metric.greater_is_better else np.inf
    return max(low, lowest), min(high, highest)


def _rows_worth(level: float, variance: float, evidence: Evidence, share: float) -> float:
    """Rows that would give a share this variance if they were independent; all of those behind it at 0 and 1."""
    plain = share * min(evidence.n_units, effective_rows(evidence.weights, len(evidence.y)))
    return level * (1 - level) / variance if variance > 0 and 0 < level < 1 else plain


def _bounded(evidence: Evidence, level: float, variance: float, t: float, share: float) -> Interval:
    """AUC, F1, BLEU. Where no row varies (all right, all wrong) Wilson over the rows: of the rarest class, if any."""
    is_of_all = evidence.metric.reads in COUNTED and not evidence.metric.is_macro
    rarest = share * (len(evidence.y) if is_of_all else evidence.fewest)
    if evidence.metric.is_macro:
        variance *= MACRO_F1_INFLATION
        t = quantile(0.975, max(3.0, min(rarest, evidence.n_units) - 1))
    if level in (0.0, 1.0):
        return wilson(level, min(rarest, share * evidence.n_units), t)
    return logit_interval(level, variance, t) if variance > 0 else (level, level)
