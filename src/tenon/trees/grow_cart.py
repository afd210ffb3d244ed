"""Grow one binary tree by exact search on presorted columns: the loop of CART (Breiman et al. 1984), as scikit-learn grows it.

A node is split at the cut of greatest worth over all columns (of equals the first column, the lowest value), until it is
pure or a limit stops it. With a limit on leaves the node with the greatest gain is split next, else the order does not matter.
"""

from typing import NamedTuple

import numpy as np

from tenon.kernels import compiled, compiled_inline, tell_if_cold
from tenon.trees.absolute import best_absolute_boundary, rank_rows
from tenon.trees.criteria import absolute_error, entropy, gini, squared_error, weighted_mean, weighted_median
from tenon.trees.cuts import (
    ABSOLUTE,
    ENTROPY,
    GINI,
    SQUARED,
    add_row,
    best_boundary,
    doubled,
    empty_groups,
    group_by_value,
    midpoint,
    n_known,
    order_by_target,
    worth,
)
from tenon.trees.presort import Presorted, part_cells, part_rows
from tenon.trees.tree import LEAF, Tree

NO_LIMIT = 2**31 - 1
MAX_DEPTH, MAX_LEAF_NODES, MIN_SAMPLES_SPLIT, MIN_SAMPLES_LEAF = range(4)  # places of the limits in an array
EPSILON = float(np.finfo(float).eps)  # a fall of the impurity by exactly min_impurity_decrease is enough, as in scikit-learn
CRITERIA = {"gini": GINI, "entropy": ENTROPY, "log_loss": ENTROPY, "squared_error": SQUARED, "absolute_error": ABSOLUTE}


class Limits(NamedTuple):
    """When a node is not split any more."""

    max_depth: int = NO_LIMIT
    max_leaf_nodes: int = NO_LIMIT
    min_samples_split: int = 2
    min_samples_leaf: int = 1
    min_impurity_decrease: float = 0.0  # share of the rows' weight in the node x fall of the impurity


class Rows(NamedTuple):
    """What is known of the train rows beside their columns."""

    y: np.ndarray  # (n,) float64: numbers, or codes of classes
    weight: np.ndarray  # (n,) float64 > 0
    n_classes: int  # 0 for numbers


# One node while the tree grows: what a Tree keeps of it, and what only the growing needs.
NODE = np.dtype([
    ("feature", np.int64), ("threshold", np.float64), ("left", np.int64), ("right", np.int64), ("default_left", np.bool_),
    ("gain", np.float64), ("cover", np.float64), ("impurity", np.float64),
    ("start", np.int64), ("stop", np.int64),  # its rows stand in rows[start : stop]
    ("depth", np.int64),
    ("slot", np.int64),  # which slice of `bounds` says where its cells stand
    ("codes_start", np.int64), ("codes_stop", np.int64),  # the categories that go left stand in codes[codes_start : codes_stop]
])  # fmt: skip


def grow_tree(columns: Presorted, n_categories: np.ndarray, rows: Rows, criterion: str, limits: Limits) -> Tree:
    """Return the tree; `columns` comes back with its cells in another order.

    n_categories: (p,) int64, 0 for numbers. Ties between equal cells of a column go by the order of rows.
    """
    code = CRITERIA[criterion]
    n, n_stats = len(rows.y), rows.n_classes or 2
    room = min(2 * n - 1, 2 * limits.max_leaf_nodes - 1, 2 ** min(limits.max_depth + 1, 40) - 1)
    nodes, values = np.empty(room, NODE), np.empty((room, rows.n_classes or 1))
    centre = 0.0 if rows.n_classes else float(np.average(rows.y, weights=rows.weight))  # sums of squares keep their digits
    whole = np.array([limits.max_depth, limits.max_leaf_nodes, limits.min_samples_split, limits.min_samples_leaf], np.int64)
    tell_if_cold(_grow)
    n_nodes, codes = _grow(
        columns.row, columns.value, columns.start, n_categories, rows.y - centre, rows.weight, code, n_stats,
        whole, float(limits.min_impurity_decrease * rows.weight.sum()), nodes, values, empty_groups(n, n_stats),
        np.zeros(n, np.int64) if code == ABSOLUTE else None,
    )  # fmt: skip
    return _as_tree(nodes[:n_nodes], values[:n_nodes] + centre, codes)


