"""Step-down removal against hand-worked figures and a slow version from the definition."""

import numpy as np
import pytest

from tenon.metrics.maxt import Draws, draw, pair_p_values, step_down
from tenon.metrics.variance import pair_variance

LEVEL = np.array([0.85, 0.84, 0.78])
S = 1e-4 * np.array([[4.0, 2, 1], [2, 4, 1], [1, 1, 6]])
MONTE_CARLO = 10_000


def statistics(level, pair):
    gaps = level[:, None] - level[None, :]
    return np.divide(gaps, np.sqrt(pair), out=np.zeros_like(gaps), where=pair > 0)


def test_by_hand():
    pair = pair_variance(S)
    T = statistics(LEVEL, pair)
    assert (T[0, 1], T[0, 2], T[1, 2]) == pytest.approx((0.5, 2.4748737, 2.1213203), abs=5e-8)
    draws = draw(S, pair, np.inf, MONTE_CARLO, seed=0)
    largest = np.max([draws.of_pair(0, 1), draws.of_pair(0, 2), draws.of_pair(1, 2)], axis=0)
    assert np.quantile(largest, 0.95) == pytest.approx(2.3325, abs=0.06)  # Monte-Carlo error 0.02
    p = step_down(LEVEL, T, draws)
    assert p[2] == pytest.approx(0.0345, abs=0.006)  # Monte-Carlo error 0.002
    assert p[0] == p[1] == pytest.approx(0.6170751, abs=0.015)  # Monte-Carlo error 0.005


@pytest.mark.parametrize(("m", "limit"), [(2, 1.9600), (3, 2.3437), (5, 2.7278), (10, 3.1637), (20, 3.5438)])
def test_limit_for_independent_methods(m, limit):
    draws = draw(np.eye(m), pair_variance(np.eye(m)), np.inf, MONTE_CARLO, seed=1)
    largest = np.max([draws.of_pair(i, j) for i in range(m) for j in range(i)], axis=0)
    assert np.quantile(largest, 0.95) == pytest.approx(limit, abs=0.06)  # Monte-Carlo error 0.02


def step_down_slow(level, T, draws, gate=None):
    """The loop as it is defined: the maxima of every step from scratch."""
    left, p, largest_p = list(range(len(level))), np.ones(len(level)), 0.0
    while len(left) > 1:
        i, j = max(((i, j) for i in left for j in left if i < j), key=lambda pair: abs(T[pair]))
        winner, loser = (i, j) if level[i] >= level[j] else (j, i)
        maxima = np.max([draws.of_pair(a, b) for a in left for b in left if a < b], axis=0)
        step = (1 + np.sum(maxima >= abs(T[i, j]))) / (len(maxima) + 1)
        largest_p = max(largest_p, step, 0.0 if gate is None else gate[winner, loser])
        if largest_p >= 0.05:
            p[left] = largest_p
            return p
        p[loser] = largest_p
        left.remove(loser)
    return p


@pytest.mark.mission("A1")
@pytest.mark.parametrize("seed", range(12))
def test_matches_the_definition(seed):
    rng = np.random.default_rng(seed)
    m = 2 + seed % 6
    root = rng.normal(size=(m, m))
    cov, level = root @ root.T, rng.normal(0, 6, m)
    pair = pair_variance(cov)
    T, draws = statistics(level, pair), draw(cov, pair, 30, 500, seed)
    np.testing.assert_array_equal(step_down(level, T, draws), step_down_slow(level, T, draws))
    gate = rng.uniform(0, 0.06, (m, m))
    gate = np.maximum(gate, gate.T)
    np.testing.assert_array_equal(step_down(level, T, draws, gate), step_down_slow(level, T, draws, gate))


def test_pairs_from_the_definition():
    """Westfall and Young: the largest statistic among the pairs not more extreme, then made monotone."""
    rng = np.random.default_rng(3)
    root = rng.normal(size=(5, 5))
    pair = pair_variance(root @ root.T)
    T, draws = statistics(rng.normal(0, 4, 5), pair), draw(root @ root.T, pair, 20, 400, 0)
    order = sorted(((i, j) for i in range(5) for j in range(i + 1, 5)), key=lambda ij: -abs(T[ij]))
    ours, p = pair_p_values(T, draws), 0.0
    for k, (i, j) in enumerate(order):
        maxima = np.max([draws.of_pair(*later) for later in order[k:]], axis=0)
        p = max(p, (1 + np.sum(maxima >= abs(T[i, j]))) / 401)
        assert ours[i, j] == ours[j, i] == p


def test_two_methods_are_one_t_test():
    cov, nu = np.array([[2.0, 0.5], [0.5, 1.0]]), 12
    pair = pair_variance(cov)
    T = statistics(np.array([4.0, 0.0]), pair)
    from scipy import stats

    exact = 2 * stats.t.sf(T[0, 1], nu)
    p = step_down(np.array([4.0, 0.0]), T, draw(cov, pair, nu, 40_000, 0))
    assert p[1] == pytest.approx(exact, abs=0.005)  # Monte-Carlo error 0.001


def test_twins_stay_together():
    """Two methods that never differ: singular covariance, no statistic, no division by zero."""
    cov = np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]])
    pair = pair_variance(cov)
    level = np.array([9.0, 9.0, 0.0])
    p = step_down(level, statistics(level, pair), draw(cov, pair, np.inf, 2000, 0))
    assert p.tolist() == [1.0, 1.0, 1 / 2001]


def test_one_method():
    draws = Draws(np.zeros((10, 1)), np.zeros((1, 1)))
    assert step_down(np.array([0.5]), np.zeros((1, 1)), draws).tolist() == [1.0]
    assert pair_p_values(np.zeros((1, 1)), draws).tolist() == [[1.0]]


def test_draws_have_the_asked_covariance():
    levels = draw(S, pair_variance(S), np.inf, 40_000, 5).levels
    np.testing.assert_allclose(np.cov(levels, rowvar=False), S, atol=0.03 * S.max())  # Monte-Carlo error 0.7 %


@pytest.mark.parametrize("nu", [9, 20])
def test_few_degrees_of_freedom_from_the_definition(nu):
    """Boards of nu + 1 units of independent equal methods: the largest paired t over all pairs, simulated anew."""
    m, n_boards = 5, 20_000
    units = np.random.default_rng(1).standard_normal((n_boards, nu + 1, m))
    first, second = np.triu_indices(m, 1)
    gaps = units[:, :, first] - units[:, :, second]
    t = np.abs(gaps.mean(axis=1)) / (gaps.std(axis=1, ddof=1) / np.sqrt(nu + 1))
    expected = np.quantile(t.max(axis=1), 0.95)
    draws = draw(np.eye(m), 2 * (1 - np.eye(m)), nu, 20_000, seed=0)
    found = np.quantile(np.max([draws.of_pair(i, j) for i, j in zip(first, second, strict=True)], axis=0), 0.95)
    assert found == pytest.approx(expected, rel=0.03)  # two quantiles of 20,000 draws, each with a standard error of 0.7 %
