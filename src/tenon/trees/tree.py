"""What every grown tree is, whoever grew it: nodes in flat arrays, so that prediction and drawing are written once."""

from collections.abc import Sequence
from dataclasses import dataclass

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
