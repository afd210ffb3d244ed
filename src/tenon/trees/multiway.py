"""Trees whose nodes have a child for each value of a column: what ID3 and C4.5 grow.

Growing is a plain loop over nodes; what looks at rows is compiled. Tables of categories come as *values*: each row lists the
numbers of the values it holds, counted through all columns, so a dense table and a sparse one (which lists only what is there)
look alike.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tenon.kernels import compiled
from tenon.trees.criteria import entropy
from tenon.trees.inputs import Matrix
from tenon.trees.tree import LEAF, reached
from tenon.trees.walk import dense_chunks


@dataclass(frozen=True)
class MultiwayTree:
    """A tree of m nodes; node 0 is the root, and the children of a node stand side by side behind it."""

    feature: np.ndarray  # (m,) int32: the column asked for, LEAF for leaves
    threshold: np.ndarray  # (m,) float64: children 0 and 1 hold x <= threshold and the others; NaN: a child for each value
    first_child: np.ndarray  # (m,) int32, LEAF for leaves
    n_children: np.ndarray  # (m,) int32
    code: np.ndarray  # (m,) int32: the value for which the parent sends rows here, ascending among siblings; LEAF for the root
    counts: np.ndarray  # (m, K) float64: weight of each class in the node
    gain: np.ndarray  # (m,) float64: what the split was chosen by; 0 for leaves

    def __len__(self) -> int:
        return len(self.feature)

    @property
    def is_leaf(self) -> np.ndarray:
        """(m,) bool."""
        return self.first_child == LEAF

    @property
    def n_leaves(self) -> int:
        return int(self.is_leaf.sum())

    @property
    def parent(self) -> np.ndarray:
        """(m,) int64, LEAF for the root."""
        inner = np.flatnonzero(~self.is_leaf)
        inner = inner[np.argsort(self.first_child[inner])]
        return np.append(LEAF, np.repeat(inner, self.n_children[inner]))

    @property
    def risk(self) -> np.ndarray:
        """(m,) float64: weight times entropy, in bits."""
        return np.array([counts.sum() * entropy(counts) for counts in self.counts])

    @property
    def weight(self) -> float:
        """Of all train rows."""
        return float(self.counts[0].sum())

    def cut_below(self, nodes: np.ndarray) -> "MultiwayTree":
        """Return the tree in which these nodes are leaves."""
        is_leaf = self.is_leaf
        is_leaf[nodes] = True
        kept = reached(self.parent, is_leaf)
        place = np.cumsum(kept) - 1
        return replace(
            self,
            feature=np.where(is_leaf, LEAF, self.feature)[kept].astype(np.int32),
            threshold=np.where(is_leaf, np.nan, self.threshold)[kept],
            first_child=np.where(is_leaf, LEAF, place[self.first_child])[kept].astype(np.int32),
            n_children=np.where(is_leaf, 0, self.n_children)[kept].astype(np.int32),
            code=self.code[kept],
            counts=self.counts[kept],
            gain=np.where(is_leaf, 0.0, self.gain)[kept],
        )

    def proba(self, X: Matrix, shares_unknown: bool) -> np.ndarray:
        """Return (n, K) float64 for rows of numbers and codes, NaN where unknown.

        A row whose value has no child here is answered by this node's own classes, or, with shares_unknown, by all children,
        each by its share of the rows (Quinlan 1993, chapter 3).
        """
        asked = np.unique(self.feature[~self.is_leaf])
        place = np.where(self.is_leaf, LEAF, np.searchsorted(asked, self.feature)).astype(np.int64)
        weight = self.counts.sum(axis=1)
        value = self.counts / weight[:, None]
        answers = np.zeros((X.shape[0], self.counts.shape[1]))
        for rows, dense in dense_chunks(X, asked):
            _walk(
                dense,
                place,
                self.threshold,
                self.first_child,
                self.n_children,
                self.code,
                weight,
                value,
                shares_unknown,
                answers[rows],
            )
        return answers


class Values(NamedTuple):
    """A table of categories: row i holds the values value[start[i] : start[i + 1]]; column j owns first[j] … first[j + 1] - 1."""

    start: np.ndarray  # (n + 1,) int64
    value: np.ndarray  # int64
    first: np.ndarray  # (p + 1,) int64
    has_rest: bool  # whether a row that lists no value of a column holds the column's first one (sparse tables)


@compiled
def count_values(values, rows, y, weight, counts):
    """Add up into counts (V, K) the weight of each class by value, over rows (m,) with weight (m,); y: (n,) codes of classes."""
    start, value, first, has_rest = values
    counts[:] = 0.0
    total = np.zeros(counts.shape[1])
    for i in range(len(rows)):
        r = rows[i]
        total[y[r]] += weight[i]
        for c in range(start[r], start[r + 1]):
            counts[value[c], y[r]] += weight[i]
    if has_rest:
        for j in range(len(first) - 1):
            for k in range(len(total)):
                rest = total[k]
                for v in range(first[j] + 1, first[j + 1]):
                    rest -= counts[v, k]
                counts[first[j], k] = rest


@compiled
def _walk(X, feature, threshold, first_child, n_children, code, weight, value, shares_unknown, answers):
    """Send every row down, as a whole or in parts, and add up what its leaves say; a stack holds the parts still on their way."""
    nodes, parts = np.empty(len(feature) + 1, np.int64), np.empty(len(feature) + 1)
    for i in range(len(X)):
        nodes[0], parts[0], n = 0, 1.0, 1
        while n > 0:
            n -= 1
            t, part = nodes[n], parts[n]
            child = -1
            if feature[t] >= 0:
                x = X[i, feature[t]]
                if not np.isnan(threshold[t]):
                    child = -1 if np.isnan(x) else first_child[t] + (0 if x <= threshold[t] else 1)
                else:
                    for c in range(first_child[t], first_child[t] + n_children[t]):
                        if code[c] == x:
                            child = c
            if child >= 0:
                nodes[n], parts[n] = child, part
                n += 1
            elif feature[t] >= 0 and shares_unknown:
                known = 0.0
                for c in range(first_child[t], first_child[t] + n_children[t]):
                    known += weight[c]
                for c in range(first_child[t], first_child[t] + n_children[t]):
                    nodes[n], parts[n] = c, part * weight[c] / known
                    n += 1
            else:
                for k in range(value.shape[1]):
                    answers[i, k] += part * value[t, k]


class Growing:
    """The nodes of a MultiwayTree while it grows."""

    def __init__(self, counts: np.ndarray):
        self._feature, self._threshold, self._first, self._n, self._gain = [LEAF], [np.nan], [LEAF], [0], [0.0]
        self._code, self._counts = [LEAF], [counts]

    def split(self, node: int, feature: int, threshold: float, gain: float, codes: np.ndarray, counts: np.ndarray) -> range:
        """Give the node a child for each of the codes (c,), with counts (c, K), and return their numbers."""
        first, n = len(self._feature), len(codes)
        self._feature[node], self._threshold[node], self._gain[node] = feature, threshold, gain
        self._first[node], self._n[node] = first, n
        self._feature += [LEAF] * n
        self._threshold += [np.nan] * n
        self._first += [LEAF] * n
        self._n += [0] * n
        self._gain += [0.0] * n
        self._code += list(codes)
        self._counts += list(counts)
        return range(first, first + n)

    def finished(self) -> MultiwayTree:
        def whole(values: list[int]) -> np.ndarray:
            return np.array(values, np.int32)

        return MultiwayTree(
            feature=whole(self._feature),
            threshold=np.array(self._threshold, np.float64),
            first_child=whole(self._first),
            n_children=whole(self._n),
            code=whole(self._code),
            counts=np.array(self._counts, np.float64),
            gain=np.array(self._gain, np.float64),
        )
