"""Exact greedy search (Chen & Guestrin 2016, algorithm 1, and 3 for missing values): every cut between two values is tried.

Each feature's rows are sorted once; a tree carries these lists along, parted at each split, so that every node finds its rows
in order. Gradients are summed in fixed point of 62 bits (histogram.py), so that the order of rows changes nothing.
"""

from typing import NamedTuple

import numpy as np

from tenon.errors import SettingsError
from tenon.kernels import Record, compiled, compiled_inline, i64, tell_if_cold
from tenon.team import Team, wait
from tenon.trees.grower import tree_of_nodes
from tenon.trees.histogram import AHEAD, SCALE, Rows, quantise, row_of
from tenon.trees.inputs import Matrix
from tenon.trees.leaves import add_weights, write_leaves
from tenon.trees.nodes import (
    BOOKS,
    NODE,
    NONE,
    Grown,
    keep_split,
    link_children,
    may_split,
    next_leaf,
    plant,
    prune,
    weigh,
)
from tenon.trees.sampling import Lots, draw_features
from tenon.trees.splits import SPLIT, TINY_SHARE, bounded_gain_of_cut, gain_of_cut, node_score
from tenon.trees.tree import Tree


class Sorted(NamedTuple):
    """Each feature's rows in the order of its values."""

    values: np.ndarray  # (p, n) float: the cells, by feature and row
    lists: np.ndarray  # (p, n) int32: the rows with a value, sorted by it
    n_known: np.ndarray  # (p,) int64: how many these are


class Lists(NamedTuple):
    """The lists of the tree that grows."""

    rows: np.ndarray  # (p, n) int32
    segments: np.ndarray  # (m, p, 2) int64: where a node's rows start in each list, and how many they are
    spare: np.ndarray  # (n_threads, n) int32
    goes_left: np.ndarray  # (n,) uint8: of the rows of the node being split
    signs: np.ndarray  # (p,) int8: monotone constraints
    allowed: np.ndarray  # (2, p) bool
    splits: np.ndarray  # (2, p) SPLIT


@compiled
def grow_exact(
    me: int, n_threads: int, gate: np.ndarray, data: Sorted, rows: Rows, rules: Record, lots: Lots, lists: Lists, grown: Grown
) -> None:
    """Grow a tree from rows.entries[0]; each thread has its own features."""
    nodes, books = grown.nodes, grown.books[0]
    if me == 0:
        plant(rows.scale[0], rules, nodes, grown.fragments, books)
        lists.goes_left[:] = 0
        draw_features(lots, i64(0), i64(0), lists.allowed[0])
    wait(gate, n_threads)
    _mark_rows(me, rows.entries[0], grown.fragments[0, me], lists.goes_left)
    wait(gate, n_threads)
    for f in range(me, len(data.values), n_threads):
        _start_list(f, data, lists)
        _search_list(f, 0, i64(0), data, rows, rules, lists, nodes[0])
    wait(gate, n_threads)
    first, second = i64(0), i64(NONE)
    while True:
        if me == 0:
            _keep_if_may_split(first, 0, rules, lists, nodes, books)
            _keep_if_may_split(second, 1, rules, lists, nodes, books)
            books.current = next_leaf(rules, nodes, books)
        wait(gate, n_threads)
        parent, left = books.current, books.n_nodes
        if parent == NONE:
            break
        _part_rows(
            data.values, rows.entries, nodes[parent], grown.fragments[parent, me], grown.fragments[left, me], lists.goes_left
        )
        wait(gate, n_threads)
        if me == 0:
            is_parted = link_children(parent, i64(lists.signs[nodes[parent].feature]), rules, nodes, grown.fragments, books)
            for which in range(2 if is_parted else 1):
                child = left + which if is_parted else parent
                draw_features(lots, i64(nodes[child].depth), i64(child), lists.allowed[which])
        wait(gate, n_threads)
        first, second = (left, left + 1) if books.n_nodes > left else (parent, i64(NONE))
        for f in range(me, len(data.values), n_threads):
            if second != NONE:
                _part_list(f, parent, left, lists, me)
                _search_list(f, 1, second, data, rows, rules, lists, nodes[second])
            _search_list(f, 0, first, data, rows, rules, lists, nodes[first])
        wait(gate, n_threads)
    if me == 0:
        weigh(rules, nodes, books.n_nodes)
        prune(rules.gamma, nodes, books.n_nodes)


@compiled_inline
def _mark_rows(me: int, entries: np.ndarray, fragment: np.ndarray, marks: np.ndarray) -> None:
    for i in range(fragment[0], fragment[0] + fragment[1]):
        marks[row_of(entries[i])] = 1


