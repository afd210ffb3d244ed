"""The data under examination: which rows are looked at, what they are called, and the target as numbers."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Column, Dataset
from tenon.tasks import Task

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = 10_000  # rows that the dear checks look at
MOST_CELLS = 10_000_000  # of the sample; with more columns it has fewer rows
FEWEST = 1_000  # rows of the sample, however many columns there are
MOST_COLUMNS = 2_000  # that are looked at one by one
MOST_NAMED = 3  # rows, or sets of rows, that a finding names


@dataclass(frozen=True)
class Subject:
    """A data set and its task; final rows that the user brought are kept apart."""

    data: Dataset
    task: Task | None  # None: no target is known

    @cached_property
    def train(self) -> Dataset:
        """All rows but the final ones that the user brought."""
        return self.data.rows(self.data.row_ids[~self.is_final]) if len(self.data.final_ids) else self.data

    @cached_property
    def is_final(self) -> np.ndarray:
        """(n,) bool, of all rows."""
        return np.isin(self.data.row_ids, self.data.final_ids)

    @cached_property
    def features(self) -> list[Column]:
        """The columns that methods read."""
        return [column for column in self.data.schema.columns if column.role == "feature" and column.kind != "ignore"]

    @cached_property
    def looked_at(self) -> list[Column]:
        """The features that are looked at one by one: all, or the first MOST_COLUMNS."""
        return self.features[:MOST_COLUMNS]

    @cached_property
    def sample(self) -> Dataset:
        """Train rows for the dear checks: all, or a random share of them that never changes, in file order."""
        n_wanted = max(FEWEST, min(SAMPLE, MOST_CELLS // max(1, len(self.looked_at))))
        return some_rows(self.train, n_wanted)

    @cached_property
    def y(self) -> np.ndarray | None:
        """(m,) target of the sample's rows: int64 positions in task.labels, or float64."""
        return None if self.task is None or self.sample.target is None else self.task.encode(self.sample.target)

    @property
    def is_sampled(self) -> bool:
        return len(self.sample) < len(self.train)

    def cells(self, column: Column) -> "pd.Series":
        """The cells of all train rows."""
        return self.train.frame[column.name]

    def name_of(self, place: int) -> str:
        """Return what a user calls the row at this place of `data`: "1,204", "final 7" of the final file, or an image's path."""
        images = self.data.schema.features("image")
        row_id = int(self.data.row_ids[place])
        if images and images == [column.name for column in self.features]:
            cell = self.data.frame[images[0]].iloc[place]
            if isinstance(cell, str):
                return cell
        if self.is_final[place]:
            return f"final {row_id - self.data.final_start + 1:,}"
        return f"{row_id + 1:,}"

    def names_of(self, places: np.ndarray) -> tuple[str, ...]:
        """Return the names of the first few of these rows."""
        return tuple(self.name_of(place) for place in places[:MOST_NAMED].tolist())


def some_rows(rows: Dataset, n_wanted: int, seed: int = 0) -> Dataset:
    """Return all rows, or so many of them, at random but for the same seed always the same, in their order."""
    if len(rows) <= n_wanted:
        return rows
    chosen = np.sort(np.random.default_rng(seed).choice(len(rows), n_wanted, replace=False))
    return rows.rows(rows.row_ids[chosen])


def one_of_each(rows: Dataset, labels: np.ndarray) -> Dataset:
    """Return the first row of every label, in their order; labels : (n,) int64."""
    return rows.rows(rows.row_ids[np.sort(np.unique(labels, return_index=True)[1])])
