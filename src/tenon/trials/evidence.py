"""Saved predictions of a run as the evidence that a board is judged on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tenon.metrics.dear import beside
from tenon.metrics.evidence import Evidence, as_history, gather
from tenon.metrics.scores import Metric
from tenon.trials.guesses import Guesses
from tenon.trials.per import column_of, per_group
from tenon.trials.prepare import Prepared

if TYPE_CHECKING:
    from tenon.data.splits import Splits


def evidence_of(ready: Prepared, guesses: Guesses, names: Sequence[str], metric_name: str, is_per: bool = True) -> Evidence:
    """Gather what these methods said about every working row, by this metric; is_per=False leaves out --per.

    Where some of them ran on one split only, see `metrics.dear`.
    """
    splits, metric = ready.bench.splits, ready.bench.task.metric_of(metric_name)
    on_all = [name for name in names if not ready.is_on_one_split(name)]
    said = [[guesses.of(name, repeat, metric.reads) for name in on_all] for repeat in range(len(splits.fold))]
    if len(on_all) == len(names):
        return measured(ready, names, said, splits, metric, is_per)
    said_there = [[guesses.of(name, 0, metric.reads) for name in names]]
    split = measured(ready, names, said_there, ready.one_split, metric, is_per)
    return beside(measured(ready, on_all, said, splits, metric, is_per), split) if on_all else split


def measured(
    ready: Prepared, names: Sequence[str], guesses: Sequence[Sequence[np.ndarray]], splits: "Splits", metric: Metric, is_per: bool
) -> Evidence:
    """Gather guesses about the rows of these splits; groups, weights, time and --per are read from the data.

    guesses[r][j] : (n, ...) what method j says about the rows `splits.row_ids` in repeat r, for the first len(guesses) repeats.
    """
    data, task = ready.bench.dataset, ready.bench.task
    frame = data.frame.loc[splits.row_ids]
    evidence = gather(
        metric,
        names,
        task.encode(frame[task.target]),
        guesses,
        splits.fold[: len(guesses)],
        groups=column_of(data, frame, "group"),
        weights=column_of(data, frame, "weight"),
        per=per_group(data.name, frame, ready.per if is_per else ""),
    )
    time = column_of(data, frame, "time")
    return evidence if time is None else as_history(evidence, time)


def known(number: float) -> float | None:
    """Return a plain float for JSON; None for NaN, a figure or the end of an interval that is not known."""
    return float(number) if np.isfinite(number) else None
