"""Places as vectors: the waves of the paper's formula, any length, and learnt ones that start small and end somewhere."""

import math

import pytest

torch = pytest.importorskip("torch")

from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.positions import LearnedPositions, SinusoidalPositions, sinusoidal  # noqa: E402


@pytest.mark.mission("G3")
@pytest.mark.parametrize("d_model", [4, 7])
def test_waves_are_those_of_the_formula(d_model):
    waves = sinusoidal(50, d_model)
    for place in (0, 1, 49):
        for column in range(d_model):
            angle = place / 10_000 ** ((column - column % 2) / d_model)
            expected = math.cos(angle) if column % 2 else math.sin(angle)
            assert waves[place, column].item() == pytest.approx(expected, abs=1e-6)


def test_a_shift_turns_each_pair_by_an_angle_that_does_not_depend_on_the_place():
    waves = sinusoidal(40, 6).unflatten(1, (3, 2))
    dots = (waves[5:] * waves[:-5]).sum(dim=(1, 2))
    assert dots == pytest.approx(torch.full((35,), dots[0].item()), abs=1e-5)


@pytest.mark.mission("G3")
def test_places_are_added_and_learnt_ones_get_gradients():
    x = torch.randn(2, 5, 6)
    assert torch.equal(SinusoidalPositions()(x), x + sinusoidal(5, 6))
    places = LearnedPositions(7, 6)
    places(x).sum().backward()
    assert torch.equal(places.vectors.grad, torch.cat([torch.full((5, 6), 2.0), torch.zeros(2, 6)]))
    with pytest.raises(SettingsError, match="the number of tokens takes a whole number from 0 to 7; got 8"):
        places(torch.randn(2, 8, 6))
