"""The mean cost against a cost matrix written out, and against accuracy where both mistakes cost 1."""

import numpy as np
import pytest

from tenon.metrics import METRICS
from tenon.metrics.cost import cost_metric

RNG = np.random.default_rng(0)
Y, LABEL, FOLDS = RNG.integers(0, 2, 60), RNG.integers(0, 2, 60), np.arange(60) % 3
WEIGHTS = RNG.uniform(0.5, 2.0, 60)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_is_what_the_cost_matrix_says(weights):
    matrix = np.array([[0.0, 3.0], [7.0, 0.0]])  # truth, prediction
    slow = np.average([matrix[truth, said] for truth, said in zip(Y, LABEL, strict=True)], weights=weights)
    metric = cost_metric((3.0, 7.0))
    assert not metric.greater_is_better
    assert metric.score(Y, LABEL, weights) == pytest.approx(slow, rel=1e-12)  # sums in another order
    measured = metric.measure(Y, LABEL, FOLDS, weights)
    assert measured.level == pytest.approx(-slow, rel=1e-12)
    assert measured.psi.mean() == pytest.approx(-slow, rel=1e-12)
    assert metric.from_level(measured.level) == pytest.approx(slow, rel=1e-12)


def test_equal_costs_of_one_are_the_error_rate():
    error = 1 - METRICS["accuracy"].score(Y, LABEL)
    assert cost_metric((1.0, 1.0)).score(Y, LABEL) == pytest.approx(error, rel=1e-12)
    assert cost_metric((1.0, 1.0)).kappa == METRICS["accuracy"].kappa
