"""Splits on categories for scoring: as sets of bits, and, of all such splits of a tree on one feature, as one table.

QuickScorer lets each split clear the leaves that its failure rules out. What all splits of a tree on one category clear depends
on the category alone, so it is worked out beforehand for each code: a row then needs one look for them all.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tenon.trees.tree import Tree

NUMERIC = -1
MOST_PLACES = 512  # of a feature that is looked up: tables of more would take more memory than trees do
_ALL_LEAVES = np.uint32(0xFFFFFFFF)

LOOKUP = np.dtype(
    [
        ("feature", np.int32),  # by its place among those that are used
        ("is_second", np.bool_),  # which of the tree's two words of leaves it clears
        ("start", np.int64),  # of its table
    ],
    align=True,
)


class Sets(NamedTuple):
    """The splits on categories of T trees whose nodes are numbered through."""

    node: np.ndarray  # (S,) int64
    codes: list[np.ndarray]  # of each the codes that go left

    def some(self, chosen: np.ndarray) -> "Sets":
        """chosen: (S,) bool."""
        return Sets(self.node[chosen], [self.codes[s] for s in np.flatnonzero(chosen)])


class Lookups(NamedTuple):
    """What splits on categories leave, by lookup and place: place 0 is missing, c + 1 the code c, the last all codes beyond."""

    n_places: np.ndarray  # (q,) int64: of each feature that is used; 0 where it is not looked up
    entries: np.ndarray  # (L,) LOOKUP, tree by tree
    tree_start: np.ndarray  # (T + 1,) int64: where each tree's lookups start
    masks: np.ndarray  # uint32: the leaves that are left


def sets_of(trees: Sequence[Tree], start: np.ndarray) -> Sets:
    """Return the splits on categories; start: (T + 1,) where each tree's nodes start."""
    pairs = [(at + node, codes) for tree, at in zip(trees, start, strict=False) for node, codes in tree.categories.items()]
    return Sets(np.array([node for node, _ in pairs], np.int64), [codes for _, codes in pairs])


def words_of(sets: Sets, n_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where each node's words stand, (N,) int64 or NUMERIC, and the words: how many, then a bit for each code, uint32."""
    table, words, total = np.full(n_nodes, NUMERIC, np.int64), [np.empty(0, np.uint32)], 0
    for node, codes in zip(sets.node, sets.codes, strict=True):
        bits = np.zeros(_largest(codes) // 32 + 1, np.uint32)
        np.bitwise_or.at(bits, codes // 32, np.uint32(1) << (codes % 32).astype(np.uint32))
        table[node], total = total, total + 1 + len(bits)
        words += [np.array([len(bits)], np.uint32), bits]
    return table, np.concatenate(words)


def places_of(sets: Sets, feature: np.ndarray, n_used: int) -> np.ndarray:
    """Return how many places each used feature has, (q,) int64, 0 where it is not looked up; feature: (N,) of each node."""
    n_places = np.zeros(n_used, np.int64)
    for f, codes in zip(feature[sets.node], sets.codes, strict=True):
        n_places[f] = max(n_places[f], _largest(codes) + 3)
    return np.where(n_places <= MOST_PLACES, n_places, 0)


def look_up(
    sets: Sets, n_places: np.ndarray, feature: np.ndarray, is_second: np.ndarray, of_tree: np.ndarray,
    missing_left: np.ndarray, mask: np.ndarray, n_trees: int,
) -> Lookups:  # fmt: skip
    """Return the tables of sets on features that all have places. Of each node (N,): feature, word, tree, mask where it fails."""
    node = sets.node
    key = np.stack([of_tree[node], is_second[node], feature[node]])
    groups, group = np.unique(key, axis=1, return_inverse=True)
    tree, word, of_feature = groups.astype(np.int64)
    start = np.cumsum(n_places[of_feature]) - n_places[of_feature]
    masks = np.full(int(n_places[of_feature].sum()), _ALL_LEAVES)
    for codes, i, at in zip(sets.codes, node, start[group.ravel()], strict=True):
        kept = masks[at : at + n_places[feature[i]]]
        left = np.append(codes + 1, 0) if missing_left[i] else codes + 1
        unharmed = kept[left]
        kept &= mask[i]
        kept[left] = unharmed
    entries = np.zeros(len(tree), LOOKUP)
    entries["feature"], entries["is_second"], entries["start"] = of_feature, word, start
    return Lookups(n_places, entries, np.searchsorted(tree, np.arange(n_trees + 1)), masks)


def _largest(codes: np.ndarray) -> int:
    return int(codes.max(initial=-1))
