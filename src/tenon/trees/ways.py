"""Trees seen from their leaves: which questions lead to each, and what share of the train rows answers them that way.

Both kinds of trees become the same arrays. Where a value without a child ends in the node that asks for it (ID3), each inner
node gets a leaf more, to which no train row went.
"""

from typing import NamedTuple

import numpy as np

from tenon.kernels import compiled
from tenon.trees.multiway import MultiwayTree
from tenon.trees.tree import LEAF, Tree
from tenon.trees.walk import goes_left

NOWHERE = -1  # the branch of a row whose value has no child
ROOT = -1  # the parent of node 0


class Nodes(NamedTuple):
    """The m nodes of a tree; parents come before their children."""

    parent: np.ndarray  # (m,) int32, or ROOT
    branch: np.ndarray  # (m,) int32: which child of its parent a node is; left 0, right 1
    share: np.ndarray  # (m,) float64: of the parent's train rows
    feature: np.ndarray  # (m,) int32, LEAF for leaves
    value: np.ndarray  # (m, K) float64: what the node answers were it a leaf


class Ways(NamedTuple):
    """The ways to L leaves: i takes the edges begin[i] … begin[i + 1] - 1 and meets the columns first[i] … first[i + 1] - 1."""

    begin: np.ndarray  # (L + 1,) int64
    node: np.ndarray  # (E,) int32: where an edge comes from
    branch: np.ndarray  # (E,) int32: which of that node's children it leads to
    share: np.ndarray  # (E,) float64: of the node's train rows that take it
    slot: np.ndarray  # (E,) int32: which of the leaf's columns the node asks for
    first: np.ndarray  # (L + 1,) int64
    column: np.ndarray  # (S,) int32, each once a leaf
    z: np.ndarray  # (S,) float64: product of the shares of the column's edges


def nodes_of(tree: Tree | MultiwayTree, value: np.ndarray, keeps_unknown: bool) -> Nodes:
    """Return a tree's nodes; value: (m, K); keeps_unknown: whether a value without a child ends in the node that asks for it."""
    if isinstance(tree, Tree):
        inner = np.flatnonzero(~tree.is_leaf)
        parent, branch = np.full(len(tree), ROOT, np.int32), np.zeros(len(tree), np.int32)
        parent[tree.left[inner]] = parent[tree.right[inner]] = inner
        branch[tree.right[inner]] = 1
        return Nodes(parent, branch, _shares(parent, tree.cover), tree.feature, value)
    inner = np.flatnonzero(~tree.is_leaf)
    parent = np.full(len(tree), ROOT, np.int32)
    for node in inner:
        parent[tree.first_child[node] : tree.first_child[node] + tree.n_children[node]] = node
    branch = (np.arange(len(tree)) - np.where(parent == ROOT, 0, tree.first_child[parent])).astype(np.int32)
    nodes = Nodes(parent, branch, _shares(parent, tree.counts.sum(axis=1)), tree.feature, value)
    if not keeps_unknown:
        return nodes
    ends = Nodes(inner.astype(np.int32), np.full(len(inner), NOWHERE, np.int32), np.zeros(len(inner)),
                 np.full(len(inner), LEAF, np.int32), value[inner])  # fmt: skip
    return Nodes(*(np.concatenate(pair) for pair in zip(nodes, ends, strict=True)))


def _shares(parent: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Return each node's share (m,) of what its parent's children cover together; alike where they cover nothing."""
    is_child = parent != ROOT
    together = np.bincount(parent[is_child], cover[is_child], len(parent))[parent]
    siblings = np.bincount(parent[is_child], minlength=len(parent))[parent]
    share = np.ones(len(parent))
    np.divide(1.0, siblings, out=share, where=is_child)
    np.divide(cover, together, out=share, where=is_child & (together > 0))
    return share


def reach(nodes: Nodes) -> np.ndarray:
    """Return which share (m,) of all train rows comes to each node."""
    share = nodes.share.copy()
    for node in range(1, len(share)):
        share[node] *= share[nodes.parent[node]]
    return share


@compiled
def ways_to(leaves, parent, branch, share, column):
    """Return the Ways to these leaves (L,), each from the leaf up to the root; column: (m,) int32, of the nodes' questions."""
    depth = np.zeros(len(parent), np.int64)
    for node in range(1, len(parent)):
        depth[node] = depth[parent[node]] + 1
    begin, first = np.zeros(len(leaves) + 1, np.int64), np.zeros(len(leaves) + 1, np.int64)
    for i in range(len(leaves)):
        begin[i + 1] = begin[i] + depth[leaves[i]]
    n_edges = begin[-1]
    edge_node, edge_branch, slot = np.empty(n_edges, np.int32), np.empty(n_edges, np.int32), np.empty(n_edges, np.int32)
    edge_share, met, z = np.empty(n_edges), np.empty(n_edges, np.int32), np.empty(n_edges)
    for i in range(len(leaves)):
        node, n = leaves[i], first[i]
        for e in range(begin[i], begin[i + 1]):
            above = parent[node]
            edge_node[e], edge_branch[e], edge_share[e] = above, branch[node], share[node]
            s = first[i]
            while s < n and met[s] != column[above]:
                s += 1
            if s == n:
                met[n], z[n] = column[above], 1.0
                n += 1
            z[s] *= share[node]
            slot[e] = s - first[i]
            node = above
        first[i + 1] = n
    return Ways(begin, edge_node, edge_branch, edge_share, slot, first, met[: first[-1]], z[: first[-1]])


@compiled
def binary_branches(X, walk):
    """Return the branch (n, m) int32 that each row takes at each inner node of the one tree in the walk."""
    taken = np.empty((len(X), len(walk.feature)), np.int32)
    for i in range(len(X)):
        for t in range(len(walk.feature)):
            if walk.feature[t] >= 0:
                taken[i, t] = 0 if goes_left(X[i, walk.feature[t]], walk, t) else 1
    return taken


@compiled
def multiway_branches(X, column, threshold, first_child, n_children, code):
    """Return the branch (n, m) int32 that each row takes at each inner node, NOWHERE where its value has no child."""
    taken = np.empty((len(X), len(column)), np.int32)
    for i in range(len(X)):
        for t in range(len(column)):
            if column[t] < 0:
                continue
            x, branch = X[i, column[t]], NOWHERE
            if not np.isnan(threshold[t]):
                if not np.isnan(x):
                    branch = 0 if x <= threshold[t] else 1
            else:
                for c in range(n_children[t]):
                    if code[first_child[t] + c] == x:
                        branch = c
            taken[i, t] = branch
    return taken
