"""Guess what each column is, and say why: the reason stands beside the guess, and `kinds` overrides it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tenon.data.cell_notes import MOSTLY, strange_note, thousands_note, unread_notes
from tenon.data.cells import convert, is_bytes, is_list_of_text, is_real, is_time
from tenon.data.dataset import GIVEN, Column
from tenon.data.sources import series_to_arrow
from tenon.data.text_cells import LEADING_ZERO, MANY, TextCells
from tenon.data.wording import different_cells, option, row_numbers, shown, where
from tenon.errors import DataError

FEWEST_IDS = 20  # present rows below which a column of nothing but different values is not taken for an identifier
TEXT_WORDS = 3  # median words that make a cell a text
TEXT_CJK = 6  # median Chinese characters that do
TEXT_DIFFERENT = 0.2  # least share of different cells among texts; below, they repeat like categories
SAMPLE = 2000  # different cells looked at to tell texts from categories
REMEMBERED = 100  # different strange cells of a column that count as missing when new rows come
LONG = 1e9  # least size of a whole number of 10 digits
LONG_SPREAD = 1000  # long numbers over more sizes than that are amounts
UNIX_TIMES = ((1e9, 2e9), (1e12, 2e12))  # seconds and milliseconds since 1970, for 2001 to 2033
IS_ID = "a different value in every row, like an identifier"
NEARLY_ID = "a different value in nearly every row, like an identifier"
ID_NAME = re.compile(r"(^|[\W_\u3400-\u9fff])(id|ID|Id)$|[a-z](Id|ID)$|编号$")
IMAGE_STARTS = (b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF", b"P5", b"P6")


@dataclass(frozen=True)
class Reading:
    """One column after reading."""

    column: Column
    values: pd.Series
    notes: tuple[str, ...] = ()


def read_column(file: str, name: str, cells: pa.ChunkedArray, kind: str = "", missing: tuple[str, ...] = ()) -> Reading:
    """Return a feature column in its kind: the given one, or else the guess.

    Cells that are neither missing nor of the kind count as missing, and a note says which. Raises DataError where a column
    of floats holds infinite numbers, and where none of the cells is of the given kind.
    """
    text = TextCells.of(cells, missing) if _is_text(cells.type) else None
    if text is not None and kind in ("", "number"):
        text = text.with_thousands()
    guess, reason = (kind, GIVEN) if kind else guess_kind(name, cells, text)
    converted = convert(cells, guess, text, missing)
    strange, notes, remembered = converted.strange, [], missing
    has_thousands = text is not None and text.has_thousands and guess == "number"
    if text is not None and has_thousands:
        notes.append(thousands_note(name, text, option("kind", f"{name}=category")))
    if text is not None and not kind and guess in ("category", "ignore", "text"):
        notes += unread_notes(file, name, text, guess)
    if len(strange):
        if text is None and is_real(cells.type):
            row = int(strange[0])
            raise DataError(
                f"{where(file, row)}, column {name!r}: {cells[row].as_py()} is not a finite number; leave such cells empty, or "
                "write a number."
            )
        if converted.values.isna().all():
            raise DataError(
                f"{file}, column {name!r} holds no {guess} in any row; row {row_numbers(strange[:1], file)} is "
                f"{shown(cells[int(strange[0])])}."
            )
        notes.append(strange_note(file, name, cells, strange, guess))
        remembered = tuple(dict.fromkeys((*missing, *different_cells(cells, strange, REMEMBERED))))
    return Reading(Column(name, guess, "feature", reason, remembered, has_thousands), converted.values, tuple(notes))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_category(kind: pa.DataType) -> bool:
    return bool(pa.types.is_boolean(kind) or pa.types.is_dictionary(kind))


def guess_kind(name: str, cells: pa.ChunkedArray, text: TextCells | None) -> tuple[str, str]:
    """Return (kind, reason in words for the user) of a feature column; `text` where its cells are text."""
    if cells.null_count == len(cells):
        return "ignore", "empty in every row"
    if text is not None:
        return _guess_text(name, text)
    kind = cells.type
    if pa.types.is_nested(kind):
        return ("tokens", "lists of words") if is_list_of_text(kind) else ("ignore", "nested values; only lists of text are read")
    if is_bytes(kind):
        is_image = pc.drop_null(cells)[0].as_py().startswith(IMAGE_STARTS)
        return ("image", "images as bytes") if is_image else ("ignore", "bytes that are no images")
    if not (_is_category(kind) or pa.types.is_integer(kind) or is_real(kind) or is_time(kind)):
        return "ignore", f"of the type {kind}, which is not read"
    values = cells.to_pandas().reset_index(drop=True)
    if values.isna().all():
        return "ignore", "empty in every row"
    if values.nunique() == 1 and not values.isna().any():
        return "ignore", f"the same value in every row: {shown(values[0])}"
    if _is_category(kind):
        return "category", "true or false" if pa.types.is_boolean(kind) else count_words(values.nunique())
    if is_time(kind):
        return "date", "stored as dates"
    return _guess_number(name, values.dropna().to_numpy(np.float64), len(values), "stored as numbers")


def _guess_text(name: str, text: TextCells) -> tuple[str, str]:
    counts = np.where(text.is_missing, 0, text.counts)
    n = int(counts.sum())
    if n == 0:
        return "ignore", "empty in every row"
    if counts.max() == len(text.codes):
        return "ignore", f"the same value in every row: {shown(text.distinct[int(counts.argmax())])}"
    number_share = counts[np.isfinite(text.numbers)].sum() / n
    if number_share >= MOSTLY:
        zeros = text.matches(LEADING_ZERO) & (counts > 0)
        if zeros.any():
            example = text.short[int(zeros.argmax())].as_py()
            return _guess_string(name, text, counts, f"digits with leading zeros, such as {example!r}")
        values, reason = np.repeat(text.numbers, counts), _share_words(number_share, "a number")
        if text.has_thousands:
            return "number", reason
        return _guess_number(name, values[np.isfinite(values)], len(text.codes), reason)
    date_share = counts[~np.isnat(text.dates)].sum() / n
    if date_share >= MOSTLY:
        return "date", _share_words(date_share, "a date")
    return _guess_string(name, text, counts, "", may_be_id=number_share <= 1 / 2 and n > len(text.codes) / 2)


def _share_words(share: float, singular: str) -> str:
    return f"every cell is {singular}" if share == 1 else f"{100 * share:.1f} % of the cells are {singular.split()[1]}s"


def _guess_number(name: str, values: np.ndarray, n_rows: int, reason: str) -> tuple[str, str]:
    """values: (n,) float64, the present cells of n_rows in any order."""
    n = len(values)
    if not np.array_equal(values, np.round(values)) or n < FEWEST_IDS:
        return "number", reason
    different = np.unique(values)
    if len(different) == n and different[0] in (0, 1) and different[-1] - different[0] == n - 1:
        return "ignore", f"counts the rows from {different[0]:.0f} on"
    if ID_NAME.search(name):
        if len(different) >= MOSTLY * n and n > n_rows / 2:
            return "ignore", IS_ID if len(different) == n == n_rows else NEARLY_ID
        return "category", "whole numbers under the name of an id"
    if len(different) >= MOSTLY * n and _are_long(different):
        all_the_same = option("kind", f"{name}=number")
        return "ignore", f"long whole numbers, nearly all different, like phone numbers or identifiers (else {all_the_same})"
    return "number", reason


def _are_long(different: np.ndarray) -> bool:
    """Say whether nearly all of these whole numbers have 10 digits or more and about the same number; times apart."""
    low, high = np.quantile(np.abs(different), [1 - MOSTLY, MOSTLY])
    is_time = any(start <= low and high < end for start, end in UNIX_TIMES)
    return bool(low >= LONG and high < LONG_SPREAD * low and not is_time)


def _guess_string(name: str, text: TextCells, counts: np.ndarray, reason: str, may_be_id: bool = True) -> tuple[str, str]:
    """counts: (d,) rows that hold each of the different cells, 0 for missing ones."""
    n, d = int(counts.sum()), text.n_different
    sample = _sample(text, counts)
    n_words = pc.count_substring_regex(sample, r"\S+").to_numpy(zero_copy_only=False)
    n_cjk = pc.count_substring_regex(sample, r"[\p{Han}\p{Hiragana}\p{Katakana}]").to_numpy(zero_copy_only=False)
    words, cjk = float(np.median(n_words)), float(np.median(n_cjk))
    if (words >= TEXT_WORDS or cjk >= TEXT_CJK) and d >= TEXT_DIFFERENT * n:
        return "text", f"{'texts of several words' if words >= TEXT_WORDS else 'Chinese texts'}, {_how_different(d, n)}"
    is_token = words < 2 and cjk == 0
    if n >= FEWEST_IDS and is_token and may_be_id and (d == n or (d >= MOSTLY * n and ID_NAME.search(name))):
        return "ignore", IS_ID if d == n == len(text.codes) else NEARLY_ID
    if n >= FEWEST_IDS and not is_token and d > n / 2:
        return "text", f"short texts, {_how_different(d, n)}"
    return "category", reason or count_words(d)


def count_words(n_different: int) -> str:
    """Return "8 different values", the reason of a category that nothing else speaks for."""
    return f"{n_different:,} different value{'' if n_different == 1 else 's'}"


def _how_different(d: int, n: int) -> str:
    return "all different" if d == n else "mostly different" if d > n / 2 else f"{d:,} different"


def _sample(text: TextCells, counts: np.ndarray) -> pa.Array:
    present = np.flatnonzero(counts)
    step = -(-len(present) // SAMPLE)
    return pc.utf8_trim_whitespace(pa.array([text.distinct[i].as_py() for i in present[::step].tolist()], pa.large_string()))


def read_features(
    file: str, columns: dict[str, pa.ChunkedArray], kinds: Mapping[str, str], missing: tuple[str, ...]
) -> list[Reading]:
    """Return every column in its kind, and empty `columns`: the text of a column goes when its values are there.

    Where nothing but identifiers is there to learn from, texts among them are read as text after all (lists of words do so).
    """
    readings = []
    for name in list(columns):
        is_long = len(columns[name]) >= MANY
        readings.append(read_column(file, name, columns.pop(name), kinds.get(name, ""), missing))
        if is_long:
            pa.default_memory_pool().release_unused()
    if any(reading.column.kind != "ignore" for reading in readings):
        return readings
    return [_as_text(file, reading, missing) for reading in readings]


def _as_text(file: str, reading: Reading, missing: tuple[str, ...]) -> Reading:
    if reading.column.reason not in (IS_ID, NEARLY_ID) or not isinstance(reading.values.dtype, pd.StringDtype):
        return reading
    forced = read_column(file, reading.column.name, series_to_arrow(reading.values), "text", missing)
    column = Column(reading.column.name, "text", "feature", "all different, but nothing else to learn from", missing)
    return Reading(column, forced.values)
