"""Sentences about cells and columns that more than one reader needs: where, what was found, what to do."""

import shlex
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tenon.errors import DataError, near_names

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 3  # row numbers that a sentence names
MOST_NAMES = 5
MOST_CHARACTERS = 40  # of a cell
SINGULAR = {"number": "a number", "date": "a date"}


class Parts(str):
    """The name of several files that were read as one, which knows the file and the number there of each row."""

    files: Sequence[str]
    ends: Sequence[int]  # rows of the first i + 1 files together

    def __new__(cls, name: str, files: Sequence[str], ends: Sequence[int]) -> "Parts":
        self = super().__new__(cls, name)
        self.files, self.ends = files, ends
        return self

    def place(self, row: int) -> tuple[str, int]:
        """Return (file, 0-based row in it) of a 0-based row of all."""
        at = bisect_right(self.ends, row)
        return self.files[at], row - (self.ends[at - 1] if at else 0)


def where(file: str, row: int) -> str:
    """Return "sales.csv, row 1,204" for a 0-based row: people count from 1."""
    name, row = file.place(row) if isinstance(file, Parts) else (file, row)
    return f"{name}, row {row + 1:,}"


def listed(names: Iterable[str], most: int = MOST_NAMES) -> str:
    """Return "'a', 'b' and 3 more"."""
    names = list(names)
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + more


def enumeration(names: Sequence[str]) -> str:
    """Return "a, b and c", all of them and without quotes."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def shown(cell: object) -> str:
    """Return a cell in quotes, cut where it is long."""
    text = str(cell)
    return repr(text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "…")


def plain(cell: object) -> str:
    """Return a cell without quotes, in one line, cut where it is long."""
    text = str(cell)
    return in_one_line(text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "…")


def in_one_line(text: str) -> str:
    """Return a text with its line ends and control characters as Python writes them."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def option(name: str, value: str) -> str:
    """Return an option as a shell takes it: "--kind zip=category", "--kind '收入 (元)=category'"."""
    return f"--{name} {shlex.quote(value)}"


def as_missing(cells: Iterable[str]) -> str:
    """Return "--missing n.v.t. --missing x" for those of the cells that one can type again, "" where there are none."""
    return " ".join(option("missing", cell) for cell in cells if len(cell) <= MOST_CHARACTERS and cell.isprintable())


def row_numbers(rows: np.ndarray, file: str = "") -> str:
    """Return "1,204, 1,377, 2,001, …" for 0-based rows, or "4 of a.csv, 7 of b.csv" where the file is several."""
    more = ", …" if len(rows) > MOST_ROWS else ""
    first = rows[:MOST_ROWS].tolist()
    if isinstance(file, Parts):
        return ", ".join(f"{row + 1:,} of {name}" for name, row in map(file.place, first)) + more
    return ", ".join(f"{row + 1:,}" for row in first) + more


def bad_cells(file: str, name: str, first: object, rows: np.ndarray, kind: str) -> str:
    """Return "sales.csv, row 1,204, column 'price': 'n.v.t.' is not a number (3 such cells, rows 1,204, 1,377, 2,001)".

    first : the cell of the first of the rows.
    """
    others = f" ({len(rows):,} such cells, rows {row_numbers(rows, file)})" if len(rows) > 1 else ""
    return f"{where(file, int(rows[0]))}, column {name!r}: {shown(first)} is not {SINGULAR[kind]}{others}"


def different_cells(column: "pa.ChunkedArray", rows: np.ndarray, most: int) -> list[str]:
    """Return the different cells of these rows, without blanks around them, in order of first sight."""
    seen: dict[str, None] = {}
    for row in rows.tolist():
        if len(seen) == most:
            break
        seen.setdefault(str(column[row].as_py()).strip())
    return list(seen)


def no_column(file: str, name: str, columns: Sequence[str]) -> DataError:
    """Return the error "reviews.csv has no column 'lable'; did you mean 'label'? Columns: text, label."."""
    near = near_names(name, columns, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    names = ", ".join(columns) if len(columns) <= 30 else ", ".join(columns[:30]) + f", … {len(columns) - 30:,} more"
    return DataError(f"{file} has no column {name!r}{hint} Columns: {names}.")
