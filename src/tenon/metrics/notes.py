"""What a reader of a board should be careful about, one sentence each."""

import numpy as np

from tenon.metrics.evidence import Evidence, undefined_for
from tenon.metrics.variance import Spread

HEAVY_TAIL = 50.0  # kurtosis of squared errors


def notes_on(evidence: Evidence, spread: Spread) -> tuple[str, ...]:
    """Return the notes of this board; most boards have none."""
    found = _left_out(evidence), _skipped(evidence), _rare(evidence), _heavy(evidence), _constant(evidence, spread)
    return tuple(note for note in found if note)


def _left_out(evidence: Evidence) -> str:
    per = evidence.per
    if per is None or not per.n_left_out:
        return ""
    most = ", more than half" if 2 * per.n_left_out > per.n_groups else ""
    why, _ = undefined_for(evidence.metric)
    return (
        f"{evidence.metric.title} leaves out {per.n_left_out:,} of {per.n_groups:,} groups{most}, with "
        f"{per.n_rows_left_out:,} rows ({why} in every fold): it speaks of the other "
        f"{per.n_groups - per.n_left_out:,} groups alone."
    )


def _skipped(evidence: Evidence) -> str:
    n_folds = evidence.n_folds * len(evidence.psi)
    n_skipped = n_folds - len(evidence.folds)
    if n_skipped <= 0:
        return ""
    title, why = evidence.metric.title, undefined_for(evidence.metric)[0]
    return f"{title} is undefined in {n_skipped} of {n_folds} folds ({why}): left out for all methods."


def _rare(evidence: Evidence) -> str:
    if not evidence.metric.is_macro:
        return ""
    if evidence.fewest >= 2 * evidence.n_folds:
        return ""
    return f"the rarest class has {evidence.fewest} rows, fewer than two a fold: macro-F1 hangs on single rows."


def _heavy(evidence: Evidence) -> str:
    if evidence.metric.name not in ("rmse", "r2"):
        return ""
    losses = evidence.psi.mean(axis=0)[:, ~evidence.is_dear] if evidence.one_split else evidence.psi.mean(axis=0)
    centred = losses - losses.mean(axis=0)
    variance = np.square(centred).mean(axis=0)
    kurtosis = np.divide((centred**4).mean(axis=0), variance**2, out=np.zeros_like(variance), where=variance > 0)
    if kurtosis.max() <= HEAVY_TAIL:
        return ""
    return f"a few rows make most of the squared error (kurtosis {kurtosis.max():.0f}): compare by MAE, too (--metric mae)."


def _constant(evidence: Evidence, spread: Spread) -> str:
    apart = (spread.scale == 0) & ~spread.is_same & (evidence.level[:, None] != evidence.level[None, :])
    if not apart.any():
        return ""
    a, b = np.argwhere(apart)[0]
    names = evidence.names[a], evidence.names[b]
    return f"{names[0]} and {names[1]} differ by the same amount in every row, so nothing can be said about other rows."
