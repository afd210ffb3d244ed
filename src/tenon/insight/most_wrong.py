"""The rows on which the chosen method is most wrong, by the loss of each row, mean over repeats.

{rows: [a row as in `shown.py` + loss], of}. loss: minus the log of the probability of the row's own class, or the absolute
residual; of sequences see `metrics.sequences.missed`, and answers have an f1 as well. Only rows that are wrong are shown: missed,
or predicted to be of another class. `of`: rows that were predicted.
"""

import numpy as np

from tenon.insight.seen import Section, Seen, left_out
from tenon.insight.shown import MOST_SHOWN, Cells
from tenon.metrics.scores import SMALLEST_PROBA, misses
from tenon.metrics.sequences import missed


def most_wrong(seen: Seen, cells: Cells) -> Section:
    """Return the section; left out for the baseline."""
    if seen.is_baseline:
        return left_out("baseline", "the baseline knows nothing of a row")
    rows, loss = seen.rows, losses(seen)
    order = np.argsort(-loss, kind="stable")
    is_wrong = loss > 0 if cells.proba is None else cells.value[rows] != seen.y[rows]
    order = order[is_wrong[order]]
    shown = [cells.row(int(rows[i])) | {"loss": float(loss[i])} for i in order[:MOST_SHOWN]]
    if seen.task.kind == "answer":
        shown = [row | {"f1": 1 - row["loss"]} for row in shown]
    return {"rows": shown, "of": len(rows)}


def losses(seen: Seen) -> np.ndarray:
    """Return (m,) the loss of each of `seen.rows`, mean over repeats."""
    y = seen.y[seen.rows]
    if seen.task.is_counted:
        return missed(seen.said(seen.chosen, seen.task.metric.reads), seen.task.metric.reads).mean(axis=0)
    if seen.task.is_regression:
        return np.abs(misses(y, seen.said(seen.chosen, "value"))).mean(axis=0)
    of_own = seen.said(seen.chosen, "proba")[:, np.arange(len(y)), y]
    return -np.log(np.clip(of_own, SMALLEST_PROBA, 1.0)).mean(axis=0)
