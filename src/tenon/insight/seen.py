"""What every insight is made from: the rows, the splits, and what the methods said about rows that they did not see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.splits import Splits
from tenon.metrics.by_group import PerGroup
from tenon.tasks import Task

Section = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """The judged trials of a run. Arrays of (n,) are in the order of `splits.row_ids`, which are all rows with a target."""

    data: Dataset
    task: Task
    splits: Splits
    y: np.ndarray  # (n,) truth, as task.encode gives it
    chosen: str  # the recommended method
    tied: tuple[str, ...]  # methods that cannot be told from the best, the chosen one first; none that was brought
    guess: Callable[[str, int, str], np.ndarray]  # (method, repeat, what: see Metric.reads) -> (n, ...)
    rope: float  # differences below it do not matter, in units of the metric
    groups: np.ndarray | None = None  # (n,) rows of one group are not independent
    weights: np.ndarray | None = None  # (n,) float
    time: np.ndarray | None = None  # (n,) rows are in order of time: folds are predicted from the past
    per: PerGroup | None = None  # the metric is computed inside these groups of all n rows

    @property
    def rows(self) -> np.ndarray:
        """(m,) int64: places of the rows that every repeat predicted; never a final row."""
        return np.flatnonzero((self.splits.fold >= 0).all(axis=0))

    @property
    def n_repeats(self) -> int:
        return self.splits.n_repeats

    @property
    def is_baseline(self) -> bool:
        """The chosen method looks at no column."""
        return self.chosen == "baseline"

    def said(self, method: str, reads: str) -> np.ndarray:
        """Return (R, m, ...) what a method said about `rows` in every repeat."""
        return np.stack([self.guess(method, repeat, reads)[self.rows] for repeat in range(self.n_repeats)])

    def at(self, of_all: np.ndarray | None) -> np.ndarray | None:
        """Return groups, weights or time of `rows`; None stays None."""
        return None if of_all is None else of_all[self.rows]


def left_out(code: str, reason: str, **values: Any) -> Section:
    """Return a section that could not be made: a stable code, an English sentence, and the figures in it."""
    return {"code": code, "reason": reason, "values": values}


def few_rows(n: int, least: int) -> Section:
    """Return the section left out because rows are too few."""
    return left_out("few_rows", f"{n:,} rows were predicted; at least {least} are needed", rows=n, least=least)
