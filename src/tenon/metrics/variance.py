"""How uncertain the levels of a board are: row variance, training noise, fold excess.

The variance of a cross-validated difference over fresh data exceeds the variance over rows, since the models change
too. Repeats show by how much: `training noise` is what a row's contribution varies between repeats. No unbiased
estimate exists (Bengio & Grandvalet 2004); how much of the noise is added (`Metric.kappa`) was calibrated by simulation.
"""

from dataclasses import dataclass

import numpy as np

from tenon.metrics.evidence import Evidence

SINGLE_SPLIT = 1.25  # inflation of the row variance where one split is all there is


@dataclass(frozen=True)
class Spread:
    """Variances and covariances of the levels of m methods; every array is (m, m)."""

    S: np.ndarray  # covariance of the levels
    pair: np.ndarray  # variance of each difference of two levels, floor included
    excess: np.ndarray  # what the folds show beyond it
    is_same: np.ndarray  # bool: the two methods contribute the same in every row and repeat
    nu: float  # degrees of freedom; may be infinite

    @property
    def scale(self) -> np.ndarray:
        """(m, m) standard error of each difference."""
        return np.sqrt(self.pair + self.excess)


def spread_of(evidence: Evidence) -> Spread:
    """Return all the board test needs to know about the spread of the levels."""
    S = board_variance(evidence)
    excess = fold_excess(evidence) if evidence.question == "method" else np.zeros_like(S)
    pair = pair_variance(S, _floor(evidence))
    gaps = evidence.level[:, None] - evidence.level[None, :]
    is_rounding = pair + excess <= (1e-10 * gaps) ** 2  # a constant difference, but for float64
    pair[is_rounding] = excess[is_rounding] = 0.0
    return Spread(S, pair, excess, same_contributions(evidence), _degrees(evidence))


def _floor(evidence: Evidence) -> np.ndarray | float:
    """One imagined row on which two methods disagree, of those on which they are compared; for 0/1 metrics."""
    if not evidence.metric.is_zero_one:
        return 0.0
    if evidence.one_split is None:
        return evidence.n_rows**-2
    return np.where(on_one_split(evidence), evidence.one_split.n_rows**-2, evidence.n_rows**-2)


def _degrees(evidence: Evidence) -> float:
    """Those of the variance over units; macro-F1 hangs on the rows of the rarest class, so no more than these allow.

    Methods that ran on one split lower them for the whole board, since one draw stands for all pairs.
    """
    df, share = (evidence.df, 1.0) if evidence.one_split is None else (evidence.one_split.df, evidence.one_split.share)
    if not evidence.metric.is_macro:
        return df
    return max(3.0, min(df, share * evidence.fewest - 1.0))


def on_one_split(evidence: Evidence) -> np.ndarray:
    """(m, m) bool: pairs of which one method at least is known from one split only."""
    return np.logical_or.outer(evidence.is_dear, evidence.is_dear)


def unit_sums(evidence: Evidence) -> np.ndarray:
    """(R, units, m): contributions about their mean, summed over the rows of each group; rows themselves without groups."""
    centred = evidence.psi - evidence.psi.mean(axis=1, keepdims=True)
    if evidence.groups is None:
        return centred
    order = np.argsort(evidence.groups, kind="stable")
    starts = np.searchsorted(evidence.groups[order], np.arange(evidence.groups.max() + 1))
    return np.add.reduceat(centred[:, order], starts, axis=1)


def _mean_covariance(sums: np.ndarray, evidence: Evidence) -> np.ndarray:
    """(units, m) sums about the mean -> (m, m) covariance of the means over all rows."""
    n_units = len(sums)
    return sums.T @ sums * (n_units / max(1, n_units - evidence.n_centred) / len(evidence.y) ** 2)


def row_variance(evidence: Evidence) -> np.ndarray:
    """S1, (m, m): covariance over rows (or groups) of the levels of one repeat, mean over repeats."""
    sums = unit_sums(evidence)
    return np.mean([_mean_covariance(of_repeat, evidence) for of_repeat in sums], axis=0)


def averaged_variance(evidence: Evidence) -> np.ndarray:
    """SR, (m, m): covariance over rows (or groups) of the levels averaged over repeats."""
    return _mean_covariance(unit_sums(evidence).mean(axis=0), evidence)


def training_noise(evidence: Evidence) -> np.ndarray:
    """W, (m, m), positive semi-definite: what a level varies between repeats beyond the choice of rows. Zero if R = 1."""
    n_repeats = len(evidence.psi)
    if n_repeats == 1:
        return np.zeros((len(evidence.names),) * 2)
    return (row_variance(evidence) - averaged_variance(evidence)) * n_repeats / (n_repeats - 1)


def board_variance(evidence: Evidence) -> np.ndarray:
    """S, (m, m): SR + kappa W.

    With one repeat the noise is unknown: S1 (1 + K / (K - 1)), or 1.25 S1 with one split only. Fixed models, and those of
    one history, have no noise to add: S1.
    """
    if evidence.question == "method" and len(evidence.psi) > 1:
        return averaged_variance(evidence) + evidence.metric.kappa * training_noise(evidence)
    S1 = row_variance(evidence)
    if evidence.question != "method":
        return S1
    K = evidence.n_folds
    return S1 * (1 + K / (K - 1) if K > 1 else SINGLE_SPLIT)


def pair_variance(S: np.ndarray, floor: np.ndarray | float = 0.0) -> np.ndarray:
    """V, (m, m): variance of each difference of two levels; zero on the diagonal.

    floor : added to every pair; for 0/1 metrics 1 / n^2, one imagined row on which the two disagree.
    """
    own = S.diagonal()
    V = own[:, None] + own[None, :] - 2 * S
    V[V < 1e-12 * (own[:, None] + own[None, :])] = 0.0  # what cancellation in float64 leaves of an exact zero
    V += floor
    np.fill_diagonal(V, 0.0)
    return V


def fold_excess(evidence: Evidence) -> np.ndarray:
    """X, (m, m): what fold differences vary beyond row variance, over J; catches fits that are a lottery.

    Unknown, and 0, where a method ran on one split.
    """
    n_fits = len(evidence.folds)
    if n_fits < 2:
        return np.zeros((len(evidence.names),) * 2)
    of_folds = pair_variance(np.atleast_2d(np.cov(evidence.folds, rowvar=False)))
    expected = evidence.n_folds * pair_variance(row_variance(evidence))
    return np.where(on_one_split(evidence), 0.0, np.maximum(0.0, of_folds - expected) / n_fits)


def same_contributions(evidence: Evidence) -> np.ndarray:
    """(m, m) bool: True where two methods contribute exactly the same in every row and repeat."""
    seen: dict[bytes, int] = {}
    kind = [seen.setdefault(np.ascontiguousarray(evidence.psi[:, :, j]).tobytes(), j) for j in range(len(evidence.names))]
    return np.equal.outer(kind, kind)


def discordant_rows(evidence: Evidence) -> np.ndarray:
    """(m, m) float: rows on which exactly one of two methods is right, mean over repeats; for 0/1 metrics."""
    mean = evidence.psi.mean(axis=1, keepdims=True)  # with weights a right row stands above it, a wrong one below
    right = ((evidence.psi >= mean) & (evidence.psi > 0)).astype(float)
    both = np.mean([of_repeat.T @ of_repeat for of_repeat in right], axis=0)
    own = both.diagonal()
    found = own[:, None] + own[None, :] - 2 * both
    return found if evidence.one_split is None else np.where(on_one_split(evidence), evidence.one_split.discordant, found)
