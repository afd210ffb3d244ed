"""Tests of two methods against hand-worked figures, scipy, and their definitions."""

import numpy as np
import pytest
from scipy import stats

from tenon.metrics import pairs

Y = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
A = np.array([0.9, 0.8, 0.6, 0.3, 0.7, 0.5, 0.4, 0.2, 0.3])
B = np.array([0.8, 0.6, 0.7, 0.5, 0.6, 0.4, 0.3, 0.55, 0.1])
SEVEN_DIGITS = 5e-8  # to which the figures were worked out by hand


def test_nadeau_bengio_by_hand():
    tested = pairs.nadeau_bengio(np.array([0.02, 0.03, -0.01, 0.04, 0.01]), n_folds=5)
    assert tested.difference == pytest.approx(0.018, rel=1e-14)
    assert tested.scale**2 == pytest.approx(0.0001665, rel=1e-12)
    assert (tested.statistic, tested.p, tested.df) == pytest.approx((1.3949717, 0.2354964, 4), abs=SEVEN_DIGITS)
    low, high = (tested.difference + sign * stats.t.ppf(0.975, 4) * tested.scale for sign in (-1, 1))
    assert (low, high) == pytest.approx((-0.0178258, 0.0538258), abs=SEVEN_DIGITS)


@pytest.mark.parametrize(("b", "c", "exact"), [(10, 3, 0.0922852), (4, 0, 0.125), (5, 5, 1.0), (0, 0, 1.0)])
def test_mcnemar_by_hand(b, c, exact):
    assert pairs.mcnemar(b, c) == pytest.approx(exact, abs=SEVEN_DIGITS)
    assert pairs.mcnemar(c, b) == pairs.mcnemar(b, c)


@pytest.mark.parametrize(("b", "c"), [(1, 0), (7, 7), (30, 12), (200, 250)])
def test_mcnemar_is_the_binomial_test(b, c):
    assert pairs.mcnemar(b, c) == pytest.approx(stats.binomtest(b, b + c).pvalue, rel=1e-10)


def test_nadeau_bengio_of_every_pair():
    """SciPy's one-sample t, its variance widened from 1/J to 1/J + 1/(K - 1)."""
    folds = np.random.default_rng(0).normal(0.8, 0.02, (10, 4))
    folds[:, 3] = folds[:, 2]
    p = pairs.nadeau_bengio_p(folds, n_folds=5)
    for i, j in ((0, 1), (1, 0), (1, 3)):
        plain = stats.ttest_1samp(folds[:, i] - folds[:, j], 0)
        assert p[i, j] == pytest.approx(2 * stats.t.sf(abs(plain.statistic) * np.sqrt((1 / 10) / (1 / 10 + 1 / 4)), 9), rel=1e-10)
    assert p[2, 3] == p[0, 0] == 1


def test_delong_by_hand():
    tested = pairs.delong(Y, A, B)
    assert tested.difference == pytest.approx(-0.1, rel=1e-12)
    assert tested.scale**2 == pytest.approx(0.0167708, abs=SEVEN_DIGITS)
    assert (tested.statistic, tested.p) == pytest.approx((-0.7721873, 0.4400035), abs=SEVEN_DIGITS)
    variances = [pairs.delong_variance(Y, pairs.placements(Y, score)[1]) for score in (A, B)]
    assert variances == pytest.approx([0.0341667, 0.0152083], abs=SEVEN_DIGITS)
    assert (sum(variances) - tested.scale**2) / 2 == pytest.approx(0.0163021, abs=SEVEN_DIGITS)


def test_holm_by_hand():
    ours = pairs.holm(np.array([0.04, 0.001, 0.2, 0.03, 0.012]))
    np.testing.assert_allclose(ours, [0.09, 0.005, 0.2, 0.09, 0.048], rtol=1e-12)
    np.testing.assert_array_equal(pairs.holm(np.array([0.9, 0.8])), [1.0, 1.0])


def test_without_variance_nothing_is_told():
    assert pairs.nadeau_bengio(np.full(10, 0.3), n_folds=5).p == 1.0
