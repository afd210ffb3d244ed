"""Rows without a label that are most worth labelling: those between classes, and those unlike all that is labelled.

{rows: [{row, prediction, proba, cells, pictures, uncertainty, distance, why}], unlabelled, looked_at}, in the order in which to
label. uncertainty: 1 minus the margin between the two likeliest classes (Scheffer et al. 2001), null for numbers. distance: to
the nearest row that is labelled or already picked, 1 = far (greedy k-centre; Sener & Savarese 2018, arXiv:1708.00489). A row is
picked for the mean of both, so that the list is not twenty copies of the same doubt. why: uncertain, unlike or both.
Distances: `points.py`.
"""

import numpy as np

from tenon.data.dataset import Dataset
from tenon.insight.points import evenly, points
from tenon.insight.seen import Section, Seen, left_out
from tenon.insight.shown import MOST_SHOWN, feature_cells
from tenon.method import Model, Predictions

MOST_CANDIDATES = 10_000  # evenly spaced rows that are predicted
MOST_POOL = 1_000  # of these, the most uncertain, among which is picked
MOST_LABELLED = 500  # evenly spaced rows with a label that the pool is compared with
FAR = 0.95  # quantile of the pool's distances that counts as distance 1
MUCH = 0.5  # uncertainty or distance from which it is given as the reason


def label_next(seen: Seen, model: Model | None) -> Section:
    """Return the section; model : the chosen one, fitted again on all rows with a label, None where that failed."""
    unlabelled = seen.data.unlabelled
    if unlabelled is None:
        return left_out("no_unlabelled", "every row has a label; rows whose target is empty are looked at here")
    if seen.task.is_counted:
        return left_out("sequences", "rows are looked at where a row has one label")
    if seen.is_baseline:
        return left_out("baseline", "the baseline knows nothing of a row")
    if model is None:
        return left_out("no_model", "the chosen method could not be fitted again")
    candidates = unlabelled.rows(evenly(unlabelled.row_ids, MOST_CANDIDATES))
    said = model.predict(candidates).checked(seen.task, candidates.row_ids)
    unsure = None if said.proba is None else uncertainty(said.proba)
    pool = np.argsort(-unsure, kind="stable")[:MOST_POOL] if unsure is not None else evenly(np.arange(len(candidates)), MOST_POOL)
    labelled = seen.data.rows(evenly(seen.data.row_ids, MOST_LABELLED))
    known, new = points(labelled, candidates.rows(candidates.row_ids[pool]))
    picked = pick(known, new, None if unsure is None else unsure[pool], MOST_SHOWN)
    rows = [_row(candidates, said, int(pool[i]), None if unsure is None else float(unsure[pool[i]]), d) for i, d in picked]
    return {"rows": rows, "unlabelled": len(unlabelled), "looked_at": len(candidates)}


def uncertainty(proba: np.ndarray) -> np.ndarray:
    """Return (n,) in [0, 1]: 1 minus the margin between the two likeliest of K classes.

    >>> uncertainty(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    second, first = np.sort(proba, axis=1)[:, -2:].T
    return 1.0 - (first - second)


def pick(known: np.ndarray, new: np.ndarray, unsure: np.ndarray | None, most: int) -> list[tuple[int, float]]:
    """Return (place, distance) of at most `most` of the new points, best first.

    known : (k, q) and new : (n, q) points. unsure : (n,) in [0, 1], None where only distance counts.
    """
    nearest = np.sqrt(np.min([np.square(new - point).sum(axis=1) for point in known], axis=0))
    unit = float(np.quantile(nearest, FAR)) or 1.0
    is_open, picked = np.ones(len(new), bool), []
    for _ in range(min(most, len(new))):
        distance = np.minimum(nearest / unit, 1.0)
        worth = distance if unsure is None else (unsure + distance) / 2
        best = int(np.argmax(np.where(is_open, worth, -1.0)))
        picked.append((best, float(distance[best])))
        is_open[best] = False
        nearest = np.minimum(nearest, np.sqrt(np.square(new - new[best]).sum(axis=1)))
    return picked


def _row(candidates: Dataset, said: Predictions, place: int, unsure: float | None, distance: float) -> Section:
    value = said.value[place].item() if hasattr(said.value[place], "item") else said.value[place]
    proba = None if said.proba is None else {"label": None, "prediction": float(said.proba[place].max())}
    is_unsure, is_unlike = unsure is not None and unsure >= MUCH, distance >= MUCH
    why = "both" if is_unsure and is_unlike else "uncertain" if is_unsure or (unsure or 0.0) > distance else "unlike"
    return {
        "row": int(candidates.row_ids[place]) + 1, **feature_cells(candidates, place),
        "prediction": value, "proba": proba, "uncertainty": unsure, "distance": distance, "why": why,
    }  # fmt: skip
