"""Mixtures: BIC by hand from the densities, planted laws found, and numbers that have no density left alone."""

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.overview.density import best_mixture, density, has_density, smoothed


def bic_by_hand(X, weights, means, covariances):
    """-2 ln L + f ln n, with (k - 1) weights, k p means and k p (p + 1) / 2 covariances."""
    n, p = X.shape
    L = np.zeros(n)
    for weight, mean, covariance in zip(weights, means, covariances, strict=True):
        z = X - mean
        distance = np.einsum("ij,jk,ik->i", z, np.linalg.inv(covariance), z)
        L += weight * np.exp(-distance / 2) / np.sqrt((2 * np.pi) ** p * np.linalg.det(covariance))
    k = len(weights)
    n_free = (k - 1) + k * p + k * p * (p + 1) / 2
    return -2 * np.log(L).sum() + n_free * np.log(n)


def test_bic_is_that_of_the_definition():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(size=(100, 2)), rng.normal(6, 1, (80, 2))])
    bics, mixture = best_mixture(X, 4, 0)
    assert bics[0] == pytest.approx(bic_by_hand(X, [1.0], [X.mean(axis=0)], [np.cov(X.T, bias=True)]), rel=1e-5)
    assert bics[1] == pytest.approx(bic_by_hand(X, mixture.weights_, mixture.means_, mixture.covariances_))
    assert mixture.n_components == 2
    assert len(bics) == 4


@pytest.mark.parametrize("decimals", [0, 1, 6])
@pytest.mark.parametrize("seed", range(2))
def test_planted_laws_however_they_were_rounded(decimals, seed):
    rng = np.random.default_rng(seed)
    one = rng.normal(50, 10, 400).round(decimals)
    two = np.concatenate([rng.normal(20, 4, 120), rng.normal(60, 8, 280)]).round(decimals)
    found = density(tenon.read(pd.DataFrame({"one": one, "two": two, "three": two[::-1] + one})), 0)
    laws = {column["name"]: column for column in found["columns"]}
    assert laws["one"]["k"] == 1
    assert laws["two"]["k"] == 2
    low, high = laws["two"]["parts"]
    assert low["mean"] == pytest.approx(20, abs=1.5)  # 120 rows of deviation 4: 4 standard errors
    assert high["mean"] == pytest.approx(60, abs=2)
    assert high["share"] == pytest.approx(0.7, abs=0.05)
    assert (low["sd"], high["sd"]) == (pytest.approx(4, rel=0.25), pytest.approx(8, rel=0.25))
    assert found["together"]["rows"] == 400


def test_counts_and_codes_have_no_density():
    assert has_density(np.arange(100.0))
    assert not has_density(np.arange(49.0))
    assert not has_density(np.arange(100.0) % 19)
    assert not has_density(np.append(np.arange(100.0), np.zeros(12)))  # 13 of 112 rows hold 0
    found = density(tenon.read(pd.DataFrame({"code": np.arange(100) % 5, "flag": np.arange(100) % 2})), 0)
    assert found == {"reason": "no column of numbers has 20 different values or more, none of them in over 10 % of the rows."}


def test_numbers_move_within_half_a_step():
    x = np.repeat(np.arange(30.0), 4)
    moved = smoothed(x, np.random.default_rng(0))
    assert np.abs(moved - x).max() <= 0.5
    assert len(np.unique(moved)) == 120


def test_rows_with_gaps_count_for_their_columns_alone():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 200))
    a[:60] = np.nan
    found = density(tenon.read(pd.DataFrame({"a": a, "b": b})), 0)
    assert found["together"]["rows"] == 140
