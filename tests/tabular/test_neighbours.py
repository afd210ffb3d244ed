"""Nearest neighbours against scikit-learn's where no distances tie, and the sharing of votes by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from tenon.tabular import neighbours
from tenon.tabular.neighbours import NeighboursClassifier, NeighboursRegressor


@pytest.mark.mission("C17")
@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("k", [1, 4, 60])
@pytest.mark.parametrize("container", [np.asarray, csr_matrix])
def test_as_scikit_learn_without_ties(k, weights, container, monkeypatch):
    monkeypatch.setattr(neighbours, "CHUNK_MB", 0.01)  # several chunks
    rng = np.random.default_rng(k)
    X, new, y = rng.normal(size=(60, 3)), rng.normal(size=(40, 3)), rng.integers(0, 3, 60)
    theirs = KNeighborsClassifier(k, weights=weights).fit(X, y)
    ours = NeighboursClassifier(k, weights).fit(container(X), y)
    # squared distances come from norms, with 1e-15 of a norm lost: 1e-9 of a distance that is 1e-3 of it
    np.testing.assert_allclose(ours.predict_proba(container(new)), theirs.predict_proba(new), atol=1e-9)
    assert (ours.predict(container(new)) == theirs.predict(new)).all()
    numbers = rng.normal(size=60)
    theirs = KNeighborsRegressor(k, weights=weights).fit(X, numbers)
    np.testing.assert_allclose(
        NeighboursRegressor(k, weights).fit(container(X), numbers).predict(container(new)), theirs.predict(new), atol=1e-9
    )


def test_ties_share_the_votes_that_are_left():
    """Seen from 0 with k = 2: one row at 0, three at distance 1, which share one vote."""
    X, y = np.array([[1.0], [0.0], [-1.0], [1.0], [9.0]]), np.array([1, 0, 2, 2, 1])
    proba = NeighboursClassifier(2).fit(X, y).predict_proba([[0.0]])
    np.testing.assert_allclose(proba, [[1 / 2, 1 / 6, 2 / 6]], rtol=1e-12)  # float64


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_order_of_train_rows_does_not_matter_among_ties(weights):
    rng = np.random.default_rng(0)
    X, y = np.eye(4)[rng.integers(0, 4, (60, 2))].reshape(60, 8), rng.integers(0, 2, 60)
    new = X[:10]
    order = rng.permutation(60)
    ours = NeighboursClassifier(7, weights).fit(X, y).predict_proba(new)
    other = NeighboursClassifier(7, weights).fit(X[order], y[order]).predict_proba(new)
    np.testing.assert_allclose(ours, other, rtol=1e-12)  # sums of 60 votes in another order


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_rounding_does_not_break_ties(weights):
    """Turned in space and moved away from 0, equal distances differ in their last bits; the answer is the one before."""
    rng = np.random.default_rng(0)
    X, y = np.eye(4)[rng.integers(0, 4, (60, 2))].reshape(60, 8), rng.integers(0, 2, 60)
    turn, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    ours = NeighboursClassifier(7, weights).fit(X @ turn + 3, y).predict_proba(X[:10] @ turn + 3)
    plain = NeighboursClassifier(7, weights).fit(X, y).predict_proba(X[:10])
    # uniform votes are the same; distance 0 is replaced by one in proportion to the rows' norms, which were moved
    np.testing.assert_allclose(ours, plain, rtol=1e-12 if weights == "uniform" else 1e-3)


def test_row_weights_weigh_votes():
    X, y = np.array([[0.0], [1.0], [5.0]]), np.array([0, 1, 1])
    proba = NeighboursClassifier(2).fit(X, y, sample_weight=np.array([1.0, 3.0, 1.0])).predict_proba([[0.4]])
    np.testing.assert_allclose(proba, [[0.25, 0.75]], rtol=1e-12)  # float64


def test_fewer_rows_than_neighbours():
    assert NeighboursRegressor(15).fit(np.array([[0.0], [2.0]]), np.array([1.0, 3.0])).predict([[9.0]]) == [2.0]


def test_equal_rows_outvote_all_others_by_distance():
    X, y = np.array([[0.0, 1.0], [0.0, 1.0], [3.0, 0.0]]), np.array([0, 1, 1])
    proba = NeighboursClassifier(3, "distance").fit(X, y).predict_proba([[0.0, 1.0]])
    np.testing.assert_allclose(proba, [[0.5, 0.5]], atol=1e-4)  # an equal row counts as if at 3e-5 of the usual distance
