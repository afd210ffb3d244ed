"""The best cut of one column in one node, by trying every one: numbers between neighbours, categories by their order.

A node is summed up by its *stats*: the weight of each class (K,), or (weight, weight · y) for numbers. Half of a cut's worth is
`worth(stats)` of a child, minus its weighted impurity up to what all cuts of the node share. Missing values are tried on
both sides (as scikit-learn does); without any, they will go where more rows go.

Categories: with two classes or numbers, sorting them by the mean of the target and cutting there finds the best of all
subsets (Breiman et al. 1984, theorem 4.5; Fisher 1958). With more classes they are sorted along the first principal component of
their class shares, which finds a good one (Coppersmith, Hong & Hosking 1999).
"""

from typing import NamedTuple

import numpy as np

from tenon.kernels import compiled, compiled_bare_inline, compiled_inline
from tenon.trees.criteria import sorted_order

GINI, ENTROPY, SQUARED, ABSOLUTE = 0, 1, 2, 3
POWER_STEPS = 30  # of the power iteration; an approximate order is as good as the exact one


@compiled_bare_inline
def worth(criterion: int, stats: np.ndarray, bits: np.ndarray) -> float:
    """Minus weight x impurity of rows with these stats, plus a constant; more is purer. bits: see Groups."""
    if criterion == SQUARED:
        return stats[1] * stats[1] / stats[0]
    total, purity = 0.0, 0.0
    for count in stats:
        total += count
        if criterion == GINI:
            purity += count * count
        elif count > 0:
            purity += _bits(count, bits)
    return purity / total if criterion == GINI else purity - _bits(total, bits)


@compiled_bare_inline
def _bits(count: float, bits: np.ndarray) -> float:
    """count · log2 count, looked up where it can be: without weights all counts are whole, and logarithms are slow."""
    if 0 <= count < len(bits) and int(count) == count:
        return bits[int(count)]
    return count * np.log2(count)


@compiled_bare_inline
def add_row(criterion: int, stats: np.ndarray, y: float, weight: float) -> None:
    """y is the number of a class or a number."""
    if criterion >= SQUARED:
        stats[0] += weight
        stats[1] += weight * y
    else:
        stats[int(y)] += weight


@compiled_bare_inline
def midpoint(low: float, high: float) -> float:
    """A threshold t with low <= t < high."""
    middle = low / 2 + high / 2
    return low if middle >= high else middle


@compiled_bare_inline
def n_known(values: np.ndarray) -> int:
    """How many of the sorted values are not missing (NaN is last)."""
    n = len(values)
    while n > 0 and np.isnan(values[n - 1]):
        n -= 1
    return n


class Groups(NamedTuple):
    """The rows of a node in groups of equal value, filled from the front: a node has at most n rows and one block of zeros."""

    value: np.ndarray  # (n + 1,) float64
    stats: np.ndarray  # (n + 1, S) float64
    size: np.ndarray  # (n + 1,) int64: rows in the group
    order: np.ndarray  # (n + 1,) int64: the groups as they are cut; by value for numbers, by target for categories
    left: np.ndarray  # (S,) float64: room for the stats of the left side
    bits: np.ndarray  # (n + 1,) float64: i · log2 i


def empty_groups(n_rows: int, n_stats: int) -> Groups:
    n = n_rows + 1
    return Groups(
        np.empty(n), np.empty((n, n_stats)), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n_stats), table_of_bits(n)
    )


@compiled
def table_of_bits(n: int) -> np.ndarray:
    """Return i · log2 i (n,) float64, as compiled code computes it."""
    bits = np.empty(n)
    for i in range(n):
        bits[i] = i * np.log2(i)
    return bits


@compiled_bare_inline
def group_by_value(criterion: int, rows: np.ndarray, values: np.ndarray, n_zero: int, total: np.ndarray, y: np.ndarray,
                   weight: np.ndarray, groups: Groups) -> int:  # fmt: skip
    """Fill `groups` with the rows of each value in turn and return how many groups there are.

    rows, values: the node's cells of the column by value, none missing. n_zero further rows hold 0; their stats are what the
    others leave of `total`, the stats of all known rows.
    """
    g, i, zero = 0, 0, -1
    while i < len(rows) or (n_zero > 0 and zero < 0):
        groups.order[g] = g
        for s in range(len(total)):
            groups.stats[g, s] = 0.0
        if n_zero > 0 and zero < 0 and (i == len(rows) or values[i] > 0):
            groups.value[g], groups.size[g], zero = 0.0, n_zero, g
        else:
            first, groups.value[g] = i, values[i]
            while i < len(rows) and values[i] == values[first]:
                add_row(criterion, groups.stats[g], y[rows[i]], weight[rows[i]])
                i += 1
            groups.size[g] = i - first
        g += 1
    if zero >= 0:
        for s in range(len(total)):
            others = 0.0
            for other in range(g):
                others += groups.stats[other, s]  # the zeros' own are still 0
            groups.stats[zero, s] = total[s] - others
    return g


@compiled_inline
def order_by_target(criterion: int, groups: Groups, n_groups: int) -> None:
    """Sort groups (categories) by the mean target, with more than two classes along the first principal component."""
    stats = groups.stats[:n_groups]
    n_stats = stats.shape[1]
    key = np.empty(n_groups)
    axis = np.zeros(n_stats)
    axis[n_stats - 1] = 1.0
    if criterion < SQUARED and n_stats > 2:
        axis = first_component(stats)
    for g in range(n_groups):
        size = stats[g, 0] if criterion >= SQUARED else stats[g].sum()
        key[g] = 0.0
        for s in range(n_stats):
            key[g] += stats[g, s] * axis[s] / size
    order = sorted_order(key)  # ties stay in the order of codes
    for g in range(n_groups):
        groups.order[g] = order[g]


