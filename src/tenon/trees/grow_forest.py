"""Grow one tree of a forest: in each node the best cut of a few columns drawn at random, found by counting bins.

A node's rows are counted by bin of the drawn column (a histogram, of which only the bins that occur are looked at), and the cuts
between bins are judged as in `cuts.py`. Columns are drawn until `max_features` were looked at and one of them could be cut
(Breiman 2001; the rule for constant columns is scikit-learn's). A column that is constant in a node is so in all below it, where
it is not counted again: of one-hot columns most are soon. Of sparse columns those without a cell in the node's rows are known by
a look at these rows.
"""

from typing import NamedTuple

import numpy as np

from tenon.kernels import compiled, compiled_inline
from tenon.trees.binning import FeatureBins
from tenon.trees.bins import MISSING, Binned
from tenon.trees.cuts import SQUARED, add_row, best_boundary, doubled, empty_groups, order_by_target, worth
from tenon.trees.tree import LEAF, Tree

N_BINS = 256
LOOK_UP = 8  # a sparse column of more cells than so many times the node's rows is searched for these rows
SORTED_BINS = 48  # up to so many rows their bins are sorted; beyond, all 256 bins are looked through
MAX_DEPTH, MIN_SAMPLES_SPLIT, MIN_SAMPLES_LEAF, MAX_FEATURES = range(4)  # places of the limits in an array


class ForestRows(NamedTuple):
    """The target and weight of all rows; rows of weight 0 are not in this tree's sample."""

    y: np.ndarray  # (n,) float64: numbers, or codes of classes
    weight: np.ndarray  # (n,) float64
    n_classes: int  # 0 for numbers


# One node while the tree grows.
NODE = np.dtype([
    ("feature", np.int64), ("cut", np.int64),  # bins up to `cut` go left; for categories see `bins_left`
    ("left", np.int64), ("right", np.int64), ("default_left", np.bool_), ("gain", np.float64), ("cover", np.float64),
    ("start", np.int64), ("stop", np.int64),  # its rows stand in rows[start : stop]
    ("depth", np.int64),
    ("n_constant", np.int64),  # columns known to be constant from the nodes above
    ("bins_start", np.int64), ("bins_stop", np.int64),  # the bins of categories that go left
])  # fmt: skip


def grow_forest_tree(
    table: Binned, features: list[FeatureBins], rows: ForestRows, criterion: int, limits: np.ndarray, min_gain: float, seed: int
) -> Tree:
    """Return the tree. limits: (4,) int64, see the constants; seed: of the columns that are drawn, in [0, 2^63)."""
    here = np.flatnonzero(rows.weight).astype(np.int32)
    n_values = rows.n_classes or 1
    n_stats = 2 if criterion >= SQUARED else rows.n_classes
    nodes, values = np.empty(2 * len(here) - 1, NODE), np.empty((2 * len(here) - 1, n_values))
    is_category = np.array([f.bin_of_code is not None for f in features])
    n_nodes, bins_left = grow(
        table, is_category, here, rows.y[here], rows.weight[here], criterion, n_stats, n_values, limits, min_gain,
        np.array([seed], np.uint64), nodes, values, empty_groups(N_BINS, n_stats),
    )  # fmt: skip
    return _as_tree(nodes[:n_nodes], values[:n_nodes].copy(), bins_left, features)


def _as_tree(nodes: np.ndarray, value: np.ndarray, bins_left: np.ndarray, features: list[FeatureBins]) -> Tree:
    feature, threshold, categories = nodes["feature"], np.full(len(nodes), np.nan), {}
    first_cut = np.cumsum([0, *(len(f.cuts) for f in features)])
    all_cuts = np.concatenate([f.cuts for f in features])
    is_number = np.array([f.bin_of_code is None for f in features])
    cut_here = (feature != LEAF) & is_number[feature]
    last = first_cut[feature + 1] - first_cut[feature]  # bins beyond: only missing values go right
    place, beyond = first_cut[feature] + nodes["cut"] - 1, nodes["cut"] > last
    threshold[cut_here & beyond] = np.inf
    threshold[cut_here & ~beyond] = all_cuts[place[cut_here & ~beyond]]
    for t in np.flatnonzero((feature != LEAF) & ~is_number[feature]):
        categories[int(t)] = _codes(bins_left[nodes["bins_start"][t] : nodes["bins_stop"][t]], features[feature[t]])
    return Tree(
        feature=feature.astype(np.int32),
        threshold=threshold,
        left=nodes["left"].astype(np.int32),
        right=nodes["right"].astype(np.int32),
        default_left=nodes["default_left"].copy(),
        value=value,
        gain=nodes["gain"].copy(),
        cover=nodes["cover"].copy(),
        categories=categories,
    )


