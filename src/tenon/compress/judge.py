"""Whether a smaller model is as good as the original, on rows that neither has learnt from: two fixed models, one verdict.

It is the same where it is worse by more than the rope with a probability of 5 % at most (`metrics.bayes`).
"""

from dataclasses import dataclass

import numpy as np

from tenon.data.dataset import Dataset
from tenon.method import Predictions
from tenon.metrics.bayes import SURE
from tenon.metrics.evidence import time_blocks
from tenon.metrics.fixed import judge_fixed
from tenon.metrics.verdict import OTHER_SIDE, Board
from tenon.trials.again import FinishedRun
from tenon.trials.evidence import known
from tenon.trials.guesses import as_guess
from tenon.trials.per import column_of, per_group

ORIGINAL, SMALLER = "original", "smaller"
SAME = "same"


@dataclass(frozen=True)
class Judged:
    """score, low, high : of the smaller model, in units of the metric. effect : by how much it is better, below 0: worse.

    p_worse : that it is worse by more than the rope. reason : why there is no verdict, "" where there is one.
    """

    score: float
    low: float | None  # None: not known
    high: float | None
    effect: float
    p_worse: float
    verdict: str
    reason: str


def judged(found: FinishedRun, rows: Dataset, original: Predictions, smaller: Predictions) -> Judged:
    """Return what can be said of a smaller model beside the original; both predicted `rows`, which have a target."""
    board = _board(found, rows, original, smaller)
    [pair] = board.pairs
    is_first = pair.method_a == SMALLER
    p_worse = pair.p_worse if is_first else pair.p_better
    low, high = (known(end) for end in board.intervals[1])
    effect = pair.effect if is_first else -pair.effect
    word = pair.verdict if is_first else OTHER_SIDE.get(pair.verdict, pair.verdict)
    if not board.reason and p_worse <= 1 - SURE:
        word = SAME
    return Judged(float(board.score[1]), low, high, effect, p_worse, word, board.reason)


def _board(found: FinishedRun, rows: Dataset, original: Predictions, smaller: Predictions) -> Board:
    task, frame, per = found.model.task, rows.frame, found.run["asked"].get("per") or ""
    y, time = task.encode(frame[task.target]), column_of(found.data, frame, "time")
    return judge_fixed(
        task.metric,
        [ORIGINAL, SMALLER],
        y,
        [as_guess(said.to_frame(task.labels), task.metric.reads, task, np.asarray(y)) for said in (original, smaller)],
        rope=found.run["asked"]["rope"],
        groups=column_of(found.data, frame, "group") if time is None or per else time_blocks(time),
        weights=column_of(found.data, frame, "weight"),
        per=per_group(found.data.name, frame, per),
    )