def _as_tree(nodes: np.ndarray, value: np.ndarray, codes: np.ndarray) -> Tree:
    starts, stops = nodes["codes_start"], nodes["codes_stop"]
    return Tree(
        feature=nodes["feature"].astype(np.int32),
        threshold=nodes["threshold"].copy(),
        left=nodes["left"].astype(np.int32),
        right=nodes["right"].astype(np.int32),
        default_left=nodes["default_left"].copy(),
        value=value,
        gain=nodes["gain"].copy(),
        cover=nodes["cover"].copy(),
        categories={int(t): codes[starts[t] : stops[t]].copy() for t in np.flatnonzero(stops > starts)},
        impurity=nodes["impurity"].copy(),
    )


@compiled
def _grow(row, value, start, n_categories, y, weight, criterion, n_stats, limits, min_gain, nodes, values, groups, rank):
    """Grow the whole tree; return how many nodes it has and the codes of the categories that go left somewhere.

    rank : (n,) int64, room for the rank of y in its node, for the absolute error; None for all others, which then need not
    compile what it takes.
    """
    n, p = len(y), len(start) - 1
    rows, goes_left = np.arange(n).astype(np.int32), np.zeros(n, np.bool_)
    spare_row, spare_value = np.empty(n, np.int32), np.empty(n)
    bounds = np.empty(4 * p, np.int64)  # (slots, columns, from and to), flat: where the node's cells of each column stand
    for j in range(p):
        bounds[2 * j], bounds[2 * j + 1] = start[j], start[j + 1]
    free, n_free = np.ones(2, np.int64), 1  # slots not in use
    codes, n_codes = np.empty(16, np.int64), np.int64(0)
    waiting, n_waiting = np.empty(len(nodes), np.int64), 0  # nodes with a split to be made
    parent = nodes[0]
    parent.slot, parent.depth, parent.start, parent.stop = 0, 0, 0, n
    searched, n_nodes, n_leaves = 0, 1, 1
    while True:
        for t in range(searched, n_nodes):
            _describe(nodes[t], values[t], rows, y, weight, rank, criterion, n_stats)
            codes, n_codes = _search(nodes[t], row, value, _of_slot(bounds, nodes[t].slot, p), n_categories, rows, y, weight,
                                     rank, criterion, n_stats, limits, min_gain, groups, codes, n_codes)  # fmt: skip
            if nodes[t].feature != LEAF:
                waiting[n_waiting] = t
                n_waiting += 1
            else:
                free[n_free] = nodes[t].slot
                n_free += 1
        if searched > 0:
            _note_gain(parent, nodes[n_nodes - 2], nodes[n_nodes - 1])
        searched = n_nodes
        if n_waiting == 0 or n_leaves >= limits[MAX_LEAF_NODES]:
            break
        if limits[MAX_LEAF_NODES] < NO_LIMIT:
            _greatest_gain_last(waiting, n_waiting, nodes)
        n_waiting -= 1
        parent, left, right = nodes[waiting[n_waiting]], nodes[n_nodes], nodes[n_nodes + 1]
        _mark(parent, row, value, _of_slot(bounds, parent.slot, p), n_categories, rows, codes, goes_left)
        parent.left, parent.right = n_nodes, n_nodes + 1
        _share_rows(parent, left, right, rows, goes_left, spare_row)
        n_nodes, n_leaves = n_nodes + 2, n_leaves + 1
        if n_free == 0:
            n_slots = len(bounds) // (2 * p)
            bounds, free, n_free = doubled(bounds), np.arange(n_slots, 3 * n_slots), n_slots  # room for all slots
        n_free -= 1
        left.slot, right.slot = parent.slot, free[n_free]
        if _may_split(left, rows, y, limits) or _may_split(right, rows, y, limits):
            _share_cells(_of_slot(bounds, left.slot, p), _of_slot(bounds, right.slot, p), row, value, goes_left, spare_row,
                         spare_value)  # fmt: skip
    for w in range(n_waiting):
        _make_leaf(nodes[waiting[w]])
    return n_nodes, codes


