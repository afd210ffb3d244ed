"""What every method scores by the task's other metrics, with confusion matrix and figures per class: scores.json."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenon.metrics.intervals import method_intervals
from tenon.metrics.tables import confusion, per_class
from tenon.trials.evidence import evidence_of
from tenon.trials.guesses import Guesses
from tenon.trials.prepare import Prepared


def other_scores(ready: Prepared, guesses: Guesses, names: Sequence[str]) -> dict[str, Any]:
    """Return {"metrics": {metric: {method: {score, low, high}}}, "classes": {method: {...}}}.

    The confusion matrix counts the rows of the first repeat; rows are the truth, columns the prediction, in the order
    of the task's labels.
    """
    task = ready.bench.task
    metrics = {}
    for name in task.metric_names:
        evidence = evidence_of(ready, guesses, names, name)
        ends = method_intervals(evidence)
        metrics[name] = {
            method: {"score": evidence.metric.from_level(float(level)), "low": float(low), "high": float(high)}
            for method, level, (low, high) in zip(names, evidence.level, ends, strict=True)
        }
    classes = {} if task.is_regression else {name: _classes(ready, guesses, name) for name in names}
    return {"metrics": metrics, "labels": list(task.labels), "classes": classes}


def _classes(ready: Prepared, guesses: Guesses, name: str) -> dict[str, Any]:
    scored = ready.bench.splits.fold[0] >= 0
    table = confusion(ready.y[scored], guesses.of(name, 0, "label")[scored], len(ready.bench.task.labels))
    figures = per_class(table)
    return {
        "confusion": table.tolist(),
        "precision": _plain(figures.precision),
        "recall": _plain(figures.recall),
        "f1": _plain(figures.f1),
        "rows": table.sum(axis=1).tolist(),
    }


def _plain(values: np.ndarray) -> list[float | None]:
    """Numbers for JSON; a figure that is undefined (a class never predicted) is null."""
    return [float(value) if np.isfinite(value) else None for value in values]
