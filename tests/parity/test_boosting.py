"""Boosting against xgboost (exact, order 2) and scikit-learn's gradient boosting (order 1), on data without ties."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn import ensemble

from tenon.trees import GradientBoostingClassifier, GradientBoostingRegressor
from tenon.trees.tree import Tree

CLOSE = 1e-4  # theirs adds up float32
KINDS = ["weight", "gain", "cover", "total_gain", "total_cover"]
SAME_MEANING = {
    "reg_alpha": "reg_alpha",
    "reg_lambda": "reg_lambda",
    "min_child_weight": "min_child_weight",
    "min_split_gain": "gamma",
}


def some_rows(seed: int, missing: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1000, 5)).astype(np.float32)
    y = X[:, 0] * X[:, 1] + X[:, 2] + 0.3 * rng.normal(size=1000)
    X[rng.random(X.shape) < missing] = np.nan
    return X, y


def ours_in_order(tree: Tree, node: int = 0) -> list[tuple[float, ...]]:
    """Return (feature, threshold, gain, cover) of inner nodes and (value,) of leaves, left before right."""
    if tree.is_leaf[node]:
        return [(tree.value[node, 0],)]
    below = ours_in_order(tree, tree.left[node]) + ours_in_order(tree, tree.right[node])
    return [(tree.feature[node], tree.threshold[node], tree.gain[node], tree.cover[node]), *below]


def theirs_in_order(node: dict[str, Any]) -> list[tuple[float, ...]]:
    if "leaf" in node:
        return [(node["leaf"],)]
    child = {below["nodeid"]: below for below in node["children"]}
    below = theirs_in_order(child[node["yes"]]) + theirs_in_order(child[node["no"]])
    return [(int(node["split"][1:]), node["split_condition"], node["gain"], node["cover"]), *below]


def both(X: np.ndarray, y: np.ndarray, is_classifier: bool, **settings: Any) -> tuple[Any, Any]:
    import xgboost

    shared = {"n_estimators": 20, "max_depth": settings.pop("max_depth", 5), "learning_rate": 0.3}
    signs = settings.pop("monotone_constraints", None)
    kinds = (GradientBoostingClassifier, xgboost.XGBClassifier), (GradientBoostingRegressor, xgboost.XGBRegressor)
    our_kind, their_kind = kinds[0 if is_classifier else 1]
    ours = our_kind(search="exact", monotone_constraints=signs, **shared, **settings).fit(X, y)
    theirs = their_kind(tree_method="exact", n_jobs=1, base_score=float(np.mean(y)), **shared,
                        monotone_constraints=tuple(signs) if signs else None,
                        **{SAME_MEANING[name]: value for name, value in settings.items()})  # fmt: skip
    return ours, theirs.fit(X, y)


SETTINGS = [
    {},
    {"reg_alpha": 0.5, "reg_lambda": 2.0, "min_child_weight": 3.0},
    {"min_split_gain": 2.0},
    {"monotone_constraints": [1, -1, 0, 0, 0]},
]


@pytest.mark.mission("C11", "C14")
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("is_classifier", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_trees_and_importances_are_those_of_xgboost(seed, is_classifier, settings):
    X, y = some_rows(seed)
    ours, theirs = both(X, y > 0 if is_classifier else y, is_classifier, **settings)
    dump = [json.loads(tree) for tree in theirs.get_booster().get_dump(dump_format="json", with_stats=True)]
    for (tree,), their_tree in zip(ours.trees_, dump, strict=True):
        for our_node, their_node in zip(ours_in_order(tree), theirs_in_order(their_tree), strict=True):
            assert our_node == pytest.approx(their_node, rel=1e-3, abs=CLOSE)  # gains are differences of float32 sums
    for kind in KINDS:
        scores = theirs.get_booster().get_score(importance_type=kind)
        assert ours.importances(kind) == pytest.approx([scores.get(f"f{f}", 0.0) for f in range(5)], rel=1e-3)


@pytest.mark.mission("C11", "C13")
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_predictions_are_those_of_xgboost(settings, missing):
    """Shallower trees: in nodes of a few rows, many cuts with missing values on one side or the other are the same."""
    X, y = some_rows(0, missing)
    ours, theirs = both(X, y > 0, True, max_depth=3, **settings)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=CLOSE)


@pytest.mark.mission("C13")
@pytest.mark.parametrize("depth", [3, 6])
@pytest.mark.parametrize("seed", range(3))
def test_deep_regression_with_missing_values_is_that_of_xgboost(seed, depth):
    """Of numbers hardly two cuts gain the same, so that none is a matter of taste."""
    X, y = some_rows(seed, missing=0.2)
    ours, theirs = both(X, y, False, max_depth=depth)
    assert ours.predict(X) == pytest.approx(theirs.predict(X), abs=CLOSE)


@pytest.mark.mission("C12", "C15")
@pytest.mark.parametrize("growth", ["depth", "leaf"])
def test_histograms_of_all_values_are_those_of_xgboost(growth):
    """With fewer values than bins, both see every cut; the thresholds differ, but not who goes where."""
    import xgboost

    X, y = some_rows(1)
    X, y = X[:250], y[:250]
    size = {"max_depth": 4} if growth == "depth" else {"max_leaf_nodes": 9}
    their_size = {"max_depth": 4} if growth == "depth" else {"max_leaves": 9, "max_depth": 0, "grow_policy": "lossguide"}
    ours = GradientBoostingRegressor(n_estimators=10, growth=growth, **size).fit(X, y)
    theirs = xgboost.XGBRegressor(
        tree_method="hist", max_bin=1000, n_estimators=10, learning_rate=0.1, n_jobs=1, base_score=float(y.mean()), **their_size
    )
    assert ours.predict(X) == pytest.approx(theirs.fit(X, y).predict(X), abs=CLOSE)


def test_softmax_is_that_of_xgboost():
    """Four classes of equal size start at equal scores in both."""
    import xgboost

    X, y = some_rows(2)
    y = np.argsort(np.argsort(y)) * 4 // len(y)
    ours = GradientBoostingClassifier(n_estimators=10, max_depth=4, search="exact").fit(X, y)
    theirs = xgboost.XGBClassifier(tree_method="exact", n_estimators=10, max_depth=4, learning_rate=0.1, n_jobs=1).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=CLOSE)


@pytest.mark.mission("C10")
def test_order_1_is_friedmans_as_in_scikit_learn():
    X, y = some_rows(3)
    shared = {"n_estimators": 15, "max_depth": 3, "learning_rate": 0.2}
    theirs = ensemble.GradientBoostingRegressor(**shared).fit(X, y).predict(X)
    ours = GradientBoostingRegressor(order=1, search="exact", **shared).fit(X, y).predict(X)
    assert ours == pytest.approx(theirs, abs=CLOSE)


@pytest.mark.parametrize(("loss", "alpha"), [("absolute_error", 0.9), ("huber", 0.9), ("huber", 0.6), ("quantile", 0.7)])
def test_robust_losses_are_friedmans_as_in_scikit_learn(loss, alpha):
    """An odd number of rows, so that the median and the quantiles of all are one row's; in leaves theirs interpolate alike."""
    X, y = some_rows(6)
    X, y = X[:301], y[:301]
    shared = {"n_estimators": 1, "max_depth": 2, "learning_rate": 0.2, "loss": loss, "alpha": alpha}
    theirs = ensemble.GradientBoostingRegressor(**shared).fit(X, y)
    ours = GradientBoostingRegressor(order=1, search="exact", **shared).fit(X, y)
    leaves = theirs.estimators_[0, 0].apply(X)
    assert [len(set(ours.predict(X[leaves == leaf]).round(9))) for leaf in np.unique(leaves)] == [1] * len(np.unique(leaves))
    # a quantile of a leaf's few dozen rows lies between two of them, and where between is a matter of definition
    assert ours.predict(X) == pytest.approx(theirs.predict(X), abs=0.2 * 0.15)


