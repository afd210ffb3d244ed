"""The posterior against hand-worked figures and scipy; the words."""

import numpy as np
import pytest
from scipy import stats

from tenon.metrics.bayes import Posterior, posterior, word

SEVEN_DIGITS = 1e-7  # to which the figures were worked out by hand: one in the seventh


@pytest.mark.parametrize(
    ("difference", "scale", "nu", "expected"),
    [
        (0.018, np.sqrt(0.0001665), 4, (0.0479074, 0.2365123, 0.7155802)),
        (0.02, 0.01, 199, (0.0015224, 0.1577400, 0.8407376)),
    ],
)
def test_posterior_by_hand(difference, scale, nu, expected):
    beliefs = posterior(difference, scale, nu, 0.01)
    assert (beliefs.worse, beliefs.same, beliefs.better) == pytest.approx(expected, abs=SEVEN_DIGITS)


def test_sign_of_the_difference():
    assert posterior(0.018, np.sqrt(0.0001665), 4, 0.0).better == pytest.approx(0.8822518, abs=SEVEN_DIGITS)


def test_equivalence_by_hand():
    assert posterior(0.0, 0.004, 199, 0.01).same == pytest.approx(0.9867727, abs=SEVEN_DIGITS)


@pytest.mark.mission("A2")
@pytest.mark.parametrize("nu", [3, 50, np.inf])
def test_posterior_is_that_of_scipy(nu):
    beliefs, law = posterior(-0.3, 0.7, nu, 0.2), stats.t(nu, loc=-0.3, scale=0.7)
    assert (beliefs.worse, beliefs.better) == pytest.approx((law.cdf(-0.2), law.sf(0.2)), rel=1e-10)
    assert beliefs.worse + beliefs.same + beliefs.better == pytest.approx(1, rel=1e-15)


def test_without_scale_all_mass_is_at_the_difference():
    assert posterior(0.0, 0.0, 9, 0.01) == Posterior(0.0, 1.0, 0.0)
    assert posterior(-0.5, 0.0, 9, 0.01) == Posterior(1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("difference", "told_apart", "beliefs", "expected"),
    [
        (-0.1, True, (0.9, 0.1, 0.0), "worse"),
        (0.1, True, (0.0, 0.1, 0.9), "better"),
        (-0.1, True, (0.5, 0.5, 0.0), "worse"),
        (-0.1, True, (0.4, 0.6, 0.0), "small difference"),
        (-0.1, True, (0.04, 0.96, 0.0), "small difference"),  # told apart is never called the same
        (0.1, True, (0.0, 0.6, 0.4), "small difference"),
        (0.0, False, (0.02, 0.96, 0.02), "same"),
        (-0.1, False, (0.9, 0.1, 0.0), "cannot tell"),
    ],
)
def test_words(difference, told_apart, beliefs, expected):
    assert word(difference, told_apart, Posterior(*beliefs)) == expected
