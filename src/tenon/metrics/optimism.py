"""By how much the best of several scores flatters: expected before the final rows are seen, and observed after.

The expectation is a parametric bootstrap: methods whose true levels are the observed ones, shrunk towards each other as
far as their spread is noise, are scored again and again; the noise of each winner is what choosing adds.
"""

import numpy as np

from tenon.metrics.evidence import Evidence
from tenon.metrics.intervals import fixed_evidence
from tenon.metrics.maxt import draw
from tenon.metrics.student import quantile
from tenon.metrics.variance import board_variance, pair_variance, row_variance

N_DRAWS = 10_000


def expected_optimism(evidence: Evidence, data_hash_seed: int) -> float:
    """Return by how much the best level is expected to exceed its true one (test scale, >= 0); 0 for one method."""
    by_name = np.array(sorted(range(len(evidence.names)), key=lambda j: evidence.names[j]))
    return winners_noise(evidence.level[by_name], row_variance(evidence)[np.ix_(by_name, by_name)], data_hash_seed)


def winners_noise(level: np.ndarray, S1: np.ndarray, seed: int) -> float:
    """Return the mean noise of the winner; level: (m,), S1: (m, m) row covariance of the levels."""
    if len(level) < 2:
        return 0.0
    noise = draw(S1, pair_variance(S1), np.inf, N_DRAWS, seed).levels
    winner = np.argmax(shrunk(level, S1) + noise, axis=1)
    return max(0.0, float(noise[np.arange(N_DRAWS), winner].mean()))


def shrunk(level: np.ndarray, S1: np.ndarray) -> np.ndarray:
    """Return the levels (m,), m >= 2, drawn to their mean by the share of their variance that noise explains."""
    m, observed = len(level), float(level.var(ddof=1))
    of_noise = (np.trace(S1) - S1.sum() / m) / (m - 1)
    kept = max(0.0, 1.0 - of_noise / observed) if observed > 0 else 0.0
    return level.mean() + kept * (level - level.mean())


def expected_score(evidence: Evidence, method: int, data_hash_seed: int) -> float:
    """Return the printed score that this method, chosen as one of the best, can be expected to have on new rows."""
    return evidence.metric.from_level(float(evidence.level[method]) - expected_optimism(evidence, data_hash_seed))


def observed_gap(evidence: Evidence, method: int, y: np.ndarray, guess: np.ndarray) -> tuple[float, float, float]:
    """Return by how much the score on folds exceeds that on the final rows, with its 95 % interval, in printed units.

    y, guess : truth and the chosen model's guess on the final rows. Positive = the folds flattered. Below some 5,000
    rows the interval is wider than any optimism: the gap must not be shown without it.
    """
    metric = evidence.metric
    final = fixed_evidence(metric, ["model"], y, [guess])
    on_folds, on_final = float(evidence.level[method]), float(final.level[0])
    variance = board_variance(evidence)[method, method] + board_variance(final)[0, 0]
    unit = metric.unit(on_folds, on_final)
    gap, half = (on_folds - on_final) * unit, quantile(0.975, np.inf) * float(np.sqrt(variance)) * unit
    return gap, gap - half, gap + half
