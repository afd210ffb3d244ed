"""Student's t and the normal law (degrees of freedom may be infinite), without loading scipy.stats."""

import numpy as np

NORMAL_975 = 1.959963984540054  # quantile(0.975, inf)


def below(t: float | np.ndarray, df: float) -> np.ndarray:
    """P(T <= t)."""
    from scipy.special import ndtr, stdtr

    return np.asarray(ndtr(t) if np.isinf(df) else stdtr(df, t))


def two_sided_p(t: float | np.ndarray, df: float) -> np.ndarray:
    """P(|T| >= |t|)."""
    return 2 * below(-np.abs(t), df)


def quantile(share: float, df: float) -> float:
    """The value that T stays below with this probability."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(share) if np.isinf(df) else stdtrit(df, share))
