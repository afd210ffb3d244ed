"""Lines of networks at work: shares, losses and times by hand; short ones and finished ones are not shown."""

import pytest
from rich.cells import cell_len

from tenon.cli.training import MOST_LINES, Trainings


def told(done: int, fold: int = 0, method: str = "mlp", **figures) -> dict:
    return {"event": "progress", "method": method, "repeat": 0, "fold": fold, "done": done, "total": 200, **figures}


def test_a_training_shows_its_losses_and_the_time_that_is_left():
    trainings = Trainings()
    trainings.hear(told(20, loss=0.7), 100.0)
    assert trainings.lines(101.0, 80) == []  # it has just begun
    assert trainings.lines(102.0, 80) == ["  mlp  10 % · loss 0.700"]
    trainings.hear(told(60, loss=0.4, norm=1.0, rate=0.003), 110.0)
    trainings.hear(told(60, held_out=0.512), 110.0)
    # 40 steps took 10 seconds, so the 140 that are left take 35 at most
    assert trainings.lines(110.0, 80) == ["  mlp  30 % · loss 0.400 · held-out loss 0.512 · at most 0:35 left"]
    assert cell_len(trainings.lines(110.0, 30)[0]) <= 30
    assert trainings.seconds_left(110.0) == pytest.approx(35.0)
    trainings.hear(told(50, method="resnet", loss=0.4), 100.0)
    assert trainings.seconds_left(110.0) == pytest.approx(35.0)  # of the other no pace is known yet
    trainings.hear(told(60, method="resnet", loss=0.4), 110.0)
    assert trainings.seconds_left(110.0) == pytest.approx(140.0)  # 10 steps took 10 seconds, 140 are left
    trainings.end({"event": "trial", "method": "resnet", "repeat": 0, "fold": 0})
    trainings.end({"event": "trial", "method": "mlp", "repeat": 0, "fold": 0})
    assert trainings.lines(110.0, 80) == []
    assert trainings.seconds_left(110.0) == 0.0


def test_only_losses_are_trainings_and_only_some_fit():
    trainings = Trainings()
    trainings.hear(told(1, method="forest"), 0.0)
    for fold in range(5):
        trainings.hear(told(100, fold, loss=0.25), 0.0)
    lines = trainings.lines(9.0, 80)
    assert len(lines) == MOST_LINES
    assert set(lines) == {"  mlp  50 % · loss 0.250"}
