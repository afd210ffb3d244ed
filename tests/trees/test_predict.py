"""Scores by masks and lookups are those of walking down each tree."""

import numpy as np
import pytest

from tenon.team import Team
from tenon.trees.predict import add_scores
from tenon.trees.scorer import MOST_BITS, pack
from tenon.trees.tree import LEAF, Tree

N_CODES = {2: 20, 3: 3000}  # of the features that are categories: one is looked up, one has too many codes


def random_tree(rng: np.random.Generator, n_leaves: int) -> Tree:
    feature, left, right, leaves = [LEAF], [LEAF], [LEAF], [0]
    while len(leaves) < n_leaves:
        node = leaves.pop(rng.integers(len(leaves)))
        feature[node], left[node], right[node] = int(rng.integers(4)), len(feature), len(feature) + 1
        leaves += [len(feature), len(feature) + 1]
        feature, left, right = feature + 2 * [LEAF], left + 2 * [LEAF], right + 2 * [LEAF]
    n = len(feature)
    is_number = np.isin(feature, (0, 1))
    categories = {i: np.flatnonzero(rng.random(N_CODES[f]) < 0.5) for i, f in enumerate(feature) if f in N_CODES}
    return Tree(
        feature=np.array(feature, np.int32), threshold=np.where(is_number, rng.normal(size=n), np.nan),
        left=np.array(left, np.int32), right=np.array(right, np.int32), default_left=rng.random(n) < 0.5,
        value=rng.integers(-1000, 1000, (n, 1)).astype(float), gain=np.ones(n), cover=np.ones(n), categories=categories,
    )  # fmt: skip


def random_rows(rng: np.random.Generator, n: int) -> np.ndarray:
    X = rng.normal(size=(n, 4))
    for f, n_codes in N_CODES.items():
        X[:, f] = rng.integers(0, n_codes + 5, n)  # some that no split knows
    X[rng.random(X.shape) < 0.2] = np.nan
    return X


@pytest.mark.parametrize("n_leaves", [1, 2, 3, 31, MOST_BITS, 50, 200])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_are_those_of_walking_down(n_leaves, dtype):
    rng = np.random.default_rng(n_leaves)
    trees, X = [random_tree(rng, n_leaves) for _ in range(20)], random_rows(rng, 1111).astype(dtype)
    scores = np.zeros(len(X))
    with Team(2) as team:
        add_scores(pack(trees), X, scores, team)
    walked = sum(tree.value[tree.apply(X.astype(np.float64)), 0] for tree in trees)
    np.testing.assert_array_equal(scores, walked)  # whole numbers, so no order of adding matters
