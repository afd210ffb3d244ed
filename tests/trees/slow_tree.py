"""One boosted tree by its definition: every cut of every feature is scored from scratch, missing values on both sides."""

from collections.abc import Iterator

import numpy as np


def score(grad: np.ndarray, hess: np.ndarray, l2: float) -> float:
    return float(grad.sum() ** 2 / (hess.sum() + l2))


def cuts(x: np.ndarray) -> Iterator[np.ndarray]:
    """Yield for each way to cut the rows which go left."""
    values = np.unique(x[~np.isnan(x)])
    for value in values:
        yield x <= value  # missing ones right
        if np.isnan(x).any():
            yield (x <= value) | np.isnan(x)


def best_cut(X: np.ndarray, grad: np.ndarray, hess: np.ndarray, l2: float, min_hess: float) -> tuple[float, np.ndarray | None]:
    best: tuple[float, np.ndarray | None] = (1e-9, None)
    for f in range(X.shape[1]):
        for left in cuts(X[:, f]):
            if min(hess[left].sum(), hess[~left].sum()) < min_hess:
                continue
            gain = score(grad[left], hess[left], l2) + score(grad[~left], hess[~left], l2) - score(grad, hess, l2)
            if gain > best[0] + 1e-9:
                best = gain, left
    return best


def slow_tree(
    X: np.ndarray, grad: np.ndarray, hess: np.ndarray, l2: float, min_hess: float, growth: str, max_depth: int, max_leaves: int
) -> tuple[np.ndarray, list[float]]:
    """Return the leaf weight of each row, and the gains of all splits."""

    def leaf(rows: np.ndarray, depth: int) -> tuple[np.ndarray, int, float, np.ndarray | None]:
        gain, left = best_cut(X[rows], grad[rows], hess[rows], l2, min_hess) if depth < max_depth else (0.0, None)
        return rows, depth, gain, left

    leaves, gains = [leaf(np.arange(len(X)), 0)], []
    while len(leaves) < max_leaves:
        open_leaves = [i for i, (*_, left) in enumerate(leaves) if left is not None]
        if not open_leaves:
            break
        rows, depth, gain, left = leaves.pop(max(open_leaves, key=lambda i: leaves[i][2]) if growth == "leaf" else open_leaves[0])
        assert left is not None
        gains.append(gain)
        leaves += [leaf(rows[left], depth + 1), leaf(rows[~left], depth + 1)]
    values = np.zeros(len(X))
    for rows, *_ in leaves:
        values[rows] = -grad[rows].sum() / (hess[rows].sum() + l2)
    return values, gains
