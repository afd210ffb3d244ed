"""Trees against scikit-learn's, on data without ties: numbers that float32 holds, and weights, so that no two cuts are equal."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn import ensemble, tree
from sklearn.metrics import roc_auc_score

from tenon.trees import (
    AdaBoostClassifier,
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

LIMITS = [
    {"min_samples_leaf": 8},
    {"min_samples_leaf": 4, "max_leaf_nodes": 15},
    {"min_samples_leaf": 5, "min_impurity_decrease": 0.005},
    {"max_depth": 3, "min_samples_leaf": 20},
]


def data(seed: int, gaps: bool, n: int = 400):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5)).astype(np.float32).astype(np.float64)
    signal = X[:, 0] + X[:, 1] * X[:, 2]
    if gaps:
        X[rng.random(X.shape) < 0.1] = np.nan
    classes = (signal > 0).astype(int) + (rng.random(n) > 0.8)
    return X, classes, signal + rng.normal(size=n), rng.uniform(0.5, 1.5, n)


def walk(ours, theirs, node=0, other=0) -> int:
    """Assert that both trees are the same below these nodes; return the number of nodes. Pure nodes end our trees, whereas
    theirs go on where rounding leaves a pure node an impurity."""
    assert ours.impurity[node] == pytest.approx(theirs.impurity[other], abs=1e-12)
    if ours.is_leaf[node]:
        assert theirs.children_left[other] < 0 or ours.impurity[node] == 0
        return 1
    assert ours.feature[node] == theirs.feature[other]
    assert ours.threshold[node] == pytest.approx(theirs.threshold[other], rel=1e-12)
    assert ours.default_left[node] == bool(theirs.missing_go_to_left[other])
    left = walk(ours, theirs, ours.left[node], theirs.children_left[other])
    return 1 + left + walk(ours, theirs, ours.right[node], theirs.children_right[other])


@pytest.mark.mission("C7")
@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("criterion", ["gini", "entropy", "squared_error", "absolute_error"])
def test_cart_is_scikit_learns(criterion, gaps, limits):
    X, classes, numbers, weight = data(len(limits), gaps)
    is_class = criterion in ("gini", "entropy")
    y = classes if is_class else numbers
    ours = (DecisionTreeClassifier if is_class else DecisionTreeRegressor)(criterion=criterion, **limits)
    theirs = (tree.DecisionTreeClassifier if is_class else tree.DecisionTreeRegressor)(
        criterion=criterion, random_state=0, **limits
    )
    ours.fit(X, y, weight)
    theirs.fit(X, y, weight)
    assert walk(ours.tree_, theirs.tree_) == len(ours.tree_) > 5
    answers = (model.predict_proba(X) if is_class else model.predict(X) for model in (ours, theirs))
    np.testing.assert_allclose(*answers, rtol=1e-9)  # the same sums of a few hundred numbers
    np.testing.assert_allclose(ours.feature_importances_, theirs.feature_importances_, atol=1e-9)


@pytest.mark.mission("C6", "C7")
@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_pruning_path_is_scikit_learns(kind):
    X, classes, numbers, weight = data(5, gaps=True)
    limits = {"min_samples_leaf": 8}
    if kind == "classes":
        ours, theirs, y = DecisionTreeClassifier(**limits), tree.DecisionTreeClassifier(random_state=0, **limits), classes
        y = classes
    else:
        ours, theirs, y = DecisionTreeRegressor(**limits), tree.DecisionTreeRegressor(random_state=0, **limits), numbers
    path, their_path = (model.cost_complexity_pruning_path(X, y, weight) for model in (ours, theirs))
    in_theirs = their_path.ccp_alphas > 1e-12  # theirs splits pure nodes, for nothing
    assert in_theirs.sum() > 10
    np.testing.assert_allclose(path.ccp_alphas[1:], their_path.ccp_alphas[in_theirs], rtol=1e-7)  # differences of sums near 1
    np.testing.assert_allclose(path.impurities[1:], their_path.impurities[in_theirs], rtol=1e-7)
    alpha = 1.0001 * path.ccp_alphas[len(path.ccp_alphas) // 2]
    walk(ours.set_params(ccp_alpha=alpha).fit(X, y, weight).tree_, theirs.set_params(ccp_alpha=alpha).fit(X, y, weight).tree_)


@pytest.mark.mission("C8")
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("learning_rate", [0.5, 1.0])
def test_adaboost_has_scikit_learns_weights(n_classes, learning_rate):
    X, classes, _, weight = data(7, gaps=False)
    y = np.minimum(classes, n_classes - 1)
    ours = AdaBoostClassifier(40, learning_rate=learning_rate).fit(X, y, weight)
    theirs = ensemble.AdaBoostClassifier(n_estimators=40, learning_rate=learning_rate, random_state=0).fit(X, y, weight)
    np.testing.assert_allclose(ours.estimator_weights_, theirs.estimator_weights_, rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours.estimator_errors_, theirs.estimator_errors_, rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=0, atol=1e-10)
    assert (ours.predict(X) == theirs.predict(X)).all()


@pytest.mark.mission("C9")
@pytest.mark.parametrize("container", [np.asarray, csr_matrix])
def test_forests_are_as_good(container):
    """Both are random: over 8 seeds the means differ by less than 4 standard errors, or by half a hundredth."""
    X, classes, numbers, _ = data(1, gaps=False, n=1500)
    X, y = np.where(np.abs(X) < 0.3, 0.0, X), classes > 0
    ours, theirs, r2 = [], [], []
    for seed in range(8):
        scores = []
        for kind in (RandomForestClassifier, ensemble.RandomForestClassifier):
            model = kind(n_estimators=50, random_state=seed).fit(container(X[:1000]), y[:1000])
            scores.append(roc_auc_score(y[1000:], model.predict_proba(container(X[1000:]))[:, 1]))
        ours.append(scores[0])
        theirs.append(scores[1])
    for kind in (RandomForestRegressor, ensemble.RandomForestRegressor):
        model = kind(n_estimators=50, random_state=0).fit(container(X[:1000]), numbers[:1000])
        r2.append(model.score(container(X[1000:]), numbers[1000:]))
    spread = np.hypot(np.std(ours, ddof=1), np.std(theirs, ddof=1)) / np.sqrt(8)
    assert np.mean(ours) > np.mean(theirs) - max(4 * spread, 0.005)
    assert r2[0] > r2[1] - 0.03  # one seed each; forests of 50 trees differ by about 0.01 here
