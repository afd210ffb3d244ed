"""Sentences about cells and columns that more than one reader needs: where, what was found, what to do."""

import shlex
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


def listed(names: Iterable[str], most: int = MOST_NAMES) -> str:
    """Return "'a', 'b' and 3 more"."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + more


def shown(cell: object) -> str:
    """Return a cell in quotes, cut where it is long."""
    text = str(cell)
    return repr(text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "…")


def option(name: str, value: str) -> str:
    """Return an option as a shell takes it: "--kind zip=category", "--kind '收入 (元)=category'"."""
    return f"--{name} {shlex.quote(value)}"


def row_numbers(rows: np.ndarray) -> str:
    """Return "1,204, 1,377, 2,001, …" for 0-based rows: people count from 1."""
    more = ", …" if len(rows) > MOST_ROWS else ""
    return ", ".join(f"{row + 1:,}" for row in rows[:MOST_ROWS].tolist()) + more


def bad_cells(file: str, name: str, column: "pa.ChunkedArray", rows: np.ndarray, kind: str) -> str:
    """Return "sales.csv, row 1,204, column 'price': 'n.v.t.' is not a number (3 such cells, rows 1,204, 1,377, 2,001)"."""
    first = int(rows[0])
    others = f" ({len(rows):,} such cells, rows {row_numbers(rows)})" if len(rows) > 1 else ""
    cell = shown(column[first].as_py())
    return f"{file}, row {first + 1:,}, column {name!r}: {cell} is not {SINGULAR[kind]}{others}"


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
    names = ", ".join(columns) if len(columns) <= 30 else ", ".join(columns[:30]) + f", … {len(columns) - 30} more"
    return DataError(f"{file} has no column {name!r}{hint} Columns: {names}.")
