"""How far a run is: trials done, time left, and the leaderboard that grows as trials finish."""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from tenon.metrics import Metric
from tenon.trials.guesses import Guesses
from tenon.trials.job import Job, Outcome
from tenon.watch import Watch


class Preparing:
    """Tells how far the preparations among some jobs are, and knows those that gave nothing.

    each : seconds of one, as planned.
    """

    def __init__(self, jobs: Sequence[Job], each: float, watch: Watch):
        self._total, self._done = Counter(job.method for job in jobs if job.key), Counter[str]()
        self._each = each
        self._lost: dict[str, Outcome] = {}
        self._watch = watch

    def tell(self, outcome: Outcome) -> None:
        """Take in one that is over and tell the watch."""
        job = outcome.job
        self._done[job.method] += 1
        if outcome.status != "ok":
            self._lost[job.key] = outcome
        far = {"done": self._done[job.method], "total": self._total[job.method]}
        self._watch.tell({"event": "prepared", "method": job.method, "repeat": job.repeat, "fold": job.fold, **far})

    def seconds_left(self) -> float:
        return self._each * (self._total - self._done).total()

    def lost_to(self, job: Job) -> Outcome | None:
        """Return how that ended without which the job cannot begin, None where nothing is missing."""
        return next((self._lost[key] for key in job.prepared.values() if key in self._lost), None)


class Progress:
    """Turns outcomes into events on the watch.

    at_once : trials of each method that run beside each other. expected : seconds that one takes, as the plan has it.
    preparing : what trials begin with, once that is known. deadline : time.monotonic() at which everything stops, if any.
    """

    preparing: Preparing | None = None

    def __init__(
        self,
        jobs: Sequence[Job],
        at_once: Mapping[str, int],
        expected: Mapping[str, float],
        metric: Metric,
        watch: Watch,
        kind: str = "",
        deadline: float | None = None,
    ):
        self._deadline = deadline
        self._open, self._n_jobs, self._n_done = {job.place: job.method for job in jobs}, len(jobs), 0
        self._at_once, self._expected = at_once, expected
        self._metric, self._watch, self._kind = metric, watch, kind
        self._seconds: dict[str, list[float]] = defaultdict(list)

    def begin(self, open_jobs: Sequence[Job], preparing: Preparing) -> None:
        """Take in which jobs are still to be done, of a run that is taken up again, and what is prepared for them."""
        self._open, self.preparing = {job.place: job.method for job in open_jobs}, preparing

    def tell(self, outcome: Outcome) -> None:
        """Take in one finished trial and tell the watch about it and the time left."""
        method = outcome.job.method
        self._open.pop(outcome.job.place, None)
        self._n_done += 1
        self._seconds[method].append(outcome.seconds)
        self._watch.tell(
            {
                "event": "trial",
                "method": method,
                "repeat": outcome.job.repeat,
                "fold": outcome.job.fold,
                "status": outcome.status,
                "reason": outcome.reason,
            }
        )
        far = {"done": self._n_done, "total": self._n_jobs, "kind": self._kind, "seconds_left": self._seconds_left()}
        self._watch.tell({"event": "progress", **far})

    def tell_scores(self, guesses: Guesses) -> None:
        """Tell the scores so far, best first: the mean over finished trials, give or take two standard errors.

        Only the finished board knows the true intervals, which are wider: trials share their rows.
        """
        self._watch.tell({"event": "board", "rows": self._rows(guesses)})

    def _seconds_left(self) -> float:
        """Return what is left to be done, or of the clock, whichever is less."""
        of_clock = math.inf if self._deadline is None else max(0.0, self._deadline - time.monotonic())
        return min(self._seconds_of_rest(), of_clock)

    def _seconds_of_rest(self) -> float:
        """Mean seconds of each method's finished trials, times its waiting ones.

        Those of a method that none is over of take what the plan expects, times how much longer than that the others took: by the
        median of methods, since one that the plan is wrong about says nothing of the others. What is still to be prepared takes
        what the plan expects.
        """
        took = {method: sum(seconds) / len(seconds) for method, seconds in self._seconds.items()}
        slowness = median(seconds / self._expected[method] for method, seconds in took.items())
        return (self.preparing.seconds_left() if self.preparing else 0.0) + sum(
            waiting * took.get(method, slowness * self._expected[method]) / self._at_once[method]
            for method, waiting in Counter(self._open.values()).items()
        )

    def _rows(self, guesses: Guesses) -> list[dict]:
        rows = []
        for method, of_folds in guesses.fold_scores.items():
            scores = [score for score in of_folds if np.isfinite(score)]  # AUC is undefined in a fold of one class
            if not scores:
                continue
            mean, spread = float(np.mean(scores)), float(np.std(scores))
            half = 2 * spread / math.sqrt(len(scores))
            rows.append({"method": method, "score": mean, "low": mean - half, "high": mean + half, "trials": len(scores)})
        return sorted(rows, key=lambda row: row["score"], reverse=self._metric.greater_is_better)
