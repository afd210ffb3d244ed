"""TreeSHAP against xgboost's contributions: on trees that both grow alike, and on xgboost's own."""

import json
from typing import Any

import numpy as np
import pytest
from tests.parity.test_boosting import CLOSE, SETTINGS, both, some_rows

from tenon.trees import GradientBoostingClassifier, GradientBoostingRegressor
from tenon.trees.tree import LEAF, Tree
from tenon.trees.treeshap import contributions


@pytest.mark.parametrize("is_classifier", [True, False])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_contributions_are_those_of_xgboost(settings, is_classifier):
    import xgboost

    X, y = some_rows(0)
    ours, theirs = both(X, y > 0 if is_classifier else y, is_classifier, **settings)
    wanted = theirs.get_booster().predict(xgboost.DMatrix(X), pred_contribs=True)
    got = contributions(ours, X)
    np.testing.assert_allclose(got.values[:, :, 0], wanted[:, got.columns], atol=CLOSE)
    assert got.base[0] == pytest.approx(wanted[0, -1], abs=CLOSE)


def test_contributions_to_logits_are_those_of_xgboost():
    """Four classes of equal size start at equal scores in both, but at another one."""
    import xgboost

    X, y = some_rows(2)
    y = np.argsort(np.argsort(y)) * 4 // len(y)
    ours = GradientBoostingClassifier(n_estimators=10, max_depth=4, search="exact").fit(X, y)
    theirs = xgboost.XGBClassifier(tree_method="exact", n_estimators=10, max_depth=4, learning_rate=0.1, n_jobs=1).fit(X, y)
    wanted = theirs.get_booster().predict(xgboost.DMatrix(X), pred_contribs=True)
    got = contributions(ours, X)
    np.testing.assert_allclose(got.values, wanted[:, :, got.columns].transpose(0, 2, 1), atol=CLOSE)
    np.testing.assert_allclose(got.base - got.base[0], wanted[0, :, -1] - wanted[0, 0, -1], atol=CLOSE)


def as_ours(dump: dict[str, Any]) -> Tree:
    """Return a tree of xgboost's as one of ours; theirs send x < threshold to the left, in float32."""
    nodes = [dump]
    for node in nodes:
        nodes += node.get("children", [])
    place = {node["nodeid"]: i for i, node in enumerate(nodes)}
    inner = ["split" in node for node in nodes]
    cut = [np.nextafter(np.float32(node.get("split_condition", 0)), np.float32(-np.inf)) for node in nodes]
    return Tree(
        feature=np.array([int(node["split"][1:]) if "split" in node else LEAF for node in nodes], np.int32),
        threshold=np.where(inner, cut, np.nan).astype(np.float64),
        left=np.array([place[node["yes"]] if "split" in node else LEAF for node in nodes], np.int32),
        right=np.array([place[node["no"]] if "split" in node else LEAF for node in nodes], np.int32),
        default_left=np.array([node.get("missing") == node.get("yes", -1) for node in nodes]),
        value=np.array([[node.get("leaf", 0.0)] for node in nodes], np.float64),
        gain=np.zeros(len(nodes)),
        cover=np.array([node["cover"] for node in nodes], np.float64),
        categories={},
    )


@pytest.mark.parametrize("max_depth", [2, 9])
def test_missing_values_in_trees_of_xgboost(max_depth):
    import xgboost

    X, y = some_rows(3, missing=0.3)
    theirs = xgboost.XGBRegressor(n_estimators=5, max_depth=max_depth, n_jobs=1, base_score=0.25).fit(X, y).get_booster()
    ours = GradientBoostingRegressor(n_estimators=1).fit(X, y)
    ours.start_ = np.array([0.25])
    ours.trees_ = [[as_ours(json.loads(tree))] for tree in theirs.get_dump(dump_format="json", with_stats=True)]
    wanted = theirs.predict(xgboost.DMatrix(X), pred_contribs=True)
    got = contributions(ours, X)
    np.testing.assert_allclose(got.values[:, :, 0], wanted[:, got.columns], atol=CLOSE)
    assert got.base[0] == pytest.approx(wanted[0, -1], abs=CLOSE)