@pytest.mark.mission("C10")
@pytest.mark.parametrize("n_classes", [2, 3])
def test_order_1_classifies_as_in_scikit_learn(n_classes):
    X, y = some_rows(4)
    y = np.digitize(y, [-0.5, 0.5][: n_classes - 1])
    shared = {"n_estimators": 10, "max_depth": 3, "learning_rate": 0.2}
    theirs = ensemble.GradientBoostingClassifier(**shared).fit(X, y).predict_proba(X)
    ours = GradientBoostingClassifier(order=1, search="exact", **shared).fit(X, y).predict_proba(X)
    assert ours == pytest.approx(theirs, abs=CLOSE)


def test_poisson_is_close_to_lightgbm():
    import lightgbm

    X, y = some_rows(5)
    counts = np.random.default_rng(0).poisson(np.exp(y.clip(-2, 2))).astype(float)
    ours = GradientBoostingRegressor(
        "poisson", n_estimators=50, growth="leaf", reg_lambda=0.0, min_child_weight=1e-3, min_samples_leaf=20
    )
    theirs = lightgbm.LGBMRegressor(objective="poisson", n_estimators=50, verbose=-1, n_jobs=1, max_bin=256)
    assert np.corrcoef(ours.fit(X, counts).predict(X), theirs.fit(X, counts).predict(X))[0, 1] > 0.98
