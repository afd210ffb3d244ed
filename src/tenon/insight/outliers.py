"""Residuals far beyond those of rows with like predictions, by median and median absolute deviation (Hampel 1974)."""

import numpy as np

from tenon.insight.bins import bins_along

FAR = 6.0  # robust standard deviations; of a million normal residuals none is beyond
ROWS_PER_BIN = 30


def robust_z(errors: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return (n,) residuals in robust standard deviations of the rows with like predictions (bins of equal mass).

    The deviation of a bin is at least half of that of all rows: a bin whose rows are nearly all predicted right has none.
    """
    place = bins_along(predicted, ROWS_PER_BIN)
    least, z = 0.5 * deviation(errors), np.zeros(len(errors))
    for b in np.unique(place):
        at = np.flatnonzero(place == b)
        scale = max(deviation(errors[at]), least)
        z[at] = (errors[at] - np.median(errors[at])) / scale if scale > 0 else 0.0
    return z


def deviation(values: np.ndarray) -> float:
    """Return 1.4826 median absolute deviations: the standard deviation of normal values.

    >>> round(deviation(np.array([1.0, 2.0, 3.0, 4.0, 100.0])), 4)
    1.4826
    """
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
