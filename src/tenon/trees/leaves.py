"""Which leaf each row has come to, and what that adds to its score."""

import numpy as np

from tenon.kernels import compiled_bare, i32, u64
from tenon.team import share_of
from tenon.trees.histogram import row_of
from tenon.trees.nodes import Grown
from tenon.trees.tree import LEAF


@compiled_bare
def add_weights(
    me: int, n_threads: int, gate: np.ndarray, grown: Grown, entries: np.ndarray, step: float, scores: np.ndarray
) -> None:
    """Add step times the weight of its leaf to the score of each row of the tree; scores : (n,) float64."""
    for i in range(grown.books[0].n_nodes):
        node = grown.nodes[i]
        if node.left == LEAF:
            weight, mine = step * grown.nodes[node.answer].weight, entries[node.side]
            for t in range(me, grown.fragments.shape[1], n_threads):
                start, n = grown.fragments[i, t]
                for j in range(start, start + n):
                    scores[u64(row_of(mine[j]))] += weight


@compiled_bare
def write_leaves(me: int, n_threads: int, gate: np.ndarray, grown: Grown, entries: np.ndarray, leaves: np.ndarray) -> None:
    """Write into leaves, (n,) int32, which node answers for each row of the tree."""
    for i in range(grown.books[0].n_nodes):
        node = grown.nodes[i]
        if node.left == LEAF:
            mine = entries[node.side]
            for t in range(me, grown.fragments.shape[1], n_threads):
                start, n = grown.fragments[i, t]
                for j in range(start, start + n):
                    leaves[u64(row_of(mine[j]))] = node.answer


@compiled_bare
def find_leaves(
    me: int,
    n_threads: int,
    gate: np.ndarray,
    grown: Grown,
    columns: np.ndarray,
    features: np.ndarray,
    ids: np.ndarray,
    leaves: np.ndarray,
) -> None:
    """Write the same for rows that were not in the tree; ids : (m,) int32 of columns (n_columns, n) uint8."""
    start, stop = share_of(len(ids), me, n_threads)
    for i in range(start, stop):
        at = i32(0)
        while grown.nodes[at].left != LEAF:
            node = grown.nodes[at]
            is_left = grown.goes_left[at, columns[features[node.feature].column, ids[i]]]
            at = node.left if is_left else node.right
        leaves[ids[i]] = grown.nodes[at].answer
