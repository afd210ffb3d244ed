"""The nodes of a tree that grows, whatever the search: how a leaf is split, which is next, and what is taken back at the end."""

from typing import NamedTuple

import numpy as np

from tenon.kernels import Record, compiled_bare_inline, i64
from tenon.trees.splits import bounded_weight, least_hess
from tenon.trees.tree import LEAF

NONE = -1  # no node, no slot

NODE = np.dtype(
    [
        ("grad", np.float64),
        ("hess", np.float64),
        ("low", np.float64),  # bounds of the weight, from monotone constraints above
        ("high", np.float64),
        ("weight", np.float64),  # what the node adds to scores as a leaf
        ("gain", np.float64),  # of the best split found; 0 where there is none
        ("grad_left", np.float64),  # of that split
        ("hess_left", np.float64),
        ("threshold", np.float64),  # exact search: the values up to it go left
        ("least_hess", np.float64),  # what each child must have
        ("n_rows", np.int64),
        ("feature", np.int32),
        ("cut", np.int32),  # the last bin that goes left; of categories, the last in their order
        ("left", np.int32),  # LEAF for leaves
        ("right", np.int32),
        ("depth", np.int32),
        ("answer", np.int32),  # the node whose weight its rows get: itself, or the one into which it was pruned
        ("side", np.int32),  # in which of the two buffers of entries its rows lie
        ("slot", np.int32),  # where its histogram is kept, or NONE
        ("missing_left", np.bool_),
    ],
    align=True,
)

BOOKS = np.dtype(
    [("n_nodes", np.int64), ("n_leaves", np.int64), ("n_free", np.int64), ("current", np.int64)], align=True
)  # free slots; the node to split next, or NONE


class Grown(NamedTuple):
    """A tree of up to m nodes, growing or grown; parents before children."""

    nodes: np.ndarray  # (m,) NODE
    goes_left: np.ndarray  # (m, 256) uint8: by code of the split's column
    fragments: np.ndarray  # (m, n_threads, 2) int64: where each thread's part of a node's rows starts, and how many they are
    books: np.ndarray  # (1,) BOOKS


@compiled_bare_inline
def plant(scale: Record, rules: Record, nodes: np.ndarray, fragments: np.ndarray, books: Record) -> None:
    """Make the root."""
    books.n_nodes, books.n_leaves, books.current = 1, 1, NONE
    root = nodes[0]
    root.grad, root.hess, root.low, root.high = scale.grad, scale.hess, -np.inf, np.inf
    root.n_rows, root.depth, root.side = n_rows(fragments[0]), 0, 0
    root.left, root.gain, root.slot, root.least_hess = LEAF, 0.0, NONE, least_hess(root, rules)


@compiled_bare_inline
def n_rows(fragments: np.ndarray) -> int:
    n = i64(0)
    for t in range(len(fragments)):
        n += fragments[t, 1]
    return n


@compiled_bare_inline
def may_split(node: Record, rules: Record, books: Record) -> bool:
    has_room = node.depth < rules.max_depth and books.n_leaves < rules.max_leaves
    return has_room and node.n_rows >= 2 * rules.min_rows and node.hess >= 2.0 * rules.min_hess


@compiled_bare_inline
def keep_split(splits: np.ndarray, allowed: np.ndarray, node: Record) -> None:
    """Write the split of greatest gain into the node, of equals that of the first feature."""
    for f in range(len(splits)):
        split = splits[f]
        if allowed[f] and split.gain > node.gain:
            node.gain, node.feature, node.cut, node.missing_left = split.gain, f, split.cut, split.missing_left
            node.grad_left, node.hess_left, node.threshold = split.grad_left, split.hess_left, split.threshold


