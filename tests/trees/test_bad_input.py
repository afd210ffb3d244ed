"""Every tree estimator on what it cannot use: one sentence that names it, or answered as documented."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone, is_classifier
from tests.trees.estimators import ESTIMATORS

from tenon.trees import (
    AdaBoostClassifier,
    DecisionTreeRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestRegressor,
)

ALL = [
    *ESTIMATORS,
    DecisionTreeRegressor(criterion="absolute_error"),
    GradientBoostingRegressor(n_estimators=3),
    GradientBoostingRegressor(n_estimators=3, search="exact"),
    GradientBoostingRegressor(n_estimators=3, booster="linear"),
]
every_estimator = pytest.mark.parametrize("estimator", ALL, ids=str)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
NUMBERS = X[:, 0] + 0.1 * RNG.normal(size=60)


def target(estimator) -> np.ndarray:
    return np.where(NUMBERS > 0, "yes", "no") if is_classifier(estimator) else NUMBERS


def with_cell(values: np.ndarray, value: float) -> np.ndarray:
    changed = values.copy()
    changed[7] = value
    return changed


WEIGHTS = [
    (with_cell(np.ones(60), -1.0), "Negative values in data passed to `sample_weight`"),
    (with_cell(np.ones(60), np.nan), "Input sample_weight contains NaN"),
    (with_cell(np.ones(60), np.inf), "Input sample_weight contains infinity"),
    (np.zeros(60), "sample_weight is zero for every row, so there is nothing to learn from"),
    (np.ones(59), r"(?i)sample_weight|inconsistent"),
    (np.full(60, 1e307), "the sum of sample_weight is beyond what float64 can hold; divide the weights by a constant"),
]


@every_estimator
@pytest.mark.parametrize(("weight", "message"), WEIGHTS, ids=range(len(WEIGHTS)))
def test_weights_that_cannot_be(estimator, weight, message):
    with pytest.raises(ValueError, match=message):
        clone(estimator).fit(X, target(estimator), sample_weight=weight)


@every_estimator
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_targets_that_cannot_be(estimator, bad):
    y = with_cell(NUMBERS > 0 if is_classifier(estimator) else NUMBERS, 0.0).astype(float)
    with pytest.raises(ValueError, match="(Input y|Input) contains (NaN|infinity)|Unknown label type"):
        clone(estimator).fit(X, with_cell(y, bad))


@every_estimator
def test_cells_that_cannot_be(estimator):
    y = target(estimator)
    for table in (
        np.vstack([X[:59], [np.inf, 0.0, 0.0]]),
        pd.DataFrame(np.vstack([X[:59], [np.inf, 0.0, 0.0]]), columns=[*"äöü"]),
    ):
        with pytest.raises(ValueError, match="infinity"):
            clone(estimator).fit(table, y)
    with pytest.raises(ValueError, match="Found array with 0 sample|0 sample"):
        clone(estimator).fit(X[:0], y[:0])
    with pytest.raises(ValueError, match="0 feature"):
        clone(estimator).fit(X[:, :0], y)
    with pytest.raises(ValueError, match="(?i)inconsistent"):
        clone(estimator).fit(X, y[:-1])


@every_estimator
def test_constant_and_empty_columns_do_no_harm(estimator):
    table = np.column_stack([np.full(60, 3.0), np.full(60, np.nan), X[:, 0]])
    y = target(estimator)
    model = clone(estimator).fit(table, y)
    assert model.predict(table).shape == (60,)
    assert len(np.unique(model.predict(table))) > 1
    nothing = clone(estimator).fit(table[:, :2], y)
    assert len(np.unique(nothing.predict(table[:, :2]))) == 1


def test_questions_no_better_than_chance_are_not_boosted():
    with pytest.raises(ValueError, match="no question of a column does better than chance, so there is nothing to boost"):
        AdaBoostClassifier(3).fit([[1.0], [1.0]], [0, 1])


@every_estimator
def test_one_class_or_one_row(estimator):
    for rows in (X, X[:1]):
        if isinstance(estimator, GradientBoostingClassifier):
            with pytest.raises(ValueError, match="a classifier needs at least two classes; y holds 1 class, 'yes'"):
                clone(estimator).fit(rows, ["yes"] * len(rows))
        elif is_classifier(estimator):
            model = clone(estimator).fit(rows, ["yes"] * len(rows))
            assert model.predict(X).tolist() == ["yes"] * 60
            assert model.predict_proba(X).tolist() == [[1.0]] * 60
        else:
            assert clone(estimator).fit(rows, np.full(len(rows), 3.0)).predict(X) == pytest.approx(3.0)


BOOSTERS = [estimator for estimator in ALL if "Boosting" in type(estimator).__name__]
every_booster = pytest.mark.parametrize("estimator", BOOSTERS, ids=str)


@every_booster
@pytest.mark.parametrize("size", [1e-320, 1e-40, 1e40, 1e300])
def test_weights_beyond_the_small_numbers_of_boosting(estimator, size):
    with pytest.raises(
        ValueError, match=r"sample_weight takes 0, and numbers from 1e-30 to 1e\+30; got .*: multiply them by a con"
    ):
        clone(estimator).fit(X, target(estimator), np.full(60, size))


def test_targets_and_weights_that_are_large_together():
    with pytest.raises(ValueError, match=r"y times sample_weight takes numbers up to 1e\+37 in size; got"):
        GradientBoostingRegressor(n_estimators=2).fit(X, 1e20 * NUMBERS, np.full(60, 1e20))


@every_booster
def test_early_stopping_takes_rows_for_both_sides(estimator):
    y = target(estimator)[[0, np.flatnonzero(NUMBERS * NUMBERS[0] < 0)[0]]]
    n_rows = 2 if is_classifier(estimator) else 1
    said = rf"n_iter_no_change takes rows of which .* and the others both hold .* got {n_rows} rows. Pass X_val and y_val, or No"
    with pytest.raises(ValueError, match=said):
        clone(estimator).set_params(n_iter_no_change=1).fit(X[:n_rows], y[:n_rows])


VALIDATION = [
    (X[:2], None, "X_val and y_val are the rows and the target for early stopping; pass both or neither"),
    (None, NUMBERS[:2], "X_val and y_val are the rows and the target for early stopping; pass both or neither"),
    (X[:2], [np.nan, 1.0], "Input y_val contains NaN"),
    (X[:2], [1e200, 1.0], r"y takes numbers up to 1e\+30 in size; got 1e\+200"),
    (X[:0], [], "0 sample"),
]


@pytest.mark.parametrize(("rows", "y", "message"), VALIDATION, ids=range(len(VALIDATION)))
def test_validation_rows_that_cannot_be(rows, y, message):
    with pytest.raises(ValueError, match=message):
        GradientBoostingRegressor(n_estimators=2, n_iter_no_change=1).fit(X, NUMBERS, X_val=rows, y_val=y)


SIZES = ("n_estimators", "max_depth", "min_samples_leaf", "min_samples_split", "max_leaf_nodes")


@every_estimator
@pytest.mark.parametrize("bad", [0, -1, 1.5, "3", True, 10**30, np.array([1, 2])], ids=str)
def test_sizes_that_cannot_be(estimator, bad):
    for name in set(SIZES) & set(estimator.get_params()):
        with pytest.raises(ValueError, match=rf"{name} takes a whole number from [12] (on|to 9.22337e\+18)(, or None)?; got "):
            clone(estimator).set_params(**{name: bad}).fit(X, target(estimator))


def test_shares_of_a_forest_that_cannot_be():
    for bad in (0.0, 1.5, "half"):
        with pytest.raises(ValueError, match="max_samples takes a number above 0 to 1; got "):
            RandomForestRegressor(2, max_samples=bad).fit(X, NUMBERS)


def test_tiny_targets_are_learnt_and_huge_cells_of_a_linear_booster_told():
    model = GradientBoostingRegressor(n_estimators=2).fit(X, np.full(60, 1e-320))
    assert model.predict(X) == pytest.approx(1e-320, abs=1e-322)
    with pytest.raises(
        ValueError, match=r"booster='linear' takes cells up to 1e\+100 in size; got 1e\+300: divide them by a const"
    ):
        GradientBoostingRegressor(booster="linear").fit(with_cell(X, 1e300), NUMBERS)


FRAME = pd.DataFrame({"形": RNG.choice(["a", "b", "c"], 60), "n": X[:, 0]})


@every_estimator
def test_unseen_categories_are_answered(estimator):
    model = clone(estimator)
    if getattr(estimator, "booster", "") == "linear" or getattr(estimator, "search", "") == "exact":
        with pytest.raises(ValueError, match="holds categories"):
            model.fit(FRAME, target(estimator))
        return
    model.fit(FRAME, target(estimator))
    for strange in (FRAME.assign(形="never seen"), FRAME.assign(形=None), FRAME.assign(形=np.nan)):
        assert model.predict(strange).shape == (60,)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(FRAME.rename(columns={"n": "m"}))
    with pytest.raises(ValueError, match=r"column 'n' holds what is no number \(.*\), but held numbers only in fitting"):
        model.predict(FRAME.assign(n="many"))
    with pytest.raises(ValueError, match=r"column 'n' contains infinity; mark such cells as missing \(NaN\)"):
        model.predict(FRAME.assign(n=np.inf))


@every_estimator
def test_no_target_is_no_target(estimator):
    with pytest.raises(ValueError, match=f"{type(estimator).__name__} requires y to be passed, but the target y is None"):
        clone(estimator).fit(X, None)


@every_estimator
def test_categories_of_a_sparse_matrix_cannot_be(estimator):
    if getattr(estimator, "search", "") == "exact" or getattr(estimator, "booster", "") == "linear":
        pytest.xfail("takes no categories at all, as tested above")
    with pytest.raises(ValueError, match="categorical_features takes columns of a dense table; one-hot columns of a sparse one"):
        clone(estimator).set_params(categorical_features=[0]).fit(csr_matrix(X), target(estimator))


@pytest.mark.filterwarnings("ignore:.* has 300 categories:UserWarning")  # told, where bins are bytes
@every_estimator
def test_more_categories_than_bins_are_answered(estimator):
    if getattr(estimator, "booster", "") == "linear" or getattr(estimator, "search", "") == "exact":
        pytest.xfail("takes no categories at all, as tested above")
    codes = np.tile([f"c{i}" for i in range(300)], 3)
    number = RNG.normal(size=900)
    y = np.where(number > 0, "yes", "no") if is_classifier(estimator) else number
    model = clone(estimator).fit(pd.DataFrame({"c": codes, "n": number}), y)
    assert model.predict(pd.DataFrame({"c": codes, "n": number})).shape == (900,)


@every_estimator
def test_a_sparse_matrix_is_read(estimator):
    table = np.where(np.abs(X) > 0.5, X, 0.0)
    if getattr(estimator, "search", "") == "exact":
        with pytest.raises(ValueError, match="takes a dense table"):
            clone(estimator).fit(csr_matrix(table), target(estimator))
        return
    model = clone(estimator).fit(csr_matrix(table), target(estimator))
    assert (model.predict(csr_matrix(table)) == model.predict(csr_matrix(table).tocsc())).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "estimator",
    [GradientBoostingRegressor(n_estimators=2), RandomForestRegressor(1, max_depth=6), DecisionTreeRegressor(max_depth=3)],
    ids=str,
)
def test_ten_million_rows_of_two_columns(estimator):
    table = np.random.default_rng(0).random((10**7, 2), np.float32)
    model = clone(estimator).fit(table, table[:, 0] > 0.5)
    low, high = model.predict(np.array([[0.2, 0.5], [0.8, 0.5]], np.float32))
    assert low < 0.5 < high


@every_estimator
def test_targets_of_kinds_that_do_not_go_together(estimator):
    if is_classifier(estimator):
        mixed = np.array([*"ab" * 29, 3, 4], object)
        with pytest.raises(
            ValueError, match="y holds classes of several types, which cannot be put in order; make strings of all"
        ):
            clone(estimator).fit(X, mixed)
    else:
        with pytest.raises(ValueError, match=r"y takes numbers up to 1e\+30 in size; got 1e\+150: divide it by a constant"):
            clone(estimator).fit(X, with_cell(NUMBERS, 1e150))


def test_columns_that_cannot_be_categories():
    y, lists = np.arange(60) % 2, pd.DataFrame({"a": [[1], "x"] * 30, "b": ["u", "v"] * 30})
    with pytest.raises(ValueError, match="column 'a' holds lists or other cells that are no values"):
        GradientBoostingClassifier().fit(lists, y)
    for given in (1, [[0, 1]]):
        with pytest.raises(ValueError, match="categorical_features takes positions, names or a mask of columns; got"):
            GradientBoostingClassifier(categorical_features=given).fit(X, y)
    plain, none = (GradientBoostingClassifier(n_estimators=2, categorical_features=c).fit(X, y) for c in ([], None))
    assert np.array_equal(plain.predict_proba(X), none.predict_proba(X))
