"""Rows with the same features: which they are, and how they are named in a sentence."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tenon.checks.subject import MOST_NAMED, Subject, one_of_each
from tenon.data.duplicates import CONTENT, duplicate_groups, has_content, near_groups, near_rows

MOSTLY_ONCE = 0.9  # share of a table's rows that stand once; below it, equal rows are what such columns give
BY_HALF = 0.5  # likewise, where a number has so many values, as a share of the different rows, that it tells them apart
MANY, MANY_ROWS = 0.01, 10  # share of the rows that is worth a warning, and how many of a table at least
MOST_SETS = 20  # of rows, for the page
MOST_IN_SENTENCE, MOST_EXAMPLES = 3, 2  # sets of rows


@dataclass(frozen=True)
class Copies:
    """Which rows share their features, over all rows, final ones included."""

    subject: Subject

    @cached_property
    def same(self) -> np.ndarray:
        """(n,) int64: equal for rows with exactly equal features."""
        return duplicate_groups(self.subject.data)

    @cached_property
    def near(self) -> np.ndarray:
        """(n,) int64: equal for rows with nearly equal content, too; questions need not wonder at a common context."""
        if self.subject.data.schema.is_of_questions:
            return near_rows(self.subject.data)
        return near_groups(self.subject.data) if has_content(self.subject.data) else self.same

    @cached_property
    def same_content(self) -> np.ndarray:
        """(n,) int64: equal for rows with exactly equal content, whatever else they hold; of tables, as `same`."""
        data = self.subject.data
        content = tuple(data.schema[name] for name in data.schema.features(*CONTENT))
        return duplicate_groups(replace(data, schema=replace(data.schema, columns=content))) if content else self.same

    @cached_property
    def train(self) -> np.ndarray:
        """(m,) int64 places of the train rows."""
        return np.flatnonzero(~self.subject.is_final)

    @cached_property
    def is_telling(self) -> bool:
        """Whether equal rows are something to wonder at, not just what a few columns of categories give.

        So it is with texts and images, and with tables whose rows mostly stand once, stand once by half where some number tells
        them apart, or stand all equally often, as after a file was written twice.
        """
        if has_content(self.subject.data):
            return True
        counts = np.unique(self.same[self.train], return_counts=True)[1]
        share_alone = (counts == 1).sum() / counts.sum()
        return bool(
            share_alone >= MOSTLY_ONCE
            or (share_alone >= BY_HALF and self._has_own_numbers(len(counts)))
            or (len(counts) >= MANY_ROWS and counts.min() == counts.max())
        )

    def _has_own_numbers(self, n_different_rows: int) -> bool:
        numbers = (self.subject.cells(column) for column in self.subject.looked_at if column.kind in ("number", "date"))
        return any(cells.nunique() >= BY_HALF * n_different_rows for cells in numbers)

    @cached_property
    def once(self) -> Subject:
        """The train rows without copies to wonder at: of a row written twice, each would prove any column right on the other."""
        if not self.is_telling:
            return self.subject
        return Subject(one_of_each(self.subject.train, self.same[self.train]), self.subject.task)

    def severity(self, n: int, n_all: int) -> str:
        """Return "warning", or "note" for what is natural or rare."""
        fewest = 0 if has_content(self.subject.data) else MANY_ROWS
        return "warning" if n >= max(MANY * n_all, fewest) and self.is_telling else "note"

    def sets(self, labels: np.ndarray, places: np.ndarray) -> list[list[str]]:
        """Return the names of the first few rows of each of the first sets; places : rows of sets, in file order."""
        first = list(dict.fromkeys(labels[places].tolist()))[:MOST_SETS]
        return [_few_names(self.subject, places[labels[places] == label]) for label in first]


def _few_names(subject: Subject, places: np.ndarray) -> list[str]:
    return [*subject.names_of(places), *(["…"] if len(places) > MOST_NAMED else [])]


def shown(sets: list[list[str]], most: int = MOST_IN_SENTENCE) -> str:
    """Return "17/5,020, 88/91, …", or "cat/7.jpg = cat/12.jpg, …"."""
    words = [(" = " if any("/" in name for name in one) else "/").join(one) for one in sets[:most]]
    return ", ".join([*words, "…"] if len(sets) > most else words)


def such(sets: list[list[str]]) -> str:
    """Return "rows 17/5,020, 88/91" where these are all, else "such as rows …"."""
    return f"{'such as ' if len(sets) > MOST_EXAMPLES else ''}rows {shown(sets, MOST_EXAMPLES)}"


def as_rows(sets: list[list[str]]) -> tuple[str, ...]:
    return tuple(" and ".join(one) for one in sets)