@compiled_inline
def first_component(counts: np.ndarray) -> np.ndarray:
    """Return the direction (K,) in which the groups' class shares differ most; counts (g, K), groups weighted by size."""
    n_groups, n_classes = counts.shape
    size, total, mean = np.empty(n_groups), 0.0, np.zeros(n_classes)
    for g in range(n_groups):
        size[g] = counts[g].sum()
        total += size[g]
        for k in range(n_classes):
            mean[k] += counts[g, k]
    scatter, widest = np.zeros((n_classes, n_classes)), 0
    for k in range(n_classes):
        for m in range(n_classes):
            for g in range(n_groups):
                scatter[k, m] += size[g] * (counts[g, k] / size[g] - mean[k] / total) * (counts[g, m] / size[g] - mean[m] / total)
        if scatter[k, k] > scatter[widest, widest]:
            widest = k
    axis = scatter[widest].copy()
    for _ in range(POWER_STEPS):
        length, turned = 0.0, np.zeros(n_classes)
        for k in range(n_classes):
            length += axis[k] * axis[k]
            for m in range(n_classes):
                turned[k] += scatter[k, m] * axis[m]
        if length == 0:  # all groups are alike, so any order will do
            return axis
        for k in range(n_classes):
            axis[k] = turned[k] / np.sqrt(length)
    return axis


@compiled_bare_inline
def best_boundary(criterion: int, groups: Groups, n_groups: int, missing: np.ndarray, n_missing: int, total: np.ndarray,
                  min_leaf: int) -> tuple[float, int, bool]:  # fmt: skip
    """Return (worth of both children, how many groups go left, whether missing values do); worth -inf without a legal cut.

    total: stats of all rows of the node, missing ones included. Of equal cuts the first in
    the order of groups is taken, with missing values on the right.
    """
    if criterion == SQUARED:
        return _best_boundary_of_numbers(groups, n_groups, missing, n_missing, total, min_leaf)
    left = groups.left
    n_rows = n_missing
    for g in range(n_groups):
        n_rows += groups.size[g]
    best, best_cut, best_missing_left = -np.inf, 0, False
    for missing_left in range(2 if n_missing > 0 else 1):
        n_left = n_missing if missing_left else 0
        for s in range(len(left)):
            left[s] = missing[s] if missing_left else 0.0
        n_cuts = n_groups if n_missing > 0 and not missing_left else n_groups - 1  # the last parts missing from known
        for cut in range(1, n_cuts + 1):
            g = groups.order[cut - 1]
            n_left += groups.size[g]
            for s in range(len(left)):
                left[s] += groups.stats[g, s]
            if n_left < min_leaf or n_rows - n_left < min_leaf:
                continue
            both = _worth_of_both(criterion, left, total, groups.bits)
            if both > best:
                best, best_cut = both, cut
                best_missing_left = missing_left == 1 if n_missing > 0 else 2 * n_left > n_rows
    return best, best_cut, best_missing_left


@compiled_bare_inline
def _worth_of_both(criterion: int, left: np.ndarray, total: np.ndarray, bits: np.ndarray) -> float:
    """worth(left) + worth(total - left) of classes."""
    n_left, n_right, pure_left, pure_right = 0.0, 0.0, 0.0, 0.0
    if criterion == GINI:
        for s in range(len(left)):
            here, there = left[s], total[s] - left[s]
            n_left += here
            n_right += there
            pure_left += here * here
            pure_right += there * there
        return pure_left / n_left + pure_right / n_right
    for s in range(len(left)):
        here, there = left[s], total[s] - left[s]
        n_left += here
        n_right += there
        if here > 0:
            pure_left += _bits(here, bits)
        if there > 0:
            pure_right += _bits(there, bits)
    return (pure_left - _bits(n_left, bits)) + (pure_right - _bits(n_right, bits))


@compiled_bare_inline
def _best_boundary_of_numbers(groups: Groups, n_groups: int, missing: np.ndarray, n_missing: int, total: np.ndarray,
                              min_leaf: int) -> tuple[float, int, bool]:  # fmt: skip
    """The same for the squared error, with both sides in registers: half of a forest's time is spent here."""
    n_rows = n_missing
    for g in range(n_groups):
        n_rows += groups.size[g]
    best, best_cut, best_missing_left = -np.inf, 0, False
    for missing_left in range(2 if n_missing > 0 else 1):
        n_left, weight, weighted_y = 0, 0.0, 0.0
        if missing_left:
            n_left, weight, weighted_y = n_missing, missing[0], missing[1]
        n_cuts = n_groups if n_missing > 0 and not missing_left else n_groups - 1
        for cut in range(1, n_cuts + 1):
            g = groups.order[cut - 1]
            n_left += groups.size[g]
            weight += groups.stats[g, 0]
            weighted_y += groups.stats[g, 1]
            if n_left < min_leaf or n_rows - n_left < min_leaf:
                continue
            rest = total[1] - weighted_y
            both = weighted_y * weighted_y / weight + rest * rest / (total[0] - weight)
            if both > best:
                best, best_cut = both, cut
                best_missing_left = missing_left == 1 if n_missing > 0 else 2 * n_left > n_rows
    return best, best_cut, best_missing_left


@compiled_inline
def doubled(array: np.ndarray) -> np.ndarray:
    """Return an array of twice the room with the same beginning, for what goes left in ever more nodes."""
    wider = np.empty(2 * len(array), array.dtype)
    for i in range(len(array)):
        wider[i] = array[i]
    return wider
