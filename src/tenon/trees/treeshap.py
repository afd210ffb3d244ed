"""Exact Shapley values of trees: by how much each column moves the answer for a row away from the mean answer.

Path-dependent TreeSHAP (Lundberg, Erion & Lee 2018, arXiv:1802.03888, algorithm 2; Lundberg et al. 2020): of the columns of a
coalition the row's values are known; at a split on another column each child counts by its share of the train rows. So a leaf
counts by a product over the columns on its way: o of a known one (1 where the row's value leads to the leaf, else 0) and z, the
share that goes that way, of any other. A coalition of s of the d - 1 other columns weighs s! (d - s - 1)! / d!, which is
∫ t^s (1 - t)^(d - 1 - s) dt from 0 to 1, so that column i contributes

    (o_i - z_i) ∫ Π over the others (z_j (1 - t) + o_j t) dt.

The integrand is a polynomial: (d + 1) // 2 points of Gauss and Legendre give it exactly. All that is summed is positive. The
paper multiplies and divides polynomials instead (EXTEND, UNWIND). Their coefficients grow with the binomials: on ways of a
hundred columns, as trees on words have, nothing right is left of the differences. A leaf costs d², d columns being on its way.

A value without a child of its own (trees with a child for each value) counts for every child by its share (C4.5: o = z), or ends
in the node itself (ID3).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from tenon.errors import SettingsError
from tenon.kernels import compiled, compiled_inline
from tenon.trees.inputs import Matrix, read_rows
from tenon.trees.multiway import MultiwayTree
from tenon.trees.tree import LEAF, Tree
from tenon.trees.walk import Walker, dense_chunks, share_rows
from tenon.trees.ways import NOWHERE, Nodes, binary_branches, multiway_branches, nodes_of, reach, ways_to

ROWS_A_THREAD = 32  # fewer rows are not worth a thread
MOST_BRANCHES = 2**22  # so many questions of a tree are answered at a time
MOST_POINTS = 128  # exact for 256 columns on a way, and to the last digits for thousands

Sum = tuple[Sequence[Tree | MultiwayTree], list[np.ndarray]]  # trees, and what the nodes of each answer, (m, K')


@dataclass(frozen=True)
class Contributions:
    """What moves the answers: base + values.sum(axis=1) is what the estimator answers, (n, K)."""

    values: np.ndarray  # (n, k, K) float64: of each row, column and answer
    columns: np.ndarray  # (k,) int64: the columns that some tree asks for; no other contributes anything
    base: np.ndarray  # (K,) float64: the mean answer over the train rows, as the trees count them
    unit: str  # of the answers: "share" of a class, "vote", "score" before the link function, "number"


def contributions(estimator: Any, X: Any, n_threads: int = 1) -> Contributions:
    """Return what each column contributes to the answers for the rows of X, which are read as `predict` reads them.

    The K answers are the classes' shares (ID3, C4.5, CART, forests), the number (CART, forests), the classes' mean votes
    (AdaBoost), or the scores before the link function (boosting: log odds of the second class, logits, logarithms for "poisson").
    The same for any number of threads. Raises SettingsError for an estimator without trees.
    """
    check_is_fitted(estimator)
    sums = _sums(estimator)
    rows = _read(estimator, X)
    asked = [tree.feature[tree.feature != LEAF] for trees, _ in sums for tree in trees]
    columns = np.unique(np.concatenate(asked)).astype(np.int64)
    keeps_unknown = _is_id3(estimator)
    parts = [_explained(trees, values, keeps_unknown, rows, columns, n_threads) for trees, values in sums]
    base = np.concatenate([base for _, base in parts]) + getattr(estimator, "start_", 0.0)
    return Contributions(np.concatenate([moved for moved, _ in parts], axis=2), columns, base, _unit(estimator))


def _unit(estimator: Any) -> str:
    if hasattr(estimator, "start_"):
        return "score" if hasattr(estimator, "classes_") or estimator.loss == "poisson" else "number"
    if hasattr(estimator, "estimator_weights_"):
        return "vote"
    return "share" if hasattr(estimator, "classes_") else "number"


def _is_id3(estimator: Any) -> bool:
    from tenon.trees.id3 import ID3Classifier

    return isinstance(estimator, ID3Classifier)


def _read(estimator: Any, X: Any) -> Matrix:
    return estimator.codes(X) if _is_id3(estimator) else read_rows(estimator, X)


def _sums(estimator: Any) -> list[Sum]:
    """Return the sums of trees whose answers, side by side, are the estimator's."""
    if hasattr(estimator, "tree_"):
        tree = estimator.tree_
        return [([tree], [tree.value if isinstance(tree, Tree) else tree.counts / tree.counts.sum(axis=1, keepdims=True)])]
    if not hasattr(estimator, "trees_"):
        raise SettingsError(f"{type(estimator).__name__} has no trees, so TreeSHAP has nothing to explain.")
    trees = estimator.trees_
    if hasattr(estimator, "estimator_weights_"):
        return [(trees, estimator.ballots())]
    if isinstance(trees[0], Tree):
        return [(trees, [tree.value / len(trees) for tree in trees])]
    return [(of_score, [tree.value for tree in of_score]) for of_score in zip(*trees, strict=True)]  # boosting: a sum a score


