"""Huffman's tree: a small one by hand, the lengths of many against a heap."""

import heapq
from itertools import pairwise

import numpy as np
import pytest

from tenon.text.huffman import huffman_paths


def test_a_tree_by_hand():
    """Counts 5, 3, 1, 1 of a, b, c, d. d and c are merged into node 0 (2), it and b into 1 (5), a and 1 into 2, the root.

    A word goes left before a node of equal weight: at the root a (5) before node 1 (5).
    """
    paths = huffman_paths(np.array([5, 3, 1, 1]))
    steps = list(zip(paths.nodes, paths.labels, strict=True))
    ways = [steps[a:b] for a, b in pairwise(paths.bounds)]
    assert ways == [[(2, 1)], [(2, 0), (1, 0)], [(2, 0), (1, 1), (0, 0)], [(2, 0), (1, 1), (0, 1)]]


def cost_by_heap(counts: list[int]) -> int:
    """The least sum of count times length, by the textbook's algorithm: each merge adds its weight."""
    heap = list(counts)
    heapq.heapify(heap)
    cost = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        cost += merged
        heapq.heappush(heap, merged)
    return cost


@pytest.mark.parametrize("seed", range(20))
def test_codes_are_prefix_free_and_as_short_as_can_be(seed):
    random = np.random.default_rng(seed)
    counts = np.sort(random.zipf(1.3, random.integers(2, 200)).clip(max=10**6))[::-1]
    paths = huffman_paths(counts)
    assert int((counts * np.diff(paths.bounds)).sum()) == cost_by_heap(counts.tolist())
    codes = sorted("".join(str(int(x)) for x in paths.labels[a:b]) for a, b in pairwise(paths.bounds))
    assert not any(longer.startswith(code) for code, longer in pairwise(codes))
    turns = {}  # a node with a turn leads to one place only
    for a, b in pairwise(paths.bounds):
        for i in range(a, b):
            below = paths.nodes[i + 1] if i + 1 < b else -1 - a
            assert turns.setdefault((paths.nodes[i], paths.labels[i]), below) == below
    assert len(turns) == 2 * (len(counts) - 1)