@compiled_inline
def _start_list(f: int, data: Sorted, lists: Lists) -> None:
    """Copy the rows of the tree, which are marked, from the sorted list."""
    n = i64(0)
    for i in range(data.n_known[f]):
        row = data.lists[f, i]
        lists.rows[f, n] = row
        n += lists.goes_left[row]
    lists.segments[0, f, 0], lists.segments[0, f, 1] = 0, n


@compiled_inline
def _keep_if_may_split(i: int, which: int, rules: Record, lists: Lists, nodes: np.ndarray, books: Record) -> None:
    if i != NONE and may_split(nodes[i], rules, books):
        keep_split(lists.splits[which], lists.allowed[which], nodes[i])


@compiled_inline
def _part_rows(
    values: np.ndarray, entries: np.ndarray, node: Record, fragment: np.ndarray, left_fragment: np.ndarray, goes_left: np.ndarray
) -> None:
    """Part my fragment of the node's rows as in grow.py, and mark which rows go left."""
    source, target, column = entries[node.side], entries[1 - node.side], values[node.feature]
    front, back = fragment[0], fragment[0] + fragment[1] - 1
    for i in range(fragment[0], fragment[0] + fragment[1]):
        row = row_of(source[i])
        x = column[row]
        is_left = np.uint8(x <= node.threshold or (node.missing_left and not x == x))
        goes_left[row] = is_left
        target[front] = source[i]
        target[back] = source[i]
        front += is_left
        back -= 1 - i64(is_left)
    left_fragment[0], left_fragment[1] = fragment[0], front - fragment[0]


@compiled_inline
def _part_list(f: int, parent: int, left: int, lists: Lists, me: int) -> None:
    """Part a node's segment of one list, both sides in their order: the left in its place, the right by way of the spare room."""
    rows, spare = lists.rows[f], lists.spare[me]
    start, n = lists.segments[parent, f, 0], lists.segments[parent, f, 1]
    n_left, n_right = i64(0), i64(0)
    for i in range(start, start + n):
        row = rows[i]
        is_left = i64(lists.goes_left[row])
        rows[start + n_left] = row
        spare[n_right] = row
        n_left += is_left
        n_right += 1 - is_left
    for i in range(n_right):
        rows[start + n_left + i] = spare[i]
    lists.segments[left, f, 0], lists.segments[left, f, 1] = start, n_left
    lists.segments[left + 1, f, 0], lists.segments[left + 1, f, 1] = start + n_left, n_right


@compiled_inline
def _search_list(f: int, which: int, i: int, data: Sorted, rows: Rows, rules: Record, lists: Lists, node: Record) -> None:
    """Try every cut of feature f in node i, with missing values on the right and on the left; write the best."""
    split, scale = lists.splits[which, f], rows.scale[0]
    split.gain = 0.0
    start, n = lists.segments[i, f, 0], lists.segments[i, f, 1]
    if n == 0 or not lists.allowed[which, f] or node.depth >= rules.max_depth:
        return
    mine, values = lists.rows[f, start : start + n], data.values[f]
    g_missing, h_missing = _missing_sums(mine, rows, node) if n < node.n_rows else (0.0, 0.0)
    least, base = node.least_hess, node_score(node, rules)
    g, h, last = i64(0), i64(0), values[mine[0]]
    if n < node.n_rows:
        _try_cut(g_missing, h_missing, True, -np.inf, last, least, base, lists.signs[f], node, rules, split)
    for j in range(n):
        row = mine[j]
        x = values[row]
        if x != last:
            _try_cut(g * scale.grad_unit, h * scale.hess_unit, False, last, x, least, base, lists.signs[f], node, rules, split)
            if n < node.n_rows:
                g_left, h_left = g * scale.grad_unit + g_missing, h * scale.hess_unit + h_missing
                _try_cut(g_left, h_left, True, last, x, least, base, lists.signs[f], node, rules, split)
            last = x
        g += rows.grad[row]
        h += rows.hess[row]
    if n < node.n_rows:
        _try_cut(
            node.grad - g_missing, node.hess - h_missing, False, last, np.inf, least, base, lists.signs[f], node, rules, split
        )
    elif split.gain > 0.0:  # those to come go the way of most
        split.missing_left = 2.0 * split.hess_left >= node.hess
    if split.gain <= TINY_SHARE * base:
        split.gain = 0.0


@compiled_inline
def _missing_sums(known: np.ndarray, rows: Rows, node: Record) -> tuple[float, float]:
    g, h = i64(0), i64(0)
    for row in known:
        g += rows.grad[row]
        h += rows.hess[row]
    return node.grad - g * rows.scale[0].grad_unit, node.hess - h * rows.scale[0].hess_unit