def _explained(
    trees: Sequence[Tree | MultiwayTree],
    values: list[np.ndarray],
    keeps_unknown: bool,
    X: Matrix,
    columns: np.ndarray,
    n_threads: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the contributions (n, k, K') to a sum of trees, and its mean answer (K',)."""
    total, base = np.zeros((X.shape[0], len(columns), values[0].shape[1])), np.zeros(values[0].shape[1])
    chunks = list(dense_chunks(X, columns))
    for tree, value in zip(trees, values, strict=True):
        nodes = nodes_of(tree, value, keeps_unknown)
        leaves = np.flatnonzero(nodes.feature == LEAF)
        base += reach(nodes)[leaves] @ nodes.value[leaves]
        work = _tree_work(tree, nodes, leaves, columns, shares_unknown=isinstance(tree, MultiwayTree) and not keeps_unknown)
        for rows, dense in chunks:
            share_rows(lambda part, d=dense, t=total[rows], w=work: w(d[part], t[part]), len(dense), n_threads, ROWS_A_THREAD)
    return total, base


def _tree_work(
    tree: Tree | MultiwayTree, nodes: Nodes, leaves: np.ndarray, columns: np.ndarray, shares_unknown: bool
) -> Callable[[np.ndarray, np.ndarray], None]:
    """Return the function that adds what one tree contributes to rows (n, k) to their total (n, k, K')."""
    column = _positions(nodes.feature, columns)
    ways = ways_to(leaves, nodes.parent, nodes.branch, nodes.share, column)
    rules = rules_for(np.diff(ways.first))
    answers = np.ascontiguousarray(nodes.value[leaves])
    send = _sender(tree, columns)
    n_rows = max(1, MOST_BRANCHES // len(tree))

    def add(X: np.ndarray, total: np.ndarray) -> None:
        for start in range(0, len(X), n_rows):
            some = slice(start, start + n_rows)
            _add_leaves(send(X[some]), ways, answers, rules, shares_unknown, total[some])

    return add


def _sender(tree: Tree | MultiwayTree, columns: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that says which branch rows (n, k) take at each inner node of the tree, (n, m) int32."""
    if isinstance(tree, Tree):
        walk = Walker([tree], columns).walk
        return lambda X: binary_branches(X, walk)
    column = _positions(tree.feature, columns)
    return lambda X: multiway_branches(X, column, tree.threshold, tree.first_child, tree.n_children, tree.code)


def _positions(feature: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.where(feature == LEAF, LEAF, np.searchsorted(columns, feature)).astype(np.int32)


class Rules(NamedTuple):
    """Points t in (0, 1) and weights that integrate polynomials exactly; row q of both holds a rule of q points."""

    t: np.ndarray  # (Q + 1, Q) float64
    weight: np.ndarray


def rules_for(n_columns: np.ndarray) -> Rules:
    """Return the rules for ways with so many columns, (L,) int64; rows that none of them needs are zeros."""
    sizes = np.unique(np.minimum((n_columns + 1) // 2, MOST_POINTS))
    rules = Rules(*np.zeros((2, sizes[-1] + 1, sizes[-1])))
    for q in sizes[sizes > 0]:
        rules.t[q, :q], rules.weight[q, :q] = _rule(int(q))
    return rules


@cache
def _rule(n: int) -> tuple[np.ndarray, np.ndarray]:
    t, weight = np.polynomial.legendre.leggauss(n)
    return (t + 1) / 2, weight / 2


@compiled
def _add_leaves(taken, ways, answers, rules, shares_unknown, total):
    """Add to total (n, k, K) what every leaf contributes to rows that take the branches `taken` (n, m); answers: (L, K)."""
    most = np.diff(ways.first).max()
    o, moved, factor = np.empty(most), np.empty(most), np.empty(most)
    for leaf in range(len(answers)):
        start, stop = ways.first[leaf], ways.first[leaf + 1]
        n_columns = stop - start
        q = min((n_columns + 1) // 2, MOST_POINTS)
        for i in range(len(taken)):
            o[:n_columns] = 1.0
            for e in range(ways.begin[leaf], ways.begin[leaf + 1]):
                branch = taken[i, ways.node[e]]
                if branch != ways.branch[e]:
                    o[ways.slot[e]] *= ways.share[e] if shares_unknown and branch == NOWHERE else 0.0
            _move(o[:n_columns], ways.z[start:stop], rules.t[q, :q], rules.weight[q, :q], factor, moved)
            for s in range(n_columns):
                for k in range(answers.shape[1]):
                    total[i, ways.column[start + s], k] += moved[s] * answers[leaf, k]


@compiled_inline
def _move(o, z, t, weight, factor, moved):
    """Write to `moved` the Shapley values of the product game whose column s counts o[s] when known and z[s] else."""
    n_against, rest, against = 0, 1.0, 0.0  # columns with o = 0, the product of their z, and the integral for one of them
    for i in range(len(o)):
        moved[i] = 0.0
        if o[i] == 0.0:
            n_against += 1
            rest *= z[i]
    if rest == 0.0:
        return
    for p in range(len(t)):
        others = 1.0 - t[p]
        product = weight[p] * others ** max(n_against - 1, 0)
        for i in range(len(o)):
            if o[i] > 0.0:
                factor[i] = z[i] * others + o[i] * t[p]
                product *= factor[i]
        against += product
        if n_against:
            product *= others
        for i in range(len(o)):
            if o[i] > 0.0:
                moved[i] += product / factor[i]
    for i in range(len(o)):
        moved[i] = -rest * against if o[i] == 0.0 else (o[i] - z[i]) * rest * moved[i]
