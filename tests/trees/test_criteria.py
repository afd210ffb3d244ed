"""Each formula against figures worked by hand and against the definitions it comes from."""

import numpy as np
import pandas as pd
import pytest
from tests.trees.weather import CATEGORIES, PLAY

from tenon.trees.criteria import (
    absolute_error,
    cross_entropy,
    entropy,
    gain_ratio,
    gini,
    information_gain,
    kl_divergence,
    split_information,
    squared_error,
    weighted_median,
)


def counts(column: str) -> np.ndarray:
    return pd.crosstab(CATEGORIES[column], PLAY).to_numpy(np.float64)


def test_the_weather_before_any_question():
    assert entropy(np.array([9.0, 5.0])) == pytest.approx(0.940, abs=5e-4)  # three digits of the textbook
    assert gini(np.array([9.0, 5.0])) == pytest.approx(1 - (81 + 25) / 196)


@pytest.mark.parametrize(("column", "gain"), [("outlook", 0.247), ("humidity", 0.152), ("wind", 0.048), ("temperature", 0.029)])
def test_the_textbooks_gains(column, gain):
    assert information_gain(counts(column)) == pytest.approx(gain, abs=5e-4)


def test_the_textbooks_gain_ratio():
    sizes = counts("outlook").sum(axis=1)
    assert split_information(sizes) == pytest.approx(1.577, abs=5e-4)
    assert gain_ratio(information_gain(counts("outlook")), sizes) == pytest.approx(0.156, abs=5e-4)
    assert gain_ratio(0.3, np.array([14.0, 0.0])) == 0


@pytest.mark.mission("A7")
@pytest.mark.parametrize("seed", range(10))
def test_what_the_criteria_are_to_each_other(seed):
    p, q = np.random.default_rng(seed).dirichlet(np.ones(5), 2)
    assert cross_entropy(p, q) == pytest.approx(entropy(p) + kl_divergence(p, q))
    assert kl_divergence(p, q) > 0
    assert kl_divergence(p, p) == 0
    assert gini(p) <= entropy(p) * np.log(2)  # 1 - p is the tangent of -ln p at p = 1, and lies below it


def test_the_tangent_is_close_where_a_node_is_nearly_pure():
    p = np.array([0.999, 0.001])
    big, small = -p[0] * np.log(p[0]), p[0] * (1 - p[0])
    assert big == pytest.approx(small, rel=1e-3)  # the next term of the series is (1 - p) / 2 = 5e-4 of it


def test_nothing_and_one_class():
    for criterion in (entropy, gini):
        assert criterion(np.zeros(3)) == 0
        assert criterion(np.array([0.0, 7.5])) == 0


def test_cross_entropy_where_a_class_was_thought_impossible():
    assert cross_entropy(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == np.inf


@pytest.mark.parametrize("seed", range(10))
def test_errors_of_numbers_are_least_at_mean_and_median(seed):
    rng = np.random.default_rng(seed)
    y, weight = rng.normal(size=9), rng.uniform(0.5, 2, 9)
    around = np.linspace(-3, 3, 601)[:, None]
    assert squared_error(y, weight) == pytest.approx(np.average((y - np.average(y, weights=weight)) ** 2, weights=weight))
    assert squared_error(y, weight) <= np.average((y - around) ** 2, weights=weight, axis=1).min()
    distances = np.average(np.abs(y - y[:, None]), weights=weight, axis=1)
    assert absolute_error(y, weight) == pytest.approx(distances.min())  # a median is among the values


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_median_of_equal_weights(n):
    y = np.random.default_rng(n).normal(size=n)
    assert weighted_median(y, np.full(n, 0.25)) == np.median(y)
