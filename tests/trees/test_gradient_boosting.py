"""The estimators: scikit-learn's own checks, properties that must hold whatever the data, and bad input."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.utils.estimator_checks import parametrize_with_checks

from tenon.trees import GradientBoostingClassifier, GradientBoostingRegressor


@parametrize_with_checks([GradientBoostingClassifier(n_estimators=5), GradientBoostingRegressor(n_estimators=5)])
@pytest.mark.filterwarnings(
    "ignore:invalid value encountered in cast:RuntimeWarning"
)  # scikit-learn's own cast of its test's NaN
def test_scikit_learn_accepts_them(estimator, check):
    if check.func.__name__ == "check_array_api_input":
        return  # needs an environment variable that SciPy reads at its import
    check(estimator)


def mixed_rows(seed: int, n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Numbers with missing values, and one column of 12 codes."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    X[:, 4] = rng.integers(0, 12, n)
    y = X[:, 0] * X[:, 1] + np.sin(3 * X[:, 4]) + 0.3 * rng.normal(size=n)
    X[:, :4][rng.random((n, 4)) < 0.1] = np.nan
    return X, y


KINDS = [
    {"growth": "depth"},
    {"growth": "leaf"},
    {"growth": "leaf", "max_leaf_nodes": 120},  # larger than the trees that QuickScorer takes
    {"order": 1},
    {"loss": "absolute_error"},
    {"loss": "huber"},
    {"subsample": 0.5},
    {"goss": (0.2, 0.2)},
    {"colsample_bytree": 0.6, "colsample_bylevel": 0.7, "colsample_bynode": 0.7},
    {"min_split_gain": 2.0},
    {"search": "exact", "categorical_features": "from_dtype"},
]


@pytest.fixture
def many_threads(monkeypatch):
    """Small tables are shared out, too."""
    monkeypatch.setattr("tenon.team.CELLS_PER_THREAD", 1)
    monkeypatch.setattr("tenon.trees.grower.ALONE", 0)
    monkeypatch.setattr("tenon.trees.objectives.ALONE", 0)


@pytest.mark.usefixtures("many_threads")
@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("bits", [16, 62])
def test_threads_change_nothing(kind, bits, monkeypatch):
    monkeypatch.setattr("tenon.trees.grower.ROWS_FOR_16_BITS", 0 if bits == 16 else 10**9)
    X, y = mixed_rows(0)
    kind = {"n_estimators": 6, "categorical_features": [4], "random_state": 3, **kind}
    one, three = (GradientBoostingRegressor(n_jobs=jobs, **kind).fit(X, y).predict(X) for jobs in (1, 3))
    assert np.array_equal(one, three)


@pytest.mark.parametrize("kind", [k for k in KINDS if not {"subsample", "goss", "colsample_bytree"} & set(k)], ids=str)
def test_order_of_rows_changes_nothing(kind):
    X, y = mixed_rows(1)
    order = np.random.default_rng(0).permutation(len(y))
    kind = {"n_estimators": 6, "categorical_features": [4], **kind}
    first = GradientBoostingRegressor(**kind).fit(X, y).predict(X)
    second = GradientBoostingRegressor(**kind).fit(X[order], y[order]).predict(X)
    # order 1 and Huber average within leaves in float64, in the order of the rows
    assert first == pytest.approx(second, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_predictions_are_those_of_the_trees(kind):
    X, y = mixed_rows(2)
    kind = {"n_estimators": 6, "categorical_features": [4], **kind}
    model = GradientBoostingRegressor(**kind).fit(X, y)
    by_trees = model.start_[0] + sum(tree.value[tree.apply(X), 0] for (tree,) in model.trees_)
    assert model.predict(X) == pytest.approx(by_trees, rel=1e-12)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    if kind["categorical_features"] == "from_dtype":  # numbers only, so float32 cells can be told apart from float64 ones
        X = X.astype(np.float32)
        assert model.predict(X) == pytest.approx(model.predict(X.astype(np.float64)), rel=1e-12)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("heavy", ["target", "weight"])
def test_heavy_tails_keep_their_precision(scale, heavy):
    """One row is a million times the others, whose gradients must not be rounded to nothing: leaves predict their mean."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 3)).astype(np.float32)
    y, weight = 1.0 + (X[:, 0] > 0), np.ones(len(X))
    heavy_values = 1e6 * np.abs(rng.standard_cauchy(20))
    X[:20, 2] = 50.0  # one split parts them from the others
    if heavy == "target":
        y[:20] = heavy_values
    else:
        weight[:20] = heavy_values
    kind = {"n_estimators": 1, "learning_rate": 1.0, "reg_lambda": 0.0, "growth": "leaf"}
    model = GradientBoostingRegressor(**kind).fit(X, scale * y, sample_weight=weight)
    leaves = model.trees_[0][0].apply(X.astype(np.float64))
    total = np.bincount(leaves, weight)
    mean = np.bincount(leaves, weight * y) / np.where(total > 0, total, 1.0)
    # float32 gradients of up to 1e7 around a start of about 1e3: their last bit is some 1e-4 of a usual target
    assert model.predict(X) / scale == pytest.approx(mean[leaves], rel=1e-3)


