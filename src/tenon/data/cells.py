"""Cells of one column, as read, into values of a kind: the one place where text becomes numbers, dates or categories.

All work is done once per different cell, not once per row. Rules: docs of each function.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "NULL", "?")
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
DATE = r"^\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
LEADING_ZERO = r"^0\d+$"
STR = pd.StringDtype("pyarrow", na_value=np.nan)  # what pandas itself calls str


@dataclass(frozen=True)
class TextCells:
    """A column of text, told apart into its different cells and which of them stands in which row."""

    distinct: pa.Array  # (d,) large_string, as written
    codes: np.ndarray  # (n,) position in `distinct`
    is_missing: np.ndarray  # (d,) bool
    counts: np.ndarray  # (d,) rows that hold this cell

    @classmethod
    def of(cls, column: pa.ChunkedArray, missing: tuple[str, ...] = ()) -> "TextCells":
        """Take a column of any type; what is not text is written out first. `missing` comes on top of MISSING."""
        text = pc.fill_null(as_text(column), "").combine_chunks().dictionary_encode()
        codes = text.indices.to_numpy(zero_copy_only=False)
        words = pa.array([*MISSING, *(word.strip() for word in missing)], pa.large_string())
        is_missing = pc.is_in(pc.utf8_trim_whitespace(text.dictionary), words).to_numpy(zero_copy_only=False)
        return cls(text.dictionary, codes, is_missing, np.bincount(codes, minlength=len(text.dictionary)))

    @cached_property
    def trimmed(self) -> pa.Array:
        """(d,) the different cells without blanks around them; two of them may then be equal."""
        return pc.utf8_trim_whitespace(self.distinct)

    @cached_property
    def numbers(self) -> np.ndarray:
        """(d,) float64; NaN for every cell that is no finite number."""
        is_number = pc.match_substring_regex(self.trimmed, NUMBER)
        plain = pc.utf8_ltrim(pc.if_else(is_number, self.trimmed, None), "+")
        values = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
        return np.where(np.isfinite(values) & ~self.is_missing, values, np.nan)

    @cached_property
    def dates(self) -> np.ndarray:
        """(d,) datetime64[us], NaT for every cell that is no date. Read: ISO 8601, 2024/3/1, 2024年3月1日; zones become UTC."""
        plain = pc.replace_substring_regex(self.trimmed, r"^(\d{4})[/年](\d{1,2})[/月](\d{1,2})日?", r"\1-\2-\3")
        plain = pc.if_else(pc.match_substring_regex(plain, DATE), plain, None)
        parsed = pd.to_datetime(plain.to_pandas(), format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
        values = parsed.to_numpy("datetime64[us]", copy=True)
        values[self.is_missing] = np.datetime64("NaT")
        return values

    @property
    def n_present(self) -> int:
        """How many rows hold a cell that is not missing."""
        return int(self.counts[~self.is_missing].sum())

    def rows_where(self, of_distinct: np.ndarray) -> np.ndarray:
        """Return the rows (0-based, ascending) whose cell is marked in `of_distinct`: (d,) bool."""
        return np.flatnonzero(of_distinct[self.codes])

    def strings(self, distinct: pa.Array) -> pd.Series:
        """Return `distinct` laid out row by row, NA where missing."""
        present = pc.if_else(pa.array(self.is_missing), None, distinct)
        return pd.Series(pd.array(pc.take(present, pa.array(self.codes)), dtype=STR))


@dataclass(frozen=True)
class Converted:
    """A column in the dtype of its kind, and the rows (0-based) whose cells are neither missing nor of that kind."""

    values: pd.Series
    strange: np.ndarray


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write any column out as large_string: True and False as Python does, whole floats without ".0", lists as they print."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(pc.cast(column, kind.value_type))
    if pa.types.is_boolean(kind):
        return pc.if_else(column, pa.scalar("True", pa.large_string()), pa.scalar("False", pa.large_string()))
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), None, column)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        written = [None if cell is None else str(cell) for cell in column.to_pylist()]
        return pa.chunked_array([pa.array(written, pa.large_string())])
    return pc.cast(column, pa.large_string())


def convert(column: pa.ChunkedArray, kind: str, cells: TextCells | None = None, missing: tuple[str, ...] = ()) -> Converted:
    """Return the column as values of a kind. `cells` saves work where the caller has them for this column already."""
    none = np.empty(0, np.int64)
    if kind == "ignore":
        return Converted(column.to_pandas().reset_index(drop=True), none)
    if kind == "tokens" and is_list_of_text(column.type):
        return Converted(pd.Series([cell or [] for cell in column.to_pylist()], dtype=object), none)
    if kind == "image" and is_bytes(column.type):
        return Converted(pd.Series(column.to_pylist(), dtype=object), none)
    if kind == "number" and (pa.types.is_integer(column.type) or is_real(column.type) or pa.types.is_boolean(column.type)):
        values = pc.cast(column, pa.float64(), safe=False).to_numpy()
        return Converted(pd.Series(np.where(np.isfinite(values), values, np.nan)), np.flatnonzero(np.isinf(values)))
    if kind == "date" and is_time(column.type):
        return Converted(_timestamps(column), none)
    return _from_text(cells or TextCells.of(column, missing), kind)


def _from_text(cells: TextCells, kind: str) -> Converted:
    if kind in ("number", "date"):
        values = cells.numbers if kind == "number" else cells.dates
        is_strange = pd.isna(values) & ~cells.is_missing
        return Converted(pd.Series(values[cells.codes]), cells.rows_where(is_strange))
    if kind == "tokens":
        texts = cells.strings(cells.trimmed)
        return Converted(texts.map(lambda cell: cell.split() if isinstance(cell, str) else []), np.empty(0, np.int64))
    return Converted(cells.strings(cells.distinct if kind == "text" else cells.trimmed), np.empty(0, np.int64))


def _timestamps(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.cast(pc.cast(column, pa.timestamp("us", "UTC")), pa.timestamp("us"))  # the same instants, zone dropped
    return pd.Series(pc.cast(column, pa.timestamp("us"), safe=False).to_numpy())


def is_real(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def is_time(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def is_list_of_text(kind: pa.DataType) -> bool:
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    return bool(is_list and (pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)))
