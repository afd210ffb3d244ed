"""One tree of either search against its definition, cut by cut; both growths and missing values; what exact search refuses."""

import numpy as np
import pytest
from tests.trees.slow_tree import slow_tree

from tenon.errors import SettingsError
from tenon.trees import GradientBoostingClassifier, GradientBoostingRegressor

EXACT_SUMS = 1e-6  # gradients are float32


def some_rows(seed: int, n: int = 200, missing: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    y = X[:, 0] * X[:, 1] + X[:, 2] + 0.3 * rng.normal(size=n)
    X[rng.random(X.shape) < missing] = np.nan
    return X, y


@pytest.mark.mission("C12")
@pytest.mark.parametrize("search", ["exact", "histogram"])
@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize(("growth", "max_depth", "max_leaf_nodes"), [("depth", 4, None), ("leaf", None, 9), ("leaf", 3, 7)])
@pytest.mark.parametrize("seed", range(3))
def test_one_tree_is_that_of_the_definition(seed, growth, max_depth, max_leaf_nodes, missing, search):
    X, y = some_rows(seed, missing=missing)
    kind = {"growth": growth, "max_depth": max_depth, "max_leaf_nodes": max_leaf_nodes, "search": search}
    model = GradientBoostingRegressor(n_estimators=1, learning_rate=1.0, min_child_weight=3.0, reg_lambda=0.5, **kind).fit(X, y)
    grad, hess = y.mean() - y, np.ones(len(y))  # squared error; 200 values fit into 255 bins, so both searches see every cut
    values, gains = slow_tree(X, grad, hess, 0.5, 3.0, growth, max_depth or 99, max_leaf_nodes or 99)
    assert model.predict(X) - y.mean() == pytest.approx(values, abs=EXACT_SUMS)
    assert np.sort(model.trees_[0][0].gain[~model.trees_[0][0].is_leaf]) == pytest.approx(np.sort(gains), rel=EXACT_SUMS)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            np.array([["a"], ["b"], ["a"]], object),
            "search='exact' takes numbers only, and column 0 holds categories; use search='histogram'",
        )
    ],
)
def test_refuses_what_it_cannot_sort(X, message):
    with pytest.raises(SettingsError, match=message):
        GradientBoostingClassifier(search="exact").fit(X, [0, 1, 0])


def test_refuses_a_sparse_table():
    from scipy.sparse import csr_matrix

    with pytest.raises(SettingsError, match="search='exact' takes a dense table; use search='histogram' for a sparse one"):
        GradientBoostingClassifier(search="exact").fit(csr_matrix(np.eye(4)), [0, 1, 0, 1])
