"""Find a node's best split: the formulas of XGBoost (Chen & Guestrin 2016, arXiv:1603.02754), each under its name.

G and H are sums of gradients and Hessians over a node's rows; l2 is their λ, l1 the α of their program, gamma their γ. As
their program does, we leave out the factor 1/2 of eqs. 6 and 7: gains, and what γ is compared with, are twice the paper's.
"""

from typing import NamedTuple

import numpy as np

from tenon.kernels import Record, compiled_bare_inline, compiled_in_place, i64
from tenon.trees.histogram import feature_sums
from tenon.trees.table import MISSING

TINY_SHARE = 1e-10  # of the parent's score: a gain below this is rounding
TINY_HESS = 1e-300
SQUARED_MEAN_SIZE = 2.0 / np.pi  # E|z|² of the normal law
FREE_CATEGORIES = 4  # by chance so few gain less than the thresholds of a number do

RULES = np.dtype(
    [
        ("l2", np.float64),
        ("l1", np.float64),
        ("gamma", np.float64),  # a split whose children are leaves is taken back if it gains less
        ("min_hess", np.float64),  # least sum of Hessians in a leaf
        ("cat_smooth", np.float64),  # Hessian without gradient that is added to a category where categories are put in order
        ("cat_penalty", np.float64),  # how often a set of categories must gain what it gains by chance
        ("min_rows", np.int64),  # least number of rows in a leaf
        ("max_depth", np.int64),
        ("max_leaves", np.int64),
        ("by_gain", np.bool_),  # growth: the leaf of greatest gain next, or the oldest
        ("has_bounds", np.bool_),  # a monotone constraint is set
    ],
    align=True,
)  # what limits a tree

SPLIT = np.dtype(
    [
        ("gain", np.float64),  # 0 where there is no split
        ("grad_left", np.float64),
        ("hess_left", np.float64),
        ("threshold", np.float64),  # exact search: the values up to it go left
        ("cut", np.int32),  # histograms: the last bin that goes left; of categories, the last in their order
        ("missing_left", np.bool_),
    ],
    align=True,
)  # the best split of one feature in one node


class Room(NamedTuple):
    """What one thread writes into while it searches a feature; of all threads, with one axis more."""

    work: np.ndarray  # (4, 256) float64: G and H by bin, G and H left of each cut
    gains: np.ndarray  # (256,) float64: of the cuts
    gain_bits: np.ndarray  # (256,) int64: the same memory
    order: np.ndarray  # (256,) int64: categories


@compiled_bare_inline
def soft_threshold(grad: float, l1: float) -> float:
    """Return G, drawn towards 0 by α: what the L1 penalty leaves of it."""
    shrunk = abs(grad) - l1
    shrunk = shrunk if shrunk > 0.0 else 0.0
    return shrunk if grad > 0.0 else -shrunk


@compiled_bare_inline
def leaf_weight(grad: float, hess: float, l2: float, l1: float) -> float:
    """Eq. 5: w* = -G / (H + λ), the step that minimises the second-order loss of a leaf; 0 for a leaf of no Hessian."""
    return -soft_threshold(grad, l1) / (hess + l2) if hess + l2 > 0.0 else 0.0


@compiled_bare_inline
def score(grad: float, hess: float, l2: float, l1: float) -> float:
    """Eq. 6 for one leaf, times -2: G² / (H + λ), by how much its best weight lowers the loss."""
    grad = soft_threshold(grad, l1)
    return grad * grad / (hess + l2)


@compiled_bare_inline
def score_at(weight: float, grad: float, hess: float, l2: float, l1: float) -> float:
    """The same for any weight: -(2 G w + (H + λ) w² + 2 α |w|)."""
    return -(2.0 * grad * weight + (hess + l2) * weight * weight + 2.0 * l1 * abs(weight))


@compiled_bare_inline
def bounded_weight(grad: float, hess: float, low: float, high: float, rules: Record) -> float:
    """Return w*, moved into the bounds that monotone constraints set."""
    weight = leaf_weight(grad, hess, rules.l2, rules.l1)
    weight = weight if weight > low else low
    return weight if weight < high else high