@pytest.mark.parametrize("growth", ["depth", "leaf"])
def test_weights_count_as_repeated_rows(growth):
    X, y = mixed_rows(3, n=500)
    weight = np.random.default_rng(0).integers(0, 4, len(y))
    kind = {"n_estimators": 10, "growth": growth}
    weighted = GradientBoostingRegressor(**kind).fit(X, y, sample_weight=weight).predict(X)
    repeated = GradientBoostingRegressor(**kind).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight)).predict(X)
    assert weighted == pytest.approx(repeated, abs=1e-5)  # float32 gradients times weights


@pytest.mark.parametrize("search", ["histogram", "exact"])
@pytest.mark.parametrize("growth", ["depth", "leaf"])
def test_monotone_constraints_hold(growth, search):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 3))
    y = np.sin(3 * X[:, 0]) + X[:, 0] - np.cos(4 * X[:, 1]) + X[:, 2] + 0.2 * rng.normal(size=2000)
    kind = {"monotone_constraints": [1, -1, 0], "growth": growth, "search": search}
    model = GradientBoostingRegressor(n_estimators=30, max_depth=5, **kind).fit(X, y)
    for feature, sign in ((0, 1), (1, -1)):
        moved = np.repeat(X[:50], 40, axis=0)
        moved[:, feature] = np.tile(np.linspace(-3, 3, 40), 50)
        steps = np.diff(model.predict(moved).reshape(50, 40), axis=1)
        assert (sign * steps >= -1e-12).all()
    assert np.abs(np.diff(model.predict(X))).max() > 0.5  # it learned something


@pytest.mark.parametrize("growth", ["depth", "leaf"])
def test_no_leaf_has_fewer_rows_than_asked(growth):
    X, y = mixed_rows(4)
    model = GradientBoostingClassifier(n_estimators=10, min_samples_leaf=37, growth=growth).fit(X, y > 1)
    for (tree,) in model.trees_:
        assert np.bincount(tree.apply(X))[tree.is_leaf].min() >= 37
        assert len(tree) > 1


