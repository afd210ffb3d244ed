"""Sentences about the cells of one column that may not mean what they were taken for: how many, which, what to do."""

import numpy as np
import pyarrow as pa

from tenon.data.text_cells import LEADING_ZERO, TextCells
from tenon.data.wording import as_missing, different_cells, option, row_numbers, shown

MOSTLY = 0.9  # share of the present cells that decides for numbers and dates; the others then count as missing
FEWEST_NUMBERS = 10  # as many different numbers among other cells may be codes: nothing to tell
UNREAD = (  # forms that people take for numbers or dates, and what to write instead
    (r"^[+-]?\d[\d.]*,\d+$", "numbers with a comma", "1234.5"),
    (r"^[+-]?\d[\d.,]*\s?[%€$£¥]$|^[€$£¥]\s?\d[\d.,]*$", "numbers with a sign", "1234.5"),
    (r"^\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})(\s|$)", "dates", "2024-12-31"),
)
TREATED = {"ignore": "is left out", "category": "is read as a category", "text": "is read as text"}


def unread_notes(file: str, name: str, text: TextCells, kind: str) -> list[str]:
    """Return at most one note on a column read as `kind`: most of its cells are numbers or dates, or look like them."""
    counts = np.where(text.is_missing, 0, text.counts)
    return _mixed_notes(file, name, text, counts, kind) or form_notes(name, text, counts, kind)


def _mixed_notes(file: str, name: str, text: TextCells, counts: np.ndarray, kind: str) -> list[str]:
    """counts: (d,) rows that hold each of the different cells, 0 for missing ones. Too few are dates or numbers to decide."""
    for is_such, of_kind, form in ((~np.isnat(text.dates), "date", "2024-12-31"), (_amounts(text), "number", "1234.5")):
        n, n_such = int(counts.sum()), int(counts[is_such].sum())
        if n / 2 < n_such < MOSTLY * n:
            others = text.rows_where(~is_such & ~text.is_missing)
            first = text.distinct[int(text.codes[others[0]])]
            return [
                f"Column {name!r}: {n_such:,} of {n:,} cells are {of_kind}s, but {len(others):,} {_are(len(others))} not (row "
                f"{row_numbers(others, file)}; the first is {shown(first)}), so it {TREATED[kind]}. Write all as {form}, or use "
                f"{option('kind', f'{name}={of_kind}')}: the others then count as missing."
            ]
    return []


def _amounts(text: TextCells) -> np.ndarray:
    """(d,) bool: the numbers of a column; none where they may be codes, being few or having leading zeros."""
    is_number = np.isfinite(text.numbers)
    has_zeros = text.matches(LEADING_ZERO).any()
    return is_number & (not has_zeros and len(np.unique(text.numbers[is_number])) > FEWEST_NUMBERS)


def form_notes(name: str, text: TextCells, counts: np.ndarray, kind: str) -> list[str]:
    """Return a note where the cells are in a form that is not read, alone or among numbers or dates that are.

    counts : (d,) as of `_mixed_notes`.
    """
    for form, what, instead in UNREAD:
        is_such = text.matches(form) & (counts > 0)
        is_read = ~np.isnat(text.dates) if what == "dates" else np.isfinite(text.numbers)
        if is_such.any() and counts[is_such | is_read].sum() >= MOSTLY * text.n_present:
            example = shown(text.short[int(np.flatnonzero(is_such)[0])])
            return [
                f"Column {name!r} seems to hold {what}, such as {example}, but {TREATED[kind]}; "
                f"write them as {instead} to use them so."
            ]
    return []


def strange_note(file: str, name: str, cells: pa.ChunkedArray, strange: np.ndarray, kind: str) -> str:
    """Return the note on a column of numbers or dates, some of whose cells (rows `strange`, 0-based) are none."""
    n = len(strange)
    first = different_cells(cells, strange, 1)[0]
    confirm = as_missing([first])
    return (
        f"Column {name!r}: {n:,} of {len(cells):,} cells {_are(n)} no {kind}{'' if n == 1 else 's'} and "
        f"count{'s' if n == 1 else ''} as missing (row {row_numbers(strange, file)}; the first is {shown(first)}). "
        f"{f'Confirm with {confirm}, or keep' if confirm else 'Keep'} them with {option('kind', f'{name}=category')}."
    )


def thousands_note(name: str, text: TextCells, otherwise: str) -> str:
    """Return the note on a column whose commas were read over; `otherwise` is the option that reads it differently."""
    n = int(text.counts[text.is_grouped].sum())
    first = int(np.flatnonzero(text.is_grouped)[0])
    return (
        f"Column {name!r}: {n:,} of {len(text.codes):,} cells have commas between thousands and {_are(n)} read as numbers "
        f"({text.short[first].as_py()!r} as {text.numbers[first]:.15g}). If that is wrong: {otherwise}."
    )


def _are(n: int) -> str:
    return "is" if n == 1 else "are"
