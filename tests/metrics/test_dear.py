"""Dear methods on one split: hand-worked figures, exact cases, and bias."""

import numpy as np
import pytest

from tenon.metrics.dear import DearEstimate, against_cheap, control_variates, shared_split


def test_shared_split_by_hand():
    spread = np.sqrt(0.2 * 199 / 200)
    d = 0.03 + spread * np.tile([1.0, -1.0], 100)  # mean 0.03, variance 0.2
    tested = shared_split(d, np.zeros(200))
    assert tested.scale == pytest.approx(0.0353553, abs=5e-8)
    assert (tested.statistic, tested.p, tested.df) == pytest.approx((0.8485281, 0.3971634, 199), abs=5e-8)


def test_a_dear_twin_of_a_cheap_method_gets_its_level():
    rng = np.random.default_rng(0)
    cheap = rng.normal(size=(100, 3))
    level = np.array([0.4, 0.3, 0.2])
    estimate = control_variates(cheap[:, 1], cheap, level)
    # the ridge keeps beta a thousandth short of 1
    assert estimate.beta == pytest.approx([0, 1, 0], abs=2e-3)
    assert estimate.level == pytest.approx(0.3, abs=2e-3)
    tested = against_cheap(estimate, level, np.eye(3) / 1000, 1)
    assert tested.scale < 1e-3


def test_an_unrelated_dear_method_keeps_its_own_mean():
    dear = np.tile([1.0, 0.0], 500)
    cheap = np.repeat(np.tile([1.0, 0.0], 250), 2)[:, None]
    estimate = control_variates(dear, cheap, np.array([0.9]))
    assert estimate.beta == pytest.approx([0.0], abs=1e-12)
    assert estimate.level == pytest.approx(0.5, rel=1e-12)
    assert estimate.residual == pytest.approx(1.25 * dear.var(ddof=1) / 1000, rel=1e-9)


def test_a_hard_split_is_taken_out():
    """On a split whose rows are hard for all, the dear method's own mean is too low by as much as the cheap ones'."""
    rng = np.random.default_rng(2)
    hardness = rng.normal(1.0, 1.0, 400)
    cheap = -hardness[:, None] + 0.1 * rng.normal(size=(400, 3))
    dear = -hardness + 0.2
    estimate = control_variates(dear, cheap, np.zeros(3))  # over all rows the cheap methods have level 0
    assert dear.mean() < -0.7
    assert estimate.level == pytest.approx(0.2, abs=0.03)  # 400 rows of noise 0.1 / sqrt(3) leave 0.003; the ridge 0.01


def test_variance_against_a_cheap_method_by_hand():
    """1.25 (var of the residual / n_k + (beta - 1_k)' S1 (beta - 1_k)): 0.001 + 1.25 (0.25 + 0.25 - 0.1) 0.04."""
    estimate = DearEstimate(level=0.5, beta=np.array([0.5, 0.5]), residual=0.001, n_rows=101)
    S1 = 0.04 * np.array([[1.0, 0.2], [0.2, 1.0]])
    tested = against_cheap(estimate, np.array([0.3, 0.2]), S1, 0)
    assert tested.difference == pytest.approx(0.2, rel=1e-12)
    assert tested.scale**2 == pytest.approx(0.001 + 1.25 * 0.4 * 0.04, rel=1e-12)
    assert tested.df == 100
