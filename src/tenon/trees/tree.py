"""What every grown tree is, whoever grew it: nodes in flat arrays, so that prediction and drawing are written once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

LEAF = -1  # in `left` and `feature`: this node has no children


@dataclass(frozen=True)
class Tree:
    """A binary tree of n nodes; node 0 is the root and children come after their parent.

    A row goes left where x[feature] <= threshold; a missing value (NaN) where `default_left`; a category (an integer code)
    where its bit is set in `categories[node]`.
    """

    feature: np.ndarray  # (n,) int32, LEAF for leaves
    threshold: np.ndarray  # (n,) float64; NaN where the split is on categories
    left: np.ndarray  # (n,) int32, LEAF for leaves
    right: np.ndarray  # (n,) int32, LEAF for leaves
    default_left: np.ndarray  # (n,) bool: where missing values and unseen categories go
    value: np.ndarray  # (n, K) float64: what the node would predict were it a leaf
    gain: np.ndarray  # (n,) float64: by how much the split lowers the criterion, in its own unit; 0 for leaves
    cover: np.ndarray  # (n,) float64: weight of the train rows in the node (order 2: sum of Hessians)
    categories: dict[int, np.ndarray]  # node -> sorted integer codes that go left
    impurity: np.ndarray | None = None  # (n,) float64 by the criterion; None where growth is by gradients

    def __len__(self) -> int:
        return len(self.feature)

    @property
    def is_leaf(self) -> np.ndarray:
        """(n,) bool."""
        return self.left == LEAF

    @property
    def n_leaves(self) -> int:
        return int(self.is_leaf.sum())

    @property
    def parent(self) -> np.ndarray:
        """(n,) int64, LEAF for the root."""
        parent, inner = np.full(len(self), LEAF), np.flatnonzero(~self.is_leaf)
        parent[self.left[inner]] = parent[self.right[inner]] = inner
        return parent

    @property
    def risk(self) -> np.ndarray:
        """(n,) float64: weight times impurity."""
        assert self.impurity is not None
        return self.cover * self.impurity

    @property
    def weight(self) -> float:
        """Of all train rows."""
        return float(self.cover[0])

    def apply(self, X: np.ndarray) -> np.ndarray:
        """Return the leaf (n_rows,) int64 of every row of X, (n_rows, n_features) float64; categories as codes."""
        node = np.zeros(len(X), np.int64)
        rows = np.flatnonzero(~self.is_leaf[node])
        while len(rows):
            node[rows] = self._step(X[rows], node[rows])
            rows = rows[~self.is_leaf[node[rows]]]
        return node

    def _step(self, X: np.ndarray, node: np.ndarray) -> np.ndarray:
        x = X[np.arange(len(node)), self.feature[node]]
        goes_left = np.where(np.isnan(x), self.default_left[node], x <= self.threshold[node])
        for split, codes in self.categories.items():
            here = (node == split) & ~np.isnan(x)
            goes_left[here] = np.isin(x[here], codes)
        return np.where(goes_left, self.left[node], self.right[node])

    def cut_below(self, nodes: np.ndarray) -> "Tree":
        """Return the tree in which these nodes are leaves."""
        is_leaf = self.is_leaf
        is_leaf[nodes] = True
        kept = reached(self.parent, is_leaf)
        place = np.cumsum(kept) - 1
        arrays = {
            "feature": np.where(is_leaf, LEAF, self.feature).astype(np.int32),
            "threshold": np.where(is_leaf, np.nan, self.threshold),
            "left": np.where(is_leaf, LEAF, place[self.left]).astype(np.int32),
            "right": np.where(is_leaf, LEAF, place[self.right]).astype(np.int32),
            "default_left": self.default_left & ~is_leaf,
            "value": self.value,
            "gain": np.where(is_leaf, 0.0, self.gain),
            "cover": self.cover,
        }
        categories = {int(place[t]): codes for t, codes in self.categories.items() if kept[t] and not is_leaf[t]}
        impurity = None if self.impurity is None else self.impurity[kept]
        return replace(self, **{name: array[kept] for name, array in arrays.items()}, categories=categories, impurity=impurity)


def reached(parent: np.ndarray, is_leaf: np.ndarray) -> np.ndarray:
    """Return for each node (n,) bool whether no node above it is a leaf; a parent comes before its children."""
    ends, found = is_leaf.tolist(), [True]
    for above in parent[1:].tolist():
        found.append(found[above] and not ends[above])
    return np.array(found)


def depth_of(tree: Tree) -> np.ndarray:
    """Return the depth (n,) int64 of every node; the root's is 0."""
    depth = np.zeros(len(tree), np.int64)
    for node in np.flatnonzero(~tree.is_leaf):  # a parent comes before its children
        depth[[tree.left[node], tree.right[node]]] = depth[node] + 1
    return depth


def gain_by_feature(trees: Sequence[Tree], n_features: int) -> np.ndarray:
    """Return the summed gain (n_features,) of the splits on each feature."""
    total = np.zeros(n_features)
    for tree in trees:
        inner = ~tree.is_leaf
        np.add.at(total, tree.feature[inner], tree.gain[inner])
    return total
