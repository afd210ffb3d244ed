"""Rows whose label is in doubt: every good method, trained without the row, is sure of another, and so are rows like it.

Classes: confident learning (Northcutt, Jiang & Chuang 2021, arXiv:1911.00068, section 3.1). A row labelled i is counted for j
where its probability of j reaches the mean probability of j among rows labelled j; j ≠ i is a doubt. So that a row which is
merely hard does not count, j must also be more probable than i by CLEAR: where 5 % of labels were flipped, about twice as many of
the rows found are then flipped ones, and hardly fewer of these are found. Numbers: the residual is far beyond those of rows with
like predictions, see `outliers.py`. AGREED of all methods tied with the best, in all repeats, must say the same.

What is left may be a corner of the data that no method understands. There, the nearest rows are off in the same way; so a row
stays only if no more of its nearest rows have its own label than the suggested one (numbers: if it stands out among them, too).
This is left out where columns are texts or images, of which few rows are near each other.

{rows: [a row as in `shown.py` + suggested, agreement, and z for numbers], found, share, methods, repeats}. Clearest first: by the
gap between the two probabilities, or by z.
"""

from dataclasses import dataclass

import numpy as np

from tenon.insight.nearest import nearest_rows
from tenon.insight.outliers import FAR, deviation, robust_z
from tenon.insight.seen import Section, Seen, few_rows, left_out
from tenon.insight.shown import MOST_SHOWN, Cells
from tenon.metrics.scores import misses

AGREED = 0.8  # share of methods x repeats
CLEAR = 0.5  # by which the probability of the other class is larger, mean over methods x repeats
MOST_METHODS = 5
LEAST_ROWS = 60
NONE = -1


@dataclass(frozen=True, eq=False)
class Doubts:
    """What is said of each of the m rows of `seen.rows`."""

    suggested: np.ndarray  # (m,) int codes, NONE without doubt; for numbers 0 where the row is far off
    agreement: np.ndarray  # (m,) share of methods x repeats
    clearness: np.ndarray  # (m,) gap of probabilities; for numbers z, signed

    def order(self) -> np.ndarray:
        """Places of the rows in doubt, clearest first; equals in file order."""
        found = np.flatnonzero(self.suggested != NONE)
        return found[np.argsort(-np.abs(self.clearness[found]), kind="stable")]

    def about(self, i: int, seen: Seen) -> Section:
        """What stands beside the row."""
        agreement = float(self.agreement[i])
        if seen.task.is_regression:
            return {"suggested": None, "agreement": agreement, "z": float(self.clearness[i])}
        return {"suggested": seen.task.labels[self.suggested[i]], "agreement": agreement}


def doubtful(seen: Seen, cells: Cells) -> Section:
    """Return the section; left out below LEAST_ROWS and for the baseline."""
    rows = seen.rows
    if seen.is_baseline:
        return left_out("baseline", "the baseline knows nothing of a row")
    if seen.task.is_counted:
        return left_out("sequences", "labels are looked at where a row has one")
    if len(rows) < LEAST_ROWS:
        return few_rows(len(rows), LEAST_ROWS)
    methods = [name for name in seen.tied if name != "baseline"][:MOST_METHODS]
    doubts = _outliers(seen, methods) if seen.task.is_regression else _doubts(seen, methods)
    order = odd_among_neighbours(seen, doubts, doubts.order())
    shown = [cells.row(int(rows[i])) | doubts.about(i, seen) for i in order[:MOST_SHOWN]]
    return {
        "rows": shown,
        "found": len(order),
        "share": len(order) / len(rows),
        "methods": methods,
        "repeats": seen.n_repeats,
    }


def _doubts(seen: Seen, methods: list[str]) -> Doubts:
    y, n_classes = seen.y[seen.rows], len(seen.task.labels)
    votes, total, n_votes = np.zeros((len(y), n_classes)), np.zeros((len(y), n_classes)), 0
    for method in methods:
        for proba in seen.said(method, "proba"):
            suggested = confident_labels(y, proba)
            at = np.flatnonzero(suggested != NONE)
            votes[at, suggested[at]] += 1
            total += proba
            n_votes += 1
    best, agreement = votes.argmax(axis=1), votes.max(axis=1) / n_votes
    rows = np.arange(len(y))
    clearness = (total[rows, best] - total[rows, y]) / n_votes
    return Doubts(np.where((agreement >= AGREED) & (clearness >= CLEAR), best, NONE), agreement, clearness)


def confident_labels(y: np.ndarray, proba: np.ndarray) -> np.ndarray:
    """Return (n,) int: the other class that a row is confidently of, NONE where it is of none or of its own.

    y : (n,) int codes. proba : (n, K), out of fold. The likeliest of the classes whose threshold is reached counts.
    """
    n_classes = proba.shape[1]
    sizes = np.bincount(y, minlength=n_classes)
    sums = np.bincount(y, proba[np.arange(len(y)), y], minlength=n_classes)
    thresholds = np.divide(sums, sizes, out=np.full(n_classes, np.inf), where=sizes > 0)
    reached = np.where(proba >= thresholds - 1e-12, proba, -1.0)  # a mean of equal numbers may lie a rounding above them
    best = reached.argmax(axis=1)
    return np.where((reached.max(axis=1) >= 0) & (best != y), best, NONE)


def _outliers(seen: Seen, methods: list[str]) -> Doubts:
    y = seen.y[seen.rows]
    z = np.array([robust_z(misses(y, value), value) for method in methods for value in seen.said(method, "value")])
    middle = np.median(z, axis=0)
    agreement = np.mean(z * np.sign(middle) >= FAR, axis=0)
    return Doubts(np.where(agreement >= AGREED, 0, NONE), agreement, middle)


def odd_among_neighbours(seen: Seen, doubts: Doubts, found: np.ndarray) -> np.ndarray:
    """Return those of the rows found, in their order, that their nearest rows do not resemble in what is odd about them."""
    near = nearest_rows(seen, found)
    if near is None:
        return found
    y = seen.y[seen.rows]
    if seen.task.is_regression:
        errors = misses(y, seen.said(seen.chosen, "value")).mean(axis=0)
        around = errors[near]
        scale = np.maximum([deviation(of_row) for of_row in around], 0.5 * deviation(errors))
        off = (errors[found] - np.median(around, axis=1)) * np.sign(doubts.clearness[found])
        return found[off >= FAR * scale]
    n_own = (y[near] == y[found][:, None]).sum(axis=1)
    n_suggested = (y[near] == doubts.suggested[found][:, None]).sum(axis=1)
    return found[n_own <= n_suggested]
