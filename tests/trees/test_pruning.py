"""Pruning against all subtrees of small trees, and the price of a leaf against all that were tried, by brute force."""

from itertools import product

import numpy as np
import pytest
from tests.trees.weather import CATEGORIES, PLAY

from tenon.trees import C45Classifier, DecisionTreeClassifier, DecisionTreeRegressor, ID3Classifier, pruning


def costs_of_subtrees(tree, alpha, node=0):
    """Costs of all subtrees that begin in this node."""
    costs = [tree.cover[node] * tree.impurity[node] + alpha]
    if not tree.is_leaf[node]:
        left, right = (costs_of_subtrees(tree, alpha, child) for child in (tree.left[node], tree.right[node]))
        costs += [a + b for a in left for b in right]
    return costs


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0, 2.5, 6.0, 1e3])
@pytest.mark.parametrize("seed", range(4))
def test_no_subtree_costs_less(seed, alpha):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
    for kind, target in ((DecisionTreeClassifier, y), (DecisionTreeRegressor, y + X[:, 0])):
        tree = kind(max_depth=4).fit(X, target).tree_
        smaller = pruning.pruned(tree, alpha)
        assert pruning.cost(smaller, alpha) == pytest.approx(min(costs_of_subtrees(tree, alpha)))


def test_cost_by_hand():
    """Two leaves of 3 and 1 rows, the first with 2 + 1 of the classes: Gini 4/9, so 3 · 4/9 + 0 + 2 alpha."""
    tree = DecisionTreeClassifier(max_depth=1).fit([[0.0], [0.0], [0.0], [1.0]], [0, 0, 1, 1]).tree_
    assert pruning.cost(tree, 0.5) == pytest.approx(4 / 3 + 1)


def test_pruned_tree_keeps_what_its_leaves_say():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 3)), rng.integers(0, 3, 200)
    tree = DecisionTreeClassifier().fit(X, y).tree_
    nodes, alphas = pruning.weakest_links(tree)
    assert (np.diff(alphas) >= 0).all()
    assert nodes[-1] == 0
    small = pruning.pruned(tree, alphas[len(alphas) // 2])
    leaves = small.apply(X)
    for leaf in np.unique(leaves):
        np.testing.assert_allclose(small.value[leaf], np.bincount(y[leaves == leaf], minlength=3) / (leaves == leaf).sum())


@pytest.mark.mission("C6")
def test_multiway_trees_are_pruned_to_the_least_cost():
    tree = ID3Classifier().fit(CATEGORIES, PLAY).tree_
    costs = {alpha: pruning.cost(pruning.pruned(tree, alpha), alpha) for alpha in (0.1, 2.0, 3.0, 9.0)}
    root = 14 * 0.9402859586706309

    for alpha, found in costs.items():
        options = [root + alpha, 2 * 4.854752972273343 + 3 * alpha, 4.854752972273343 + 4 * alpha, 5 * alpha]
        assert found == pytest.approx(min(options))


def costs_of_multiway_subtrees(tree, alpha, node=0):
    counts = tree.counts[node]
    shares = counts[counts > 0] / counts.sum()
    costs = [-counts.sum() * (shares * np.log2(shares)).sum() + alpha]
    if not tree.is_leaf[node]:
        children = range(tree.first_child[node], tree.first_child[node] + tree.n_children[node])
        costs += [sum(some) for some in product(*(costs_of_multiway_subtrees(tree, alpha, child) for child in children))]
    return costs


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0, 2.5, 6.0, 1e3])
@pytest.mark.parametrize("seed", range(3))
def test_no_subtree_of_many_ways_costs_less(seed, alpha):
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, 3, (40, 3)).astype(float), rng.integers(0, 3, 40)
    X[rng.random(X.shape) < 0.1] = np.nan
    for kind in (ID3Classifier, C45Classifier):
        tree = kind(max_depth=2, categorical_features=range(3)).fit(X, y).tree_
        smaller = pruning.pruned(tree, alpha)
        assert pruning.cost(smaller, alpha) == pytest.approx(min(costs_of_multiway_subtrees(tree, alpha)))


BY_PRICE = [
    (DecisionTreeClassifier, "ccp_alpha"),
    (ID3Classifier, "alpha"),
    (C45Classifier, "alpha"),
]


