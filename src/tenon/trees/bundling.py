"""Exclusive feature bundling (Ke et al. 2017, LightGBM, section 4, algorithms 3 and 4): sparse features share a column.

Features that are never non-zero in the same row are put into one column, in which each has codes of its own; code 0 means
that all of them are zero. We bundle only what is wholly exclusive, so the trees are the same as without. Zero is here a
feature's most frequent bin.
"""

import numpy as np
from scipy.sparse import csc_matrix

from tenon.kernels import compiled, i64, u64
from tenon.team import Team
from tenon.trees.binning import FeatureBins, quantile_cuts
from tenon.trees.table import BLOCK_WIDTH, FEATURE, MISSING, N_CODES, Table, histogram_offset

MOST_TRIES = 100  # open bundles looked at for each feature, the latest first
LEAST_ZEROS = 0.8  # share of rows at zero from which a feature of a dense table may be bundled
_ROWS_LOOKED_AT = 10_000


@compiled
def assign_bundles(indptr: np.ndarray, indices: np.ndarray, n_codes: np.ndarray, order: np.ndarray, n_rows: int) -> np.ndarray:
    """Return the bundle (p,) of each feature, greedily in the given order: the first that is free in all of its non-zero rows.

    indptr, indices : the non-zero rows of feature f are indices[indptr[f] : indptr[f + 1]]; n_codes : (p,) codes that each needs.
    """
    p, n_words = len(order), (n_rows + 63) // 64
    taken = np.zeros((p, n_words), np.uint64)
    free_codes = np.full(p, N_CODES - 1)
    bundle_of = np.empty(p, np.int64)
    n_bundles = i64(0)
    for f in order:
        chosen = n_bundles
        for bundle in range(n_bundles - 1, max(n_bundles - MOST_TRIES, 0) - 1, -1):
            if n_codes[f] <= free_codes[bundle] and _is_free(taken[bundle], indices[indptr[f] : indptr[f + 1]]):
                chosen = bundle
                break
        n_bundles = max(n_bundles, chosen + 1)
        bundle_of[f] = chosen
        free_codes[chosen] -= n_codes[f]
        for row in indices[indptr[f] : indptr[f + 1]]:
            taken[chosen, row >> 6] |= u64(1) << u64(row & 63)
    return bundle_of


@compiled
def _is_free(taken: np.ndarray, rows: np.ndarray) -> bool:
    for row in rows:
        if (taken[row >> 6] >> u64(row & 63)) & u64(1):
            return False
    return True


def bundled_features(
    indptr: np.ndarray, indices: np.ndarray, bins: list[FeatureBins], zero_bin: np.ndarray, may_bundle: np.ndarray, n_rows: int
) -> np.ndarray:
    """Return where each feature lies, (p,) FEATURE, but for its offset; those that may not be bundled get a column of their
    own.
    """
    features = np.zeros(len(bins), FEATURE)
    features["n_bins"] = [feature.n_bins for feature in bins]
    features["is_categorical"] = [feature.bin_of_code is not None for feature in bins]
    features["zero_bin"] = zero_bin
    n_codes = np.where(may_bundle, np.maximum(features["n_bins"] - 2, 0), N_CODES - 1).astype(np.int64)
    order = np.argsort(-np.diff(indptr), kind="stable")
    features["column"] = assign_bundles(indptr, indices, n_codes, order, n_rows)
    size = np.bincount(features["column"])[features["column"]]
    next_code = np.ones(features["column"].max() + 1, np.int64)
    for f in np.flatnonzero((size > 1) & may_bundle):
        features["first_code"][f] = next_code[features["column"][f]]
        next_code[features["column"][f]] += n_codes[f]
    return features


def codes_of_bins(bins: np.ndarray, feature: np.void) -> np.ndarray:
    """Return the codes in its column of a feature's bins other than its zero bin; missing values count as zero in a bundle."""
    if feature["first_code"] == 0:
        return bins
    codes = feature["first_code"] + bins.astype(np.int64) - 1 - (bins > feature["zero_bin"])
    return np.where(bins == MISSING, 0, codes).astype(np.uint8)