@pytest.mark.parametrize("search", ["histogram", "exact"])
def test_a_child_with_too_few_rows_does_not_end_boosting(search):
    """Hessians promise 236 rows where there are 30, fewer than asked: the next best cut has to be found."""
    X = np.column_stack([np.r_[np.zeros(30), np.ones(970)], np.arange(1000) % 2.0])

    def loss(y: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.r_[np.full(30, -1.0), 0.03 - 0.06 * X[30:, 1]], np.r_[np.full(30, 1.0), np.full(970, 0.1)]

    model = GradientBoostingRegressor(loss, n_estimators=1, max_depth=1, min_samples_leaf=40, search=search).fit(
        X, np.zeros(1000)
    )
    (tree,) = model.trees_[0]
    assert tree.feature[0] == 1  # column 0 gains most, but with 30 rows on one side


def test_early_stopping_keeps_the_best_round():
    X, y = mixed_rows(5)
    model = GradientBoostingRegressor(n_estimators=500, learning_rate=0.5, n_iter_no_change=5, random_state=0)
    model.fit(X[:2000], y[:2000], X_val=X[2000:], y_val=y[2000:])
    error = ((model.predict(X[2000:]) - y[2000:]) ** 2).mean() / 2
    assert model.n_iter_ < 490
    assert error == pytest.approx(min(model.validation_losses_), rel=1e-9)


def test_frames_with_categories_and_missing_values_go_in_untouched():
    rng = np.random.default_rng(0)
    town = pd.Categorical(rng.choice(["Lyon", "Köln", "東京", "Graz"], 800))
    frame = pd.DataFrame({"Größe": rng.normal(size=800), "町": town, "kind": rng.choice(["a", "b", None], 800)})
    y = np.where(frame["町"].isin(["Köln", "東京"]) ^ (frame["kind"] == "a"), "yes", "no")
    model = GradientBoostingClassifier(n_estimators=30).fit(frame, y)
    assert model.score(frame, y) > 0.99
    strange = frame.assign(町="Nowhere")
    assert model.predict_proba(strange).shape == (800, 2)  # unseen values go where missing ones go
    assert list(model.feature_names_in_) == ["Größe", "町", "kind"]


@pytest.mark.parametrize("settings", [{}, {"growth": "leaf", "min_samples_leaf": 15}, {"order": 1}], ids=str)
def test_rare_words_are_left_out_and_nothing_changes(settings):
    """Of a dense table no column is left out."""
    rng = np.random.default_rng(0)
    X = (rng.random((400, 80)) < rng.uniform(0, 0.1, 80)) * rng.integers(1, 4, (400, 80)).astype(float)
    y = (X[:, :20].sum(axis=1) + rng.normal(size=400) > 1).astype(int)
    dense, sparse = (GradientBoostingClassifier(n_estimators=10, **settings).fit(kind(X), y) for kind in (np.asarray, csr_matrix))
    assert np.array_equal(dense.predict_proba(X), sparse.predict_proba(X))
    assert any((tree.feature >= 0).any() for (tree,) in sparse.trees_)


def test_sparse_rows_are_dense_rows():
    rng = np.random.default_rng(0)
    X = rng.random((1500, 40)) * (rng.random((1500, 40)) < 0.05)
    y = X[:, :20].sum(axis=1) > X[:, 20:].sum(axis=1)
    dense, sparse = (GradientBoostingClassifier(n_estimators=10).fit(kind(X), y) for kind in (np.asarray, csr_matrix))
    assert np.array_equal(dense.predict_proba(X), sparse.predict_proba(csr_matrix(X)))


@pytest.mark.mission("C11")
def test_a_loss_of_ones_own_is_that_loss():
    X, y = mixed_rows(6)
    own = GradientBoostingRegressor(lambda y, score: (score - y, np.ones_like(y)), n_estimators=20).fit(X, y - y.mean())
    known = GradientBoostingRegressor(n_estimators=20).fit(X, y - y.mean())
    assert own.predict(X) == pytest.approx(known.predict(X), abs=1e-5)


BAD_SETTINGS = [
    ({"reg_lambda": -1.0}, "reg_lambda takes a number from 0 on, or None; got -1.0"),
    ({"n_estimators": 0}, "n_estimators takes a whole number from 1 on; got 0"),
    ({"learning_rate": 0.0}, "learning_rate takes a number above 0"),
    ({"max_bins": 256}, "max_bins takes a whole number from 2 to 255; got 256"),
    ({"growth": "leaves"}, "growth takes one of 'depth', 'leaf'; got 'leaves'; did you mean 'leaf'"),
    ({"subsample": 1.5}, "subsample takes a number above 0 to 1; got 1.5"),
    ({"goss": (0.9, 0.3)}, "goss takes two shares that sum to at most 1"),
    (
        {"monotone_constraints": [1]},
        "monotone_constraints takes -1, 0 or 1 for each of the 3 columns, or a dict of names; got [1]",
    ),
    ({"monotone_constraints": {"column 3": 1}}, "monotone_constraints names 'column 3', which is no column of X"),
    ({"monotone_constraints": [1, 0, 0], "order": 1}, "monotone_constraints need order=2"),
    ({"loss": "squared"}, "loss takes one of 'squared_error'"),
    ({"loss": "quantile", "alpha": 2.0}, "alpha takes a number above 0 to 1; got 2.0"),
    (
        {"monotone_constraints": [0, 0, 1], "categorical_features": [2]},
        "monotone_constraints cannot bind a column of categories, which have no order",
    ),
    (
        {"loss": lambda y, score: (y, y), "n_iter_no_change": 2},
        "n_iter_no_change needs a loss that is known by name: a function gives no losses to compare",
    ),
    ({"loss": lambda y, score: (y, y[:3])}, "the custom loss has to return Hessians of shape (10,); got shape (3,)"),
    (
        {"loss": lambda y, score: (np.full_like(y, np.inf), y)},
        "the custom loss has to return gradients below 1e+37 in size; got inf",
    ),
    ({"loss": lambda y, score: (1e300 * (y + 1), y)}, "the custom loss has to return gradients below 1e+37 in size; got 1e+301"),
    ({"loss": lambda y, score: (y, np.nan * y)}, "the custom loss has to return Hessians below 1e+37 in size; got nan"),
    ({"loss": lambda y, score: None}, "the custom loss has to return gradients and Hessians, two arrays of numbers"),
    ({"loss": lambda y, score: (y, y, y)}, "the custom loss has to return gradients and Hessians, two arrays of numbers"),
    ({"loss": lambda y, score: ("few", "many")}, "the custom loss has to return gradients and Hessians, two arrays of numbers"),
    ({"loss": lambda y, score: (y, -np.ones_like(y))}, "Hessians of at least 0; got -1"),
]


@pytest.mark.parametrize(("settings", "message"), BAD_SETTINGS, ids=[m for _, m in BAD_SETTINGS])
def test_bad_settings_are_named(settings, message):
    X = np.arange(30.0).reshape(10, 3)
    with pytest.raises(ValueError, match=re.escape(message)):
        GradientBoostingRegressor(**settings).fit(X, np.arange(10.0))


BAD_DATA = [
    ([[1.0], [np.inf]], [0.0, 1.0], None, "infinity"),
    ([[1.0], [2.0]], [0.0, np.nan], None, "NaN"),
    ([[1.0], [2.0]], [0.0, 1e31], None, r"y takes numbers up to 1e\+\d+ in size; got 1e\+31: divide it by a constant"),
    ([[1.0], [2.0]], [0.0, 1.0], [1.0, -1.0], "Negative values"),
    ([[1.0], [2.0]], [0.0, 1.0], [1.0, np.inf], "infinity"),
    ([[1.0], [2.0]], [0.0, 1.0], [0.0, 0.0], "sample_weight is zero for every row"),
]


@pytest.mark.parametrize(("X", "y", "weight", "message"), BAD_DATA)
def test_bad_data_are_named(X, y, weight, message):
    with pytest.raises(ValueError, match=message):
        GradientBoostingRegressor().fit(X, y, sample_weight=weight)


def test_validation_rows_of_another_class_are_refused():
    with pytest.raises(ValueError, match=r"y_val holds 'c', which is no class of y\."):
        GradientBoostingClassifier().fit([[1.0], [2.0]], ["a", "b"], X_val=[[1.0]], y_val=["c"])


def test_one_class_and_negative_counts_are_refused():
    with pytest.raises(ValueError, match=r"at least two classes; y holds 1 class, 'a'\."):
        GradientBoostingClassifier().fit([[1.0], [2.0]], ["a", "a"])
    with pytest.raises(ValueError, match="targets of at least 0"):
        GradientBoostingRegressor(loss="poisson").fit([[1.0], [2.0]], [-1.0, 1.0])


def test_more_categories_than_bins_share_one_and_are_told():
    codes = np.repeat(np.arange(400), 3)
    with pytest.warns(UserWarning, match="has 400 categories and max_bins is 255: the 146 rarest are taken as one"):
        model = GradientBoostingRegressor(n_estimators=2, categorical_features=[0]).fit(codes[:, None], codes % 2)
    assert np.isfinite(model.predict(codes[:, None])).all()


def test_constant_and_empty_columns_are_never_split():
    X = np.column_stack([np.full(50, 3.0), np.full(50, np.nan), np.arange(50.0)])
    model = GradientBoostingRegressor(n_estimators=3).fit(X, np.arange(50.0))
    assert model.importances("weight")[:2].tolist() == [0, 0]
    assert model.feature_importances_.tolist() == [0, 0, 1]
