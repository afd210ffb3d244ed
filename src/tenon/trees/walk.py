"""Send rows down trees of any depth: all trees of an ensemble packed into flat arrays, walked tree by tree."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse

from tenon.kernels import compiled, compiled_inline
from tenon.trees.inputs import Matrix
from tenon.trees.tree import LEAF, Tree

CHUNK_CELLS = 2**22  # so many cells of a sparse matrix are made dense at a time, of the columns that trees ask for
ROWS_A_THREAD = 4096  # fewer rows are not worth a thread


class Walk(NamedTuple):
    """Trees behind each other; a node's children are counted from its tree's root."""

    root: np.ndarray  # (T,) int64: where each tree begins
    feature: np.ndarray  # (m,) int32, LEAF for leaves; positions in `asked`
    threshold: np.ndarray  # (m,) float64
    left: np.ndarray  # (m,) int32
    right: np.ndarray  # (m,) int32
    default_left: np.ndarray  # (m,) bool
    codes_start: np.ndarray  # (m,) int64: the categories that go left stand in codes[codes_start : codes_stop]
    codes_stop: np.ndarray  # (m,) int64, equal to codes_start where the split is on numbers
    codes: np.ndarray  # int32, sorted within a node


class Walker:
    """Packed trees and the columns that they ask for."""

    def __init__(self, trees: Sequence[Tree], asked: np.ndarray | None = None):
        """asked: sorted columns, where others than those that the trees ask for are there too."""
        feature = np.concatenate([tree.feature for tree in trees])
        self.asked = np.unique(feature[feature != LEAF]) if asked is None else asked
        self.walk = _packed(trees, np.where(feature == LEAF, LEAF, np.searchsorted(self.asked, feature)).astype(np.int32))

    def add_values(self, X: Matrix, values: np.ndarray, n_threads: int = 1) -> np.ndarray:
        """Return (n, K) float64: for every row the sum over all trees of its leaves' values; values: (m, K) of all nodes."""
        total = np.zeros((X.shape[0], values.shape[1]))
        for rows, dense in dense_chunks(X, self.asked):
            share_rows(
                lambda part, d=dense, r=rows: _add_values(d[part], self.walk, values, total[r][part]), len(dense), n_threads
            )
        return total

    def leaves(self, X: Matrix, n_threads: int = 1) -> np.ndarray:
        """Return (n, T) int64: the node of each tree in which each row ends, counted from that tree's root."""
        ends = np.empty((X.shape[0], len(self.walk.root)), np.int64)
        for rows, dense in dense_chunks(X, self.asked):
            share_rows(lambda part, d=dense, r=rows: _leaves(d[part], self.walk, ends[r][part]), len(dense), n_threads)
        return ends


def dense_chunks(X: Matrix, asked: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield rows and their cells (m, k) in the k columns asked for, dense and row by row; all at once where X is dense."""
    if not issparse(X):
        yield slice(0, len(X)), np.ascontiguousarray(X[:, asked] if len(asked) < X.shape[1] else X)
        return
    by_row = X[:, asked].tocsr()
    n_rows = max(1, CHUNK_CELLS // max(1, len(asked)))
    for start in range(0, X.shape[0], n_rows):
        yield slice(start, start + n_rows), by_row[start : start + n_rows].toarray()


def _packed(trees: Sequence[Tree], feature: np.ndarray) -> Walk:
    root = np.cumsum([0, *(len(tree) for tree in trees)])
    sizes, codes = np.zeros(len(feature), np.int64), []
    for start, tree in zip(root, trees, strict=False):
        nodes = sorted(tree.categories)
        sizes[start + np.array(nodes, np.int64)] = [len(tree.categories[node]) for node in nodes]
        codes += [tree.categories[node] for node in nodes]
    stop = np.cumsum(sizes)
    all_codes = np.concatenate(codes).astype(np.int32) if codes else np.empty(0, np.int32)
    return Walk(
        root=root[:-1],
        feature=feature,
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=np.concatenate([tree.left for tree in trees]),
        right=np.concatenate([tree.right for tree in trees]),
        default_left=np.concatenate([tree.default_left for tree in trees]),
        codes_start=stop - sizes,
        codes_stop=stop,
        codes=all_codes,
    )


def share_rows(work: Any, n: int, n_threads: int, rows_a_thread: int = ROWS_A_THREAD) -> None:
    """Run work(slice) over 0 … n in up to n_threads threads; every slice is work of its own, so the answer is the same."""
    n_parts = max(1, min(n_threads, n // rows_a_thread))
    parts = [slice(n * i // n_parts, n * (i + 1) // n_parts) for i in range(n_parts)]
    if n_parts == 1:
        work(parts[0])
        return
    with ThreadPoolExecutor(n_parts) as pool:
        list(pool.map(work, parts))


@compiled_inline
def _leaf(x, walk, root):
    """Return the leaf of the row x in the tree that begins at root, counted from there."""
    node = 0
    while True:
        t = root + node
        feature = walk.feature[t]
        if feature < 0:
            return node
        node = walk.left[t] if goes_left(x[feature], walk, t) else walk.right[t]


@compiled_inline
def goes_left(v, walk, t):
    """Whether the inner node t, counted through all trees, sends a row with the value v to the left."""
    if np.isnan(v):
        return walk.default_left[t]
    if walk.codes_stop[t] > walk.codes_start[t]:
        return _holds(walk.codes, walk.codes_start[t], walk.codes_stop[t], v)
    return v <= walk.threshold[t]


@compiled_inline
def _holds(codes, start, stop, code):
    """Whether the code is among the sorted codes[start : stop]."""
    while stop - start > 1:
        middle = (start + stop) // 2
        if codes[middle] <= code:
            start = middle
        else:
            stop = middle
    return codes[start] == code


@compiled
def _add_values(X, walk, values, total):
    for t in range(len(walk.root)):
        for i in range(len(X)):
            leaf = walk.root[t] + _leaf(X[i], walk, walk.root[t])
            for k in range(values.shape[1]):
                total[i, k] += values[leaf, k]


@compiled
def _leaves(X, walk, ends):
    for t in range(len(walk.root)):
        for i in range(len(X)):
            ends[i, t] = _leaf(X[i], walk, walk.root[t])