def _codes(bins: np.ndarray, feature: FeatureBins) -> np.ndarray:
    """Return the categories (integer codes) in these ascending bins; by a shortcut where no two share a bin."""
    assert feature.bin_of_code is not None
    n_codes = len(feature.bin_of_code)
    if feature.n_bins == n_codes + 1:
        codes = bins.astype(np.int32) - 1
        return codes[: codes.searchsorted(n_codes)]
    goes_left = np.zeros(N_BINS, bool)
    goes_left[bins] = True
    return feature.codes(goes_left).astype(np.int32)


@compiled
def grow(table, is_category, rows, y, weight, criterion, n_stats, n_values, limits, min_gain, state, nodes, values, groups):
    """Grow the whole tree, the last node first; return how many nodes it has and the bins of categories that go left."""
    n, p = len(rows), len(is_category)
    order = np.arange(p)  # columns; those drawn in this node stand in front
    is_constant, constant, n_constant = np.zeros(p, np.bool_), np.empty(p, np.int64), 0  # columns, as found on the way down
    spare, spare_y, spare_weight = np.empty(n, np.int32), np.empty(n), np.empty(n)
    mark = np.zeros(table.n_rows, np.bool_)
    place = np.full(table.n_rows if len(table.start) > 0 else 0, -1, np.int64)  # of each row in rows, for sparse columns
    for i in range(n if len(table.start) > 0 else 0):
        place[rows[i]] = i
    occurs_in = np.full(p if len(table.start) > 0 else 0, -1, np.int64)  # the last node whose rows hold a cell of the column
    counts = np.zeros(N_BINS, np.int64)
    stats = np.zeros((N_BINS, n_stats))
    present = np.empty(N_BINS, np.int64)
    total = np.zeros(n_stats)
    bins_left, n_left = np.empty(16, np.uint8), np.int64(0)
    waiting, n_waiting = np.empty(n + 1, np.int64), 1
    waiting[0] = 0
    nodes[0].start, nodes[0].stop, nodes[0].depth, nodes[0].n_constant = 0, n, 0, 0
    n_nodes = 1
    while n_waiting > 0:
        n_waiting -= 1
        t = waiting[n_waiting]
        node = nodes[t]
        while n_constant > node.n_constant:  # found in nodes that are not above this one
            n_constant -= 1
            is_constant[constant[n_constant]] = False
        is_pure = _describe(node, values[t], y, weight, criterion, n_values, total)
        if is_pure or not _may_split(node, limits):
            continue
        if len(occurs_in) > 0:
            _note_columns(rows[node.start : node.stop], table.row_start, table.column, t, occurs_in)
        bins_left, n_left, n_constant = _search(node, t, table, is_category, rows, place, y, weight, criterion, total, limits,
                                                state, order, counts, stats, present, groups, bins_left, n_left, is_constant,
                                                constant, n_constant, occurs_in)  # fmt: skip
        if node.feature == LEAF:
            continue
        if node.gain < min_gain:
            node.feature, node.gain = LEAF, 0.0
            continue
        middle = _part(node, table, is_category, rows, y, weight, place, bins_left, mark, spare, spare_y, spare_weight)
        node.left, node.right = n_nodes, n_nodes + 1
        _share_rows(node, nodes[n_nodes], nodes[n_nodes + 1], middle, n_constant)
        waiting[n_waiting], waiting[n_waiting + 1] = n_nodes + 1, n_nodes
        n_waiting, n_nodes = n_waiting + 2, n_nodes + 2
    return n_nodes, bins_left


@compiled_inline
def _describe(node, value, y, weight, criterion, n_values, total):
    """Make the node a leaf and tell whether it is pure; total (n_stats,) gets the stats of its rows."""
    node.feature, node.left, node.right = LEAF, LEAF, LEAF
    node.cut, node.gain, node.default_left, node.bins_start, node.bins_stop = 0, 0.0, False, 0, 0
    total[:] = 0.0
    first, is_pure = y[node.start], True
    for i in range(node.start, node.stop):
        add_row(criterion, total, y[i], weight[i])
        is_pure &= y[i] == first
    if criterion >= SQUARED:  # numbers, or two classes of which the second is counted
        node.cover, value[n_values - 1] = total[0], first if is_pure else total[1] / total[0]
        if n_values == 2:
            value[0] = 1.0 - value[1]
    else:
        node.cover = total.sum()
        for k in range(n_values):
            value[k] = total[k] / node.cover
    return is_pure