@compiled_bare_inline
def next_leaf(rules: Record, nodes: np.ndarray, books: Record) -> int:
    """Return the leaf to split next: that of greatest gain or, depth-wise, the oldest; NONE when the tree is grown."""
    best = i64(NONE)
    if books.n_leaves >= rules.max_leaves:
        return best
    first = 0 if rules.by_gain or books.current == NONE else books.current
    for i in range(first, books.n_nodes):
        if nodes[i].left == LEAF and nodes[i].gain > 0.0:
            if not rules.by_gain:
                return i64(i)
            if best == NONE or nodes[i].gain > nodes[best].gain:
                best = i64(i)
    return best


@compiled_bare_inline
def link_children(parent: int, sign: int, rules: Record, nodes: np.ndarray, fragments: np.ndarray, books: Record) -> bool:
    """Make the children; or return False if one would have too few rows, for the search knows Hessians, not rows.

    The next search of this node then asks for the Hessian that enough rows like those too few have.
    """
    node, left, right = nodes[parent], books.n_nodes, books.n_nodes + 1
    node.side = 1 - node.side
    n_left = n_rows(fragments[left])
    n_few, hess_few = n_left, node.hess_left
    if 2 * n_left > node.n_rows:
        n_few, hess_few = node.n_rows - n_left, node.hess - node.hess_left
    if n_few < rules.min_rows:
        node.gain, node.least_hess = 0.0, hess_few * rules.min_rows / n_few
        return False
    for t in range(fragments.shape[1]):
        fragments[right, t, 0] = fragments[parent, t, 0] + fragments[left, t, 1]
        fragments[right, t, 1] = fragments[parent, t, 1] - fragments[left, t, 1]
    _inherit(nodes[left], node, node.grad_left, node.hess_left, n_left, rules)
    _inherit(nodes[right], node, node.grad - node.grad_left, node.hess - node.hess_left, node.n_rows - n_left, rules)
    node.left, node.right = left, right
    books.n_nodes += 2
    books.n_leaves += 1
    if rules.has_bounds:
        _bound_children(sign, rules, nodes[left], nodes[right])
    return True


@compiled_bare_inline
def _inherit(child: Record, parent: Record, grad: float, hess: float, n_rows: int, rules: Record) -> None:
    child.grad, child.hess, child.n_rows = grad, hess, n_rows
    child.low, child.high, child.depth, child.side = parent.low, parent.high, parent.depth + 1, parent.side
    child.left, child.gain, child.slot, child.least_hess = LEAF, 0.0, NONE, least_hess(child, rules)


@compiled_bare_inline
def _bound_children(sign: int, rules: Record, left: Record, right: Record) -> None:
    """Part the range of weights at the middle of the children's, so that no leaf on one side crosses one on the other."""
    w_left = bounded_weight(left.grad, left.hess, left.low, left.high, rules)
    w_right = bounded_weight(right.grad, right.hess, right.low, right.high, rules)
    middle = (w_left + w_right) / 2.0
    if sign > 0:
        left.high, right.low = middle, middle
    elif sign < 0:
        left.low, right.high = middle, middle


@compiled_bare_inline
def weigh(rules: Record, nodes: np.ndarray, n_nodes: int) -> None:
    for i in range(n_nodes):
        node = nodes[i]
        node.weight = bounded_weight(node.grad, node.hess, node.low, node.high, rules)


@compiled_bare_inline
def prune(gamma: float, nodes: np.ndarray, n_nodes: int) -> None:
    """Take back, from below, each split between two leaves that gains less than γ (XGBoost prunes like this; the notes' pruning).

    Nodes stay where they are: those under a split taken back only name the node that answers for them.
    """
    for i in range(n_nodes - 1, -1, -1):
        node = nodes[i]
        node.answer = i
        if node.left != LEAF and node.gain < gamma and _is_leaf(nodes[node.left]) and _is_leaf(nodes[node.right]):
            node.gain = 0.0
    for i in range(n_nodes):
        node = nodes[i]
        if node.left != LEAF and (node.gain == 0.0 or node.answer != i):
            nodes[node.left].answer = node.answer
            nodes[node.right].answer = node.answer


@compiled_bare_inline
def _is_leaf(node: Record) -> bool:
    """A node with children and no gain has had its split taken back."""
    return node.left == LEAF or node.gain == 0.0
