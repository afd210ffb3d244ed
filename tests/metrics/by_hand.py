"""Tests written slowly from their definition, for comparison."""

import numpy as np
from scipy import stats


def cluster_t_p(differences: np.ndarray, groups: np.ndarray) -> float:
    """p of a t-test whose units are groups of rows: their sums about the mean are what varies, one less than groups its df."""
    sums = np.array([(differences[groups == one] - differences.mean()).sum() for one in np.unique(groups)])
    n_groups = len(sums)
    scale = np.sqrt(n_groups / (n_groups - 1) * (sums**2).sum()) / len(differences)
    return float(2 * stats.t.sf(abs(differences.mean()) / scale, n_groups - 1))
