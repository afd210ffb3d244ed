"""Which rows and which features a tree may see."""

from typing import NamedTuple

import numpy as np

from tenon.kernels import compiled_bare_inline, i64, u64

_HIGHEST = 2**62


class Lots(NamedTuple):
    """How features are drawn for one tree (column subsampling, Friedman & Popescu 2003; XGBoost, section 2.3)."""

    in_tree: np.ndarray  # (p,) bool: drawn for the whole tree
    by_level: float  # share of these that each level may use
    by_node: float  # share of these that each node may use
    seed: int


@compiled_bare_inline
def _lot(seed: int, place: int, f: int) -> int:
    """Return 62 random bits that depend on all three numbers (splitmix64, Steele et al. 2014)."""
    x = u64(seed) + u64(place) * u64(0x9E3779B97F4A7C15) + u64(f) * u64(0xD1342543DE82EF95)
    x = (x ^ (x >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> u64(27))) * u64(0x94D049BB133111EB)
    return i64((x ^ (x >> u64(31))) >> u64(2))


@compiled_bare_inline
def _keep_share(allowed: np.ndarray, share: float, seed: int, place: int) -> None:
    """Of the allowed features keep the share, at least one, that draws the lowest lots: halve the range of lots until as many
    are below.
    """
    n_wanted, below, above = i64(share * _n_below(allowed, _HIGHEST, seed, place)), i64(0), i64(_HIGHEST)
    n_wanted = n_wanted if n_wanted > 1 else 1
    while above - below > 1:
        middle = below + (above - below) // 2
        if _n_below(allowed, middle, seed, place) < n_wanted:
            below = middle
        else:
            above = middle
    for f in range(len(allowed)):
        allowed[f] &= _lot(seed, place, f) < above


@compiled_bare_inline
def _n_below(allowed: np.ndarray, limit: int, seed: int, place: int) -> int:
    n = i64(0)
    for f in range(len(allowed)):
        n += allowed[f] & (_lot(seed, place, f) < limit)
    return n


@compiled_bare_inline
def draw_features(lots: Lots, depth: int, node: int, allowed: np.ndarray) -> None:
    """Write into allowed, (p,) bool, which features a node may use: those of its tree, of its level, and of itself."""
    for f in range(len(allowed)):
        allowed[f] = lots.in_tree[f]
    if lots.by_level < 1.0:
        _keep_share(allowed, lots.by_level, lots.seed, -1 - depth)
    if lots.by_node < 1.0:
        _keep_share(allowed, lots.by_node, lots.seed, node)


def draw_rows(rng: np.random.Generator, n_rows: int, share: float) -> np.ndarray:
    """Return a random share of 0 … n-1, in order, (m,) int32; at least one row."""
    m = max(1, round(share * n_rows))
    return np.sort(rng.choice(n_rows, m, replace=False)).astype(np.int32)


def draw_by_gradient(
    rng: np.random.Generator, grad: np.ndarray, hess: np.ndarray, top: float, other: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and their factors by gradient-based one-side sampling (GOSS; Ke et al. 2017, LightGBM, algorithm 2).

    grad, hess : (K, n) float32. All rows of the share `top` with the largest sum of |g h| over classes (their program's measure)
    are kept; of the rest a random share `other` of all rows, whose gradients count (1 - top) / other times. Returns (m,)
    int32, in
    order, and (m,) float32.
    """
    size = np.abs(grad * hess).sum(axis=0)
    n = len(size)
    n_top, n_other = max(1, int(top * n)), max(1, int(other * n))
    by_size = np.argpartition(-size, n_top - 1)
    rest = by_size[n_top:]
    drawn = rng.choice(rest, min(n_other, len(rest)), replace=False)
    factor = np.zeros(n, np.float32)
    factor[by_size[:n_top]] = 1.0
    factor[drawn] = (n - n_top) / max(len(drawn), 1)
    rows = np.flatnonzero(factor).astype(np.int32)
    return rows, factor[rows]
