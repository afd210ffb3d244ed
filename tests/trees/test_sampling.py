"""Which rows and columns trees see, by counting: against the definition of one-side sampling and the shares asked for."""

import numpy as np
import pandas as pd
import pytest
from tests.trees.test_gradient_boosting import mixed_rows

from tenon.trees import GradientBoostingRegressor
from tenon.trees.sampling import draw_by_gradient, draw_rows
from tenon.trees.tree import depth_of


def test_large_gradients_are_kept_and_others_drawn_for_more():
    rng = np.random.default_rng(0)
    grad, hess = rng.normal(size=(1, 1000)).astype(np.float32), np.ones((1, 1000), np.float32)
    rows, factor = draw_by_gradient(np.random.default_rng(1), grad, hess, 0.2, 0.1)
    largest = set(np.argsort(-np.abs(grad[0]))[:200].tolist())
    assert largest <= set(rows.tolist())
    assert len(rows) == 300
    assert (np.diff(rows) > 0).all()
    assert {float(f) for r, f in zip(rows, factor, strict=True) if r in largest} == {1.0}
    assert {float(f) for r, f in zip(rows, factor, strict=True) if r not in largest} == {8.0}  # (1 - .2) / .1


@pytest.mark.mission("C15")
def test_one_side_sampling_errs_on_no_side():
    """Over many draws the weighted sum of gradients is that of all rows."""
    rng = np.random.default_rng(0)
    grad, hess = (1 + rng.normal(size=(1, 500))).astype(np.float32), np.ones((1, 500), np.float32)
    sums = []
    for seed in range(300):
        rows, factor = draw_by_gradient(np.random.default_rng(seed), grad, hess, 0.1, 0.2)
        sums.append(float(grad[0, rows] @ factor))
    error = np.std(sums, ddof=1) / np.sqrt(len(sums))
    assert abs(np.mean(sums) - grad.sum()) < 4 * error
    assert error < 2.0


def test_a_share_of_rows_is_that_many_different_ones():
    rows = draw_rows(np.random.default_rng(0), 1000, 0.3)
    assert len(set(rows.tolist())) == 300
    assert (np.diff(rows) > 0).all()


def used(tree, nodes: np.ndarray) -> set[int]:
    return set(tree.feature[nodes[~tree.is_leaf[nodes]]].tolist())


@pytest.mark.parametrize("growth", ["depth", "leaf"])
@pytest.mark.parametrize("search", ["histogram", "exact"])
@pytest.mark.parametrize("where", ["bytree", "bylevel", "bynode"])
def test_columns_are_drawn_anew_where_asked(where, search, growth):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 10))
    y = X.sum(axis=1)  # all columns are worth a split
    kind = {f"colsample_{where}": 0.3, "growth": growth, "search": search, "n_estimators": 30, "random_state": 0}
    trees = [tree for (tree,) in GradientBoostingRegressor(max_depth=4, max_leaf_nodes=16, **kind).fit(X, y).trees_]
    by_tree = [used(tree, np.arange(len(tree))) for tree in trees]
    by_level = [used(tree, np.flatnonzero(depth_of(tree) == d)) for tree in trees for d in range(4)]
    assert max(map(len, by_tree)) == 3 if where == "bytree" else max(map(len, by_tree)) > 5
    assert max(map(len, by_level)) == 3 if where != "bynode" else max(map(len, by_level)) > 3
    assert set.union(*by_tree) == set(range(10))
    roots = [int(tree.feature[0]) for tree in trees]
    assert len(set(roots)) > 5  # another draw for each tree


def test_drawn_rows_decide_the_tree_and_all_rows_are_answered():
    X, y = mixed_rows(0, n=400)
    half = GradientBoostingRegressor(n_estimators=1, subsample=0.5, random_state=0).fit(X, y)
    whole = GradientBoostingRegressor(n_estimators=1, random_state=0).fit(X, y)
    assert half.trees_[0][0].cover[0] == 200
    assert whole.trees_[0][0].cover[0] == 400
    other = GradientBoostingRegressor(n_estimators=1, subsample=0.5, random_state=1).fit(X, y)
    assert not np.array_equal(half.predict(X), other.predict(X))


ROOT = {"n_estimators": 1, "max_depth": 1, "reg_lambda": 0.0, "cat_smooth": 0.0}  # and so one split, by gains of the formula


@pytest.mark.mission("C15")
@pytest.mark.parametrize("seed", range(5))
def test_no_set_of_categories_gains_more(seed):
    """Squared error, λ = 0, categories in the order of their mean gradient: the best of all sets, found by trying all."""
    rng = np.random.default_rng(seed)
    letters, y = rng.choice(list("abcdef"), 90), rng.normal(size=90)
    kind = ROOT | {"cat_penalty": 0.0}
    tree = GradientBoostingRegressor(**kind).fit(pd.DataFrame({"c": letters}), y).trees_[0][0]
    g = y.mean() - y
    gains = []
    for bits in range(1, 2**5):  # the sets that hold no f, and their complements
        left = np.isin(letters, [letter for i, letter in enumerate("abcde") if bits >> i & 1])
        gains.append(g[left].sum() ** 2 / left.sum() + g[~left].sum() ** 2 / (~left).sum() - g.sum() ** 2 / len(g))
    assert tree.gain[0] == pytest.approx(max(gains), rel=1e-5)  # float32 gradients


@pytest.mark.parametrize("k", [20, 60])
def test_the_price_of_categories_is_what_chance_gains(k):
    """Targets of noise with a spread of 3: k categories of equal size gain 9 k 2/π on average."""
    rng, gained = np.random.default_rng(k), []
    codes = np.repeat(np.arange(k), 50)[:, None]
    for _ in range(200):
        model = GradientBoostingRegressor(**ROOT, categorical_features=[0], cat_penalty=0.0)
        gained.append(model.fit(codes, rng.normal(0.0, 3.0, len(codes))).trees_[0][0].gain[0])
    error = np.std(gained) / np.sqrt(len(gained))
    assert np.mean(gained) == pytest.approx(
        9.0 * k * 2 / np.pi, abs=4 * error + 9.0
    )  # the best cut gains a little more than that at 0


def test_a_set_of_categories_pays_its_price():
    """With and without: the gains differ by the penalty times what chance gains on 20 categories less the four that are free."""
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(20), 50)[:, None]
    y = rng.normal(0.0, 3.0, len(codes)) + codes[:, 0]
    gains = [
        GradientBoostingRegressor(**ROOT, categorical_features=[0], cat_penalty=p).fit(codes, y).trees_[0][0].gain[0]
        for p in (0, 1, 2)
    ]
    price = y.var() * 16 * 2 / np.pi
    assert np.diff(gains) == pytest.approx([-price, -price], rel=1e-5)
