"""A column of text, told apart into its different cells: text becomes numbers and dates here, once per different cell.

Where nearly all cells differ, looking for equal ones would take more memory than the cells themselves. Such a long column is
worked on row by row, block by block, as if no cell stood twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "NULL", "?")
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
THOUSANDS = r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$"  # commas between thousands; or one decimal comma, as in 1,234
COMMA = r"^[+-]?[\d.]*,[\d.,]*$"  # digits with a comma anywhere
DATE = r"^\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
DATE_START = r"^([1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])[-/年]\d"  # there is no year 0
LEADING_ZERO = r"^0\d+$"
STR = pd.StringDtype("pyarrow", na_value=np.nan)  # what pandas itself calls str

LONGEST = 100  # bytes of a cell that may still be a number, a date or a word for "missing"
MANY = 100_000  # rows from which on a column may be worked on row by row
SAMPLE = 1000  # cells looked at to tell whether nearly all differ
NEARLY_ALL = 0.9
PIECE = 10_000  # cells that are worth a thought, and as many as are Python objects at a time


@dataclass(frozen=True)
class TextCells:
    """The different cells of a column and which of them stands in which row."""

    distinct: pa.ChunkedArray  # (d,) large_string, as written, each cell once; or every row, where they nearly all differ
    codes: np.ndarray  # (n,) int32, position in `distinct`
    counts: np.ndarray  # (d,) rows that hold this cell
    words: pa.Array  # cells that count as missing, without blanks around them
    is_by_row: bool = False  # `distinct` is the whole column
    has_thousands: bool = False  # commas between thousands are read over in numbers

    @classmethod
    def of(cls, column: pa.ChunkedArray, missing: tuple[str, ...] = (), has_thousands: bool = False) -> "TextCells":
        """Take a column of any type; what is not text is written out first. `missing` comes on top of MISSING."""
        words = pa.array([*MISSING, *(word.strip() for word in missing)], pa.large_string())
        cells = as_text(column)
        if nearly_all_differ(cells):
            n = len(cells)
            return cls(cells, np.arange(n, dtype=np.int32), np.ones(n, np.int8), words, True, has_thousands)
        coded = pc.fill_null(cells, "").dictionary_encode().combine_chunks()
        codes = coded.indices.to_numpy(zero_copy_only=False)
        counts = np.bincount(codes, minlength=len(coded.dictionary))
        return cls(pa.chunked_array([coded.dictionary]), codes, counts, words, False, has_thousands)

    @cached_property
    def trimmed(self) -> pa.ChunkedArray:
        """(d,) the different cells without blanks around them; two of them may then be equal."""
        return _each(self.distinct, _trimmed)

    @cached_property
    def has_blanks(self) -> bool:
        """Whether some cell has blanks around it."""
        return bool(pc.sum(pc.binary_length(self.trimmed)) != pc.sum(pc.binary_length(self.distinct)))

    @cached_property
    def short(self) -> pa.ChunkedArray:
        """(d,) `trimmed`, but null for cells too long to be a number, a date or a word for "missing"."""
        longest = max(LONGEST, pc.max(pc.binary_length(self.words)).as_py())
        return _each(self.distinct, lambda cells: _short(_trimmed(cells), longest))

    @cached_property
    def is_missing(self) -> np.ndarray:
        """(d,) bool."""
        is_word = _worked_out(self.short, bool, lambda cells: pc.is_in(cells, self.words))
        return is_word | _worked_out(self.distinct, bool, pc.is_null) if self.distinct.null_count else is_word

    @cached_property
    def present(self) -> pa.ChunkedArray:
        """(d,) `short`, but null for missing cells, too."""
        return with_nulls(self.short, self.is_missing)

    @cached_property
    def numbers(self) -> np.ndarray:
        """(d,) float64; NaN for every cell that is no finite number."""
        cells = self.present
        if self.has_thousands:
            cells = pc.if_else(pa.array(self.is_grouped), pc.replace_substring(cells, ",", ""), cells)
        return _worked_out(cells, np.float64, _as_numbers)

    def matches(self, pattern: str) -> np.ndarray:
        """(d,) bool: the cell, without blanks around it, matches; missing and very long ones do not."""
        return _worked_out(self.present, bool, lambda cells: pc.match_substring_regex(cells, pattern))

    @cached_property
    def is_grouped(self) -> np.ndarray:
        """(d,) bool: digits in groups of three, as in 43,875."""
        return self.matches(THOUSANDS)

    def with_thousands(self) -> "TextCells":
        """Return the cells with commas between thousands read over, where the cells themselves leave no doubt of them.

        Every number with a comma must be written in groups of three, and one must hold two commas or a decimal point; or the
        plain numbers must be nearer (in the ratio of medians) to these numbers than to what a decimal comma would make of them.
        """
        if not pc.any(pc.match_substring(self.present, ",")).as_py():
            return self
        has_comma = self.matches(COMMA)
        if not has_comma.any() or (has_comma & ~self.is_grouped).any():
            return self
        grouped = replace(self, has_thousands=True)
        if (self.matches(r",.*[,.]") & has_comma).any():
            return grouped
        sizes = [_middle_size(self.numbers, self.counts), _middle_size(grouped.numbers[has_comma], self.counts[has_comma])]
        return grouped if sizes[0] > sizes[1] / np.sqrt(1000) else self

    @cached_property
    def dates(self) -> np.ndarray:
        """(d,) datetime64[us], NaT for every cell that is no date. Read: ISO 8601, 2024/3/1, 2024年3月1日; zones become UTC."""
        return _worked_out(self.present, "datetime64[us]", _as_dates)

    @property
    def n_present(self) -> int:
        """How many rows hold a cell that is not missing."""
        return int(self.counts[~self.is_missing].sum())

    @cached_property
    def n_different(self) -> int:
        """How many different cells, as written, the rows hold, missing ones apart."""
        if not self.is_by_row:
            return int(((self.counts > 0) & ~self.is_missing).sum())
        return count_different(with_nulls(self.distinct, self.is_missing))

    def laid_out(self, of_distinct: np.ndarray) -> np.ndarray:
        """Return (n,) what stands in each row; of_distinct : (d,)."""
        return of_distinct if self.is_by_row else of_distinct[self.codes]

    def rows_where(self, of_distinct: np.ndarray) -> np.ndarray:
        """Return the rows (0-based, ascending) whose cell is marked in `of_distinct`: (d,) bool."""
        return np.flatnonzero(self.laid_out(of_distinct))

    def strings(self, distinct: pa.ChunkedArray) -> pd.Series:
        """Return `distinct` laid out row by row, NA where missing."""
        present = with_nulls(distinct, self.is_missing)
        rows = present if self.is_by_row else pc.take(present, pa.array(self.codes))
        return pd.Series(pd.array(rows, dtype=STR))


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


def nearly_all_differ(cells: pa.ChunkedArray) -> bool:
    """Say whether a long column holds few equal cells, by a sample of it."""
    if len(cells) < MANY:
        return False
    sample = {cells[i].as_py() for i in range(0, len(cells), len(cells) // SAMPLE)}
    return len(sample) > NEARLY_ALL * SAMPLE


def with_nulls(cells: pa.ChunkedArray, is_missing: np.ndarray) -> pa.ChunkedArray:
    """Return the cells with null where `is_missing` (len(cells),) says so; the characters are not copied."""
    chunks, start = [], 0
    for chunk in cells.chunks:
        chunks.append(_with_nulls(chunk, is_missing[start : start + len(chunk)]))
        start += len(chunk)
    return pa.chunked_array(chunks, cells.type)


def _with_nulls(cells: pa.Array, is_missing: np.ndarray) -> pa.Array:
    if not is_missing.any():
        return cells
    if cells.offset or cells.null_count:
        return pc.if_else(pa.array(is_missing), None, cells)
    _, *buffers = cells.buffers()
    return pa.Array.from_buffers(cells.type, len(cells), [pa.array(~is_missing).buffers()[1], *buffers])


def _each(cells: pa.ChunkedArray, kernel: Callable[[pa.Array], pa.Array]) -> pa.ChunkedArray:
    return pa.chunked_array([kernel(chunk) for chunk in cells.chunks], cells.type)


def _worked_out(cells: pa.ChunkedArray, dtype: Any, kernel: Callable[[pa.Array], pa.Array]) -> np.ndarray:
    """Return what the kernel makes of the cells, block by block, in one array; null becomes False, NaN or NaT."""
    out, start = np.empty(len(cells), dtype), 0
    for chunk in cells.chunks:
        values = kernel(chunk)
        if dtype is bool and values.null_count:
            values = pc.fill_null(values, False)
        out[start : start + len(chunk)] = values.to_numpy(zero_copy_only=False)
        start += len(chunk)
    return out


def _trimmed(cells: pa.Array) -> pa.Array:
    """Return the cells without blanks around them: the same array where there are none, so that not all is held twice."""
    trimmed = pc.utf8_trim_whitespace(cells)
    if len(cells) < PIECE:
        return trimmed
    return cells if pc.sum(pc.binary_length(trimmed)) == pc.sum(pc.binary_length(cells)) else trimmed


def _short(cells: pa.Array, longest: int) -> pa.Array:
    is_long = pc.greater(pc.binary_length(cells), longest).to_numpy(zero_copy_only=False).astype(bool)
    if not is_long.any():
        return cells
    return cells.take(pa.array(np.arange(len(cells)), mask=is_long))  # if_else would hold room for all characters


def _as_numbers(cells: pa.Array) -> pa.Array:
    """Return float64, null for every cell that is no finite number."""
    try:
        values = pc.cast(cells, pa.float64())  # the quick way, where all are numbers; it takes infinity and nan, too
    except pa.ArrowInvalid:
        is_number = pc.match_substring_regex(cells, NUMBER)
        values = pc.cast(pc.utf8_ltrim(pc.if_else(is_number, cells, None), "+"), pa.float64())
    is_finite = pc.is_finite(values)
    return values if pc.all(is_finite).as_py() else pc.if_else(is_finite, values, None)


def _as_dates(cells: pa.Array) -> pa.Array:
    """Return timestamps in microseconds, null for every cell that is no date."""
    cells = pc.if_else(pc.match_substring_regex(cells, DATE_START), cells, None)
    if cells.null_count == len(cells):
        return pa.nulls(len(cells), pa.timestamp("us"))
    plain = pc.replace_substring_regex(cells, r"^(\d{4})[/年](\d{1,2})[/月](\d{1,2})日?", r"\1-\2-\3")
    plain = pc.if_else(pc.match_substring_regex(plain, DATE), plain, None)
    try:
        return pc.cast(plain, pa.timestamp("us"))  # the quick way, where all are whole dates of two digits without zones
    except pa.ArrowInvalid:
        parsed = pd.to_datetime(plain.to_pandas(), format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
        return pa.array(parsed.to_numpy("datetime64[us]"))


def _middle_size(numbers: np.ndarray, counts: np.ndarray) -> float:
    """Return the median size of the numbers (d,), each as often as counted; those missing or 0 apart. 0 where none is left."""
    sizes = np.repeat(np.abs(numbers), counts)
    sizes = sizes[sizes > 0]
    return float(np.median(sizes)) if len(sizes) else 0.0


def count_different(cells: pa.ChunkedArray) -> int:
    """Count different cells that are not null.

    Where nearly all differ, 64-bit digests are counted, as they take less memory than the cells: of 10^7 different cells two
    have the same digest once in 400,000 columns.
    """
    if not nearly_all_differ(cells):
        return int(pc.count_distinct(cells).as_py())
    digests = []
    for chunk in cells.chunks:
        for start in range(0, len(chunk), PIECE):
            objects = chunk.slice(start, PIECE).drop_null().to_numpy(zero_copy_only=False)
            digests.append(pd.util.hash_array(objects, categorize=False))
    different = np.concatenate(digests)
    different.sort()
    return int(np.count_nonzero(different[1:] != different[:-1]) + (len(different) > 0))