@compiled_bare_inline
def least_hess(node: Record, rules: Record) -> float:
    """Return what each child must have: min_child_weight, or the Hessian that min_samples_leaf rows have on average here."""
    by_rows = rules.min_rows * node.hess / node.n_rows * (1.0 - 1e-9) if rules.min_rows > 1 else 0.0
    least = by_rows if by_rows > rules.min_hess else rules.min_hess
    return least if least > TINY_HESS else TINY_HESS


@compiled_bare_inline
def node_score(node: Record, rules: Record) -> float:
    """Return what the node itself gains as a leaf: what a split has to beat."""
    if rules.has_bounds:
        weight = bounded_weight(node.grad, node.hess, node.low, node.high, rules)
        return score_at(weight, node.grad, node.hess, rules.l2, rules.l1)
    return score(node.grad, node.hess, rules.l2, rules.l1) if node.hess + rules.l2 > 0.0 else 0.0


@compiled_bare_inline
def gain_of_cut(
    g_left: float, h_left: float, g_all: float, h_all: float, least: float, base: float, l2: float, l1: float
) -> float:
    """Eq. 7: G_L² / (H_L + λ) + G_R² / (H_R + λ) - G² / (H + λ), base being the last; 0 if it is no gain or a child is too
    small.
    """
    gain = score(g_left, h_left, l2, l1) + score(g_all - g_left, h_all - h_left, l2, l1) - base
    return gain if (h_left >= least) & (h_all - h_left >= least) & (gain > 0.0) else 0.0


@compiled_bare_inline
def bounded_gain_of_cut(g_left: float, h_left: float, node: Record, least: float, base: float, sign: int, rules: Record) -> float:
    """The same where leaf weights are bounded; 0 also where the children's weights fall although they must rise (sign = 1)."""
    g_right, h_right, l2, l1 = node.grad - g_left, node.hess - h_left, rules.l2, rules.l1
    w_left = bounded_weight(g_left, h_left, node.low, node.high, rules)
    w_right = bounded_weight(g_right, h_right, node.low, node.high, rules)
    gain = score_at(w_left, g_left, h_left, l2, l1) + score_at(w_right, g_right, h_right, l2, l1) - base
    is_legal = (h_left >= least) & (h_right >= least) & ((w_right - w_left) * sign >= 0.0)
    return gain if is_legal & (gain > 0.0) else 0.0


@compiled_bare_inline
def _gains_of_cuts(
    left_g: np.ndarray, left_h: np.ndarray, n: int, price: float, sign: int, node: Record, rules: Record, out: np.ndarray
) -> None:
    """Write what n cuts gain beyond the price. Without bounds, vector code."""
    least, g_all, h_all, l2, l1 = node.least_hess, node.grad, node.hess, rules.l2, rules.l1
    base = node_score(node, rules) + price
    if rules.has_bounds:
        for b in range(n):
            out[b] = bounded_gain_of_cut(left_g[b], left_h[b], node, least, base, sign, rules)
    else:
        for b in range(n):
            out[b] = gain_of_cut(left_g[b], left_h[b], g_all, h_all, least, base, l2, l1)


@compiled_bare_inline
def _first_largest(bits: np.ndarray, n: int) -> int:
    """Return where the largest of n numbers >= 0 stands, the first of equals, by their bits, which is vector code."""
    largest = i64(0)
    for b in range(n):
        largest = bits[b] if bits[b] > largest else largest
    b = i64(0)
    while b < n - 1 and bits[b] != largest:
        b += 1
    return b


@compiled_bare_inline
def _sums_of_bins(n: int, work: np.ndarray) -> None:
    """Write into work[2] and work[3] what lies left of each cut between n bins, missing values on the right."""
    g, h = 0.0, 0.0
    for b in range(n):
        if b != MISSING:
            g += work[0, b]
            h += work[1, b]
        work[2, b], work[3, b] = g, h


@compiled_bare_inline
def _sums_of_categories(n: int, smooth: float, work: np.ndarray, order: np.ndarray, ratio: np.ndarray) -> int:
    """The same for categories in the order of G / (H + smooth), least first; return how many occur. Ties: lower bin first.

    In this order the best of all 2^(k-1) partitions into two is a cut (Fisher 1958), up to the smoothing.
    """
    k = i64(0)
    for b in range(n):
        if work[1, b] > 0.0:
            at, ratio[b] = k, work[0, b] / (work[1, b] + smooth)
            while at > 0 and ratio[order[at - 1]] > ratio[b]:
                order[at] = order[at - 1]
                at -= 1
            order[at] = b
            k += 1
    g, h = 0.0, 0.0
    for i in range(k):
        g += work[0, order[i]]
        h += work[1, order[i]]
        work[2, i], work[3, i] = g, h
    return k


