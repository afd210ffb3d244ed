"""What twice the labels would bring: the learning curve of the chosen method, carried on to twice the train rows.

{method, rows, rows_then, score, expected, low, high, gain, gain_low, gain_high, law: {floor, factor, exponent}, line: [{share,
rows, score}]}. `share` counts the train rows of a trial as 1. A power law is fitted to the losses (1 − score where larger is
better), mean over folds. gain: what it falls from share 1 to 2. Its interval: bootstrap over folds, whose spread is widened as
the board's is where there is one repeat (folds share their train rows: 1 + K / (K − 1)), with t of K − 1.

Only a run with --curve has fits on fewer rows. Left out, too, where the curve does not clearly rise, or says too little: where
the interval of the gain is wider than all that the curve has risen.
"""

from dataclasses import dataclass

import numpy as np

from tenon.insight.power_law import PowerLaw, fit_power_law
from tenon.insight.seen import Section, left_out
from tenon.metrics.scores import Metric
from tenon.metrics.student import below, quantile

LEAST_POINTS = 3
LEAST_FOLDS = 3
N_BOOTSTRAP = 200
LINE = (0.125, 0.18, 0.25, 0.35, 0.5, 0.71, 1.0, 1.25, 1.5, 1.75, 2.0)


@dataclass(frozen=True)
class Curve:
    """Scores of one method on growing shares of the train rows, on the same folds."""

    method: str
    shares: np.ndarray  # (k,) rising, the last is 1
    scores: np.ndarray  # (k, K) of each fold, in printed units; NaN where the metric is undefined
    rows: int  # train rows of a trial, mean over folds
    score: float  # on all train rows, as the board counts it


def twice(curve: Curve | None, metric: Metric) -> Section:
    """Return the section; metric says which way is up."""
    if curve is None:
        reason = "every fit of this run was on the same number of rows; --curve adds fits on fewer"
        return {**left_out("no_curve", reason), "option": "--curve"}
    scores = curve.scores[:, np.isfinite(curve.scores).all(axis=0)]
    if len(scores) < LEAST_POINTS:
        return _too_few("few_points", f"{len(scores)} shares of the train rows have a score", len(scores), LEAST_POINTS)
    if scores.shape[1] < LEAST_FOLDS:
        return _too_few("few_folds", f"{scores.shape[1]} folds have a score", scores.shape[1], LEAST_FOLDS)
    loss = 1.0 - scores if metric.greater_is_better else scores
    fallen = loss[0] - loss[-1]
    if not _is_above_zero(fallen):
        return left_out("no_rise", "more rows have not clearly made the method better so far")
    law = fit_power_law(curve.shares, loss.mean(axis=1))
    gain = float(law(1.0) - law(2.0))
    half = _half_width(curve.shares, loss)
    if 2 * half > fallen.mean():
        return left_out("too_vague", "the learning curve is too uneven to be carried on")
    return _section(curve, law, gain, half, 1.0 if metric.greater_is_better else -1.0)


def _too_few(code: str, found: str, n: int, least: int) -> Section:
    return left_out(code, f"{found}; at least {least} are needed", **{code.removeprefix("few_"): n, "least": least})


def _is_above_zero(fallen: np.ndarray) -> bool:
    """Tell whether the loss has fallen (K,) in folds that share their train rows (Nadeau & Bengio 2003), p < 0.05."""
    K = len(fallen)
    scale = float(np.sqrt(fallen.var(ddof=1) * (1 / K + 1 / (K - 1))))
    mean = float(fallen.mean())
    return mean > 0 and (scale == 0 or float(below(-mean / scale, K - 1)) < 0.05)


def _half_width(shares: np.ndarray, loss: np.ndarray) -> float:
    """Return half the width of the 95 % interval of the gain."""
    rng, K = np.random.default_rng(0), loss.shape[1]
    laws = [fit_power_law(shares, loss[:, rng.integers(K, size=K)].mean(axis=1)) for _ in range(N_BOOTSTRAP)]
    gains = np.array([float(law(1.0) - law(2.0)) for law in laws])
    spread = np.sqrt(gains.var(ddof=1) * K / (K - 1) * (1 + K / (K - 1)))  # resampling K folds loses one in K
    return float(quantile(0.975, K - 1) * spread)


def _section(curve: Curve, law: PowerLaw, gain: float, half: float, up: float) -> Section:
    low, high = max(0.0, gain - half), gain + half
    best = 1.0 if up > 0 else 0.0

    def at(gained: float) -> float:
        """The score with so much gained, no better than the best there is."""
        return up * min(up * (curve.score + up * gained), up * best)

    line = [
        {"share": share, "rows": round(share * curve.rows), "score": at(float(law(1.0) - law(share)))}
        for share in LINE
        if share >= curve.shares[0]
    ]
    return {
        "method": curve.method,
        "rows": curve.rows,
        "rows_then": 2 * curve.rows,
        "score": curve.score,
        "expected": at(gain),
        "low": at(low) if up > 0 else at(high),
        "high": at(high) if up > 0 else at(low),
        "gain": gain,
        "gain_low": low,
        "gain_high": high,
        "law": {"floor": law.floor, "factor": law.factor, "exponent": law.exponent},
        "line": line,
    }
