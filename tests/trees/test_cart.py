"""CART against brute force over categories, sparse against dense, and what it refuses; tests/parity has scikit-learn."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from tenon.errors import DataError
from tenon.trees import DecisionTreeClassifier, DecisionTreeRegressor


def impurity(y: np.ndarray) -> float:
    """Rows x Gini index of classes 0 … 2, or x variance of numbers."""
    if y.dtype.kind == "f":
        return len(y) * y.var()
    return len(y) * (1 - ((np.bincount(y, minlength=3) / len(y)) ** 2).sum())


@pytest.mark.parametrize("kind", ["two classes", "numbers"])
@pytest.mark.parametrize("seed", range(5))
def test_no_set_of_categories_parts_better(seed, kind):
    rng = np.random.default_rng(seed)
    letters = rng.choice(list("abcde"), 60)
    y = rng.integers(0, 2, 60) if kind == "two classes" else rng.normal(size=60)
    model = (DecisionTreeClassifier if kind == "two classes" else DecisionTreeRegressor)(max_depth=1)
    tree = model.fit(pd.DataFrame({"c": letters}), y).tree_
    sets = [set(some) for size in range(1, 5) for some in combinations("abcde", size)]
    lowest = min(impurity(y[np.isin(letters, list(s))]) + impurity(y[~np.isin(letters, list(s))]) for s in sets)
    assert (tree.cover * tree.impurity)[1:].sum() == pytest.approx(lowest)
    assert tree.gain[0] == pytest.approx(impurity(y) - lowest)


def test_sets_of_categories_for_three_classes_are_nearly_the_best():
    share = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        letters, y = rng.choice(list("abcde"), 80), rng.integers(0, 3, 80)
        tree = DecisionTreeClassifier(max_depth=1).fit(pd.DataFrame({"c": letters}), y).tree_
        sets = [set(some) for size in range(1, 5) for some in combinations("abcde", size)]
        best = max(
            impurity(y) - sum(impurity(part) for part in (y[np.isin(letters, list(s))], y[~np.isin(letters, list(s))]))
            for s in sets
        )
        share.append(tree.gain[0] / best)
    assert np.mean(share) > 0.9
    assert max(share) <= 1 + 1e-12


@pytest.mark.parametrize("criterion", ["gini", "entropy", "squared_error"])
def test_sparse_and_dense_make_the_same_tree(criterion):
    rng = np.random.default_rng(0)
    dense = np.where(rng.random((150, 8)) < 0.4, rng.normal(size=(150, 8)), 0.0)
    y = (dense[:, 0] + dense[:, 1] ** 2 > 0.2).astype(int)
    kind = DecisionTreeRegressor if criterion == "squared_error" else DecisionTreeClassifier
    ours, other = kind(criterion).fit(csr_matrix(dense), y), kind(criterion).fit(dense, y)
    np.testing.assert_array_equal(ours.tree_.feature, other.tree_.feature)
    np.testing.assert_array_equal(ours.tree_.threshold, other.tree_.threshold)
    assert (ours.apply(csr_matrix(dense)) == other.tree_.apply(dense)).all()


def test_missing_cells_go_where_they_help():
    x = np.array([[1.0], [2.0], [np.nan], [4.0], [np.nan], [6.0]])
    model = DecisionTreeClassifier(max_depth=1).fit(x, [0, 0, 1, 1, 1, 1])
    assert (model.tree_.threshold[0], model.tree_.default_left[0]) == (3.0, False)
    assert model.predict([[np.nan]]) == [1]
    alone = DecisionTreeClassifier(max_depth=1).fit(x, [0, 0, 1, 0, 1, 0])
    assert (alone.tree_.threshold[0], alone.tree_.default_left[0]) == (np.inf, False)  # missing or not is the question


def test_a_question_that_helps_only_together_with_another_is_asked():
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    assert DecisionTreeClassifier().fit(X, [0, 1, 1, 0]).score(X, [0, 1, 1, 0]) == 1.0


def test_a_large_mean_loses_no_digits():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 3)), rng.integers(0, 64, 200) / 64
    far, near = DecisionTreeRegressor(max_depth=4).fit(X, y + 2.0**30), DecisionTreeRegressor(max_depth=4).fit(X, y)
    np.testing.assert_array_equal(far.tree_.feature, near.tree_.feature)


@pytest.mark.parametrize("name", ["列 名", "a\nb", "🙂"])
def test_columns_may_be_called_anything(name):
    frame = pd.DataFrame({name: ["x", "y", "x", None], "z": [1.0, 2.0, 3.0, 4.0]})
    model = DecisionTreeClassifier().fit(frame, [0, 1, 0, 1])
    assert model.feature_names_in_.tolist() == [name, "z"]
    assert model.predict(frame.assign(**{name: "never seen"})).shape == (4,)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"criterion": "ginni"}, "criterion takes one of 'gini', 'entropy', 'log_loss'; got 'ginni'; did you mean 'gini'"),
        ({"max_depth": 0}, "max_depth takes a whole number from 1 on, or None; got 0"),
        ({"max_leaf_nodes": 1}, "max_leaf_nodes takes a whole number from 2 on, or None; got 1"),
        ({"min_samples_leaf": 0.5}, "min_samples_leaf takes a whole number from 1 on; got 0.5"),
        ({"ccp_alpha": -0.1}, "ccp_alpha takes a number from 0 on, or 'cv' or 'cv-1se'; got -0.1"),
        ({"ccp_alpha": "cross"}, "ccp_alpha takes a number from 0 on, or 'cv' or 'cv-1se'; got 'cross'"),
        ({"categorical_features": ["c"]}, "categorical_features names 'c', which is no column of X"),
        ({"categorical_features": [3]}, r"categorical_features takes column positions from 0 to 1, names or a mask; got \[3\]"),
    ],
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises(ValueError, match=message):
        DecisionTreeClassifier(**settings).fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])


@pytest.mark.parametrize(
    ("y", "weight", "message"),
    [
        ([0.0, np.nan], None, "Input y contains NaN"),
        ([0.0, np.inf], None, "Input y contains infinity"),
        ([0.0, 1.0], [1.0, -1.0], "Negative values in data passed to `sample_weight`"),
        ([0.0, 1.0], [1.0, np.nan], "Input sample_weight contains NaN"),
        ([0.0, 1.0], [0.0, 0.0], "sample_weight is zero for every row"),
    ],
)
def test_targets_and_weights_that_cannot_be(y, weight, message):
    with pytest.raises(ValueError, match=message):
        DecisionTreeRegressor().fit([[0.0], [1.0]], y, weight)


def test_a_sparse_matrix_too_large_to_be_made_dense_is_refused():
    table = csr_matrix((20_000, 5_001))  # 10^8 cells and more, none of them stored
    with pytest.raises(DataError, match=r"absolute_error takes a sparse matrix of at most 100,000,000 cells; use squared_error"):
        DecisionTreeRegressor("absolute_error").fit(table, np.arange(20_000.0))


def test_constant_and_empty_columns_are_never_asked_for():
    X = np.column_stack([np.full(50, 3.0), np.full(50, np.nan), np.arange(50.0)])
    tree = DecisionTreeRegressor().fit(X, np.arange(50.0)).tree_
    assert set(tree.feature[~tree.is_leaf]) == {2}
