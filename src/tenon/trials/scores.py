"""What every method scores by the task's other metrics, with confusion matrix and figures per class: scores.json."""

from collections.abc import Sequence
from typing import Any

from tenon.metrics.intervals import method_intervals
from tenon.metrics.tables import confusion, per_class
from tenon.trials.evidence import evidence_of, known
from tenon.trials.guesses import Guesses
from tenon.trials.prepare import Prepared
from tenon.trials.roc import roc_curves


def other_scores(ready: Prepared, guesses: Guesses, names: Sequence[str]) -> dict[str, Any]:
    """Return {"metrics": {metric: {method: {score, low, high}}}, "classes": {method: {...}}}.

    The confusion matrix counts the rows of the first repeat, or of the one split that a method ran on; rows are the truth,
    columns the prediction, in the order of the task's labels.
    """
    task = ready.bench.task
    asked = [(name, False) for name in task.metric_names]
    if ready.per:
        asked.insert(0, (task.metric_name, True))
    metrics = dict(_scores(ready, guesses, names, name, is_per) for name, is_per in asked)
    classes = {name: _classes(ready, guesses, name) for name in names} if task.has_classes else {}
    able = [name for name in names if name not in _unread(ready, "proba")]
    roc = roc_curves(ready, guesses, able) if task.kind == "binary" else {}
    return {"metrics": metrics, "labels": list(task.labels), "classes": classes, "roc": roc}


def poor_probabilities(scores: dict[str, Any], chosen: str) -> list[str]:
    """Warn where the chosen method's probabilities lose to the shares of the classes, which metrics of ranks do not see.

    scores : what `other_scores` returned. Empty where all is well, or where log loss is not defined.
    """
    by_method = scores["metrics"].get("log_loss", {})
    own, least = (by_method.get(name, {}).get("score") for name in (chosen, "baseline"))
    if own is None or least is None or own <= least:
        return []
    return [
        f"By log loss {chosen} ({own:.3g}) is worse than the baseline ({least:.3g}): do not take its probabilities at their "
        "word, or calibrate them: --set all.calibrate=sigmoid."
    ]


def _unread(ready: Prepared, reads: str) -> list[str]:
    """Return the models that were brought without what a metric reads."""
    return [brought.name for brought in ready.brought if not brought.reads(reads)]


def _scores(
    ready: Prepared, guesses: Guesses, names: Sequence[str], metric_name: str, is_per: bool
) -> tuple[str, dict[str, dict[str, float | None]]]:
    """Return the metric's name, and each method's score by it: null for a model brought without what the metric reads."""
    unread = _unread(ready, ready.bench.task.metric_of(metric_name).reads)
    able = [name for name in names if name not in unread]
    evidence = evidence_of(ready, guesses, able, metric_name, is_per)
    scores: dict[str, dict[str, float | None]] = {name: {"score": None, "low": None, "high": None} for name in unread}
    for method, level, (low, high) in zip(able, evidence.level, method_intervals(evidence), strict=True):
        scores[method] = {"score": evidence.metric.from_level(float(level)), "low": known(low), "high": known(high)}
    return evidence.metric.name, scores


def _classes(ready: Prepared, guesses: Guesses, name: str) -> dict[str, Any]:
    scored = ready.first_fold(name) >= 0
    table = confusion(ready.y[scored], guesses.of(name, 0, "label")[scored], len(ready.bench.task.labels))
    figures = per_class(table)
    return {
        "confusion": table.tolist(),
        "precision": list(map(known, figures.precision)),  # undefined for a class that is never predicted
        "recall": list(map(known, figures.recall)),
        "f1": list(map(known, figures.f1)),
        "rows": table.sum(axis=1).tolist(),
    }
