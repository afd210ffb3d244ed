"""Cells of one column, as read, into values of a kind. Rules: docs of each function, and of `text_cells` for text."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tenon.data.text_cells import STR, TextCells, as_text, with_nulls
from tenon.data.wording import shown, where
from tenon.errors import DataError


@dataclass(frozen=True)
class Converted:
    """A column in the dtype of its kind, and the rows (0-based) whose cells are neither missing nor of that kind."""

    values: pd.Series
    strange: np.ndarray


def convert(
    column: pa.ChunkedArray, kind: str, cells: TextCells | None = None, missing: tuple[str, ...] = (), has_thousands: bool = False
) -> Converted:
    """Return the column as values of a kind. `cells` saves work where the caller has them for this column already.

    Without them, `missing` and `has_thousands` say what a cell of text means, as in `TextCells`.
    """
    none = np.empty(0, np.int64)
    if kind == "ignore":
        return Converted(column.to_pandas().reset_index(drop=True), none)
    if kind == "tokens" and is_list(column.type):
        return Converted(pd.Series([cell or [] for cell in column.to_pylist()], dtype=object), none)
    if kind == "image" and is_bytes(column.type):
        return Converted(pd.Series(column.to_pylist(), dtype=object), none)
    if kind == "number" and (pa.types.is_integer(column.type) or is_real(column.type) or pa.types.is_boolean(column.type)):
        values = pc.cast(column, pa.float64(), safe=False).to_numpy()
        return Converted(pd.Series(np.where(np.isfinite(values), values, np.nan), copy=False), np.flatnonzero(np.isinf(values)))
    if kind == "date" and is_time(column.type):
        return Converted(_timestamps(column), none)
    return _from_text(column, cells or TextCells.of(column, missing, has_thousands), kind)


def _from_text(column: pa.ChunkedArray, cells: TextCells, kind: str) -> Converted:
    none = np.empty(0, np.int64)
    if kind in ("number", "date"):
        values = cells.numbers if kind == "number" else cells.dates
        is_strange = pd.isna(values) & ~cells.is_missing
        return Converted(pd.Series(cells.laid_out(values), copy=False), cells.rows_where(is_strange))
    if kind == "tokens":
        texts = cells.strings(cells.trimmed)
        return Converted(texts.map(lambda cell: cell.split() if isinstance(cell, str) else []), none)
    if kind == "text" or not cells.has_blanks:  # as they stand, so that no character is copied
        texts = with_nulls(as_text(column), cells.laid_out(cells.is_missing))
        return Converted(pd.Series(pd.array(texts, dtype=STR)), none)
    return Converted(cells.strings(cells.trimmed), none)


def _timestamps(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.cast(pc.cast(column, pa.timestamp("us", "UTC")), pa.timestamp("us"))  # the same instants, zone dropped
    return pd.Series(pc.cast(column, pa.timestamp("us"), safe=False).to_numpy().copy())  # it may be a view of the caller's frame


def is_real(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def is_time(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def is_list_of_text(kind: pa.DataType) -> bool:
    return is_list(kind) and bool(pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type))


def check_tokens(file: str, name: str, lists: Iterable[list[str]], start: int = 0) -> None:
    """Raise DataError where a cell of tokens or tags holds something else than texts. start : how many rows stand above."""
    for row, tokens in enumerate(lists, start=start):
        if not all(isinstance(one, str) for one in tokens):
            wrong = next(one for one in tokens if not isinstance(one, str))
            found = "null" if wrong is None else shown(wrong)
            raise DataError(
                f"{where(file, row)}, column {name!r}: a list of tokens or tags holds {found}; each of them is a text, in quotes."
            )
