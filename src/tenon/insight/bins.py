"""Rows in bins of equal mass along one figure, as calibration and residuals are looked at."""

import numpy as np

N_BINS = 10


def bins_along(values: np.ndarray, rows_per_bin: int) -> np.ndarray:
    """Return the bin of each row, (n,) int from 0 on, rising with `values`: at most N_BINS of about equally many rows.

    Equal values share a bin, so that some may be empty; with few rows there are fewer bins, of `rows_per_bin` or more.

    >>> bins_along(np.array([0.1, 0.9, 0.2, 0.8]), rows_per_bin=2).tolist()
    [0, 1, 0, 1]
    """
    n_bins = max(1, min(N_BINS, len(values) // rows_per_bin))
    return np.searchsorted(np.quantile(values, np.arange(1, n_bins) / n_bins), values)
