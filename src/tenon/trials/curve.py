"""Learning curves: every method on growing shares of the train rows, scored on the same folds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenon.metrics.intervals import method_intervals
from tenon.trials.evidence import known, measured
from tenon.trials.folder import RunFolder
from tenon.trials.guesses import gathered, truth_of
from tenon.trials.job import SHARES, Job, place_of
from tenon.trials.prepare import Prepared


def curve_jobs(jobs: Sequence[Job]) -> Iterator[Job]:
    """Yield the trials of the first repeat again, on a smaller share of their train rows; smallest shares first."""
    for share in SHARES:
        yield from (replace(job, share=share) for job in jobs if job.repeat == 0)


def learning_curves(ready: Prepared, folder: RunFolder, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return {method: [{share, rows, score, low, high}]}, the whole of the train rows last. Content of curve.json.

    A method that failed on some share has no point there. All points come from the first repeat, so that shares differ
    in the number of rows and in nothing else.
    """
    curves: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for share in (*SHARES, 1.0):
        for name in names:
            places = [place_of(name, 0, fold, share=share) for fold in range(ready.bench.splits.n_folds)]
            results = [folder.read(str(place / "result.json")) for place in places]
            if all(result["status"] == "ok" for result in results):
                rows = sum(result["n_train"] for result in results) / len(results)
                curves[name].append({"share": share, "rows": round(rows), **_score(ready, name, places)})
    return curves


def _score(ready: Prepared, name: str, places: Sequence[Path]) -> dict[str, float | None]:
    splits, task = ready.bench.splits, ready.bench.task
    guess = gathered(ready.bench.run, places, task.metric.reads, task, truth_of(ready.y, splits))
    evidence = measured(ready, [name], [[guess]], splits, task.metric, is_per=True)
    low, high = method_intervals(evidence)[0]
    return {"score": evidence.metric.from_level(float(evidence.level[0])), "low": known(low), "high": known(high)}
