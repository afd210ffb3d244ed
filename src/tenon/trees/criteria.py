"""How mixed a node is, and by how much a split lowers that: each formula a function of its own.

Counts are weights of the classes in a node; entropy is in bits. The functions are compiled, for the kernels call them too.

Sources: Shannon 1948; Quinlan 1986 (information gain), 1993 (gain ratio); Breiman, Friedman, Olshen & Stone 1984 (Gini index,
squared and absolute error).
"""

import numpy as np

from tenon.kernels import compiled, compiled_inline


@compiled
def entropy(counts: np.ndarray) -> float:
    """H = -Σ p log2 p of classes with these weights (K,), in bits; 0 without any weight."""
    total = counts.sum()
    h = 0.0
    for count in counts:
        if count > 0:
            h -= count / total * np.log2(count / total)
    return h


@compiled
def gini(counts: np.ndarray) -> float:
    """1 - Σ p²: how often two draws differ in class. It is Σ p (1 - p), so entropy in nats with ln p ≈ p - 1."""
    total = counts.sum()
    if total == 0:
        return 0.0
    squares = 0.0
    for count in counts:
        squares += (count / total) * (count / total)
    return 1.0 - squares


@compiled
def information_gain(counts: np.ndarray) -> float:
    """g(D, A) = H(D) - Σ |D_i| / |D| · H(D_i), in bits; counts (V, K): the classes in each branch (Quinlan 1986)."""
    everyone = np.zeros(counts.shape[1])
    for branch in counts:
        everyone += branch
    total, gain = everyone.sum(), entropy(everyone)
    for branch in counts:
        gain -= branch.sum() / total * entropy(branch)
    return gain


@compiled
def split_information(sizes: np.ndarray) -> float:
    """H_A(D) = -Σ |D_i| / |D| · log2 |D_i| / |D|, in bits; sizes (V,): the weight of each branch."""
    return entropy(sizes)


@compiled
def gain_ratio(gain: float, sizes: np.ndarray) -> float:
    """g_R(D, A) = g(D, A) / H_A(D); 0 where all rows take one branch (Quinlan 1993)."""
    information = split_information(sizes)
    return gain / information if information > 0 else 0.0


@compiled_inline
def weighted_mean(y: np.ndarray, weight: np.ndarray) -> float:
    """Σ w y / Σ w; y and weight (n,)."""
    total, weighted = 0.0, 0.0
    for i in range(len(y)):
        total += weight[i]
        weighted += weight[i] * y[i]
    return weighted / total


@compiled
def squared_error(y: np.ndarray, weight: np.ndarray) -> float:
    """Weighted mean of (y - mean)²; y and weight (n,)."""
    mean = weighted_mean(y, weight)
    total, squares = 0.0, 0.0
    for i in range(len(y)):
        total += weight[i]
        squares += weight[i] * (y[i] - mean) * (y[i] - mean)
    return squares / total


@compiled
def weighted_median(y: np.ndarray, weight: np.ndarray) -> float:
    """The value with half of the weight on either side; midway between two where the halves part between them."""
    order = sorted_order(y)
    half, below = weight.sum() / 2, 0.0
    for i in range(len(order) - 1):
        below += weight[order[i]]
        if below > half:
            return y[order[i]]
        if below == half:
            return 0.5 * (y[order[i]] + y[order[i + 1]])
    return y[order[-1]]


@compiled
def absolute_error(y: np.ndarray, weight: np.ndarray) -> float:
    """Weighted mean of |y - median|; y and weight (n,)."""
    median = weighted_median(y, weight)
    total, distances = 0.0, 0.0
    for i in range(len(y)):
        total += weight[i]
        distances += weight[i] * abs(y[i] - median)
    return distances / total


@compiled_inline
def sorted_order(key: np.ndarray) -> np.ndarray:
    """Return the positions (n,) int64 in the order of key (no NaN), ties as they stand.

    A merge sort of our own, for it compiles faster than argsort.
    """
    n = len(key)
    order, merged = np.arange(n), np.empty(n, np.int64)
    width = 1
    while width < n:
        for lo in range(0, n, 2 * width):
            middle, hi = min(lo + width, n), min(lo + 2 * width, n)
            a, b = lo, middle
            for i in range(lo, hi):
                if a < middle and (b >= hi or key[order[a]] <= key[order[b]]):
                    merged[i] = order[a]
                    a += 1
                else:
                    merged[i] = order[b]
                    b += 1
        order, merged = merged, order
        width *= 2
    return order


def cross_entropy(p: np.ndarray, q: np.ndarray) -> float:
    """CE(p, q) = -Σ p log2 q = H(p) + KL(p | q), in bits: what rows of classes p cost when coded for q.

    Infinite where q lacks a class that p has.
    """
    there = p > 0
    with np.errstate(divide="ignore"):
        return float(-(p[there] * np.log2(q[there])).sum())


def kl_divergence(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p | q) = Σ p log2 (p / q), in bits, never below 0: the surcharge for coding for q where p is true."""
    there = p > 0
    with np.errstate(divide="ignore"):
        return float((p[there] * np.log2(p[there] / q[there])).sum())