@compiled_inline
def _try_cut(
    g_left: float, h_left: float, missing_left: bool, below: float, above: float, least: float, base: float, sign: int,
    node: Record,
    rules: Record, split: Record,
) -> None:  # fmt: skip
    """Keep the cut between two neighbouring values if it gains more than what is known; its threshold is their middle."""
    if rules.has_bounds:
        gain = bounded_gain_of_cut(g_left, h_left, node, least, base, sign, rules)
    else:
        gain = gain_of_cut(g_left, h_left, node.grad, node.hess, least, base, rules.l2, rules.l1)
    if gain > split.gain:
        middle = below / 2 + above / 2
        split.gain, split.missing_left, split.threshold = gain, missing_left, middle if middle < above else below
        split.grad_left, split.hess_left = g_left, h_left


class ExactGrower:
    """Grows trees on sorted values. X : (n, p) float; signs : (p,) int8, monotone constraints; rules : RULES."""

    def __init__(self, X: Matrix, n_codes: dict[int, int], names: list[str], signs: np.ndarray, rules: Record, team: Team):
        if not isinstance(X, np.ndarray):
            raise SettingsError("search='exact' takes a dense table; use search='histogram' for a sparse one.")
        if n_codes:
            raise SettingsError(
                f"search='exact' takes numbers only, and {names[min(n_codes)]} holds categories; use search='histogram'."
            )
        tell_if_cold(grow_exact)
        n, p = X.shape
        self.columns, self.rules, self._team = np.ascontiguousarray(X.T), rules, team
        orders = team.map(lambda f: np.argsort(self.columns[f], kind="stable").astype(np.int32), range(p))
        self._data = Sorted(self.columns, np.stack(orders), n - np.isnan(self.columns).sum(axis=1))  # NaN is sorted last
        m = 2 * int(rules["max_leaves"])
        self._rows = Rows(np.zeros((2, n + AHEAD), np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(1, SCALE))
        self._lists = Lists(
            np.empty((p, n), np.int32), np.empty((m, p, 2), np.int64), np.empty((team.size, n), np.int32), np.zeros(n, np.uint8),
            signs,
            np.ones((2, p), np.bool_), np.zeros((2, p), SPLIT),
        )  # fmt: skip
        fragments = np.empty((m, team.size, 2), np.int64)
        self._grown = Grown(np.zeros(m, NODE), np.empty((0, 256), np.uint8), fragments, np.zeros(1, BOOKS))

    @property
    def nodes(self) -> np.ndarray:
        """The grown tree's nodes (m,) NODE, with those that were pruned; their weights may be set."""
        return self._grown.nodes[: self._grown.books["n_nodes"][0]]

    def columns_of(self, X: Matrix) -> np.ndarray:
        """Return the columns (p, n) of other rows."""
        return np.ascontiguousarray(X.T)

    def grow(self, grad: np.ndarray, hess: np.ndarray, ids: np.ndarray, lots: Lots) -> None:
        """Grow the next tree on rows ids (m,) int32, with gradients and Hessians (m,) float32."""
        for t in range(self._team.size):
            start, stop = len(ids) * t // self._team.size, len(ids) * (t + 1) // self._team.size
            self._grown.fragments[0, t] = start, stop - start
        self._team.run(quantise, grad, hess, ids, np.inf, self._rows, np.zeros((self._team.size, 6)))
        self._team.run(grow_exact, self._data, self._rows, self.rules, lots, self._lists, self._grown)

    def add_weights(self, step: float, scores: np.ndarray) -> None:
        """Add step times the leaf weight to the scores (n,) of the tree's rows."""
        self._team.run(add_weights, self._grown, self._rows.entries, step, scores, alone=True)

    def write_leaves(self, leaves: np.ndarray) -> None:
        """Write the leaf of each of the tree's rows into leaves, (n,) int32, as a place in `nodes`."""
        self._team.run(write_leaves, self._grown, self._rows.entries, leaves, alone=True)

    def find_leaves(self, columns: np.ndarray, ids: np.ndarray, leaves: np.ndarray) -> None:
        """Write the leaf of other rows, ids (m,) int32 of columns (p, n), into leaves."""
        kept = np.flatnonzero(self.nodes["answer"] == np.arange(len(self.nodes)))
        leaves[ids] = kept[self.tree(1.0).apply(columns[:, ids].T.astype(np.float64))]

    def tree(self, step: float) -> Tree:
        """Return the grown tree; its values are step times the weights."""
        return tree_of_nodes(self.nodes, self.nodes["threshold"], step)[0]
