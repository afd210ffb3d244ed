"""Smallest detectable differences against hand-worked figures and their definitions."""

import numpy as np
import pytest

from tenon.metrics import detectable_before, rows_for_difference, rows_for_same
from tenon.metrics.detectable import detectable_after, discordance, range_quantile


@pytest.mark.parametrize(("m", "bound"), [(2, 1.960), (3, 2.344), (5, 2.728), (10, 3.164), (20, 3.544)])
def test_bound_by_number_of_methods(m, bound):
    assert range_quantile(m) == pytest.approx(bound, abs=5e-4)  # three digits were given


@pytest.mark.parametrize(
    ("n", "two", "ten"), [(200, 0.086, 0.123), (1000, 0.038, 0.055), (5000, 0.017, 0.025)]
)  # three digits were given
def test_before_by_hand(n, two, ten):
    assert detectable_before(n, 2, 0.15) == pytest.approx(two, abs=5e-4)
    assert detectable_before(n, 10, 0.15) == pytest.approx(ten, abs=5e-4)


def test_discordance_by_hand():
    assert discordance(0.2) == pytest.approx(0.16)
    assert discordance(0.2, 0.2) == pytest.approx(0.256)


def test_after_is_the_median_over_pairs():
    scale = np.array([[0, 1, 2], [1, 0, 9], [2, 9, 0]], float)
    assert detectable_after(scale, np.full((3, 3), 10.0)) == pytest.approx((range_quantile(3) + 0.8416) * 20, rel=1e-4)
    assert detectable_after(np.zeros((2, 2)), np.ones((2, 2))) is None


def test_rows_needed():
    # scale on n rows: sqrt(f d / n); figures given to three digits
    assert rows_for_same(np.sqrt(0.1 / 1000), 1000, 0.01) == pytest.approx(3850, abs=10)
    assert rows_for_same(np.sqrt(0.3 / 500), 500, 0.01) == pytest.approx(11_500, abs=50)
    assert rows_for_difference(0.02, 0.02, 1000) == pytest.approx(1000 * 2.8016**2, abs=1)
    assert rows_for_difference(0.0, 0.02, 1000) is None
