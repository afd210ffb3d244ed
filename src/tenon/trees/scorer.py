"""Fitted trees laid out for scoring many rows: what predict.py reads.

QuickScorer (Lucchese et al. 2015, SIGIR): a tree's leaves are bits, from left to right; each inner node has a mask that clears
the leaves of its left subtree. Of more than 32 leaves, those right of the root are bits of a second word.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tenon.trees.binning import round_down
from tenon.trees.lookups import Lookups, look_up, places_of, sets_of, words_of
from tenon.trees.tree import LEAF, Tree

GROUPS_OF_SETS, N_GROUPS = 4, 6  # nodes that ask for numbers, by word and side of missing values; then for sets, by word
MOST_BITS = 32  # of a word: twice as many rows fit into a vector as of 64 bits


class Forest(NamedTuple):
    """All nodes of T trees in a row, numbered through; features by their place among those that are used."""

    feature: np.ndarray  # (N,) int32
    threshold: np.ndarray  # (N,) of the type of the cells
    missing_left: np.ndarray  # (N,) bool
    table: np.ndarray  # (N,) int64: where a split on categories has its words in `words`; or NUMERIC
    left: np.ndarray  # (N,) int32; a leaf is its own child
    right: np.ndarray  # (N,) int32
    mask: np.ndarray  # (N,) uint32: the leaves of its word that are left where the test fails; (0,) for larger trees
    value: (
        np.ndarray
    )  # (N,) float64: of leaves, in their order from left to right in each tree, if there are masks; else of nodes
    start: np.ndarray  # (T + 1,) int64: where each tree's nodes start
    group: np.ndarray  # (T, N_GROUPS + 1) int64: where the groups of each tree's nodes start, if there are masks
    n_bits: np.ndarray  # (T,) int64: leaves of the first word
    depth: np.ndarray  # (T,) int64
    words: np.ndarray  # uint32: sets of categories (lookups.py)
    lookups: Lookups  # of the other inner nodes
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
    used = np.unique(feature[~is_leaf]).astype(np.int64)
    feature = np.where(is_leaf, 0, np.searchsorted(used, feature)).astype(np.int32)
    mask = _masks(n_leaves, first - n_bits[of_tree] * is_second, left, roots)
    sets = sets_of(trees, start)
    n_places = places_of(sets, feature, len(used)) if has_masks else np.zeros(len(used), np.int64)
    is_looked_up = n_places[feature[sets.node]] > 0
    which = np.where(is_leaf, N_GROUPS, 2 * is_second + missing_left)
    which[sets.node] = np.where(is_looked_up, N_GROUPS, GROUPS_OF_SETS + is_second[sets.node])
    order = np.lexsort((which, of_tree)) if has_masks else np.arange(start[-1])
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    table, words = words_of(sets.some(~is_looked_up), start[-1])
    values = value[:, 0].copy()
    if has_masks:
        values[(start[of_tree] + first)[is_leaf]] = value[is_leaf, 0]
    return Forest(
        feature=feature[order],
        threshold=np.where(np.isnan(threshold), np.inf, threshold)[order],
        missing_left=missing_left[order],
        table=table[order],
        left=place[left[order]].astype(np.int32),
        right=place[right[order]].astype(np.int32),
        mask=mask[order] if has_masks else np.empty(0, np.uint32),
        value=values if has_masks else values[order],
        start=start,
        group=start[:-1, None] + _group_starts(which, of_tree, len(trees)),
        n_bits=n_bits,
        depth=depth,
        words=words,
        lookups=look_up(sets.some(is_looked_up), n_places, feature, is_second, of_tree, missing_left, mask, len(trees)),
        used=used,
    )


def _group_starts(which: np.ndarray, of_tree: np.ndarray, n_trees: int) -> np.ndarray:
    """Return how many nodes of each tree come before each of its groups, (T, N_GROUPS + 1)."""
    count = np.bincount(of_tree * (N_GROUPS + 1) + which, minlength=n_trees * (N_GROUPS + 1)).reshape(n_trees, -1)
    return np.cumsum(count, axis=1) - count


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
