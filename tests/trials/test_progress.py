"""Events of a run: time left by hand, and the board that grows."""

import time

import numpy as np
import pytest

from tenon.metrics import METRICS
from tenon.trials.job import Job, Outcome
from tenon.trials.progress import Preparing, Progress
from tenon.watch import Watch


class Scores:
    """Stands in for Guesses, of which only the scores of finished trials are read."""

    def __init__(self, **fold_scores):
        self.fold_scores = fold_scores


def job(method, fold):
    return Job(method, 0, fold, {}, 0, "normal")


def progress(jobs, n_workers=1, metric="auc"):
    heard = []
    at_once, expected = (
        {"a": n_workers, "fast": n_workers, "slow": n_workers, "dear": 1},
        {"a": 1, "fast": 1, "slow": 5, "dear": 60},
    )
    return Progress(jobs, at_once, expected, METRICS[metric], Watch(heard.append)), heard


def test_time_left_by_hand():
    told, heard = progress([job(method, fold) for method in ("fast", "slow") for fold in range(3)], n_workers=2)
    told.tell(Outcome(job("fast", 0), "ok", seconds=2.0))
    assert heard[-1]["seconds_left"] == (2 * 2.0 + 3 * 10.0) / 2  # the plan gave "slow" five times as long
    told.tell(Outcome(job("slow", 0), "failed", seconds=10.0))
    assert heard[-1] == {"event": "progress", "done": 2, "total": 6, "kind": "", "seconds_left": (2 * 2.0 + 2 * 10.0) / 2}
    told.tell(Outcome(job("fast", 1), "ok", seconds=4.0))
    assert heard[-1]["seconds_left"] == (1 * 3.0 + 2 * 10.0) / 2


def test_no_more_is_left_than_of_the_clock():
    heard = []
    of_clock = time.monotonic() + 100
    told = Progress([job("a", 0), job("dear", 0)], {"a": 1, "dear": 1}, {"a": 1, "dear": 60}, METRICS["auc"], Watch(heard.append),
                    deadline=of_clock)  # fmt: skip
    told.tell(Outcome(job("a", 0), "ok", seconds=1.0))
    assert heard[-1]["seconds_left"] == 60
    told.tell(Outcome(job("a", 0), "ok", seconds=3.0))
    assert 90 < heard[-1]["seconds_left"] <= 100


def test_a_dear_method_still_to_come_is_reckoned_with():
    """A fast trial took twice what was expected, a slow one four times that, a third nine times: the median is reckoned with."""
    told, heard = progress([job("fast", 0), job("slow", 0), job("a", 0), job("dear", 0)], n_workers=2)
    told.tell(Outcome(job("fast", 0), "ok", seconds=2.0))
    assert heard[-1]["seconds_left"] == 2 * (5 + 1) / 2 + 2 * 60
    told.tell(Outcome(job("slow", 0), "ok", seconds=20.0))
    assert heard[-1]["seconds_left"] == 3 * 1 / 2 + 3 * 60
    told.tell(Outcome(job("a", 0), "ok", seconds=9.0))
    assert heard[-1]["seconds_left"] == 4 * 60


def test_what_is_still_to_be_prepared_is_reckoned_with():
    told, heard = progress([job("fast", 0), job("dear", 0)])
    first, second = (Job("mlm", 0, fold, {}, 0, "normal", key=f"mlm-{fold}") for fold in range(2))
    told.preparing = Preparing([first, second, job("dear", 0)], 100.0, Watch(heard.append))
    told.tell(Outcome(job("fast", 0), "ok", seconds=1.0))
    assert heard[-1]["seconds_left"] == 2 * 100 + 60
    told.preparing.tell(Outcome(first, "ok", seconds=7.0))
    assert told.preparing.seconds_left() == 100


def test_what_stands_already_takes_no_time():
    """Of a run that is taken up again: one fast trial is left of three, a slow one of two."""
    jobs = [job("fast", 0), job("fast", 1), job("fast", 2), job("slow", 0), job("slow", 1)]
    told, heard = progress(jobs)
    told.begin([jobs[2], jobs[4]], Preparing([jobs[2], jobs[4]], 0.0, Watch(heard.append)))
    told.tell(Outcome(jobs[0], "ok", seconds=2.0))
    assert heard[-1] == {"event": "progress", "done": 1, "total": 5, "kind": "", "seconds_left": 2.0 + 2 * 5}
    told.tell(Outcome(jobs[3], "ok", seconds=40.0))
    assert heard[-1]["seconds_left"] == 2.0 + 40.0
    told.tell(Outcome(jobs[4], "ok", seconds=40.0))
    assert (heard[-1]["done"], heard[-1]["seconds_left"]) == (3, 2.0)


def test_nothing_is_left_at_the_end():
    told, heard = progress([job("a", fold) for fold in range(2)])
    for fold in range(2):
        told.tell(Outcome(job("a", fold), "ok", seconds=1.0))
    assert heard[-1] == {"event": "progress", "done": 2, "total": 2, "kind": "", "seconds_left": 0.0}


def test_each_trial_is_told_with_its_fate():
    told, heard = progress([job("a", 1)])
    told.tell(Outcome(job("a", 1), "failed", "no luck", 1.0))
    assert heard[0] == {"event": "trial", "method": "a", "repeat": 0, "fold": 1, "status": "failed", "reason": "no luck"}


@pytest.mark.parametrize(("metric", "best"), [("auc", "b"), ("log_loss", "a")])
def test_the_board_is_best_first_with_two_standard_errors(metric, best):
    told, heard = progress([job("a", 0)], metric=metric)
    told.tell_scores(Scores(a=[0.5], b=[0.7, 0.9]))
    rows = {row["method"]: row for row in heard[-1]["rows"]}
    assert heard[-1]["rows"][0]["method"] == best
    assert rows["a"] == {"method": "a", "score": 0.5, "low": 0.5, "high": 0.5, "trials": 1}
    half = 2 * 0.1 / np.sqrt(2)  # both lie 0.1 from their mean
    assert [rows["b"][key] for key in ("score", "low", "high")] == pytest.approx([0.8, 0.8 - half, 0.8 + half])
