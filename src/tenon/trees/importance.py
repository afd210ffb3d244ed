"""How much each column matters to a forest: by the impurity it lowers, and by what its disturbance costs out of bag.

The first is found while growing, and flatters columns with many values; the second is (Σ errOOB2 - errOOB1) / N over the N
trees, where errOOB1 is a tree's error on its out-of-bag rows and errOOB2 the same with the column disturbed (Breiman 2001,
section 10).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import issparse

from tenon import ranges
from tenon.errors import DataError
from tenon.trees.tree import Tree, gain_by_feature
from tenon.trees.walk import Walker

DISTURBANCES = ("permutation", "normal", "uniform")


def impurity_importance(trees: Sequence[Tree], n_features: int) -> np.ndarray:
    """Return the mean over trees (p,) of each column's share in the fall of the impurity; trees without a split do not count."""
    shares = [gain_by_feature([tree], n_features) for tree in trees if len(tree) > 1]
    shares = [gain / gain.sum() for gain in shares if gain.sum() > 0]
    if not shares:
        return np.zeros(n_features)
    mean = np.mean(shares, axis=0)
    return mean / mean.sum()


def out_of_bag_importance(
    forest: Any, X: Any, y: Any, disturbance: str = "permutation", sample_weight: Any = None, random_state: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rise (p,) of the out-of-bag error when a column is disturbed, and its standard error (p,), over the trees.

    X, y, sample_weight: what the forest was fitted on. The error is the share of wrong rows for classes, the mean squared error
    for numbers. disturbance: "permutation" deals a column's cells anew among the rows; "normal" and "uniform" add noise of this
    law, of mean 0 and the column's own deviation, to every cell, and draw a category as often as it occurs.
    """
    from tenon.trees.inputs import read_rows

    ranges.one_of("disturbance", disturbance, DISTURBANCES)
    table, y, weight = (
        read_rows(forest, X),
        np.asarray(y),
        np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight),
    )
    table, y, weight = table[weight > 0], y[weight > 0], weight[weight > 0]
    if issparse(table):
        raise DataError("the out-of-bag importance takes a dense table; of text columns, disturb the texts themselves.")
    if len(y) != forest.n_train_:
        raise DataError(f"X has {len(y):,} rows, but the forest was fitted on {forest.n_train_:,}; pass the same rows again.")
    rng = np.random.default_rng(random_state)
    rises = []
    for tree, is_out in zip(forest.trees_, forest.out_of_bag(), strict=True):
        rows = np.flatnonzero(is_out)
        if len(rows):
            rises.append(_rises(forest, tree, table[rows], y[rows], weight[rows], disturbance, rng))
    if len(rises) < 2:
        raise DataError("no two trees have out-of-bag rows; fit with bootstrap=True and more trees.")
    return np.mean(rises, axis=0), np.std(rises, axis=0, ddof=1) / np.sqrt(len(rises))


def _rises(
    forest: Any, tree: Tree, X: np.ndarray, y: np.ndarray, weight: np.ndarray, disturbance: str, rng: np.random.Generator
) -> np.ndarray:
    """errOOB2 - errOOB1 (p,) of one tree; a column that it does not ask for costs nothing."""
    walker = Walker([tree])
    before, rises = _error(forest, walker, tree, X, y, weight), np.zeros(X.shape[1])
    for j in walker.asked:
        disturbed = X.copy()
        disturbed[:, j] = _disturbed(X[:, j], disturbance, int(j) in forest.categories_, rng)
        rises[j] = _error(forest, walker, tree, disturbed, y, weight) - before
    return rises


def _disturbed(x: np.ndarray, disturbance: str, is_category: bool, rng: np.random.Generator) -> np.ndarray:
    if disturbance == "permutation":
        return rng.permutation(x)
    if is_category:
        return rng.choice(x, len(x))
    deviation = 0.0 if np.isnan(x).all() else np.nanstd(x)
    if disturbance == "normal":
        return x + rng.normal(0.0, deviation, len(x))
    return x + rng.uniform(-np.sqrt(3) * deviation, np.sqrt(3) * deviation, len(x))


def _error(forest: Any, walker: Walker, tree: Tree, X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    answer = walker.add_values(X, tree.value)
    if hasattr(forest, "classes_"):
        return float(np.average(forest.classes_[answer.argmax(axis=1)] != y, weights=weight))
    return float(np.average((answer[:, 0] - y) ** 2, weights=weight))
