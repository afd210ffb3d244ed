"""Forests: what they must be whatever is drawn, and out-of-bag figures counted by hand."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import norm, uniform
from sklearn.base import clone

from tenon.errors import DataError
from tenon.trees import RandomForestClassifier, RandomForestRegressor
from tenon.trees.importance import out_of_bag_importance

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 6))
X[RNG.random(X.shape) < 0.05] = np.nan
SIGNAL = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1])
Y = (SIGNAL > 0).astype(int) + (SIGNAL > 1)


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_same_forest_for_any_number_of_threads(criterion, n_classes):
    y = np.minimum(Y, n_classes - 1)
    one, three = (RandomForestClassifier(20, criterion, n_jobs=n, random_state=3).fit(X, y) for n in (1, 3))
    assert one.predict_proba(X).tobytes() == three.predict_proba(X).tobytes()


def test_sparse_and_dense_columns_make_the_same_forest():
    table = np.where(np.abs(X) < 0.7, 0.0, np.nan_to_num(X))
    numbers = RandomForestRegressor(10, max_depth=3, random_state=1)  # deeper, cuts tie and sums differ in their last bits
    for kind, y in ((RandomForestClassifier(10, random_state=1), Y), (numbers, SIGNAL)):
        dense, sparse = clone(kind).fit(table, y), clone(kind).fit(csr_matrix(table), y)
        for ours, other in zip(dense.trees_, sparse.trees_, strict=True):
            np.testing.assert_array_equal(ours.feature, other.feature)
            np.testing.assert_array_equal(ours.threshold, other.threshold)


def test_two_classes_as_numbers_are_the_gini_index():
    """1 - Σ p² of two classes is twice the variance of 0 and 1, so a regression forest splits alike."""
    y = Y > 0
    shared = {"n_estimators": 5, "max_features": 3, "random_state": 2}
    classes = RandomForestClassifier(max_depth=4, **shared).fit(X, y)  # deeper, cuts tie and sums differ in their last bits
    numbers = RandomForestRegressor(max_depth=4, **shared).fit(X, y.astype(float))
    np.testing.assert_allclose(classes.predict_proba(X)[:, 1], numbers.predict(X), atol=1e-12)
    tree = RandomForestClassifier(**shared).fit(X, y).trees_[0]
    gini = 1 - tree.value[0] @ tree.value[0]
    assert tree.gain.sum() == pytest.approx(gini * tree.cover[0])  # leaves are pure, so all impurity is lost


@pytest.mark.mission("C9")
def test_out_of_bag_score_by_hand():
    forest = RandomForestClassifier(30, oob_score=True, random_state=0).fit(X, Y)
    votes = np.zeros((len(X), 3))
    for tree, is_out in zip(forest.trees_, forest.out_of_bag(), strict=True):
        votes[is_out] += tree.value[tree.apply(X[is_out])]
    assert (votes.sum(axis=1) > 0).all()
    assert forest.oob_score_ == (votes.argmax(axis=1) == Y).mean()
    assert 0.6 < forest.oob_score_ < 1


def test_a_tree_knows_the_rows_it_drew():
    forest = RandomForestClassifier(5, random_state=0).fit(X, Y)
    for tree, is_out in zip(forest.trees_, forest.out_of_bag(), strict=True):
        assert (tree.value[tree.apply(X)].argmax(axis=1) == Y)[~is_out].all()
        assert 0.3 < is_out.mean() < 0.45  # 1 / e = 0.37 is expected


@pytest.mark.parametrize("disturbance", ["permutation", "normal", "uniform"])
def test_importance_by_disturbance_finds_the_columns_that_matter(disturbance):
    for kind, y in ((RandomForestClassifier, Y), (RandomForestRegressor, SIGNAL)):
        forest = kind(60, random_state=0).fit(X, y)
        rise, error = out_of_bag_importance(forest, X, y, disturbance)
        assert (rise[:2] > 5 * error[:2]).all()
        assert (np.abs(rise[2:]) < rise[:2].min() / 5).all()
        assert (forest.feature_importances_[:2] > forest.feature_importances_[2:].max()).all()
        assert forest.feature_importances_.sum() == pytest.approx(1)


def expected_rises(tree, x, y, disturbance) -> np.ndarray:
    """Of a tree with one cut: the mean over everything that can be drawn, by the share of draws that fall below the cut."""
    j, cut, says = tree.feature[0], tree.threshold[0], tree.value[1:, 0]
    if disturbance == "permutation":
        below = np.full(len(x), (x[:, j] <= cut).mean())
    else:
        law = {"normal": norm(), "uniform": uniform(-np.sqrt(3), 2 * np.sqrt(3))}[disturbance]  # both of mean 0 and deviation 1
        below = law.cdf((cut - x[:, j]) / x[:, j].std())
    before = np.where(x[:, j] <= cut, says[0], says[1])
    rises = np.zeros(x.shape[1])
    rises[j] = (below * (says[0] - y) ** 2 + (1 - below) * (says[1] - y) ** 2 - (before - y) ** 2).mean()
    return rises


@pytest.mark.mission("C9")
@pytest.mark.parametrize("disturbance", ["permutation", "normal", "uniform"])
def test_importance_by_disturbance_is_what_the_draws_cost_on_average(disturbance):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3)) * [1.0, 20.0, 0.1] + 5.0
    y = (x[:, 0] > 5.2) + (x[:, 1] > 4.0) + 0.2 * rng.normal(size=300)
    forest = RandomForestRegressor(400, max_depth=1, max_features=1, random_state=0).fit(x, y)
    outside = zip(forest.trees_, forest.out_of_bag(), strict=True)
    expected = np.mean([expected_rises(tree, x[is_out], y[is_out], disturbance) for tree, is_out in outside], axis=0)
    rise, _ = out_of_bag_importance(forest, x, y, disturbance)
    assert expected[:2].min() > 0.01
    np.testing.assert_allclose(rise, expected, rtol=0.03, atol=5e-4)  # 400 draws of some 110 rows each
    other = expected_rises(forest.trees_[0], x, y, "normal" if disturbance == "permutation" else "permutation").max()
    assert abs(other / expected_rises(forest.trees_[0], x, y, disturbance).max() - 1) > 0.1  # the two are told apart


def test_what_the_importance_by_disturbance_cannot_use_is_told():
    table = np.nan_to_num(X)
    forest = RandomForestClassifier(3, random_state=0).fit(table, Y)
    with pytest.raises(DataError, match="the out-of-bag importance takes a dense table; of text columns, disturb the texts"):
        out_of_bag_importance(forest, csr_matrix(table), Y)
    with pytest.raises(DataError, match="X has 399 rows, but the forest was fitted on 400; pass the same rows again"):
        out_of_bag_importance(forest, table[1:], Y[1:])
    whole = RandomForestClassifier(3, bootstrap=False, random_state=0).fit(table, Y)
    with pytest.raises(DataError, match="no two trees have out-of-bag rows; fit with bootstrap=True and more trees"):
        out_of_bag_importance(whole, table, Y)


def test_categories_are_parted_not_ordered():
    letters = np.random.default_rng(0).choice(list("abcdef蓝绿"), 500)
    y = np.isin(letters, ["b", "e", "蓝"])
    model = RandomForestClassifier(5, max_depth=1, random_state=0).fit(pd.DataFrame({"c": letters}), y)
    assert model.score(pd.DataFrame({"c": letters}), y) == 1.0  # one question is enough


def test_a_pickled_forest_says_the_same():
    forest = RandomForestClassifier(5, random_state=0).fit(X, Y)
    assert pickle.loads(pickle.dumps(forest)).predict_proba(X).tobytes() == forest.predict_proba(X).tobytes()


def test_settings_that_cannot_be():
    for settings, message in (
        ({"n_estimators": 0}, "n_estimators takes a whole number from 1 on; got 0"),
        ({"max_features": "sqr"}, "did you mean 'sqrt'"),
        ({"max_features": 1.5}, "max_features takes a number above 0 to 1"),
        ({"max_bins": 300}, "max_bins takes a whole number from 2 to 255; got 300"),
        ({"oob_score": True, "bootstrap": False}, "oob_score=True takes bootstrap=True: without it every tree draws every row"),
    ):
        with pytest.raises(ValueError, match=message):
            RandomForestClassifier(**settings).fit(X, Y)
