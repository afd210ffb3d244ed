"""Numbers into at most 255 bins at quantiles, categories into a bin each; bin 0 holds missing values.

XGBoost proposes cuts where a rank weighted by Hessians crosses 1/B, 2/B, … (Chen & Guestrin 2016, section 3.2, eqs. 8 and 9),
anew for each tree; as LightGBM does, we cut once, by the sample weights. A value heavier than a bin's share gets one bin, and
the rest of the bins are dealt among the other values.
"""

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tenon.kernels import compiled, compiled_bare, compiled_bare_inline, i64, u64
from tenon.team import Team
from tenon.trees.table import BLOCK_WIDTH, FEATURE, MISSING, Table

MOST_BINS = 255  # of values; the 256th code of a byte is for missing ones
ROWS_FOR_CUTS = 200_000  # quantiles of more rows would not be seen to differ
_CUT_ROOM = 256
_CELLS_AT_ONCE = 1 << 19  # of a chunk that is turned from rows to columns: it stays in the cache


@dataclass(frozen=True)
class FeatureBins:
    """The bins of one feature: bin b > 0 holds the values in (cuts[b - 2], cuts[b - 1]], or the codes c with bin_of_code[c] =
    b.
    """

    cuts: np.ndarray  # (k - 1,) float64, ascending; empty for categories
    bin_of_code: np.ndarray | None = None  # (n_codes,) uint8 for categories; rare ones may share a bin

    @property
    def n_bins(self) -> int:
        """With the bin of missing values."""
        if self.bin_of_code is not None:
            return int(self.bin_of_code.max(initial=0)) + 1
        return len(self.cuts) + 2

    def threshold(self, cut: int) -> float:
        """Return t such that bins 1 … cut are the values x <= t."""
        if cut == 0:
            return -np.inf
        return float(self.cuts[cut - 1]) if cut <= len(self.cuts) else np.inf

    def codes(self, goes_left: np.ndarray) -> np.ndarray:
        """Return the categories (integer codes) whose bins go left."""
        assert self.bin_of_code is not None
        return np.flatnonzero(goes_left[self.bin_of_code])


def quantile_cuts(values: np.ndarray, weight: np.ndarray, max_bins: int) -> np.ndarray:
    """Return at most max_bins - 1 cuts, float64, between values (n,) so that bins weigh about the same; NaN is left out.

    Each cut is the middle of two neighbouring values. With at most max_bins different values each gets a bin of its own.
    """
    known = ~np.isnan(values)
    values, weight = values[known], weight[known]
    order = np.argsort(values) if weight.min(initial=1.0) != weight.max(initial=1.0) else slice(None)
    values = np.sort(values) if isinstance(order, slice) else values[order]
    last = np.flatnonzero(np.append(values[1:] != values[:-1], True)) if len(values) else np.empty(0, np.int64)
    distinct = values[last].astype(np.float64)
    if len(distinct) > max_bins:
        ends = np.cumsum(weight[order], dtype=np.float64)[last]
        keep = _ends_of_bins(np.diff(ends, prepend=0.0), max_bins)
    else:
        keep = np.arange(len(distinct) - 1)
    below, above = distinct[keep], distinct[keep + 1]
    middle = below / 2 + above / 2
    return np.where(middle < above, middle, below)


def _ends_of_bins(weight: np.ndarray, max_bins: int) -> np.ndarray:
    """Return the distinct values after which a bin ends: where the rank crosses k/B of all, k = 1 … B-1."""
    share = weight.sum() / max_bins
    n_heavy = 0
    while True:  # values heavier than a bin count as one bin, so the others' share shrinks until none is added
        heavy = weight >= share
        if heavy.sum() == n_heavy:
            break
        n_heavy = int(heavy.sum())
        share = weight[~heavy].sum() / max(max_bins - n_heavy, 1)
    rank = np.cumsum(np.minimum(weight, share))
    crosses = np.floor(rank / rank[-1] * max_bins * (1 - 1e-12))
    ends = np.flatnonzero(np.diff(crosses) > 0)
    return np.unique(ends)[: max_bins - 1]


def category_bins(codes: np.ndarray, n_codes: int, max_bins: int, name: str) -> FeatureBins:
    """Give each of n_codes categories a bin; of more than max_bins the most frequent keep theirs and the rest shares the
    last, with a warning.

    codes : (n,) float, whole numbers in [0, n_codes) or NaN.
    """
    if n_codes <= max_bins:
        return FeatureBins(np.empty(0), np.arange(1, n_codes + 1, dtype=np.uint8))
    count = np.bincount(codes[~np.isnan(codes)].astype(np.int64), minlength=n_codes)
    by_count = np.argsort(-count, kind="stable")
    bin_of_code = np.full(n_codes, max_bins, np.uint8)
    bin_of_code[by_count[: max_bins - 1]] = np.arange(1, max_bins)
    warnings.warn(
        f"{name} has {n_codes} categories and max_bins is {max_bins}: the {n_codes - max_bins + 1} rarest are taken as one.",
        stacklevel=2,
    )
    return FeatureBins(np.empty(0), bin_of_code)


