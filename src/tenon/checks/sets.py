"""Rows with the same features: which they are, and how they are named in a sentence."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tenon.checks.subject import MOST_NAMED, Subject
from tenon.data.duplicates import duplicate_groups, has_content, near_groups

MOSTLY_ONCE = 0.9  # share of a table's rows that stand once; below it, equal rows are what such columns give
MANY, MANY_ROWS = 0.01, 10  # share of a table's rows that is worth a warning, and how many rows at least
A_FEW = 0.001  # share where there are texts or images
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
        """(n,) int64: equal for rows with nearly equal texts or images, too."""
        return near_groups(self.subject.data) if has_content(self.subject.data) else self.same

    @cached_property
    def same_content(self) -> np.ndarray:
        """(n,) int64: equal for rows with exactly equal texts and images, whatever else they hold; of tables, as `same`."""
        data = self.subject.data
        content = tuple(data.schema[name] for name in data.schema.features("text", "image"))
        return duplicate_groups(replace(data, schema=replace(data.schema, columns=content))) if content else self.same

    @cached_property
    def train(self) -> np.ndarray:
        """(m,) int64 places of the train rows."""
        return np.flatnonzero(~self.subject.is_final)

    @cached_property
    def is_telling(self) -> bool:
        """Whether equal rows are something to wonder at: texts, images, or a table whose rows mostly stand once."""
        alone = np.bincount(self.same[self.train])[self.same[self.train]] == 1
        return has_content(self.subject.data) or bool(alone.mean() >= MOSTLY_ONCE)

    def severity(self, n: int, n_all: int) -> str:
        """Return "warning", or "note" for what is natural or rare."""
        many = A_FEW * n_all if has_content(self.subject.data) else max(MANY * n_all, MANY_ROWS)
        return "warning" if self.is_telling and n >= many else "note"

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
