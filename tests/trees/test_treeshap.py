"""TreeSHAP against Shapley values from their definition: every coalition of columns, every tree walked by hand."""

from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import clone
from tests.trees.estimators import ESTIMATORS

from tenon.errors import SettingsError
from tenon.trees import (
    AdaBoostClassifier,
    C45Classifier,
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    ID3Classifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from tenon.trees.inputs import read_rows
from tenon.trees.multiway import MultiwayTree
from tenon.trees.tree import Tree, depth_of
from tenon.trees.treeshap import contributions

EXACT = 1e-12  # both are sums of a few hundred float64 products


def children(tree: Tree | MultiwayTree, node: int) -> tuple[list[int], list[float]]:
    """Return a node's children and the train rows in each."""
    if isinstance(tree, Tree):
        below = [int(tree.left[node]), int(tree.right[node])]
        return below, [float(tree.cover[child]) for child in below]
    below = list(range(tree.first_child[node], tree.first_child[node] + tree.n_children[node]))
    return below, [float(tree.counts[child].sum()) for child in below]


def next_node(tree: Tree | MultiwayTree, node: int, x: float) -> int | None:
    """Return the child for a value, or None where it has none."""
    if isinstance(tree, Tree):
        if np.isnan(x):
            goes_left = tree.default_left[node]
        else:
            goes_left = x in tree.categories[node] if node in tree.categories else x <= tree.threshold[node]
        return int(tree.left[node] if goes_left else tree.right[node])
    below, _ = children(tree, node)
    if not np.isnan(tree.threshold[node]):
        return None if np.isnan(x) else below[0 if x <= tree.threshold[node] else 1]
    return next((child for child in below if tree.code[child] == x), None)


def mean_answer(tree: Any, value: np.ndarray, row: np.ndarray, known: set[int], stays: bool, node: int = 0) -> np.ndarray:
    """Return what the tree answers when only the known columns are (Lundberg et al. 2018, algorithm 1)."""
    if tree.is_leaf[node]:
        return value[node]
    below, cover = children(tree, node)
    if int(tree.feature[node]) in known:
        child = next_node(tree, node, row[tree.feature[node]])
        if child is not None:
            return mean_answer(tree, value, row, known, stays, child)
        if stays:
            return value[node]
    answers = [mean_answer(tree, value, row, known, stays, child) for child in below]
    return np.average(answers, axis=0, weights=cover)


def shapley(tree: Any, value: np.ndarray, row: np.ndarray, stays: bool) -> np.ndarray:
    """Return the Shapley value (p, K) of every column by its definition."""
    p = len(row)
    columns = range(p)
    of = {S: mean_answer(tree, value, row, set(S), stays) for size in range(p + 1) for S in combinations(columns, size)}
    moved = np.zeros((p, value.shape[1]))
    for j in columns:
        for S in (S for S in of if j not in S):
            weight = factorial(len(S)) * factorial(p - len(S) - 1) / factorial(p)
            moved[j] += weight * (of[tuple(sorted((*S, j)))] - of[S])
    return moved


def check_by_definition(estimator: Any, X: Any, rows: np.ndarray, sums: list[tuple[list[Any], list[np.ndarray]]]) -> None:
    """sums: for each answer, or for all at once, the trees and what their nodes answer."""
    got = contributions(estimator, X)
    stays = isinstance(estimator, ID3Classifier)
    for i, row in enumerate(rows):
        wanted = np.hstack([
            sum(shapley(tree, value, row, stays) for tree, value in zip(trees, values, strict=True)) for trees, values in sums
        ])  # fmt: skip
        others = np.setdiff1d(np.arange(len(row)), got.columns)
        np.testing.assert_allclose(got.values[i], wanted[got.columns], atol=EXACT)
        np.testing.assert_allclose(wanted[others], 0, atol=EXACT)


def mixed_table(seed: int, n: int = 120) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Numbers and categories with gaps; a target of three classes and one of numbers."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)).round(1), columns=["a", "b", "c"])
    frame["colour"] = rng.choice(["red", "green", "blue", "grey", "black"], n)
    frame["size"] = rng.choice(["s", "m", "l"], n)
    number = frame["a"] * frame["b"] + frame["colour"].isin(["red", "grey"]) * 2 + (frame["size"] == "l") + rng.normal(size=n) / 4
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    return frame, np.digitize(number, [0.0, 1.5]), number.to_numpy()


def new_rows() -> pd.DataFrame:
    """Gaps, a category that fitting never saw, and numbers on a threshold."""
    frame = mixed_table(99, 6)[0]
    frame.loc[0, "colour"], frame.loc[1, "size"] = "mauve", "xxl"
    frame.loc[2] = [np.nan] * 5
    return frame


@pytest.mark.parametrize("seed", range(2))
def test_single_trees(seed):
    frame, classes, numbers = mixed_table(seed)
    for estimator, y in (
        (DecisionTreeClassifier(max_depth=5), classes),
        (DecisionTreeClassifier("entropy", max_leaf_nodes=9, ccp_alpha=0.01), classes),
        (DecisionTreeRegressor(max_depth=5), numbers),
        (DecisionTreeRegressor("absolute_error", max_depth=3), numbers),
    ):
        estimator.fit(frame, y)
        check_by_definition(
            estimator, new_rows(), read_rows(estimator, new_rows()), [([estimator.tree_], [estimator.tree_.value])]
        )


@pytest.mark.parametrize("seed", range(2))
def test_trees_with_a_child_for_each_value(seed):
    frame, classes, _ = mixed_table(seed)
    for estimator in (ID3Classifier(bins=4, max_depth=3), C45Classifier(min_samples_leaf=4), C45Classifier(max_depth=2)):
        tree = estimator.fit(frame, classes).tree_
        rows = estimator.codes(new_rows()) if isinstance(estimator, ID3Classifier) else read_rows(estimator, new_rows())
        check_by_definition(estimator, new_rows(), rows, [([tree], [tree.counts / tree.counts.sum(axis=1, keepdims=True)])])


def test_forests():
    frame, classes, numbers = mixed_table(3)
    for estimator, y in (
        (RandomForestClassifier(4, max_depth=4, random_state=0), classes),
        (RandomForestRegressor(4, max_depth=4, random_state=0), numbers),
    ):
        trees = estimator.fit(frame, y).trees_
        rows = read_rows(estimator, new_rows())
        check_by_definition(estimator, new_rows(), rows, [(trees, [tree.value / 4 for tree in trees])])


def test_adaboost_votes_for_classes():
    frame, classes, _ = mixed_table(4)
    estimator = AdaBoostClassifier(4, max_depth=2).fit(frame, classes)
    votes = estimator.estimator_weights_ / estimator.estimator_weights_.sum()
    ballots = [
        vote * np.where(np.arange(3) == tree.value.argmax(axis=1)[:, None], 1, -1 / 2)
        for tree, vote in zip(estimator.trees_, votes, strict=True)
    ]
    check_by_definition(estimator, new_rows(), read_rows(estimator, new_rows()), [(estimator.trees_, ballots)])


@pytest.mark.parametrize("growth", ["depth", "leaf"])
@pytest.mark.parametrize("order", [1, 2])
def test_boosting_has_a_sum_of_trees_for_each_score(order, growth):
    frame, classes, numbers = mixed_table(5)
    shape = {"n_estimators": 3, "max_leaf_nodes": 7, "order": order, "growth": growth, "cat_smooth": 0.1, "min_child_weight": 0.1}
    for estimator, y in ((GradientBoostingClassifier(**shape), classes), (GradientBoostingRegressor(**shape), numbers)):
        estimator.fit(frame, y)
        assert any(tree.categories for trees in estimator.trees_ for tree in trees)
        sums = [(list(trees), [tree.value for tree in trees]) for trees in zip(*estimator.trees_, strict=True)]
        check_by_definition(estimator, new_rows(), read_rows(estimator, new_rows()), sums)


def answers_of(estimator: Any, X: Any) -> np.ndarray:
    """Return (n, K): what contributions add up to."""
    if hasattr(estimator, "decision_function"):
        scores = estimator.decision_function(X)
        if isinstance(estimator, AdaBoostClassifier) and scores.ndim == 1:
            return np.column_stack([-scores / 2, scores / 2])  # the second class's votes less the first's, which are its negative
        return scores.reshape(len(scores), -1)
    return estimator.predict_proba(X) if hasattr(estimator, "predict_proba") else estimator.predict(X)[:, None]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_contributions_add_up_to_the_answer(estimator, n_classes):
    """Trees of full depth; the tolerance grows with the number of products summed, here some 1e4."""
    frame, classes, numbers = mixed_table(6, 400)
    y = np.minimum(classes, n_classes - 1) if hasattr(estimator, "predict_proba") else numbers
    estimator = clone(estimator).fit(frame, y)
    table = pd.concat([frame.iloc[:100], new_rows()], ignore_index=True)
    got = contributions(estimator, table)
    np.testing.assert_allclose(got.base + got.values.sum(axis=1), answers_of(estimator, table), atol=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(1, 12))
def test_additivity_of_any_regression_tree(seed, n_columns, max_depth):
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, 4, (60, n_columns)).astype(float), rng.normal(size=60)
    X[rng.random(X.shape) < rng.random() / 2] = np.nan
    estimator = DecisionTreeRegressor(max_depth=max_depth).fit(X, y, rng.integers(0, 3, 60) + (np.arange(60) == 0))
    got = contributions(estimator, X)
    np.testing.assert_allclose(got.base + got.values.sum(axis=1), estimator.predict(X)[:, None], atol=1e-11)


