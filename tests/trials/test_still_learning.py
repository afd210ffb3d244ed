"""Networks that were stopped too early are named, with what would let them go on."""

import json

import pytest

from tenon.trials.folder import RunFolder
from tenon.trials.still_learning import is_still_learning, notes_on_learning


def curves(held_out: list[float], judged: list[float] | None = None, stopped: str = "") -> dict[str, object]:
    """Return the part of a history that is looked at; the best epoch is the first of the least figure."""
    figures = judged or held_out
    best = figures.index(min(figures)) if figures else None
    return {"held_out": held_out, "judged": judged or [], "best_epoch": best, "stopped": stopped}


@pytest.mark.parametrize(
    ("history", "is_still"),
    [
        (curves([1.0, 0.8, 0.7]), True),
        (curves([1.0, 0.8, 0.7605]), False),  # less than a twentieth of .8
        (curves([1.0, 0.8, 0.76]), True),
        (curves([1.0, 0.7, 0.8]), False),  # the epoch before was better
        (curves([1.0, 0.8, 0.7], stopped="no better loss"), False),
        (curves([0.9]), False),
        (curves([]), False),  # no rows were held out
        (curves([1.0, 0.9], judged=[0.5, 0.5]), False),  # its loss falls, the score that chose the epoch does not
        (curves([1.0, 1.1], judged=[0.5, 0.4]), True),
        (curves([1.0, 0.2, 0.6, 0.19]), True),
    ],
)
def test_the_last_epoch_lowered_it_much(history, is_still):
    assert is_still_learning(history) == is_still


def test_they_are_named(tmp_path):
    for name, history in {"mlp": curves([1.0, 0.5]), "lstm": curves([1.0, 1.0]), "gru k=1": curves([1.0, 0.2])}.items():
        place = tmp_path / "trials" / name / "0-2"
        place.mkdir(parents=True)
        (place / "history.json").write_text(json.dumps(history), encoding="utf-8")
    folder, methods = RunFolder(tmp_path), ["knn", "mlp", "lstm", "gru k=1"]
    start = "Under-trained at this budget, still learning in the last epoch: mlp, gru k=1"
    assert notes_on_learning(folder, methods, "quick") == [start + "; --budget normal trains longer."]
    assert notes_on_learning(folder, methods, "10m") == [start + "; --budget thorough trains longer."]
    assert notes_on_learning(folder, methods, "thorough") == [start + ", and no budget is larger."]
    assert notes_on_learning(folder, ["knn", "lstm"], "quick") == []
