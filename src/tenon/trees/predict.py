"""Scores of many rows by many trees, as fast as the trees' sizes allow.

Up to 32 leaves on either side of the root: QuickScorer (Lucchese et al. 2015, SIGIR), over 256 rows at a time. A tree's leaves
are bits, from left to right; each node whose test fails clears the leaves of its left subtree; the lowest bit left is the row's
leaf. No row waits for a branch. Of more than 32 leaves, those right of the root are bits of a second word, which is looked at
where the root has cleared the first. Larger trees: 256 rows walk down side by side.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tenon.trees.binning import round_down
from tenon.trees.kernels import compiled, compiled_inline, i64, trailing_zeros, u32, u64
from tenon.trees.team import Team, share_of
from tenon.trees.tree import LEAF, Tree

ROWS_AT_ONCE = 256
MOST_BITS = 32  # of a word: twice as many rows fit into a vector as of 64 bits
_CELLS_AT_ONCE = 1 << 22  # of sparse rows made dense
_NUMERIC = -1


class Forest(NamedTuple):
    """All nodes of T trees in a row, numbered through; features by their place among those that are used."""

    feature: np.ndarray  # (N,) int32
    threshold: np.ndarray  # (N,) of the type of the cells
    missing_left: np.ndarray  # (N,) bool
    table: (
        np.ndarray
    )  # (N,) int64: where a split on categories has its sides in `sides`, by code, after their number; or _NUMERIC
    left: np.ndarray  # (N,) int32; a leaf is its own child
    right: np.ndarray  # (N,) int32
    mask: np.ndarray  # (N,) uint32: the leaves of its word that are left where the test fails; (0,) for larger trees
    value: (
        np.ndarray
    )  # (N,) float64: of leaves, in their order from left to right in each tree, if there are masks; else of nodes
    start: np.ndarray  # (T + 1,) int64: where each tree's nodes start
    n_inner: np.ndarray  # (T,) int64: inner nodes come first in each tree, if there are masks
    n_first: np.ndarray  # (T,) int64: how many of them clear leaves of the first word; they come before the others
    n_bits: np.ndarray  # (T,) int64: leaves of the first word
    depth: np.ndarray  # (T,) int64
    sides: np.ndarray  # uint8
    used: np.ndarray  # (q,) int64: the features that any split asks for


def pack(trees: Sequence[Tree]) -> Forest:
    """Return the trees as one forest for cells of float64."""
    start = np.cumsum([0, *map(len, trees)])
    of_tree = np.repeat(np.arange(len(trees)), np.diff(start))
    feature, threshold, missing_left, value = (
        np.concatenate([getattr(tree, name) for tree in trees]) for name in ("feature", "threshold", "default_left", "value")
    )
    is_leaf = feature == LEAF
    left, right = (
        np.where(is_leaf, np.arange(start[-1]), np.concatenate([getattr(tree, side) for tree in trees]) + start[of_tree])
        for side in ("left", "right")
    )
    levels = _levels(start[:-1], left, right, is_leaf)
    depth = np.zeros(len(trees), np.int64)
    for at, level in enumerate(levels):
        depth[of_tree[level]] = at
    n_leaves, first = _places_of_leaves(levels, left, right, is_leaf)
    roots = start[:-1]
    n_bits = np.where(n_leaves[roots] <= MOST_BITS, n_leaves[roots], n_leaves[left[roots]])
    is_second = first >= n_bits[of_tree]
    has_masks = max(n_bits.max(), (n_leaves[roots] - n_bits).max()) <= MOST_BITS
    order = np.lexsort((np.where(is_leaf, 2 + first, is_second), of_tree)) if has_masks else np.arange(start[-1])
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    values = value[:, 0].copy()
    if has_masks:
        values[(start[of_tree] + first)[is_leaf]] = value[is_leaf, 0]
    used = np.unique(feature[~is_leaf]).astype(np.int64)
    table, sides = _side_tables(trees, start)
    return Forest(
        feature=np.where(is_leaf, 0, np.searchsorted(used, feature))[order].astype(np.int32),
        threshold=np.where(np.isnan(threshold), np.inf, threshold)[order],
        missing_left=missing_left[order],
        table=table[order],
        left=place[left[order]].astype(np.int32),
        right=place[right[order]].astype(np.int32),
        mask=_masks(n_leaves, first - n_bits[of_tree] * is_second, left, roots)[order] if has_masks else np.empty(0, np.uint32),
        value=values if has_masks else values[order],
        start=start,
        n_inner=np.bincount(of_tree[~is_leaf], minlength=len(trees)),
        n_first=np.bincount(of_tree[~is_leaf & ~is_second], minlength=len(trees)),
        n_bits=n_bits,
        depth=depth,
        sides=sides,
        used=used,
    )


def _levels(roots: np.ndarray, left: np.ndarray, right: np.ndarray, is_leaf: np.ndarray) -> list[np.ndarray]:
    """Return the nodes of all trees by their depth."""
    levels = [roots]
    while len(inner := levels[-1][~is_leaf[levels[-1]]]):
        levels.append(np.concatenate([left[inner], right[inner]]))
    return levels


def _places_of_leaves(
    levels: list[np.ndarray], left: np.ndarray, right: np.ndarray, is_leaf: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many leaves each node has below it, and which of its tree's leaves, from left to right, is the first of them."""
    n_leaves, first = np.ones(len(left), np.int64), np.zeros(len(left), np.int64)
    for level in reversed(levels):
        inner = level[~is_leaf[level]]
        n_leaves[inner] = n_leaves[left[inner]] + n_leaves[right[inner]]
    for level in levels:
        inner = level[~is_leaf[level]]
        first[left[inner]], first[right[inner]] = first[inner], first[inner] + n_leaves[left[inner]]
    return n_leaves, first


