"""The linear booster against closed forms, xgboost's gblinear and scikit-learn's lasso; what has no meaning without trees."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import Lasso, Ridge

from tenon.errors import SettingsError
from tenon.trees import GradientBoostingClassifier, GradientBoostingRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 6)) * (RNG.random((400, 6)) < 0.7)
Y = X @ [1.0, -2.0, 0.0, 0.5, 0.0, 3.0] + 1.5 + 0.3 * RNG.normal(size=400)
WEIGHT = RNG.uniform(0.5, 2.0, 400)
CONVERGED = {"booster": "linear", "n_estimators": 2000, "learning_rate": 1.0}


def test_one_step_by_hand():
    """x = (1, 2), y = (0, 3): from the mean 1.5 the gradients are (1.5, -1.5), so w = 1.5 / 5; with λ = 1 a row, 1.5 / 7."""
    for l2, weight in ((0.0, 1.5 / 5), (1.0, 1.5 / 7)):
        kind = {"booster": "linear", "n_estimators": 1, "learning_rate": 1.0, "reg_lambda": l2}
        model = GradientBoostingRegressor(**kind).fit([[1.0], [2.0]], [0.0, 3.0])
        assert model.coef_[0, 0] == pytest.approx(weight)
        assert model.predict([[10.0]]) == pytest.approx([1.5 + 10 * weight])


@pytest.mark.parametrize("l2", [0.0, 0.01, 1.0])
def test_squared_error_is_ridge(l2):
    ours = GradientBoostingRegressor(**CONVERGED, reg_lambda=l2).fit(X, Y, sample_weight=WEIGHT)
    theirs = Ridge(alpha=l2 * WEIGHT.sum(), tol=1e-12).fit(X, Y, sample_weight=WEIGHT)
    assert ours.coef_[0] == pytest.approx(theirs.coef_, abs=1e-5)  # gradients are float32
    assert ours.start_ + ours.intercept_ == pytest.approx([theirs.intercept_], abs=1e-5)


def test_with_l1_it_is_the_lasso():
    ours = GradientBoostingRegressor(**CONVERGED, reg_alpha=0.2).fit(X, Y)
    theirs = Lasso(alpha=0.2, tol=1e-12).fit(X, Y)
    assert ours.coef_[0] == pytest.approx(theirs.coef_, abs=1e-5)
    assert (ours.coef_[0] == 0).tolist() == (theirs.coef_ == 0).tolist()
    assert (ours.coef_[0] == 0).any()


@pytest.mark.mission("C16")
@pytest.mark.parametrize("container", [np.asarray, csr_matrix])
@pytest.mark.parametrize("kind", ["numbers", "two classes", "three classes"])
def test_rounds_are_those_of_xgboost(kind, container):
    import xgboost

    table, y, shared = (
        container(X)[:399],
        Y[:399],
        {"n_estimators": 7, "learning_rate": 0.3, "reg_lambda": 0.02, "reg_alpha": 0.01},
    )
    ours, theirs = GradientBoostingRegressor, xgboost.XGBRegressor
    if kind != "numbers":
        n_classes = 2 if kind == "two classes" else 3
        y = np.argsort(np.argsort(y)) * n_classes // len(y)  # three classes of equal size start at equal scores in both
        ours, theirs = GradientBoostingClassifier, xgboost.XGBClassifier
    start = {} if kind == "three classes" else {"base_score": float(y.mean())}
    model = ours(booster="linear", **shared).fit(table, y)
    other = theirs(booster="gblinear", updater="coord_descent", n_jobs=1, **shared, **start).fit(table, y)
    answer = "predict" if kind == "numbers" else "predict_proba"
    assert getattr(model, answer)(table) == pytest.approx(getattr(other, answer)(table), abs=1e-4)  # theirs adds up float32


def test_a_missing_cell_counts_as_nothing():
    gaps = np.where(X == 0, np.nan, X)
    kind = {"booster": "linear", "n_estimators": 10}
    assert np.array_equal(
        GradientBoostingRegressor(**kind).fit(gaps, Y).predict(gaps), GradientBoostingRegressor(**kind).fit(X, Y).predict(X)
    )


def test_early_stopping_keeps_the_best_round():
    noise = RNG.normal(size=(120, 40))
    model = GradientBoostingRegressor(booster="linear", n_estimators=300, n_iter_no_change=5, learning_rate=0.5)
    model.fit(noise[:60], Y[:60], X_val=noise[60:], y_val=Y[60:120])
    losses = model.validation_losses_
    assert model.n_iter_ == int(np.argmin(losses)) < 300
    assert ((model.predict(noise[60:]) - Y[60:120]) ** 2).mean() / 2 == pytest.approx(min(losses))


def test_its_importance_is_the_size_of_its_weights():
    model = GradientBoostingRegressor(booster="linear", n_estimators=50).fit(X, Y)
    assert model.feature_importances_ == pytest.approx(np.abs(model.coef_[0]) / np.abs(model.coef_[0]).sum())
    with pytest.raises(SettingsError, match="importances are of splits, and booster='linear' makes none; its weights are coef_"):
        model.importances("gain")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_depth": 3}, "booster='linear' grows no trees, so max_depth would do nothing; leave it at None"),
        ({"subsample": 0.5}, "so subsample would do nothing; leave it at 1.0"),
        ({"loss": "huber"}, "booster='linear' takes a loss with a Hessian"),
        ({"booster": "dart"}, "booster takes one of 'tree', 'linear'; got 'dart'"),
        (
            {"categorical_features": [0]},
            "booster='linear' takes numbers, but 'column 0' holds categories; make them one-hot columns",
        ),
    ],
)
def test_what_it_cannot_do_is_told(settings, message):
    with pytest.raises(SettingsError, match=message):
        GradientBoostingRegressor(**{"booster": "linear", **settings}).fit(X, Y)


def test_it_is_kept_in_files(tmp_path):
    model = GradientBoostingClassifier(booster="linear", n_estimators=5).fit(X, np.digitize(Y, [0.0, 2.0]))
    model.save(tmp_path / "model")
    assert GradientBoostingClassifier.load(tmp_path / "model").predict_proba(X).tobytes() == model.predict_proba(X).tobytes()
