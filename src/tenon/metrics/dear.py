"""A dear method that ran on one split, beside cheap ones that ran on all folds.

Its fold score must not stand beside means over all folds. Either both are compared on the rows of the shared split, or
the cheap methods, known on all rows, serve as control variates that take out how hard that split's rows are.
"""

from dataclasses import dataclass

import numpy as np

from tenon.metrics.pairs import Tested, t_test
from tenon.metrics.variance import SINGLE_SPLIT

RIDGE = 1e-3  # of the mean variance of the cheap methods' rows


@dataclass(frozen=True)
class DearEstimate:
    """What a dear method's level over all rows would be, told from one split; everything on the test scale."""

    level: float
    beta: np.ndarray  # (c,) weight of each cheap method
    residual: float  # variance of the part of the level that the cheap methods do not explain
    n_rows: int  # of the split


def shared_split(dear: np.ndarray, cheap: np.ndarray) -> Tested:
    """Compare contributions (n_k,) of the same rows of one split, same train rows; df = n_k - 1.

    For a dear method that draws random numbers the answer holds for this seed.
    """
    differences = dear - cheap
    n = len(differences)
    return t_test(float(differences.mean()), SINGLE_SPLIT * float(differences.var(ddof=1)) / n, n - 1)


def control_variates(dear: np.ndarray, cheap: np.ndarray, cheap_level: np.ndarray) -> DearEstimate:
    """Estimate the dear method's level over all rows.

    dear : (n_k,) and cheap : (n_k, c) contributions on the split's rows, c >= 1 (worth it from 3 on).
    cheap_level : (c,) levels over all folds.
    """
    centred, n = cheap - cheap.mean(axis=0), len(dear)
    covariance = centred.T @ centred / n
    penalty = RIDGE * np.trace(covariance) / len(covariance)
    right = centred.T @ (dear - dear.mean()) / n
    beta = np.linalg.lstsq(covariance + penalty * np.eye(len(covariance)), right, rcond=None)[0]
    residual = (dear - dear.mean()) - centred @ beta
    level = float(dear.mean() - beta @ (cheap.mean(axis=0) - cheap_level))
    return DearEstimate(level, beta, SINGLE_SPLIT * float(residual.var(ddof=1)) / n, n)


def against_cheap(estimate: DearEstimate, cheap_level: np.ndarray, S1: np.ndarray, k: int) -> Tested:
    """Compare the estimate with cheap method k; S1: (c, c) row covariance of the cheap levels; df = n_k - 1."""
    direction = estimate.beta - np.eye(len(S1))[k]
    variance = estimate.residual + SINGLE_SPLIT * float(direction @ S1 @ direction)
    return t_test(estimate.level - float(cheap_level[k]), variance, estimate.n_rows - 1)