def rows_for_cuts(X: np.ndarray) -> np.ndarray:
    """Return the rows (m,) from which cuts are made: all, or about 200,000 chosen by a hash of what they hold.

    So the choice depends on neither the order of rows nor a seed. Where too few different rows exist for that, all are taken.
    """
    if len(X) <= ROWS_FOR_CUTS:
        return np.arange(len(X))
    share = ROWS_FOR_CUTS / len(X)
    chosen = np.flatnonzero(_hashes(np.ascontiguousarray(X).view(np.uint32)) < np.uint64(share * 2**64))
    return chosen if len(chosen) > ROWS_FOR_CUTS / 2 else np.arange(len(X))


@compiled
def _hashes(words: np.ndarray) -> np.ndarray:
    """Return a hash (n,) uint64 of each row of (n, w) uint32 (FNV-1a on words, then the mix of splitmix64)."""
    out = np.empty(len(words), np.uint64)
    for i in range(len(words)):
        x = u64(0xCBF29CE484222325)
        for f in range(words.shape[1]):
            x = (x ^ u64(words[i, f])) * u64(0x100000001B3)
        x = (x ^ (x >> u64(30))) * u64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> u64(27))) * u64(0x94D049BB133111EB)
        out[i] = x ^ (x >> u64(31))
    return out


def find_bins(
    X: np.ndarray, weight: np.ndarray, n_codes: dict[int, int], max_bins: int, names: list[str], team: Team
) -> list[FeatureBins]:
    """Return the bins of each feature of X (n, p) float; n_codes : number of categories of each feature that holds codes."""
    rows = rows_for_cuts(X)
    is_all = len(rows) == len(X)
    sample, sample_weight = (X, weight) if is_all else (X[rows], weight[rows])

    def bins_of(f: int) -> FeatureBins:
        if f in n_codes:
            return category_bins(X[:, f], n_codes[f], max_bins, names[f])
        return FeatureBins(quantile_cuts(sample[:, f], sample_weight, max_bins))

    return team.map(bins_of, range(X.shape[1]))


class Binning(NamedTuple):
    """The bins of all features in arrays, for compiled code; x of the type of the cells."""

    cuts: np.ndarray  # (p, 256) x, filled up with infinity
    code_start: np.ndarray  # (p,) int64: where a categorical feature's codes start in code_bins; -1 for numbers
    code_bins: np.ndarray  # (sum of n_codes,) uint8


def binning_of(bins: list[FeatureBins], dtype: np.dtype) -> Binning:
    """Return the same for cells of float32 or float64; cuts are rounded down, so that x <= cut is the same for every x of that
    type.
    """
    cuts = np.full((len(bins), _CUT_ROOM), np.inf, dtype)
    start = np.full(len(bins), -1, np.int64)
    tables = [np.empty(0, np.uint8)]
    for f, feature in enumerate(bins):
        cuts[f, : len(feature.cuts)] = round_down(feature.cuts, dtype)
        if feature.bin_of_code is not None:
            start[f] = sum(map(len, tables))
            tables.append(feature.bin_of_code)
    return Binning(cuts, start, np.concatenate(tables))


def round_down(x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return the largest numbers of a float type that are not above x."""
    with np.errstate(over="ignore"):
        rounded = x.astype(dtype)
    return np.where(rounded > x, np.nextafter(rounded, dtype.type(-np.inf)), rounded)


@compiled_bare_inline
def _bin_of(x: float, cuts: np.ndarray) -> int:
    """Return 1 + the number of cuts below x, by a search without branches over 255 cuts; 0 for NaN."""
    at = i64(0)
    step = i64(128)
    while step > 0:
        at += step if cuts[at + step - 1] < x else 0
        step >>= 1
    return at + 1 if x == x else MISSING


@compiled_bare
def bin_chunk(
    cells: np.ndarray, binning: Binning, first_row: int, width: int, columns: np.ndarray, bytes_of_blocks: np.ndarray
) -> None:
    """Write the bins of cells, (p, m), into columns (p, n) uint8 and bytes_of_blocks (n_blocks, n, 16) uint8 from first_row
    on.
    """
    p, m = cells.shape
    for f in range(p):
        start, block, place = binning.code_start[f], f // width, f % width
        for i in range(m):
            if start < 0:
                b = _bin_of(cells[f, i], binning.cuts[f])
            else:
                b = i64(binning.code_bins[start + i64(cells[f, i])]) if cells[f, i] == cells[f, i] else MISSING
            columns[f, first_row + i] = b
            bytes_of_blocks[block, first_row + i, place] = b


def bin_table(X: np.ndarray, bins: list[FeatureBins], width: int, team: Team) -> Table:
    """Return the rows of X (n, p) float as a table in which each feature is a column."""
    n, p = X.shape
    columns = np.empty((p, n), np.uint8)
    blocks = np.zeros((-(-p // width), n, BLOCK_WIDTH), np.uint8)
    binning = binning_of(bins, X.dtype)
    step = max(1, _CELLS_AT_ONCE // p)

    def fill(start: int) -> None:
        cells = np.ascontiguousarray(X[start : start + step].T)
        bin_chunk(cells, binning, start, width, columns, blocks)

    team.map(fill, range(0, n, step))
    return Table(blocks.reshape(len(blocks), -1).view(np.uint64), columns, width)


def plain_features(bins: list[FeatureBins]) -> np.ndarray:
    """Return features each of which is a column of its own, (p,) FEATURE, but for its offset."""
    features = np.zeros(len(bins), FEATURE)
    features["column"] = np.arange(len(bins))
    features["n_bins"] = [feature.n_bins for feature in bins]
    features["is_categorical"] = [feature.bin_of_code is not None for feature in bins]
    return features
