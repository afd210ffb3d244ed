"""Targets of several labels a row: a tuple of different texts in their order, an empty one where a row has no label.

Tuples tell them from tags, which are lists. Cells are lists already, or texts: lists written out, as Python and JSON do, or
labels with one of SEPARATORS between them.
"""

import ast
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tenon.data.cells import is_list
from tenon.data.label_sets import as_cells
from tenon.data.text_cells import TextCells
from tenon.data.wording import listed, row_numbers, shown, where
from tenon.errors import DataError

SEPARATORS = ("|", ";", ",")  # the first that stands in some cell is the one
AS_LISTS = "["  # in the place of a separator: cells are lists written out
NONE = "[]"  # a cell without labels
FEWEST_ROWS, SOME_LABELS = 2, 20  # rows that a label must have on average, where there are more labels than so many


def label_sets(
    file: str, column: pa.ChunkedArray, name: str, missing: tuple[str, ...] = (), separator: str = ""
) -> tuple[pd.Series, str, tuple[str, ...]]:
    """Return the label sets of the rows that have a target, what texts were cut at ("" for lists), and what to tell of them.

    The index is the 0-based row; empty cells are left out. separator : what the texts of other rows were cut at. Raises DataError
    where the cells are neither lists of texts nor texts with several labels, and where labels are too many to learn from.
    """
    if pa.types.is_nested(column.type):
        if not is_list(column.type):
            raise DataError(f"{file}, column {name!r} holds values of the type {column.type}, no lists of labels.")
        cells, notes = column.to_pylist(), []
    elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        texts = TextCells.of(column, missing)
        separator = separator or _separator(file, name, texts)
        cells = _cut(file, name, texts, separator)
        notes = [] if separator == AS_LISTS else [_cut_note(name, separator)]
    else:
        raise DataError(
            f"{file}, column {name!r} holds values of the type {column.type}; the labels of a row are a list of texts."
        )
    rows = [row for row, cell in enumerate(cells) if cell is not None]
    _check(file, name, ((row, cells[row]) for row in rows))
    if twice := [row for row in rows if len(set(cells[row])) < len(cells[row])]:
        notes.append(
            f"column {name!r}: where a label stands twice in a cell it counts once (row {row_numbers(np.array(twice), file)})."
        )
    values = pd.Series(as_cells([tuple(sorted(set(cells[row]))) for row in rows]), rows, name=name)
    return values, separator, tuple(notes)


def refuse_written_lists(file: str, name: str, texts: TextCells) -> None:
    """Raise DataError where most cells are lists written out, which would be taken for classes."""
    are_lists = texts.matches(r"^\[.*\]$")
    if texts.counts[are_lists].sum() > texts.n_present / 2:
        raise DataError(f"{file}, column {name!r} holds lists written as texts: --task multilabel reads them as labels.")


def check_labels(file: str, sets: pd.Series) -> None:
    """Raise DataError where labels are so many that there is nothing to learn one from."""
    n, d = sum(map(len, sets)), len({label for of_row in sets for label in of_row})
    if d > SOME_LABELS and n < FEWEST_ROWS * d:
        raise DataError(
            f"{file}: column {sets.name!r}, the target, has {d:,} different labels, which rows have {n:,} times in all: too few "
            "of each to learn from; leave rare labels out, or write them as one."
        )


def _check(file: str, name: str, cells: Iterable[tuple[int, Sequence[Any]]]) -> None:
    for row, cell in cells:
        for one in cell:
            if not isinstance(one, str) or not one.strip():
                found = "null" if one is None else shown(one)
                raise DataError(f"{where(file, row)}, column {name!r}: a list of labels holds {found}; each of them is a text.")


def _separator(file: str, name: str, texts: TextCells) -> str:
    """Return what stands between the labels. Raises DataError where no cell holds several."""
    cells = [cell for cell in texts.strings(texts.trimmed).dropna().unique() if cell != NONE]
    if any(cell.startswith(AS_LISTS) for cell in cells):
        return AS_LISTS
    for separator in SEPARATORS:
        if any(separator in cell for cell in cells):
            return separator
    raise DataError(
        f"{file}, column {name!r}: no cell holds several labels, with {listed(SEPARATORS)} between them ({NONE} is none); where "
        "each row has one label leave --task multilabel out."
    )


def _cut(file: str, name: str, texts: TextCells, separator: str) -> list[list[str] | None]:
    """Return the labels in each cell, None where it is empty; cells that are alike are cut once."""
    known: dict[str, list[str]] = {}
    cells: list[list[str] | None] = []
    for row, cell in enumerate(texts.strings(texts.trimmed).tolist()):
        if not isinstance(cell, str):
            cells.append(None)
            continue
        if cell not in known:
            known[cell] = _labels_in(file, name, row, cell, separator)
        cells.append(known[cell])
    return cells


def _labels_in(file: str, name: str, row: int, cell: str, separator: str) -> list[str]:
    if separator != AS_LISTS and cell != NONE:
        return [label for part in cell.split(separator) if (label := part.strip())]
    try:
        found = ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise DataError(f'{where(file, row)}, column {name!r}: {shown(cell)} is no list, as other cells are; write ["a", "b"].')
    return found


def _cut_note(name: str, separator: str) -> str:
    return f"column {name!r}: cells were cut at {separator!r} into labels; {NONE} is no label, and an empty cell is not known."