@compiled_inline
def _may_split(node, limits):
    """Whether the limits leave the node room for two children."""
    size = node.stop - node.start
    return node.depth < limits[MAX_DEPTH] and size >= limits[MIN_SAMPLES_SPLIT] and size >= 2 * limits[MIN_SAMPLES_LEAF]


@compiled_inline
def _note_columns(rows, row_start, column, t, occurs_in):
    """Write t into occurs_in (p,) for each sparse column that these rows hold a cell of."""
    for r in rows:
        for c in range(row_start[r], row_start[r + 1]):
            occurs_in[column[c]] = t


@compiled_inline
def _share_rows(node, left, right, middle, n_constant):
    left.start, left.stop, left.depth, left.n_constant = node.start, middle, node.depth + 1, n_constant
    right.start, right.stop, right.depth, right.n_constant = middle, node.stop, node.depth + 1, n_constant


@compiled_inline
def _search(node, t, table, is_category, rows, place, y, weight, criterion, total, limits, state, order, counts, stats, present,
            groups, bins_left, n_left, is_constant, constant, n_constant, occurs_in):  # fmt: skip
    """Write the best cut of the columns drawn into the node, which stays a leaf where there is none."""
    p = len(is_category)
    best, n_drawn, first_bin = -np.inf, 0, n_left
    while n_drawn < p and (n_drawn < limits[MAX_FEATURES] or node.feature == LEAF):
        other = n_drawn + _below(state, p - n_drawn)
        order[n_drawn], order[other] = order[other], order[n_drawn]
        j = order[n_drawn]
        n_drawn += 1
        if is_constant[j] or (len(occurs_in) > 0 and occurs_in[j] != t):
            continue
        n_present = _count(j, node, table, rows, place, y, weight, criterion, total, counts, stats, present)
        n_groups = _fill_groups(counts, stats, present, n_present, groups)
        n_missing = counts[MISSING]
        if n_groups > 1 or (n_groups == 1 and n_missing > 0):
            if is_category[j]:
                order_by_target(criterion, groups, n_groups)
            both, cut, default_left = best_boundary(
                criterion, groups, n_groups, stats[MISSING], n_missing, total, limits[MIN_SAMPLES_LEAF]
            )
            if both > best:
                best = both
                node.feature, node.default_left, node.gain = j, default_left, both - worth(criterion, total, groups.bits)
                if is_category[j]:
                    bins_left, n_left = _keep_bins(groups, n_groups, cut, default_left, bins_left, first_bin)
                    node.bins_start, node.bins_stop = first_bin, n_left
                else:
                    node.cut = _between(groups, n_groups, cut)
                    node.bins_start, node.bins_stop, n_left = 0, 0, first_bin
        else:
            is_constant[j], constant[n_constant] = True, j
            n_constant += 1
        _clear(counts, stats, present, n_present)
    return bins_left, n_left, n_constant


@compiled_inline
def _keep_bins(groups, n_groups, cut, default_left, bins_left, n_left):
    """Add the bins that go left to bins_left[:n_left]; those that the node does not hold go as missing values do."""
    goes_left = np.full(N_BINS, default_left)
    for k in range(n_groups):
        goes_left[int(groups.value[groups.order[k]])] = k < cut
    for b in range(1, N_BINS):
        if goes_left[b]:
            if n_left == len(bins_left):
                bins_left = doubled(bins_left)
            bins_left[n_left] = b
            n_left += 1
    return bins_left, n_left


@compiled_inline
def _between(groups, n_groups, cut):
    """Return the last bin that goes left: half of the bins that lie empty between both sides do; N_BINS where all go."""
    if cut == n_groups:
        return N_BINS
    return (int(groups.value[cut - 1]) + int(groups.value[cut])) // 2


@compiled_inline
def _below(state, n):
    """Draw a whole number in [0, n) (SplitMix64: Steele, Lea & Flood 2014); state: (1,) uint64."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.int64((z >> np.uint64(11)) * (1.0 / 9007199254740992.0) * n)


@compiled_inline
def _count(j, node, table, rows, place, y, weight, criterion, total, counts, stats, present):
    """Count the node's rows by bin of column j; return how many bins occur, which `present` lists as they were met."""
    if len(table.start) > 0:
        return _count_sparse(j, node, table, rows, place, y, weight, criterion, total, counts, stats, present)
    first, n_present = j * table.n_rows, 0
    if criterion >= SQUARED:  # the inner loop of a forest, without a question of the criterion
        for i in range(node.start, node.stop):
            b = table.bins[first + rows[i]]
            if counts[b] == 0:
                present[n_present] = b
                n_present += 1
            counts[b] += 1
            stats[b, 0] += weight[i]
            stats[b, 1] += weight[i] * y[i]
        return n_present
    for i in range(node.start, node.stop):
        n_present = _count_cell(table.bins[first + rows[i]], i, y, weight, criterion, counts, stats, present, n_present)
    return n_present