def chain(n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that a tree can only part off one by one, each by a column of its own: words that stand in one text."""
    return np.eye(n_columns), 2.0 ** -np.arange(n_columns)


def exact(tree: Tree, row: np.ndarray, column: int) -> Fraction:
    """Return the Shapley value of a column from its definition, coalitions of a size together, in rational numbers."""
    total, open_ways = Fraction(0), [(0, {}, {})]  # node, share and agreement of each column on the way to it
    while open_ways:
        node, z, o = open_ways.pop()
        if tree.is_leaf[node]:
            total += Fraction(float(tree.value[node, 0])) * of_product(z, o, column)
            continue
        feature, (below, cover) = int(tree.feature[node]), children(tree, node)
        for child, size in zip(below, cover, strict=True):
            goes_there = next_node(tree, node, row[feature]) == child
            open_ways.append((
                child,
                {**z, feature: z.get(feature, 1) * Fraction(int(size), int(sum(cover)))},
                {**o, feature: o.get(feature, 1) * Fraction(goes_there)},
            ))  # fmt: skip
    return total


def of_product(z: dict[int, Fraction], o: dict[int, Fraction], column: int) -> Fraction:
    if column not in z:
        return Fraction(0)
    sums = [Fraction(1)]  # over the coalitions of each size
    for other in z.keys() - {column}:
        sums = [z[other] * a + o[other] * b for a, b in zip([*sums, 0], [0, *sums], strict=True)]
    d = len(z)
    weight = [Fraction(factorial(s) * factorial(d - 1 - s), factorial(d)) for s in range(d)]
    return (o[column] - z[column]) * sum(w * a for w, a in zip(weight, sums, strict=True))


def test_ways_of_many_columns_keep_their_digits():
    """Leaves under up to 59 questions, against rational numbers."""
    X, y = chain(60)
    model = DecisionTreeRegressor().fit(X, y)
    got = contributions(model, X)
    at = {int(column): i for i, column in enumerate(got.columns)}
    for row, column in [(0, 0), (59, 0), (30, 5), (10, 10), (3, 7)]:
        assert got.values[row, at[column], 0] == pytest.approx(float(exact(model.tree_, X[row], column)), rel=1e-9)


@pytest.mark.parametrize("n_columns", [2, 3, 257, 600])
def test_additivity_on_the_longest_ways(n_columns):
    X, y = chain(n_columns)
    tree = DecisionTreeRegressor().fit(X, y)
    got = contributions(tree, X)
    np.testing.assert_allclose(got.base + got.values.sum(axis=1), tree.predict(X)[:, None], rtol=1e-12, atol=1e-12)


def test_a_forest_on_words():
    """TF-IDF of texts whose words are mostly absent: multiplied out, the coefficients of such long ways leave no digit."""
    rng = np.random.default_rng(0)
    X = csr_matrix((rng.random((400, 600)) < 0.01) * rng.random((400, 600)))
    y = np.asarray(X[:, :20].sum(axis=1)).ravel() + 0.3 * rng.normal(size=400) > 0.1
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    assert max(depth_of(tree).max() for tree in forest.trees_) > 40
    got = contributions(forest, X[:50])
    assert np.abs(got.values).max() <= 1
    np.testing.assert_allclose(got.base + got.values.sum(axis=1), forest.predict_proba(X[:50]), atol=1e-12)


def test_sparse_rows_and_any_number_of_threads_give_the_same():
    X, y = np.random.default_rng(0).normal(size=(300, 6)), np.random.default_rng(1).normal(size=300)
    X[np.abs(X) < 0.8] = 0
    forest = RandomForestRegressor(5, random_state=0).fit(X, y)
    one = contributions(forest, X)
    assert one.values.tobytes() == contributions(forest, X, n_threads=3).values.tobytes()
    np.testing.assert_array_equal(one.values, contributions(forest, csr_matrix(X)).values)


def test_the_base_is_the_mean_answer_over_the_train_rows():
    frame, classes, numbers = mixed_table(7)
    tree, boosted = DecisionTreeRegressor(max_depth=4).fit(frame, numbers), GradientBoostingRegressor(n_estimators=5)
    assert contributions(tree, frame).base[0] == pytest.approx(numbers.mean())
    boosted.fit(frame, numbers)  # of the squared error, Hessians are 1: each row counts once
    assert contributions(boosted, frame).base[0] == pytest.approx(boosted.predict(frame).mean(), abs=1e-6)
    whole = frame.fillna({"colour": "red", "size": "m"})[["colour", "size"]]
    shares = contributions(C45Classifier().fit(whole, classes), whole)
    np.testing.assert_allclose(shares.base, np.bincount(classes) / len(classes))


def test_a_tree_of_one_leaf_moves_nothing():
    tree = DecisionTreeRegressor().fit([[1.0], [2.0]], [3.0, 3.0])
    got = contributions(tree, [[5.0]])
    assert got.values.shape == (1, 0, 1)
    assert got.base.tolist() == [3.0]


def test_without_trees_there_is_nothing_to_explain():
    from sklearn.linear_model import Ridge

    with pytest.raises(SettingsError, match="Ridge has no trees, so TreeSHAP has nothing to explain"):
        contributions(Ridge().fit([[1.0], [2.0]], [1.0, 2.0]), [[1.0]])
