"""Precision at every recall: what it costs to find more rows of a class (Davis & Goadrich 2006).

{recall: (101,), curves: [{method, label, precision: (101,), average_precision, base_rate, folds}]}
Curves are averaged over the folds of the first repeat at equal recall, since probabilities of different models must not be
mixed in one curve; average precision over the folds of all repeats. Between two points precision is that of the point with
more recall: a straight line would promise too much.
"""

import numpy as np

from tenon.insight.seen import Section, Seen, left_out
from tenon.metrics.curves import roc_curve

GRID = np.linspace(0.0, 1.0, 101)
MOST_METHODS = 6
MOST_CLASSES = 10


def precision_recall(seen: Seen) -> Section:
    """Return the section; left out for numbers, and where no fold holds rows of a class and of another. Labels are as classes."""
    if not (seen.task.has_classes or seen.task.has_sets):
        return left_out("no_classes", "the target is a number, so there are no classes to find")
    if seen.task.kind == "binary":
        wanted = [(method, 1) for method in seen.tied[:MOST_METHODS]]
    else:
        sizes = _has(seen).sum(axis=0)
        largest = np.argsort(-sizes, kind="stable")[:MOST_CLASSES]
        wanted = [(seen.chosen, int(code)) for code in largest if sizes[code]]
    curves = [curve for method, code in wanted if (curve := _curve(seen, method, code))]
    if not curves:
        return left_out("one_class", "no fold holds rows of more than one class")
    return {"recall": GRID.tolist(), "curves": curves}


def _has(seen: Seen) -> np.ndarray:
    """Return (m, K) bool, the class, or the labels, of each of `seen.rows`."""
    y = seen.y[seen.rows]
    return seen.task.indicator(y) if seen.task.has_sets else y[:, None] == np.arange(len(seen.task.labels))


def _curve(seen: Seen, method: str, code: int) -> Section | None:
    rows, weights = seen.rows, seen.at(seen.weights)
    is_of_class, proba = _has(seen)[:, code].astype(int), seen.said(method, "proba")[..., code]
    folds = seen.splits.fold[:, rows]
    found = [by_fold(is_of_class, score, fold, weights) for score, fold in zip(proba, folds, strict=True)]
    averages = [average for of_repeat in found for _, average in of_repeat]
    if not found[0]:
        return None
    return {
        "method": method,
        "label": seen.task.labels[code],
        "precision": np.mean([curve for curve, _ in found[0]], axis=0).tolist(),
        "average_precision": float(np.mean(averages)),
        "base_rate": float(np.average(is_of_class, weights=weights)),
        "folds": len(averages),
    }


def by_fold(
    y: np.ndarray, score: np.ndarray, folds: np.ndarray, weights: np.ndarray | None = None
) -> list[tuple[np.ndarray, float]]:
    """Return the precision at each of GRID, (101,), and the average precision of every fold that holds both classes."""
    found = []
    for fold in range(int(folds.max()) + 1):
        at = np.flatnonzero(folds == fold)
        if len(np.unique(y[at])) == 2:
            recall, precision = recall_and_precision(y[at], score[at], None if weights is None else weights[at])
            found.append((precision[np.searchsorted(recall, GRID - 1e-12)], float(np.diff(recall, prepend=0.0) @ precision)))
    return found


def recall_and_precision(y: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return recall and precision at each different score, from the highest on; recall rises to 1.

    y : (n,) 0/1, both there. score : (n,). The sum of precision times the rise of recall is the average precision.
    """
    false_rate, recall, _ = roc_curve(y, score, weights)
    total = np.bincount(y, weights, minlength=2)
    hits, alarms = recall[1:] * total[1], false_rate[1:] * total[0]
    return recall[1:], hits / (hits + alarms)
