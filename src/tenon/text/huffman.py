"""The Huffman tree of a vocabulary: the way from its root to each word (Huffman 1952).

Frequent words have short ways, which is what makes hierarchical soft-max cheap (Morin & Bengio 2005; Mikolov et al. 2013,
arXiv:1301.3781, section 3).
"""

from typing import NamedTuple

import numpy as np


class Paths(NamedTuple):
    """What lies on the way to word w stands at bounds[w] … bounds[w + 1], the root first."""

    bounds: np.ndarray  # (V + 1,) int64
    nodes: np.ndarray  # (sum of lengths,) int32, inner nodes 0 … V-2
    labels: np.ndarray  # (sum of lengths,) float32: 1 for a turn to the left, 0 to the right


NO_PATHS = Paths(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))


def huffman_paths(counts: np.ndarray) -> Paths:
    """Return the ways to all words. counts : (V,) falling, V at least 2.

    Words are leaves in the order of rising counts, and merged nodes come into being in such an order, too: the two lightest
    are always at the heads of these two queues (van Leeuwen 1976), no heap is needed. Of equal ones a word goes first.
    """
    n = len(counts)
    weight = np.concatenate([counts[::-1], np.zeros(n - 1, np.int64)]).tolist()  # leaves, then inner nodes
    parent, is_left = [0] * (2 * n - 2), [False] * (2 * n - 2)
    leaf, inner = 0, n
    for new in range(n, 2 * n - 1):
        for side in (True, False):
            if leaf < n and (inner >= new or weight[leaf] <= weight[inner]):
                child, leaf = leaf, leaf + 1
            else:
                child, inner = inner, inner + 1
            weight[new] += weight[child]
            parent[child], is_left[child] = new, side
    ways = [_way(n - 1 - word, parent, is_left) for word in range(n)]
    bounds = np.cumsum([0, *map(len, ways)])
    steps = [step for way in ways for step in way]
    return Paths(bounds, np.array([node - n for node, _ in steps], np.int32), np.array([left for _, left in steps], np.float32))


def _way(node: int, parent: list[int], is_left: list[bool]) -> list[tuple[int, bool]]:
    """Return the inner nodes above a node, the root first, each with the turn that is taken there."""
    way = []
    while node < len(parent):
        way.append((parent[node], is_left[node]))
        node = parent[node]
    return way[::-1]
