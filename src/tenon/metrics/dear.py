"""Methods that ran on one split, on a board whose other methods ran on all folds.

A score on one split must not stand beside means over all folds: that split's rows may be easy. Where enough cheap methods
ran on everything, they serve as control variates: the dear method's contributions are regressed on theirs, row by row of
the split, and its level over all rows is told by what is known of them (control variates; Nelson 1990, "Control variate
remedies", Operations Research 38). What the regression leaves is noise of its own, which the other methods do not share.
Else all methods are compared on the rows of the split alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tenon.metrics.evidence import Evidence, OneSplit
from tenon.metrics.variance import SINGLE_SPLIT, discordant_rows

RIDGE = 1e-3  # of the mean variance of the cheap methods' rows
FEWEST_CHEAP = 3  # with fewer methods on all folds there is little to adjust by
FEWEST_DF = 10  # degrees of freedom that the regression must leave


@dataclass(frozen=True)
class Adjusted:
    """What a dear method's contributions over all rows would be, told from one split; everything on the test scale."""

    level: float  # over all rows
    beta: np.ndarray  # (c,) weight of each cheap method
    shift: float  # what is added to the weighted contributions
    residuals: np.ndarray  # (n_k,) what the cheap methods do not explain of the split's rows; mean 0


def beside(folds: Evidence, split: Evidence) -> Evidence:
    """Return the evidence on all methods of a board of which some ran on one split only.

    folds : the methods that ran on all folds.    split : every method on the rows of the one split that all share, in the
    order of the board.
    With control variates the dear methods get contributions of their own on all rows, whose mean and variance are those of
    their adjusted levels; everything that is said of a board then holds for them too. In time order, with fewer than three
    methods on all folds, or too few rows in the split, the evidence is that of the split.
    """
    df = split.df - len(folds.names)
    if folds.question != "method" or not can_adjust(len(folds.names), split.df):
        return split
    cheap = [split.names.index(name) for name in folds.names]
    dear = [j for j in range(len(split.names)) if j not in cheap]
    rows = split.psi[0]
    adjusted = [control_variates(rows[:, j], rows[:, cheap], folds.level) for j in dear]
    beta, shift = np.column_stack([one.beta for one in adjusted]), np.array([one.shift for one in adjusted])

    def of_board(of_cheap: np.ndarray, of_dear: np.ndarray) -> np.ndarray:
        """(..., c) and (..., d) -> (..., m), in the order of the board."""
        return np.concatenate([of_cheap, of_dear], axis=-1)[..., np.argsort(cheap + dear)]

    return replace(
        folds,
        names=split.names,
        level=of_board(folds.level, _possible(np.array([one.level for one in adjusted]), folds)),
        psi=of_board(folds.psi, folds.psi @ beta + shift + _own_noise(adjusted, folds, split)),
        folds=of_board(folds.folds, folds.folds @ beta + shift),
        one_split=OneSplit(
            is_dear=np.isin(np.arange(len(split.names)), dear),
            n_rows=split.n_rows,
            share=len(split.y) / len(folds.y),
            df=df,
            discordant=discordant_rows(split),
        ),
    )


def can_adjust(n_cheap: int, df: float) -> bool:
    """Tell whether so many methods on all folds can tell of the others. df : degrees of freedom of the split that all share."""
    return n_cheap >= FEWEST_CHEAP and df - n_cheap >= FEWEST_DF


def control_variates(dear: np.ndarray, cheap: np.ndarray, cheap_level: np.ndarray) -> Adjusted:
    """Adjust a dear method's level by how hard its split was for methods whose levels over all rows are known.

    dear : (n_k,) and cheap : (n_k, c) contributions on the split's rows.    cheap_level : (c,) levels over all folds.
    """
    centred, n = cheap - cheap.mean(axis=0), len(dear)
    covariance = centred.T @ centred / n
    penalty = RIDGE * np.trace(covariance) / len(covariance)
    right = centred.T @ (dear - dear.mean()) / n
    beta = np.linalg.lstsq(covariance + penalty * np.eye(len(covariance)), right, rcond=None)[0]
    shift = float(dear.mean() - beta @ cheap.mean(axis=0))
    return Adjusted(float(beta @ cheap_level) + shift, beta, shift, (dear - dear.mean()) - centred @ beta)


def _own_noise(adjusted: Sequence[Adjusted], folds: Evidence, split: Evidence) -> np.ndarray:
    """(n, d) contributions of mean 0 whose mean over all n rows has the variance that the residuals give the levels.

    The residuals stand on the rows of the split. u / (u - 1 - c) makes their variance unbiased, u units and c weights, and
    (u - 2) / (u - 2 - c) is what not knowing the weights costs (the "loss factor", for normal contributions).
    """
    u, c, n, n_split = split.n_units, len(folds.names), len(folds.y), len(split.y)
    own = np.zeros((n, len(adjusted)))
    own[np.searchsorted(folds.rows, split.rows)] = np.column_stack([one.residuals for one in adjusted])
    return own * (n / n_split * np.sqrt(SINGLE_SPLIT * u / (u - 1 - c) * (u - 2) / (u - 2 - c)))


def _possible(level: np.ndarray, evidence: Evidence) -> np.ndarray:
    """The levels, where an adjustment went beyond it at the end of the scale: no loss is below 0, no share outside [0, 1]."""
    metric = evidence.metric
    return np.clip(level, 0.0 if metric.is_share or metric.is_zero_one else -np.inf, 1.0 if metric.greater_is_better else 0.0)
