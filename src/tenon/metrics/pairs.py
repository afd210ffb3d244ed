"""Tests of two methods: the cross-check of a board, and those for two fixed models on one set of rows.

Only `nadeau_bengio` asks about methods trained afresh; all others keep the models fixed and ask about other rows.
"""

from dataclasses import dataclass

import numpy as np

from tenon.metrics.curves import placements
from tenon.metrics.student import two_sided_p

FEW_DISCORDANT = 25  # below this many discordant rows McNemar's test is exact


@dataclass(frozen=True)
class Tested:
    """A difference with its t- or z-test: statistic, standard error, degrees of freedom (inf for z), p."""

    difference: float
    statistic: float
    scale: float
    df: float
    p: float


def t_test(difference: float, variance: float, df: float) -> Tested:
    """Test "the difference is 0" with Student's t. Without variance p is 1: nothing is known about other rows."""
    scale = float(np.sqrt(variance))
    t = difference / scale if scale > 1e-10 * abs(difference) else 0.0  # less is rounding of an exact 0
    return Tested(float(difference), float(t), scale, float(df), float(two_sided_p(t, df)))


def nadeau_bengio(differences: np.ndarray, n_folds: int) -> Tested:
    """The corrected resampled t-test (Nadeau & Bengio 2003) on the differences of J = K R folds; K >= 2, J >= 2.

    The variance is (1/J + 1/(K-1)) s^2, since the train rows of different folds overlap; df = J - 1.
    """
    n = len(differences)
    return t_test(float(differences.mean()), (1 / n + 1 / (n_folds - 1)) * float(differences.var(ddof=1)), n - 1)


def nadeau_bengio_p(folds: np.ndarray, n_folds: int) -> np.ndarray:
    """Return (m, m) p of that test for every pair of methods; folds: (J, m) scores of each fold."""
    return np.array([[nadeau_bengio(a - b, n_folds).p for b in folds.T] for a in folds.T])


def mcnemar(b: int, c: int) -> float:
    """Exact two-sided p of b against c discordant rows (McNemar 1947): binomial with probability one half."""
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(b, c), b + c, 0.5)))


def delong(y: np.ndarray, score_a: np.ndarray, score_b: np.ndarray) -> Tested:
    """Compare two AUCs on the same rows (DeLong et al. 1988): z-test, df infinite. y: (n,) int, 1 = positive."""
    (auc_a, placed_a), (auc_b, placed_b) = placements(y, score_a), placements(y, score_b)
    return t_test(auc_a - auc_b, delong_variance(y, placed_a - placed_b), np.inf)


def delong_variance(y: np.ndarray, placed: np.ndarray) -> float:
    """Variance of an AUC (or a difference of two) from the placements (n,) of its rows."""
    positives, negatives = placed[y == 1], placed[y != 1]
    return float(positives.var(ddof=1) / len(positives) + negatives.var(ddof=1) / len(negatives))


def holm(p: np.ndarray) -> np.ndarray:
    """Return p-values (k,) corrected for k tests, step-down (Holm 1979).

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1.0, stepped)
    return corrected