def _masks(n_leaves: np.ndarray, first: np.ndarray, left: np.ndarray, roots: np.ndarray) -> np.ndarray:
    """Return for each inner node all leaves of its word but those of its left subtree; first: their first leaf in its word."""
    one = np.uint64(1)
    below = ((one << n_leaves[left].astype(np.uint64)) - one) << first.astype(np.uint64)
    below[roots[n_leaves[roots] > MOST_BITS]] = 2**MOST_BITS - 1  # bits that no leaf has, too: an empty word leads to the second
    return (~below).astype(np.uint32)


def as_type(forest: Forest, dtype: np.dtype) -> Forest:
    """Return the forest for cells of float32 or float64; a float32 is below the one threshold where it is below the other."""
    return forest if forest.threshold.dtype == dtype else forest._replace(threshold=round_down(forest.threshold, dtype))


def _side_tables(trees: Sequence[Tree], start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each node's sides stand, (N,) int64, and the sides: per split on categories, how many codes, then theirs."""
    table, sides, total = np.full(start[-1], _NUMERIC, np.int64), [np.empty(0, np.uint8)], 0
    for tree, at in zip(trees, start, strict=False):
        for node, codes in tree.categories.items():
            size = int(codes.max(initial=-1)) + 1
            table[at + node] = total
            sides += [np.array([size], "<i4").view(np.uint8), np.isin(np.arange(size), codes).astype(np.uint8)]
            total += 4 + size
    return table, np.concatenate([*sides, np.zeros(1, np.uint8)])  # one more: a table of no codes is looked into, too


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
    """Write n rows into cells (q · 256,), so many of each feature that is used."""
    for r in range(n):
        for j in range(len(used)):
            cells[j * ROWS_AT_ONCE + r] = X[start + r, used[j]]


@compiled_inline
def _category_goes_left(x: float, at: int, missing_left: bool, sides: np.ndarray) -> bool:
    if not x == x:
        return missing_left
    code = i64(x)
    return code < _n_sides(sides, at) and sides[at + 4 + code] > 0


@compiled_inline
def _n_sides(sides: np.ndarray, at: int) -> int:
    """Return how many codes the table there has sides of."""
    return i64(sides[at]) | i64(sides[at + 1]) << 8 | i64(sides[at + 2]) << 16


@compiled
def _add_by_masks(
    me: int, n_threads: int, gate: np.ndarray, forest: Forest, used: np.ndarray, X: np.ndarray, scores: np.ndarray
) -> None:
    """Flat arrays, unsigned places, loops written out: so they become vector code, and no call copies the whole forest."""
    feature, threshold, missing_left, table, mask = (
        forest.feature,
        forest.threshold,
        forest.missing_left,
        forest.table,
        forest.mask,
    )
    start, stop = share_of(len(X), me, n_threads)
    cells = np.zeros(len(used) * ROWS_AT_ONCE, X.dtype)
    bits = np.empty(2 * ROWS_AT_ONCE, np.uint32)  # of each row, the first words and then the second ones
    for first in range(start, stop, ROWS_AT_ONCE):
        n = min(ROWS_AT_ONCE, stop - first)
        _take_rows(X, used, first, n, cells)
        for tree in range(len(forest.n_inner)):
            for r in range(2 * ROWS_AT_ONCE):
                bits[r] = u32(0xFFFFFFFF)
            at, n_bits = forest.start[tree], forest.n_bits[tree]
            for i in range(at, at + forest.n_inner[tree]):
                word, x = u64(0 if i < at + forest.n_first[tree] else ROWS_AT_ONCE), u64(feature[i]) * u64(ROWS_AT_ONCE)
                left_out, most = mask[i], threshold[i]
                if table[i] != _NUMERIC:
                    _clear_by_category(bits, word, cells, x, left_out, table[i], missing_left[i], forest.sides)
                elif missing_left[i]:
                    for r in range(u64(ROWS_AT_ONCE)):
                        kept = bits[word + r]
                        bits[word + r] = kept & left_out if cells[x + r] > most else kept
                else:
                    for r in range(u64(ROWS_AT_ONCE)):
                        kept = bits[word + r]
                        bits[word + r] = kept if cells[x + r] <= most else kept & left_out
            for r in range(n):
                is_empty = i64(bits[r] == 0)  # no branch: half of them would be foretold wrongly
                leaf = i64(trailing_zeros(bits[r + is_empty * ROWS_AT_ONCE])) + is_empty * n_bits
                scores[first + r] += forest.value[at + leaf]


@compiled_inline
def _clear_by_category(
    bits: np.ndarray, word: int, cells: np.ndarray, x: int, mask: int, table: int, missing_left: bool, sides: np.ndarray
) -> None:
    """Without a branch: half of them would be foretold wrongly."""
    n, first = _n_sides(sides, table), table + 4
    for r in range(u64(ROWS_AT_ONCE)):
        cell, kept = cells[x + r], bits[word + r]
        is_known = (cell >= 0) & (cell < n)
        side = sides[first + i64(cell if is_known else 0.0)]
        goes_left = (is_known & (side > 0)) | (missing_left & (not cell == cell))
        bits[word + r] = kept if goes_left else kept & mask


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
                    if table[i] == _NUMERIC:
                        goes_left = (x <= threshold[i]) | (missing_left[i] & (not x == x))
                    else:
                        goes_left = _category_goes_left(x, table[i], missing_left[i], forest.sides)
                    at[r] = left[i] if goes_left else right[i]
            for r in range(n):
                scores[first + r] += forest.value[at[r]]