@compiled_inline
def _share_rows(parent, left, right, rows, goes_left, spare):
    """Bring the parent's rows that go left before the others."""
    left.start, right.stop = parent.start, parent.stop
    left.stop = part_rows(rows, parent.start, parent.stop, goes_left, spare)
    right.start = left.stop
    left.depth = right.depth = parent.depth + 1


@compiled_inline
def _share_cells(left, right, row, value, goes_left, spare_row, spare_value):
    """The same for the cells of each column; left (p, 2) says where the parent's stand, and then where those of the left do."""
    for j in range(len(left)):
        lo, hi = left[j, 0], left[j, 1]
        middle = part_cells(row, value, lo, hi, goes_left, spare_row, spare_value)
        left[j, 1], right[j, 0], right[j, 1] = middle, middle, hi


@compiled_inline
def _describe(node, value, rows, y, weight, rank, criterion, n_stats):
    """Make the node a leaf: its value (K,), weight and impurity."""
    _make_leaf(node)
    size = node.stop - node.start
    if criterion < SQUARED:
        counts = np.zeros(n_stats)
        for i in range(node.start, node.stop):
            counts[int(y[rows[i]])] += weight[rows[i]]
        node.cover = counts.sum()
        for k in range(n_stats):
            value[k] = counts[k] / node.cover
        node.impurity = gini(counts) if criterion == GINI else entropy(counts)
        return
    y_here, weight_here = np.empty(size), np.empty(size)
    for i in range(size):
        y_here[i], weight_here[i] = y[rows[node.start + i]], weight[rows[node.start + i]]
    node.cover = weight_here.sum()
    if rank is None:
        value[0], node.impurity = weighted_mean(y_here, weight_here), squared_error(y_here, weight_here)
    else:
        value[0], node.impurity = weighted_median(y_here, weight_here), absolute_error(y_here, weight_here)


@compiled_inline
def _note_gain(parent, left, right):
    parent.gain = max(0.0, parent.cover * parent.impurity - left.cover * left.impurity - right.cover * right.impurity)


@compiled_inline
def _make_leaf(node):
    node.feature, node.left, node.right = LEAF, LEAF, LEAF
    node.threshold, node.gain, node.default_left = np.nan, 0.0, False
    node.codes_start, node.codes_stop = 0, 0


@compiled_inline
def _may_split(node, rows, y, limits):
    """Whether the limits leave the node room for two children, and it is not pure."""
    size = node.stop - node.start
    if node.depth >= limits[MAX_DEPTH] or size < limits[MIN_SAMPLES_SPLIT] or size < 2 * limits[MIN_SAMPLES_LEAF]:
        return False
    for i in range(node.start + 1, node.stop):
        if y[rows[i]] != y[rows[node.start]]:
            return True
    return False


@compiled_inline
def _greatest_gain_last(waiting, n_waiting, nodes):
    """Bring the node with the greatest gain, of equals the oldest, to the end of those that wait."""
    best = 0
    for w in range(1, n_waiting):
        a, b = nodes[waiting[w]], nodes[waiting[best]]
        if a.gain > b.gain or (a.gain == b.gain and waiting[w] < waiting[best]):
            best = w
    waiting[best], waiting[n_waiting - 1] = waiting[n_waiting - 1], waiting[best]


