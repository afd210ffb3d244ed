"""The target beside what was found without it: its colour on the map, and how far groups agree with it.

The adjusted Rand index (Hubert & Arabie 1985) and the adjusted mutual information (Vinh, Epps & Bailey 2010) are 1 for the same
partition and 0 for what chance gives; a number target is parted at its quartiles. Nothing is tested, nothing fitted to it.
"""

from dataclasses import dataclass

import numpy as np

from tenon.data.dataset import Dataset
from tenon.tasks import Task

QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")


@dataclass(frozen=True)
class Sides:
    """The target of the rows, as few parts."""

    name: str
    labels: tuple[str, ...]
    codes: np.ndarray  # (n,) int64 places in labels
    is_number: bool


def sides(data: Dataset, task: Task | None) -> Sides | None:
    """Return the target of the rows in parts; None without one, or where it is neither a class nor a number."""
    if task is None or task.is_counted or data.target is None:
        return None
    y = task.encode(data.target)
    if not task.is_regression:
        return Sides(task.target, tuple(map(str, task.labels)), y, False)
    codes = np.searchsorted(np.quantile(y, (0.25, 0.5, 0.75)), y, side="left")
    return Sides(task.target, QUARTERS, codes.astype(np.int64), True)


def agreement(labels: np.ndarray, target: Sides) -> dict[str, float]:
    """Return how far groups (n,) agree with the target's parts, 0 for no more than by chance, 1 for wholly."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    return {
        "rand": float(adjusted_rand_score(target.codes, labels)),
        "information": float(adjusted_mutual_info_score(target.codes, labels)),
    }
