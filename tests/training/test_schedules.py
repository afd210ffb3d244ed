"""Schedules against torch's own, and by hand."""

import pytest

torch = pytest.importorskip("torch")

from tenon.training.schedules import rate_factor  # noqa: E402

SCHEDULERS = {
    "cosine": lambda optimiser: torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 20),
    "linear": lambda optimiser: torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, 20),
    "step": lambda optimiser: torch.optim.lr_scheduler.MultiStepLR(optimiser, [10, 15], 0.1),
    "constant": lambda optimiser: torch.optim.lr_scheduler.ConstantLR(optimiser, 1.0, 20),
}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_factors_are_those_of_torch(name):
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = SCHEDULERS[name](optimiser)
    theirs = []
    for _ in range(20):
        theirs.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    assert [rate_factor(name, 0.0, step, 20) for step in range(20)] == pytest.approx(theirs, abs=1e-9)


@pytest.mark.mission("D9")
def test_the_rate_warms_up_in_a_straight_line_and_falls_from_there():
    factors = [rate_factor("linear", 0.25, step, 16) for step in range(16)]
    assert factors[:4] == [0.25, 0.5, 0.75, 1.0]
    assert factors[4:] == pytest.approx([1 - k / 12 for k in range(12)])
