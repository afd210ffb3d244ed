"""Planted groups are found with their number, data without any are said to have none, and figures are as defined."""

import numpy as np
import pytest

from tenon.overview.clusters import by_size, clusters, dense, distances_of, shown_tree, silhouette, ward_labels, ward_tree
from tenon.overview.references import draws, normal, uniform
from tenon.overview.space import Space, space_of
from tenon.overview.target import Sides, agreement


def dealing(X):
    """Points of X with the cells of each of its columns dealt anew."""

    def deal(rng):
        return space_of(np.column_stack([rng.permutation(x) for x in X.T]), 0).points

    return deal


def found_in(X):
    return clusters(space_of(X, 0), dealing(X), 0)


def blobs(k: int, n: int = 180, seed: int = 0):
    """n rows around k places that are as far from each other: by k columns, each of which is high in one place."""
    rng = np.random.default_rng(seed)
    of = np.arange(n) % k
    return 12.0 * np.eye(k)[of] + rng.normal(size=(n, k)), of


@pytest.mark.mission("B2", "C17")
@pytest.mark.parametrize("k", [2, 3, 5])
def test_planted_groups(k):
    X, of = blobs(k)
    content, labels = found_in(X)
    assert (content["k"], content["verdict"]) == (k, "groups") or k == 2  # two groups of one line: their columns part them, too
    assert content["k"] == k
    assert content["verdict"] != "none"
    assert agreement(labels, Sides("y", (), of, False)) == {"rand": pytest.approx(1), "information": pytest.approx(1)}
    assert content["sizes"] == sorted(np.bincount(of).tolist(), reverse=True)
    assert content["kmeans"][k - 2] == content["silhouette"] == max(content["kmeans"])
    assert content["ward"][k - 2] == pytest.approx(content["silhouette"])


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("law", ["uniform", "normal"])
def test_noise_has_no_groups(law, seed):
    rng = np.random.default_rng(seed)
    content, _ = found_in(getattr(rng, law)(size=(120, 3)))
    assert content["verdict"] == "none"


def test_long_tails_are_no_groups():
    """Independent columns of log-normal numbers: a few rows are far away, which a single column says already."""
    content, _ = found_in(np.exp(1.5 * np.random.default_rng(0).normal(size=(120, 3))))
    assert content["verdict"] != "groups"


def test_few_different_rows():
    content, labels = found_in(np.repeat(np.arange(20.0).reshape(10, 2), 5, axis=0))
    assert content == {"reason": "more than 10 different rows are needed; there are 10."}
    assert len(labels) == 0


def test_the_silhouette_is_that_of_the_definition():
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(20, 2)), np.arange(20) % 3
    D = distances_of(X)
    np.testing.assert_allclose(D, np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2)), atol=1e-12)
    each = []
    for i in range(20):
        to = [D[i, (labels == group) & (np.arange(20) != i)].mean() for group in range(3)]
        a, b = to[labels[i]], min(to[group] for group in range(3) if group != labels[i])
        each.append((b - a) / max(a, b))
    assert silhouette(D, labels) == pytest.approx(np.mean(each))
    assert silhouette(D, np.zeros(20, int)) == -1.0


def test_wards_tree():
    """Four places on a line, two and two near: the last join is of the pairs, the rows of the leaves are all rows."""
    X = np.concatenate([np.full((5, 1), x) for x in (0.0, 1.0, 100.0, 101.0)]) + np.linspace(0, 0.01, 20)[:, None]
    tree = ward_tree(X)
    assert len(set(ward_labels(tree, 2)[:10])) == len(set(ward_labels(tree, 2)[10:])) == 1
    shown = shown_tree(tree)
    assert sum(shown["leaves"]) == 20
    assert max(y for bracket in shown["brackets"] for _, y in bracket) == pytest.approx(tree[-1, 2])
    assert len(shown["brackets"]) == len(shown["leaves"]) - 1


def test_dense_places_and_noise():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 0.1, (40, 2)), rng.normal(5, 0.1, (60, 2)), rng.uniform(-20, 20, (10, 2))])
    content, labels = dense(X)
    assert len(content["sizes"]) == 2
    assert set(labels[40:100]) == {0}  # the largest first
    assert content["noise"] == (labels < 0).sum()
    assert (labels[100:] < 0).mean() >= 0.5


def test_labels_by_size():
    assert by_size(np.array([7, 7, 3, 3, 3, 5, -1])).tolist() == [1, 1, 0, 0, 0, 2, -1]


def test_references_have_the_shape_of_the_data():
    rng = np.random.default_rng(0)
    space = Space(rng.normal(size=(500, 2)) * (5.0, 0.1), np.ones(2) / 2, np.eye(2))
    even, law = uniform(space, rng), normal(space, rng)
    assert (even.min(axis=0) >= space.points.min(axis=0)).all()
    assert (even.max(axis=0) <= space.points.max(axis=0)).all()
    np.testing.assert_allclose(law.std(axis=0), space.points.std(axis=0), rtol=0.1)  # 500 rows: 3 standard errors
    assert {name for name, _ in draws(space, None, 0)} == {"uniform", "normal"}
    assert {name for name, _ in draws(space, lambda rng: even, 0)} == {"uniform", "normal", "columns"}