@compiled_inline
def _count_sparse(j, node, table, rows, place, y, weight, criterion, total, counts, stats, present):
    """The same of a sparse column: its cells that are not 0, and the zeros as what these leave of the node's total."""
    n_present = 0
    zero, found = table.zero_bin[j], 0
    lo, hi, size = table.start[j], table.start[j + 1], node.stop - node.start
    if hi - lo <= LOOK_UP * size:
        for c in range(lo, hi):
            i = place[table.row[c]]
            if node.start <= i < node.stop and table.bins[c] != zero:
                n_present = _count_cell(table.bins[c], i, y, weight, criterion, counts, stats, present, n_present)
                found += 1
    else:
        for i in range(node.start, node.stop):
            c = _find(table.row, lo, hi, rows[i])
            if c >= 0 and table.bins[c] != zero:
                n_present = _count_cell(table.bins[c], i, y, weight, criterion, counts, stats, present, n_present)
                found += 1
    if found < size:
        for s in range(len(total)):
            stats[zero, s] = total[s]
            for k in range(n_present):
                stats[zero, s] -= stats[present[k], s]
        counts[zero], present[n_present] = size - found, zero
        n_present += 1
    return n_present


@compiled_inline
def _find(row, lo, hi, r):
    """Return c with row[c] == r among the ascending row[lo : hi], or -1."""
    while hi - lo > 1:
        middle = (lo + hi) // 2
        if row[middle] <= r:
            lo = middle
        else:
            hi = middle
    return lo if lo < hi and row[lo] == r else -1


@compiled_inline
def _count_cell(b, i, y, weight, criterion, counts, stats, present, n_present):
    if counts[b] == 0:
        present[n_present] = b
        n_present += 1
    counts[b] += 1
    add_row(criterion, stats[b], y[i], weight[i])
    return n_present


@compiled_inline
def _fill_groups(counts, stats, present, n_present, groups):
    """Put the bins that occur, but that of missing values, into groups in their order; return how many they are."""
    n_groups = 0
    if n_present <= SORTED_BINS:
        for k in range(1, n_present):
            b, place = present[k], k
            while place > 0 and present[place - 1] > b:
                present[place] = present[place - 1]
                place -= 1
            present[place] = b
        for k in range(n_present):
            n_groups = _add_group(present[k], counts, stats, groups, n_groups)
    else:
        for b in range(N_BINS):
            if counts[b] > 0:
                n_groups = _add_group(b, counts, stats, groups, n_groups)
    return n_groups


@compiled_inline
def _add_group(b, counts, stats, groups, n_groups):
    if b == MISSING:
        return n_groups
    groups.value[n_groups], groups.size[n_groups], groups.order[n_groups] = b, counts[b], n_groups
    for s in range(stats.shape[1]):
        groups.stats[n_groups, s] = stats[b, s]
    return n_groups + 1


@compiled_inline
def _clear(counts, stats, present, n_present):
    for k in range(n_present):
        counts[present[k]] = 0
        for s in range(stats.shape[1]):
            stats[present[k], s] = 0.0


@compiled_inline
def _part(node, table, is_category, rows, y, weight, place, bins_left, mark, spare, spare_y, spare_weight):
    """Bring the node's rows that go left before the others, in order, and return where the others begin."""
    j = node.feature
    goes_left = np.zeros(N_BINS, np.bool_)
    for b in range(1, N_BINS):
        goes_left[b] = b <= node.cut and not is_category[j]
    for k in range(node.bins_start, node.bins_stop):
        goes_left[bins_left[k]] = True
    goes_left[MISSING] = node.default_left
    is_sparse = len(table.start) > 0
    if is_sparse:
        for i in range(node.start, node.stop):
            mark[rows[i]] = goes_left[table.zero_bin[j]]
        for c in range(table.start[j], table.start[j + 1]):
            mark[table.row[c]] = goes_left[table.bins[c]]
    left, right = node.start, 0
    for i in range(node.start, node.stop):
        r = rows[i]
        is_left = int(mark[r] if is_sparse else goes_left[table.bins[j * table.n_rows + r]])
        spare[right], spare_y[right], spare_weight[right] = r, y[i], weight[i]
        rows[left], y[left], weight[left] = r, y[i], weight[i]
        left += is_left
        right += 1 - is_left
    for i in range(right):
        rows[left + i], y[left + i], weight[left + i] = spare[i], spare_y[i], spare_weight[i]
    if is_sparse:
        for i in range(node.start, node.stop):
            place[rows[i]] = i
    return left