@compiled_bare_inline
def _price_of_categories(n: int, hess: float, noise: float, rules: Record, work: np.ndarray, order: np.ndarray) -> float:
    """Return what the best cut of n categories gains by chance, times the penalty: the more there are, the more they fit noise.

    Where categories mean nothing, their G are normal with variance φH, φ = noise. In the order of G / H and cut where G is 0,
    they gain φ (Σ √H E|z|)² / ΣH, z being normal: for n of equal H, φ n 2/π. The first few are free.
    """
    roots = 0.0
    for i in range(n):
        roots += np.sqrt(work[1, order[i]])
    n_equal = roots * roots / hess
    price = rules.cat_penalty * SQUARED_MEAN_SIZE * noise * (n_equal - FREE_CATEGORIES)
    return price if price > 0.0 else 0.0


@compiled_in_place
def search_feature(
    sums: np.ndarray,
    feature: Record,
    scale: Record,
    node: Record,
    rules: Record,
    split: Record,
    room: Room,
    goes_left: np.ndarray,
) -> None:
    """Write the feature's best split of a node whose histogram is sums, and for categories which go left, (256,) uint8.

    Missing numbers are tried on the right and, if there are any, on the left (sparsity-aware, their algorithm 3); missing
    categories are a category.
    """
    work, order = room.work, room.order
    feature_sums(sums, feature, scale, node.grad, node.hess, work[0], work[1])
    split.gain, has_missing, price = 0.0, False, 0.0
    if feature.is_categorical:
        n = _sums_of_categories(i64(feature.n_bins), rules.cat_smooth, work, order, room.gains)
        n_cuts, sign = n - 1, i64(0)
        price = _price_of_categories(n, node.hess, scale.noise, rules, work, order)
    else:
        n, has_missing, sign = i64(feature.n_bins), work[1, MISSING] > 0.0, i64(feature.monotone)
        _sums_of_bins(n, work)
        n_cuts = n  # the last parts missing from known
    for missing_left in range(2 if has_missing else 1):
        if missing_left:
            n_cuts -= 1
            for b in range(n_cuts):
                work[2, b] += work[0, MISSING]
                work[3, b] += work[1, MISSING]
        _gains_of_cuts(work[2], work[3], n_cuts, price, sign, node, rules, room.gains)
        b = _first_largest(room.gain_bits, n_cuts)
        if n_cuts > 0 and room.gains[b] > split.gain:
            split.gain, split.cut, split.missing_left = room.gains[b], b, missing_left > 0
            split.grad_left, split.hess_left = work[2, b], work[3, b]
    if split.gain <= TINY_SHARE * node_score(node, rules):
        split.gain = 0.0
    elif feature.is_categorical:
        _sides_of_categories(n, node, split, order, goes_left)
    elif not has_missing:  # those to come go the way of most
        split.missing_left = 2.0 * split.hess_left >= node.hess


@compiled_bare_inline
def _sides_of_categories(n: int, node: Record, split: Record, order: np.ndarray, goes_left: np.ndarray) -> None:
    """Write for each bin whether it goes left; those that do not occur in the node go the way of most rows."""
    for b in range(len(goes_left)):
        goes_left[b] = 2.0 * split.hess_left >= node.hess
    for i in range(n):
        goes_left[order[i]] = i <= split.cut
    split.missing_left = goes_left[MISSING] > 0


@compiled_bare_inline
def sides_of_bins(feature: Record, cut: int, missing_left: bool, goes_left: np.ndarray) -> None:
    """Write for each code of a numeric feature's column whether its rows go left, into goes_left, (256,) uint8."""
    zero, shift = feature.zero_bin, feature.first_code - 1
    for code in range(len(goes_left)):
        if feature.first_code == 0:
            goes_left[code] = missing_left if code == MISSING else code <= cut
        else:
            goes_left[code] = zero <= cut  # codes of other features in the bundle: this one is zero there
    if feature.first_code > 0:
        for b in range(1, feature.n_bins):
            if b != zero:
                goes_left[shift + b - (1 if b > zero else 0)] = b <= cut
