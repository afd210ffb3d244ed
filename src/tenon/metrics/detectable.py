"""The smallest difference that a protocol can detect with 80 % power, and how many rows a wanted answer would need."""

from functools import lru_cache

import numpy as np

from tenon.metrics.maxt import ALPHA
from tenon.metrics.student import NORMAL_975

NORMAL_80 = 0.8416212335729143  # quantile(0.8, inf)
TRAINING_INFLATION = 1.25  # what training adds to the row variance, before anything is known
LIKE_METHODS, UNLIKE_METHODS = 0.5, 0.2  # correlation of the errors of two methods


@lru_cache(maxsize=256)
def range_quantile(m: int) -> float:
    """The bound that the largest of all pair statistics of m equal, independent methods exceeds in 5 % of boards."""
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(1 - ALPHA, m, np.inf) / np.sqrt(2))


def discordance(error: float, correlation: float = LIKE_METHODS) -> float:
    """Guess the share of rows on which exactly one of two methods is right, when each errs on this share of rows."""
    return 2 * error * (1 - error) * (1 - correlation)


def detectable_before(n: int, m: int, d: float) -> float:
    """Smallest difference that a board of m methods on n rows can detect, guessed before anything runs.

    d : n times the variance of a difference. For accuracy the share of rows on which exactly one of two methods is
    right (see `discordance`, error = that of the simplest baseline); for AUC about 0.7 times that share; for a mean
    of losses the variance of a row's difference.
    """
    return (range_quantile(m) + NORMAL_80) * float(np.sqrt(TRAINING_INFLATION * d / n))


def detectable_after(scale: np.ndarray, unit: np.ndarray) -> float | None:
    """Median over pairs of the smallest detectable difference, in printed units; None where no two methods differ.

    scale : (m, m) standard errors of the differences.    unit : (m, m) printed units per unit of the test scale.
    """
    m = len(scale)
    printed = (scale * unit)[np.triu_indices(m, 1)]
    printed = printed[printed > 0]
    return (range_quantile(m) + NORMAL_80) * float(np.median(printed)) if len(printed) else None


def rows_for_same(scale: float, n: float, rope: float) -> int:
    """Rows needed to call two methods the same if the observed difference were 0; scale is the one seen on n rows."""
    return int(np.ceil(n * (scale * NORMAL_975 / rope) ** 2))


def rows_for_difference(difference: float, scale: float, n: float) -> int | None:
    """Rows needed to tell two methods apart with 80 % power if they truly differ by this much; None for no difference."""
    if difference == 0:
        return None
    return int(np.ceil(n * ((NORMAL_975 + NORMAL_80) * scale / difference) ** 2))
