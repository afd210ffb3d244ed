"""The best cut by absolute error: the loss of every prefix of a column's rows, from a tree of sums over the ranks of y.

The loss of a set is Σ w |y - median|. Rows come one at a time into a tree of sums over the ranks of y in the node (Fenwick
1994), which finds the median and the sums below it in O(log n); so a column costs n log n, as a sort does.
"""

import numpy as np

from tenon.kernels import compiled_inline
from tenon.trees.criteria import sorted_order
from tenon.trees.cuts import Groups


@compiled_inline
def prefix_losses(rows: np.ndarray, rank: np.ndarray, sorted_y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return (m + 1,): the least absolute loss of the first i of the rows (m,).

    rank: (n,) the place of each row's y in sorted_y (m,), from 1; every row of the node has a place of its own.
    """
    m = len(rows)
    size = 1
    while size <= m:
        size *= 2
    sums = np.zeros((size + 1, 2))  # of weight and weight · y, over ranges of ranks
    losses = np.zeros(m + 1)
    total, total_y = 0.0, 0.0
    for i in range(m):
        w = weight[rows[i]]
        place = rank[rows[i]]
        wy = w * sorted_y[place - 1]
        total += w
        total_y += wy
        while place <= size:
            sums[place, 0] += w
            sums[place, 1] += wy
            place += place & -place
        losses[i + 1] = _loss(sums, sorted_y, total, total_y)
    return losses


@compiled_inline
def _loss(sums: np.ndarray, sorted_y: np.ndarray, total: float, total_y: float) -> float:
    """Σ w |y - v| = v · (below - above) + (y above - y below), where at most half of the weight lies below the median v."""
    place, step, below, below_y = 0, len(sums) - 1, 0.0, 0.0
    while step > 0:
        if place + step < len(sums) and below + sums[place + step, 0] <= total / 2:
            place += step
            below += sums[place, 0]
            below_y += sums[place, 1]
        step //= 2
    median = sorted_y[min(place, len(sorted_y) - 1)]
    return max(0.0, median * (2 * below - total) + total_y - 2 * below_y)


@compiled_inline
def best_absolute_boundary(groups: Groups, n_groups: int, rows: np.ndarray, n_missing: int, rank: np.ndarray,
                           sorted_y: np.ndarray, weight: np.ndarray, min_leaf: int) -> tuple[float, int, bool]:  # fmt: skip
    """As `cuts.best_boundary`, with minus the summed loss of both children as worth.

    rows: (m,) all rows of the node by value, the missing ones last.
    """
    m = len(rows)
    in_order = np.empty(m, rows.dtype)
    start = np.zeros(n_groups + 1, np.int64)
    for g in range(n_groups):
        start[g + 1] = start[g] + groups.size[g]
    best, best_cut, best_missing_left = -np.inf, 0, False
    for missing_left in range(2 if n_missing > 0 else 1):
        filled = 0
        if missing_left:
            for i in range(m - n_missing, m):
                in_order[filled] = rows[i]
                filled += 1
        for k in range(n_groups):
            g = groups.order[k]
            for i in range(start[g], start[g + 1]):
                in_order[filled] = rows[i]
                filled += 1
        for i in range(filled, m):
            in_order[i] = rows[i]  # the missing ones, where they are not in front
        from_left = prefix_losses(in_order, rank, sorted_y, weight)
        from_right = prefix_losses(in_order[::-1].copy(), rank, sorted_y, weight)
        n_left = n_missing if missing_left else 0
        for cut in range(1, (n_groups if n_missing > 0 and not missing_left else n_groups - 1) + 1):
            n_left += groups.size[groups.order[cut - 1]]
            if n_left < min_leaf or m - n_left < min_leaf:
                continue
            both = -from_left[n_left] - from_right[m - n_left]
            if both > best:
                best, best_cut = both, cut
                best_missing_left = missing_left == 1 if n_missing > 0 else 2 * n_left > m
    return best, best_cut, best_missing_left


@compiled_inline
def rank_rows(rows: np.ndarray, y: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Write the place of each of the rows among their y, from 1, into rank (n,), and return these y sorted."""
    sorted_y = np.empty(len(rows))
    for i in range(len(rows)):
        sorted_y[i] = y[rows[i]]
    order = sorted_order(sorted_y)
    for i in range(len(rows)):
        sorted_y[i] = y[rows[order[i]]]
        rank[rows[order[i]]] = i + 1
    return sorted_y