@compiled_inline
def _search(node, row, value, bounds, n_categories, rows, y, weight, rank, criterion, n_stats, limits, min_gain, groups, codes,
            n_codes):  # fmt: skip
    """Write the best split into the node, a leaf where there is none; the categories that go left are added to the codes."""
    if not _may_split(node, rows, y, limits):
        return codes, n_codes
    total, first_code = np.zeros(n_stats), n_codes
    for i in range(node.start, node.stop):
        add_row(criterion, total, y[rows[i]], weight[rows[i]])
    if rank is None:
        sorted_y = total
    else:
        sorted_y = rank_rows(rows[node.start : node.stop], y, rank)
    best = -np.inf
    for j in range(len(bounds)):
        both, cut, n_groups, default_left = _cut_column(j, row, value, bounds, node.stop - node.start, n_categories, y, weight,
                                                        rank, sorted_y, criterion, total, limits, groups)  # fmt: skip
        if both > best:
            best, node.feature, node.default_left, n_codes = both, j, default_left, first_code
            if n_categories[j] > 0:
                node.threshold = np.nan
                codes, n_codes = _keep_codes(groups, n_groups, cut, default_left, n_categories[j], codes, n_codes)
            else:
                node.threshold = np.inf if cut == n_groups else midpoint(groups.value[cut - 1], groups.value[cut])
            node.codes_start, node.codes_stop = first_code, n_codes
    if node.feature == LEAF:
        return codes, n_codes
    before = -node.cover * node.impurity if criterion == ABSOLUTE else worth(criterion, total, groups.bits)
    node.gain = best - before
    if node.gain + EPSILON * node.cover < min_gain:
        _make_leaf(node)
        n_codes = first_code
    return codes, n_codes


@compiled_inline
def _cut_column(j, row, value, bounds, size, n_categories, y, weight, rank, sorted_y, criterion, total, limits, groups):
    """Return (worth, groups that go left, groups, whether missing values go left) of the best cut of column j."""
    lo, hi = bounds[j, 0], bounds[j, 1]
    n_zero = size - (hi - lo)
    if hi == lo or (n_zero == 0 and value[lo] == value[hi - 1]):
        return -np.inf, 0, 0, False  # one value only
    known = lo + n_known(value[lo:hi])
    missing, all_known = np.zeros(len(total)), total.copy()
    for i in range(known, hi):
        add_row(criterion, missing, y[row[i]], weight[row[i]])
    for s in range(len(total)):
        all_known[s] -= missing[s]
    n_groups = group_by_value(criterion, row[lo:known], value[lo:known], n_zero, all_known, y, weight, groups)
    if n_categories[j] > 0:
        order_by_target(criterion, groups, n_groups)
    if rank is None:
        both, cut, default_left = best_boundary(criterion, groups, n_groups, missing, hi - known, total, limits[MIN_SAMPLES_LEAF])
    else:
        both, cut, default_left = best_absolute_boundary(
            groups, n_groups, row[lo:hi], hi - known, rank, sorted_y, weight, limits[MIN_SAMPLES_LEAF]
        )
    return both, cut, n_groups, default_left


@compiled_inline
def _keep_codes(groups, n_groups, cut, default_left, n_codes_of_column, codes, n_codes):
    """Add the categories that go left; those that the node does not hold go as missing values do."""
    goes_left = np.full(n_codes_of_column, default_left)
    for k in range(n_groups):
        goes_left[int(groups.value[groups.order[k]])] = k < cut
    for code in range(n_codes_of_column):
        if goes_left[code]:
            if n_codes == len(codes):
                codes = doubled(codes)
            codes[n_codes] = code
            n_codes += 1
    return codes, n_codes


@compiled_inline
def _mark(node, row, value, bounds, n_categories, rows, codes, goes_left):
    """Set goes_left for every row of the node."""
    j = node.feature
    for i in range(node.start, node.stop):
        goes_left[rows[i]] = node.threshold >= 0.0  # the zeros that a sparse column does not hold
    in_left = np.zeros(n_categories[j], np.bool_)
    for c in range(node.codes_start, node.codes_stop):
        in_left[codes[c]] = True
    for i in range(bounds[j, 0], bounds[j, 1]):
        v = value[i]
        if np.isnan(v):
            goes_left[row[i]] = node.default_left
        elif n_categories[j] > 0:
            goes_left[row[i]] = in_left[int(v)]
        else:
            goes_left[row[i]] = v <= node.threshold


@compiled_inline
def _of_slot(bounds, slot, p):
    """Return where the cells of each column stand, (p, 2)."""
    return bounds[2 * slot * p : 2 * (slot + 1) * p].reshape(p, 2)
