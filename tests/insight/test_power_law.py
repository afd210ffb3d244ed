"""Power laws that are known are recovered."""

import numpy as np
import pytest

from tenon.insight.power_law import EXPONENTS, fit_power_law

SHARES = np.array([0.125, 0.25, 0.5, 1.0])


@pytest.mark.parametrize(("floor", "factor", "exponent"), [(0.1, 0.05, 0.5), (0.0, 0.2, 1.0), (0.3, 0.01, 0.3), (2.0, 5.0, 1.5)])
def test_a_law_without_noise_is_found(floor, factor, exponent):
    law = fit_power_law(SHARES, floor + factor * SHARES**-exponent)
    assert (law.floor, law.factor) == (pytest.approx(floor, abs=1e-9), pytest.approx(factor))
    assert law.exponent == pytest.approx(exponent)
    assert law(2.0) == pytest.approx(floor + factor * 2**-exponent)


def test_the_loss_never_rises_and_never_falls_below_zero():
    rising = fit_power_law(SHARES, np.array([0.1, 0.2, 0.3, 0.4]))
    assert rising(2.0) == pytest.approx(rising(1.0)) == pytest.approx(0.25)
    steep = fit_power_law(SHARES, np.array([0.9, 0.3, 0.05, 0.0]))
    assert steep.floor >= 0
    assert steep(2.0) >= 0


@pytest.mark.parametrize("seed", range(10))
def test_no_point_of_a_grid_fits_better(seed):
    """Least squares by brute force over floor and factor, for every exponent."""
    loss = np.sort(np.random.default_rng(seed).random(4))[::-1]
    law = fit_power_law(SHARES, loss)
    ours = np.square(law(SHARES) - loss).sum()
    floors, factors, exponents = np.meshgrid(np.linspace(0, 1, 41), np.linspace(0, 1, 41), EXPONENTS[::8], indexing="ij")
    theirs = np.square(floors[..., None] + factors[..., None] * SHARES ** -exponents[..., None] - loss).sum(axis=-1)
    assert ours <= theirs.min() + 1e-12
