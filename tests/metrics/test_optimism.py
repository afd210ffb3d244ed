"""By how much the winner flatters: exact cases and the definition."""

import numpy as np
import pytest
from tests.metrics.simulated import board_of

from tenon.metrics import expected_optimism, expected_score, observed_gap
from tenon.metrics.optimism import shrunk, winners_noise


@pytest.mark.parametrize(("m", "expected"), [(2, 0.5642), (5, 1.1630), (20, 1.8675)])
def test_equal_methods_flatter_by_the_mean_of_the_largest_normal(m, expected):
    """The mean of the largest of m standard normal numbers; Monte-Carlo error at most 0.008."""
    assert winners_noise(np.zeros(m), np.eye(m), seed=0) == pytest.approx(expected, abs=0.03)


def test_a_sure_winner_does_not_flatter():
    assert winners_noise(np.array([0.0, 100.0]), np.eye(2), seed=0) == pytest.approx(0, abs=0.03)
    assert winners_noise(np.array([0.5]), np.eye(1), seed=0) == 0.0


def test_one_noise_for_all_flatters_nobody():
    assert winners_noise(np.zeros(3), np.ones((3, 3)), seed=0) == pytest.approx(0, abs=0.03)


def test_levels_shrink_by_the_share_of_noise():
    level = np.array([1.0, 2.0, 3.0])  # variance 1
    np.testing.assert_allclose(shrunk(level, 0.25 * np.eye(3)), [1.25, 2.0, 2.75], rtol=1e-12)
    np.testing.assert_allclose(shrunk(level, 4 * np.eye(3)), [2, 2, 2], rtol=1e-12)
    np.testing.assert_allclose(shrunk(level, np.ones((3, 3))), level, rtol=1e-12)  # noise that all share moves no gap
    np.testing.assert_allclose(shrunk(np.ones(3), np.eye(3)), np.ones(3))


@pytest.mark.parametrize("name", ["auc", "rmse", "log_loss"])
def test_expected_score_is_worse_than_the_score(name):
    evidence = board_of(name, (1.0, 1.0, 1.0))
    best = int(np.argmax(evidence.level))
    score, expected = evidence.metric.from_level(evidence.level[best]), expected_score(evidence, best, 0)
    assert expected < score if evidence.metric.greater_is_better else expected > score
    assert evidence.metric.from_level(evidence.level[best] - expected_optimism(evidence, 0)) == expected


@pytest.mark.parametrize("name", ["accuracy", "rmse"])
def test_gap_holds_its_sign_and_unit(name):
    evidence = board_of(name, (1.0,))
    y = np.ones(100) if name == "rmse" else np.ones(100, int)
    guess = y * 0  # every row wrong, or off by one
    gap, low, high = observed_gap(evidence, 0, y, guess)
    on_folds = evidence.metric.from_level(evidence.level[0])
    assert gap == pytest.approx(abs(on_folds - evidence.metric.score(y, guess)), rel=1e-9)
    assert low < gap < high
