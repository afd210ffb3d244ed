"""Judged trials into insights.json and rows.json: what the room `insight` reads, taken from the run folder."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tenon.catalogue import load_model
from tenon.data.splits import Splits
from tenon.errors import TenonError
from tenon.insight.gather import FORMAT, all_insights, telling_rows
from tenon.insight.seen import Seen
from tenon.insight.twice import Curve
from tenon.method import Model
from tenon.trials.folder import RunFolder
from tenon.trials.guesses import Guesses, read_guess, truth_of
from tenon.trials.job import place_of
from tenon.trials.per import column_of, per_group
from tenon.trials.prepare import Prepared


def write_insights(ready: Prepared, guesses: Guesses, leaderboard: Mapping[str, Any], folder: RunFolder) -> None:
    """Write both files, each whole, from saved predictions alone; timings.json, and curve.json if any, must stand."""
    seen = seen_of(ready, guesses, leaderboard)
    of_folds = [(of_repeat == fold).sum() for of_repeat in seen.splits.fold for fold in range(seen.splits.n_folds)]
    curve = _curve(ready, leaderboard["chosen"], folder)
    timings = folder.read("timings.json")
    of_all = replace(seen, splits=_common(ready, leaderboard["rows"]))
    folder.write("insights.json", all_insights(seen, of_all, leaderboard, timings, float(np.median(of_folds)), curve))
    folder.write("rows.json", telling_rows(seen, lambda: _model(ready, folder)))


def has_insights(folder: RunFolder) -> bool:
    """Tell whether both files stand, in the form that they are written in now; those of an earlier Tenon are made again."""
    names = ("insights.json", "rows.json")
    return all((folder.path / name).exists() and folder.read(name)["format"] == FORMAT for name in names)


def seen_of(ready: Prepared, guesses: Guesses, leaderboard: Mapping[str, Any]) -> Seen:
    """Return what the judged methods said, with the columns that have a role.

    Where the chosen method ran on one split, nothing else is looked at; else methods that did are left aside.
    """
    data, splits, chosen = ready.bench.dataset, ready.bench.splits, leaderboard["chosen"]
    tied = [row["method"] for row in leaderboard["rows"] if row["tied"] and not row["brought"]]
    if ready.is_on_one_split(chosen):
        splits = ready.one_split
    else:
        tied = [name for name in tied if not ready.is_on_one_split(name)]
    return Seen(
        data=data,
        task=ready.bench.task,
        splits=splits,
        y=ready.y,
        chosen=chosen,
        tied=(chosen, *(name for name in tied if name != chosen)),
        guess=guesses.of,
        rope=ready.rope,
        groups=column_of(data, data.frame, "group"),
        weights=column_of(data, data.frame, "weight"),
        time=column_of(data, data.frame, "time"),
        per=per_group(data.name, data.frame, ready.per),
    )


def _common(ready: Prepared, rows: Sequence[Mapping[str, Any]]) -> Splits:
    """Return the splits whose rows all methods with a score predicted."""
    is_any = any(ready.is_on_one_split(row["method"]) for row in rows if row["score"] is not None)
    return ready.one_split if is_any else ready.bench.splits


def _curve(ready: Prepared, method: str, folder: RunFolder) -> Curve | None:
    """Return the scores of every fold that stand behind the points of curve.json; None without --curve."""
    if not (folder.path / "curve.json").exists():
        return None
    points = folder.read("curve.json").get(method, [])
    if not points or points[-1]["share"] != 1.0:
        return None
    scores = [[_score(ready, method, fold, p["share"]) for fold in range(ready.bench.splits.n_folds)] for p in points]
    return Curve(
        method, np.array([point["share"] for point in points]), np.array(scores), points[-1]["rows"], points[-1]["score"]
    )


def _score(ready: Prepared, method: str, fold: int, share: float) -> float:
    """Score of one trial of the learning curve; NaN where the metric is undefined in its fold."""
    task, data = ready.bench.task, ready.bench.dataset
    path = ready.bench.run / place_of(method, 0, fold, share=share) / "predictions.parquet"
    ids, guess = read_guess(path, task.metric.reads, task, truth_of(ready.y, ready.bench.splits))
    frame = data.frame.loc[ids]
    per = per_group(data.name, frame, ready.per)
    metric = task.metric if per is None else per.metric(task.metric)
    try:
        return metric.score(task.encode(frame[task.target]), guess, column_of(data, frame, "weight"))
    except TenonError:
        return float("nan")


def _model(ready: Prepared, folder: RunFolder) -> Model | None:
    """Load the chosen method's model; methods of one's own are known to the run."""
    path = folder.path / "model"
    return load_model(path, ready.methods) if (path / "model.json").exists() else None
