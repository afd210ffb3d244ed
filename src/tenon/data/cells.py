"""Cells of one column, as read, into values of a kind: the one place where text becomes numbers, dates or categories.

All work is done once per different cell, not once per row. Rules: docs of each function.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "NULL", "?")
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
THOUSANDS = r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$"  # commas between thousands; or one decimal comma, as in 1,234
COMMA = r"^[+-]?[\d.]*,[\d.,]*$"  # digits with a comma anywhere
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
    has_thousands: bool = False  # commas between thousands are read over in numbers

    @classmethod
    def of(cls, column: pa.ChunkedArray, missing: tuple[str, ...] = (), has_thousands: bool = False) -> "TextCells":
        """Take a column of any type; what is not text is written out first. `missing` comes on top of MISSING."""
        text = pc.fill_null(as_text(column), "").combine_chunks().dictionary_encode()
        codes = text.indices.to_numpy(zero_copy_only=False)
        words = pa.array([*MISSING, *(word.strip() for word in missing)], pa.large_string())
        is_missing = pc.is_in(pc.utf8_trim_whitespace(text.dictionary), words).to_numpy(zero_copy_only=False)
        counts = np.bincount(codes, minlength=len(text.dictionary))
        return cls(text.dictionary, codes, is_missing, counts, has_thousands)

    @cached_property
    def trimmed(self) -> pa.Array:
        """(d,) the different cells without blanks around them; two of them may then be equal."""
        return pc.utf8_trim_whitespace(self.distinct)

    @cached_property
    def numbers(self) -> np.ndarray:
        """(d,) float64; NaN for every cell that is no finite number."""
        cells = self.trimmed
        if self.has_thousands:
            cells = pc.if_else(pa.array(self.is_grouped), pc.replace_substring(cells, ",", ""), cells)
        is_number = pc.match_substring_regex(cells, NUMBER)
        plain = pc.utf8_ltrim(pc.if_else(is_number, cells, None), "+")
        values = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
        return np.where(np.isfinite(values) & ~self.is_missing, values, np.nan)

    @cached_property
    def is_grouped(self) -> np.ndarray:
        """(d,) bool: digits in groups of three, as in 43,875."""
        return pc.match_substring_regex(self.trimmed, THOUSANDS).to_numpy(zero_copy_only=False) & ~self.is_missing

    def with_thousands(self) -> "TextCells":
        """Return the cells with commas between thousands read over, where the cells themselves leave no doubt of them.

        Every number with a comma must be written in groups of three, and one must hold two commas or a decimal point; or the
        plain numbers must be nearer (in the ratio of medians) to these numbers than to what a decimal comma would make of them.
        """
        has_comma = pc.match_substring_regex(self.trimmed, COMMA).to_numpy(zero_copy_only=False) & ~self.is_missing
        if not has_comma.any() or (has_comma & ~self.is_grouped).any():
            return self
        grouped = replace(self, has_thousands=True)
        is_sure = pc.match_substring_regex(self.trimmed, r",.*[,.]").to_numpy(zero_copy_only=False) & has_comma
        if is_sure.any():
            return grouped
        sizes = [_middle_size(self.numbers, self.counts), _middle_size(grouped.numbers[has_comma], self.counts[has_comma])]
        return grouped if sizes[0] > sizes[1] / np.sqrt(1000) else self

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


def _middle_size(numbers: np.ndarray, counts: np.ndarray) -> float:
    """Return the median size of the numbers (d,), each as often as counted; those missing or 0 apart. 0 where none is left."""
    sizes = np.repeat(np.abs(numbers), counts)
    sizes = sizes[sizes > 0]
    return float(np.median(sizes)) if len(sizes) else 0.0


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


def convert(
    column: pa.ChunkedArray,
    kind: str,
    cells: TextCells | None = None,
    missing: tuple[str, ...] = (),
    has_thousands: bool = False,
) -> Converted:
    """Return the column as values of a kind. `cells` saves work where the caller has them for this column already.

    Without them, `missing` and `has_thousands` say what a cell of text means, as in `TextCells`.
    """
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
    return _from_text(cells or TextCells.of(column, missing, has_thousands), kind)


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