def pack_dense(plain: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Return the columns (n_columns, n) uint8 of features whose bins are plain, (p, n) uint8."""
    columns = np.zeros((features["column"].max() + 1, plain.shape[1]), np.uint8)
    for bins, feature in zip(plain, features, strict=True):
        rows = np.flatnonzero(bins != feature["zero_bin"]) if feature["first_code"] else slice(None)
        columns[feature["column"], rows] = codes_of_bins(bins[rows], feature)
    return columns


def sparse_bins(X: csc_matrix, weight: np.ndarray, max_bins: int, team: Team) -> list[FeatureBins]:
    """Return the bins of each column of X (n, p); what it does not hold is zero."""

    def bins_of(f: int) -> FeatureBins:
        rows, values = X.indices[X.indptr[f] : X.indptr[f + 1]], X.data[X.indptr[f] : X.indptr[f + 1]]
        heavy = max(weight.sum() - weight[rows].sum(), 0.0)  # what all zeros weigh
        has_zeros = len(rows) < X.shape[0]
        values, weights = np.append(values, [0.0] * has_zeros), np.append(weight[rows], [heavy] * has_zeros)
        return FeatureBins(quantile_cuts(values, weights, max_bins))

    return team.map(bins_of, range(X.shape[1]))


def sparse_columns(X: csc_matrix, bins: list[FeatureBins], features: np.ndarray) -> np.ndarray:
    """Return the columns (n_columns, n) uint8 of the rows of X."""
    columns = np.zeros((features["column"].max() + 1, X.shape[0]), np.uint8)
    for f, feature in enumerate(features):
        if feature["first_code"] == 0:
            columns[feature["column"]] = feature["zero_bin"]
        rows, cells = X.indices[X.indptr[f] : X.indptr[f + 1]], bins_of_cells(X.data[X.indptr[f] : X.indptr[f + 1]], bins[f])
        kept = cells != feature["zero_bin"]
        columns[feature["column"], rows[kept]] = codes_of_bins(cells[kept], feature)
    return columns


def bins_of_cells(cells: np.ndarray, feature: FeatureBins) -> np.ndarray:
    """Return the bins (n,) uint8 of numbers (n,)."""
    return np.where(np.isnan(cells), MISSING, 1 + np.searchsorted(feature.cuts, cells, side="left")).astype(np.uint8)


def bundle_sparse(X: csc_matrix, bins: list[FeatureBins]) -> np.ndarray:
    """Return where each column of X lies, (p,) FEATURE; those with missing values are not bundled."""
    zero_bin = np.array([bins_of_cells(np.zeros(1), feature)[0] for feature in bins], np.int64)
    has_missing = np.zeros(X.shape[1], bool)
    has_missing[np.repeat(np.arange(X.shape[1]), np.diff(X.indptr))[np.isnan(X.data)]] = True
    return bundled_features(X.indptr.astype(np.int64), X.indices, bins, zero_bin, ~has_missing, X.shape[0])


def bundle_dense(plain: np.ndarray, bins: list[FeatureBins]) -> np.ndarray | None:
    """Return the same for the binned columns of a dense table, plain (p, n) uint8, or None if no two of them can be bundled."""
    looked_at = plain[:, :: max(1, plain.shape[1] // _ROWS_LOOKED_AT)]
    counts = np.stack([np.bincount(column, minlength=N_CODES) for column in looked_at])
    zero_bin = counts.argmax(axis=1)
    may_bundle = (counts.max(axis=1) >= LEAST_ZEROS * looked_at.shape[1]) & (zero_bin != MISSING)
    may_bundle &= [feature.bin_of_code is None for feature in bins]
    for f in np.flatnonzero(may_bundle):
        may_bundle[f] = plain[f].min() != MISSING
    if may_bundle.sum() < 2:
        return None
    rows = [np.flatnonzero(plain[f] != zero_bin[f]) if may_bundle[f] else np.empty(0, np.int64) for f in range(len(plain))]
    indptr = np.cumsum([0, *map(len, rows)])
    features = bundled_features(indptr, np.concatenate(rows), bins, zero_bin, may_bundle, plain.shape[1])
    return features if features["first_code"].any() else None


def table_of_columns(columns: np.ndarray, width: int) -> Table:
    """Return columns (n_columns, n) uint8 as a table, with the bins of each row side by side."""
    n_columns, n = columns.shape
    blocks = np.zeros((-(-n_columns // width), n, BLOCK_WIDTH), np.uint8)
    for c in range(n_columns):
        blocks[c // width, :, c % width] = columns[c]
    return Table(blocks.reshape(len(blocks), -1).view(np.uint64), columns, width)


def place_in_blocks(features: np.ndarray, width: int) -> np.ndarray:
    """Return the features with the offset of their columns' sums in a histogram."""
    placed = features.copy()
    placed["offset"] = histogram_offset(features["column"], width)
    return placed
