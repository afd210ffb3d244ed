"""Scores of many rows by many trees, as fast as the trees' sizes allow.

Up to 32 leaves on either side of the root: QuickScorer (Lucchese et al. 2015, SIGIR), over 256 rows at a time. A tree's leaves
are bits, from left to right; each node whose test fails clears the leaves of its left subtree; the lowest bit left is the row's
leaf. No row waits for a branch. Of more than 32 leaves, those right of the root are bits of a second word, which is looked at
where the root has cleared the first. Splits on categories are looked up (lookups.py). Larger trees: 256 rows walk down side by
side.
"""

import numpy as np

from tenon.kernels import compiled, compiled_inline, i32, i64, trailing_zeros, u32, u64
from tenon.team import Team, share_of
from tenon.trees.lookups import NUMERIC
from tenon.trees.scorer import GROUPS_OF_SETS, N_GROUPS, Forest, as_type

ROWS_AT_ONCE = 256
_STRIDE = ROWS_AT_ONCE + 16  # of a column's cells: by a power of two, all columns would meet in the same few sets of the cache
_ALL_LEAVES = u32(0xFFFFFFFF)
_CELLS_AT_ONCE = 1 << 22  # of sparse rows made dense


def add_scores(forest: Forest, X: np.ndarray, scores: np.ndarray, team: Team) -> None:
    """Add the values of all trees to scores (n,) float64. X : (n, p) of the type the forest was packed for, or a sparse
    matrix.
    """
    forest = as_type(forest, X.dtype)
    kernel = _add_by_masks if len(forest.mask) else _add_by_walk
    if not isinstance(X, np.ndarray):
        step = max(ROWS_AT_ONCE, _CELLS_AT_ONCE // max(len(forest.used), 1))
        rows = X.tocsr()[:, forest.used]
        every = np.arange(len(forest.used))
        for start in range(0, len(scores), step):
            dense = np.ascontiguousarray(rows[start : start + step].toarray(), forest.threshold.dtype)
            team.run(kernel, forest, every, dense, scores[start : start + step])
        return
    team.run(kernel, forest, forest.used, np.ascontiguousarray(X), scores, alone=len(X) < 1000)


@compiled_inline
def _take_rows(X: np.ndarray, used: np.ndarray, start: int, n: int, cells: np.ndarray) -> None:
    """Write n rows into cells, (q · _STRIDE,), one used feature after the other."""
    for r in range(n):
        for j in range(len(used)):
            cells[j * _STRIDE + r] = X[start + r, used[j]]


@compiled_inline
def _take_places(cells: np.ndarray, n_places: np.ndarray, places: np.ndarray) -> None:
    """Write the places of the rows' categories, of the features that are looked up, (q · _STRIDE,) uint32."""
    for j in range(len(n_places)):
        last = i32(n_places[j] - 1)
        if last > 0:
            for r in range(j * _STRIDE, j * _STRIDE + ROWS_AT_ONCE):
                place = i32(cells[r] if cells[r] == cells[r] else -1.0) + 1
                places[r] = u32(place if place < last else last)


@compiled_inline
def _category_goes_left(x: float, at: int, missing_left: bool, words: np.ndarray) -> bool:
    if not x == x:
        return missing_left
    code = i64(x)
    return code < 32 * i64(words[at]) and (words[at + 1 + (code >> 5)] >> u32(code & 31)) & u32(1) > 0


@compiled
def _add_by_masks(
    me: int, n_threads: int, gate: np.ndarray, forest: Forest, used: np.ndarray, X: np.ndarray, scores: np.ndarray
) -> None:
    """Flat arrays, unsigned places, loops written out: so they become vector code, and no call copies the whole forest."""
    feature, threshold, missing_left = forest.feature, forest.threshold, forest.missing_left
    table, mask, group, value = forest.table, forest.mask, forest.group, forest.value
    lookups, looked_up = forest.lookups.entries, forest.lookups.masks
    start, stop = share_of(len(X), me, n_threads)
    cells = np.zeros(len(used) * _STRIDE, X.dtype)
    places = np.zeros(len(used) * _STRIDE, np.uint32)
    bits = np.empty(2 * ROWS_AT_ONCE, np.uint32)  # of each row, the first words and then the second ones
    leaf = np.empty(ROWS_AT_ONCE, np.uint32)
    for first in range(start, stop, ROWS_AT_ONCE):
        n = min(ROWS_AT_ONCE, stop - first)
        _take_rows(X, used, first, n, cells)
        _take_places(cells, forest.lookups.n_places, places)
        for tree in range(len(group)):
            for r in range(2 * ROWS_AT_ONCE):
                bits[r] = _ALL_LEAVES
            for which in range(GROUPS_OF_SETS):
                word = u64(which // 2 * ROWS_AT_ONCE)
                last = group[tree, which + 1] - 1
                for i in range(group[tree, which], last + 1, 2):  # two at a time: each bit is read and written half as often
                    j = i + 1 if i < last else i
                    x, y = u64(feature[i]) * u64(_STRIDE), u64(feature[j]) * u64(_STRIDE)
                    left_out, most, left_out_too, most_too = mask[i], threshold[i], mask[j], threshold[j]
                    if which % 2:
                        for r in range(u64(ROWS_AT_ONCE)):
                            kept = left_out if cells[x + r] > most else _ALL_LEAVES
                            bits[word + r] &= kept & (left_out_too if cells[y + r] > most_too else _ALL_LEAVES)
                    else:
                        for r in range(u64(ROWS_AT_ONCE)):
                            kept = _ALL_LEAVES if cells[x + r] <= most else left_out
                            bits[word + r] &= kept & (_ALL_LEAVES if cells[y + r] <= most_too else left_out_too)
            for which in range(GROUPS_OF_SETS, N_GROUPS):
                word = u64((which - GROUPS_OF_SETS) * ROWS_AT_ONCE)
                for i in range(group[tree, which], group[tree, which + 1]):
                    x, left_out = u64(feature[i]) * u64(_STRIDE), mask[i]
                    for r in range(u64(ROWS_AT_ONCE)):
                        if not _category_goes_left(cells[x + r], table[i], missing_left[i], forest.words):
                            bits[word + r] &= left_out
            for i in range(forest.lookups.tree_start[tree], forest.lookups.tree_start[tree + 1]):
                lookup = lookups[i]
                word, x = u64(ROWS_AT_ONCE if lookup.is_second else 0), u64(lookup.feature) * u64(_STRIDE)
                first_mask = u64(lookup.start)
                for r in range(u64(ROWS_AT_ONCE)):
                    bits[word + r] &= looked_up[first_mask + u64(places[x + r])]
            n_bits, at = u32(forest.n_bits[tree]), forest.start[tree]
            for r in range(u64(ROWS_AT_ONCE)):
                is_empty = bits[r] == 0
                kept = bits[r + u64(ROWS_AT_ONCE)] if is_empty else bits[r]
                leaf[r] = trailing_zeros(kept) + (n_bits if is_empty else u32(0))
            for r in range(n):
                scores[first + r] += value[at + i64(leaf[r])]


@compiled
def _add_by_walk(
    me: int, n_threads: int, gate: np.ndarray, forest: Forest, used: np.ndarray, X: np.ndarray, scores: np.ndarray
) -> None:
    feature, threshold, missing_left = forest.feature, forest.threshold, forest.missing_left
    table, left, right = forest.table, forest.left, forest.right
    start, stop = share_of(len(X), me, n_threads)
    at = np.empty(ROWS_AT_ONCE, np.int32)
    for first in range(start, stop, ROWS_AT_ONCE):
        n = min(ROWS_AT_ONCE, stop - first)
        for tree in range(len(forest.depth)):
            at[:] = forest.start[tree]
            for _ in range(forest.depth[tree]):
                for r in range(n):
                    i = at[r]
                    x = X[first + r, used[feature[i]]]
                    if table[i] == NUMERIC:
                        goes_left = (x <= threshold[i]) | (missing_left[i] & (not x == x))
                    else:
                        goes_left = _category_goes_left(x, table[i], missing_left[i], forest.words)
                    at[r] = left[i] if goes_left else right[i]
            for r in range(n):
                scores[first + r] += forest.value[at[r]]
