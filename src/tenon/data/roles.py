"""Columns with a role beside feature and target: groups as categories, times as numbers or dates, weights as numbers."""

import numpy as np
import pandas as pd
import pyarrow as pa

from tenon.data.cells import convert, is_time
from tenon.data.dataset import Column
from tenon.data.infer import Reading
from tenon.data.wording import row_numbers, shown, where
from tenon.errors import DataError

NEEDS = {"group": "its group", "time": "a number or a date", "weight": "a number that is not negative"}


def read_role(name: str, cells: pa.ChunkedArray, role: str, missing: tuple[str, ...] = ()) -> Reading:
    """Return the column of a role in its kind; `check_role` then looks at the rows that stay."""
    kind = {"group": "category", "weight": "number", "id": "ignore"}.get(role) or _kind_of_time(cells, missing)
    by = role if role in ("group", "time") else "kind"
    return Reading(Column(name, kind, role, f"given by --{by}", missing), convert(cells, kind, missing=missing).values)


def _kind_of_time(cells: pa.ChunkedArray, missing: tuple[str, ...]) -> str:
    if is_time(cells.type):
        return "date"
    n_no_number = len(convert(cells, "number", missing=missing).strange)
    return "date" if n_no_number and len(convert(cells, "date", missing=missing).strange) < n_no_number else "number"


def check_role(file: str, cells: pa.ChunkedArray, values: pd.Series, role: str) -> None:
    """Raise DataError naming the rows where a group or time is missing, or a weight missing or negative.

    cells : the column as read, for the message. values : in its kind; index: 0-based row in the file.
    """
    if role not in NEEDS:
        return
    is_bad = values.isna().to_numpy() | ((values < 0).to_numpy() if role == "weight" else False)
    rows = values.index.to_numpy()[np.flatnonzero(is_bad)]
    if len(rows):
        others = f" ({len(rows):,} such cells, rows {row_numbers(rows, file)})" if len(rows) > 1 else ""
        raise DataError(
            f"{where(file, int(rows[0]))}, column {values.name!r}: {shown(cells[int(rows[0])].as_py())}, but every row needs "
            f"{NEEDS[role]}{others}."
        )
