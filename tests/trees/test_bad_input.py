"""Every tree estimator on what it cannot use: one sentence that names it, or answered as documented."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone, is_classifier
from tests.trees.estimators import ESTIMATORS

from tenon.trees import AdaBoostClassifier, DecisionTreeRegressor, GradientBoostingRegressor, RandomForestRegressor

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
