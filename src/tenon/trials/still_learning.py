"""Networks that were still learning when their epochs were over: their scores tell of the budget more than of the method."""

from collections.abc import Sequence
from typing import Any

from tenon.method import BUDGETS
from tenon.trials.ask import work_and_seconds
from tenon.trials.folder import RunFolder
from tenon.trials.job import place_of

MUCH = 0.05  # of what an epoch is judged by, such as the loss of held-out rows: that the last epoch lowered


def history_of(folder: RunFolder, method: str) -> dict[str, Any] | None:
    """Return the curves of the method's first trial that has any, None where none has."""
    trials = place_of(method, 0, 0).parent
    names = sorted(path.parent.name for path in (folder.path / trials).glob("*/history.json"))
    return folder.read(f"{trials}/{names[0]}/history.json") if names else None


def is_still_learning(history: dict[str, Any]) -> bool:
    """Tell whether the last epoch was the best by far: it lowered what epochs are judged by by MUCH of it, or more.

    history : of `training.History`. One epoch alone has nothing to be compared with.
    """
    figures = history["judged"] or history["held_out"]
    if len(figures) < 2 or history["stopped"] or history["best_epoch"] != len(figures) - 1:
        return False
    before = min(figures[:-1])
    return bool(before - figures[-1] >= MUCH * abs(before))


def notes_on_learning(folder: RunFolder, methods: Sequence[str], budget: str) -> list[str]:
    """Return what to tell of networks that were stopped too early, none where there are none; budget : of `Ask`."""
    found = [name for name in methods if (history := history_of(folder, name)) and is_still_learning(history)]
    if not found:
        return []
    work, _ = work_and_seconds(budget)
    more = BUDGETS[BUDGETS.index(work) + 1 :]
    end = f"; --budget {more[0]} trains longer." if more else ", and no budget is larger."
    return [f"Under-trained at this budget, still learning in the last epoch: {', '.join(found)}{end}"]