@pytest.mark.parametrize("rule", ["cv", "cv-1se"])
@pytest.mark.parametrize(("kind", "name"), BY_PRICE)
def test_no_price_does_better_on_held_out_rows(kind, name, rule):
    rng = np.random.default_rng(1)
    X = rng.integers(0, 3, (240, 4)).astype(float)
    y = np.where(rng.random(240) < 0.3, rng.integers(0, 3, 240), (X[:, 0] + X[:, 1] * X[:, 2]) % 3).astype(int)
    weight = rng.uniform(0.5, 2.0, 240)
    settings = {"categorical_features": range(4), "random_state": 0}
    whole = kind(**settings).fit(X, y, weight).tree_
    prices = pruning.alphas_to_try(pruning.weakest_links(whole)[1])
    losses = []
    for train, held_out in pruning.folds(y, True, 0):
        of_fold = []
        for price in prices:
            unit = weight.sum() if kind is DecisionTreeClassifier else weight.sum() / weight[train].sum()
            model = kind(**settings, **{name: price / unit}).fit(X[train], y[train], weight[train])
            squares = (model.predict_proba(X[held_out]) - np.eye(3)[y[held_out]]) ** 2
            of_fold.append(np.average(squares.sum(axis=1), weights=weight[held_out]))
        losses.append(of_fold)
    mean, best = np.mean(losses, axis=0), np.argmin(np.mean(losses, axis=0))
    assert 0 < best < len(prices) - 1  # neither the whole tree nor the root alone
    allowed = np.std(losses, axis=0, ddof=1)[best] / np.sqrt(5) if rule == "cv-1se" else 0.0
    largest = max(price for price, loss in zip(prices, mean, strict=True) if loss <= mean[best] + allowed)
    model = kind(**settings, **{name: rule}).fit(X, y, weight)
    chosen = getattr(model, f"{name}_")
    assert chosen * (weight.sum() if kind is DecisionTreeClassifier else 1) == pytest.approx(largest)
    assert len(model.tree_) == len(pruning.pruned(whole, largest)) < len(whole)


@pytest.mark.parametrize(("kind", "name"), BY_PRICE)
def test_equal_seeds_choose_equal_prices(kind, name):
    rng = np.random.default_rng(2)
    X = rng.integers(0, 3, (60, 4)).astype(float)
    y = np.where(rng.random(60) < 0.3, rng.integers(0, 2, 60), (X[:, 0] > 0) & (X[:, 1] > 0) | (X[:, 2] > 1))
    models = [kind(**{name: "cv"}, categorical_features=range(4), random_state=seed).fit(X, y) for seed in (0, 0, 1, 2, 3, 4, 5)]
    prices = [getattr(model, f"{name}_") for model in models]
    assert prices[0] == prices[1]
    np.testing.assert_array_equal(models[0].tree_.feature, models[1].tree_.feature)
    assert len(set(prices)) > 1


@pytest.mark.parametrize(("kind", "name"), BY_PRICE)
def test_where_no_row_can_be_held_out_nothing_is_pruned(kind, name):
    for y in ([0, 1], [0]):
        model = kind(**{name: "cv"}, categorical_features=[0]).fit(np.arange(len(y), dtype=float)[:, None], y)
        assert getattr(model, f"{name}_") == 0.0
        assert model.tree_.n_leaves == len(y)


@pytest.mark.parametrize("kind", [ID3Classifier, C45Classifier])
@pytest.mark.parametrize("alpha", [-1.0, "cross", np.nan, True, None])
def test_prices_that_cannot_be(kind, alpha):
    with pytest.raises(ValueError, match="alpha takes a number from 0 on, or 'cv' or 'cv-1se'; got "):
        kind(alpha=alpha).fit(CATEGORIES, PLAY)


def test_folds_part_the_rows_and_hold_equal_shares_of_the_classes():
    y = np.repeat([0, 1, 2], [50, 10, 5])
    parts = pruning.folds(y, True, 0)
    assert [np.bincount(y[held_out]).tolist() for _, held_out in parts] == [[10, 2, 1]] * 5
    assert sorted(np.concatenate([held_out for _, held_out in parts])) == list(range(65))
    assert all(sorted([*train, *held_out]) == list(range(65)) for train, held_out in parts)
    rare = pruning.folds(np.repeat([0, 1], [20, 3]), True, 0)  # too few to be in every fold
    assert sorted(np.concatenate([held_out for _, held_out in rare])) == list(range(23))


def test_the_brier_score_by_hand():
    """Squares of (.2, -.2) and of (.5, -.5), the second of threefold weight: (.08 + 3 · .5) / 4."""
    assert pruning.brier(np.array([[0.2, 0.8], [0.5, 0.5]]), np.array([1, 0]), np.array([1.0, 3.0])) == pytest.approx(0.395)


def grown(kind: str, rule: float | str):
    if kind == "cart":
        return DecisionTreeClassifier(ccp_alpha=rule, random_state=0)
    return C45Classifier(alpha=rule, random_state=0) if kind == "c45" else ID3Classifier(alpha=rule, bins=4, random_state=0)


@pytest.mark.mission("C6")
@pytest.mark.parametrize("kind", ["cart", "c45", "id3"])
def test_alpha_by_cross_validation_prunes_noise_and_keeps_signal(kind):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    noise, signal = rng.integers(0, 2, 300), (X[:, 0] > np.median(X[:, 0])).astype(int)
    few = 4 if kind == "id3" else 2  # it makes a leaf of each bin
    for rule in ("cv", "cv-1se"):
        assert grown(kind, rule).fit(X, noise).tree_.n_leaves <= few + 1
        assert grown(kind, rule).fit(X, signal).tree_.n_leaves == few
    both = np.where(rng.random(300) < 0.2, noise, signal)
    leaves = [grown(kind, rule).fit(X, both).tree_.n_leaves for rule in (0.0, "cv", "cv-1se")]
    assert leaves[0] > leaves[1] >= leaves[2] >= 2
