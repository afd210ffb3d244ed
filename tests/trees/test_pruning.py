"""Pruning against all subtrees of small trees, by brute force."""

import numpy as np
import pytest
from tests.trees.weather import CATEGORIES, PLAY

from tenon.trees import DecisionTreeClassifier, DecisionTreeRegressor, ID3Classifier, multiway, pruning


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


def test_multiway_trees_are_pruned_to_the_least_cost():
    tree = ID3Classifier().fit(CATEGORIES, PLAY).tree_
    costs = {alpha: multiway.cost(multiway.pruned(tree, alpha), alpha) for alpha in (0.1, 2.0, 3.0, 9.0)}
    root = 14 * 0.9402859586706309

    for alpha, found in costs.items():
        options = [root + alpha, 2 * 4.854752972273343 + 3 * alpha, 4.854752972273343 + 4 * alpha, 5 * alpha]
        assert found == pytest.approx(min(options))


def test_alpha_by_cross_validation_prunes_noise_and_keeps_signal():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    noise, signal = rng.integers(0, 2, 300), (X[:, 0] > 0.3).astype(int)
    for rule in ("cv", "cv-1se"):
        assert DecisionTreeClassifier(ccp_alpha=rule, random_state=0).fit(X, noise).get_n_leaves() <= 3
        assert DecisionTreeClassifier(ccp_alpha=rule, random_state=0).fit(X, signal).get_n_leaves() == 2
    both = np.where(rng.random(300) < 0.2, noise, signal)
    leaves = [
        DecisionTreeClassifier(ccp_alpha=rule, random_state=0).fit(X, both).get_n_leaves() for rule in (0.0, "cv", "cv-1se")
    ]
    assert leaves[0] > leaves[1] >= leaves[2] >= 2
