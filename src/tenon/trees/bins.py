"""The columns of a forest as bins of a byte: 0 for missing, 1 … 255 for values in their order, or a category each.

A forest tries a few columns in each of very many nodes; counting bytes is several times as fast there as sorting numbers, and
255 quantiles lose nothing that can be measured. Columns with at most 255 different values lose nothing at all.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse

from tenon.trees.binning import FeatureBins, category_bins, quantile_cuts, rows_for_cuts
from tenon.trees.inputs import Matrix

MISSING = 0


class Binned(NamedTuple):
    """n rows of p columns. Dense: `bins` holds all, (p n,) column after column, and start is empty. Sparse: the cells that are
    not 0."""

    bins: np.ndarray  # uint8
    row: np.ndarray  # int32, for sparse columns: the row of each cell, ascending within a column
    start: np.ndarray  # (p + 1,) int64, for sparse columns: where each column's cells begin
    zero_bin: np.ndarray  # (p,) uint8, for sparse columns: the bin of all other rows
    column: np.ndarray  # int32, for sparse columns: the column of each cell, row after row
    row_start: np.ndarray  # (n + 1,) int64, for sparse columns: where each row's cells begin
    n_rows: int


def binned(
    X: Matrix, n_categories: np.ndarray, weight: np.ndarray, max_bins: int, n_threads: int
) -> tuple[Binned, list[FeatureBins]]:
    """Return the columns in bins, and the bins of each column.

    X: (n, p) float64, dense or CSC without stored zeros, NaN missing; n_categories: (p,) 0 for numbers.
    """
    if issparse(X):
        return _binned_sparse(X, max_bins)
    columns = np.asfortranarray(X)
    chosen = rows_for_cuts(X)
    n, p = X.shape
    bins = np.empty((p, n), np.uint8)

    def bin_column(j: int) -> FeatureBins:
        x = columns[:, j]
        if n_categories[j] > 0:
            found = category_bins(x, int(n_categories[j]), max_bins, f"column {j}")
            assert found.bin_of_code is not None
            known = ~np.isnan(x)
            bins[j] = MISSING
            bins[j, known] = found.bin_of_code[x[known].astype(np.int64)]
            return found
        found = FeatureBins(quantile_cuts(x[chosen], weight[chosen], max_bins))
        bins[j] = np.searchsorted(found.cuts, x) + 1  # NaN sorts behind all, and is put right below
        bins[j, np.isnan(x)] = MISSING
        return found

    with ThreadPoolExecutor(n_threads) as pool:
        features = list(pool.map(bin_column, range(p)))
    nothing = np.empty(0, np.int64)
    no_cell = np.empty(0, np.int32)
    return Binned(bins.ravel(), no_cell, nothing, np.empty(0, np.uint8), no_cell, nothing, n), features


def _binned_sparse(X: Any, max_bins: int) -> tuple[Binned, list[FeatureBins]]:
    """Zero gets a bin of its own, the other cells up to max_bins - 1 quantile bins."""
    n, p = X.shape
    bins, zero_bin, features = np.empty(X.nnz, np.uint8), np.empty(p, np.uint8), []
    for j in range(p):
        cells = slice(X.indptr[j], X.indptr[j + 1])
        x = X.data[cells]
        distinct = np.unique(np.append(x[~np.isnan(x)], 0.0))
        if len(distinct) <= max_bins:
            cuts = distinct[:-1] / 2 + distinct[1:] / 2
        else:
            cuts = quantile_cuts(np.append(x, 0.0), np.append(np.ones(len(x)), len(x) / max_bins), max_bins)
        bins[cells] = np.searchsorted(cuts, x) + 1
        bins[cells][np.isnan(x)] = MISSING
        zero_bin[j] = np.searchsorted(cuts, 0.0) + 1
        features.append(FeatureBins(cuts))
    by_row, row, start = X.tocsr(), X.indices.astype(np.int32), X.indptr.astype(np.int64)
    return Binned(bins, row, start, zero_bin, by_row.indices.astype(np.int32), by_row.indptr.astype(np.int64), n), features
