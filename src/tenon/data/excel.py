"""Excel workbooks into Arrow columns: one sheet, whose first row that is not empty holds the names."""

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.data.encodings import Opener
from tenon.data.json_rows import to_arrow
from tenon.data.wording import listed, shown
from tenon.errors import DataError, NeedsExtra, near_names

if TYPE_CHECKING:
    import pyarrow as pa
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

DAMAGED = (  # what openpyxl and what it stands on raise for a damaged workbook; broken XML is a SyntaxError
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)
WORKBOOKS = (".xlsx", ".xlsm")
ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")  # what Excel writes for a value it cannot compute


def split_sheet(path: Path) -> tuple[Path, str]:
    """Return (workbook, sheet) of a path such as sales.xlsx#2024; no sheet for any other path."""
    name, mark, sheet = path.name.rpartition("#")
    if mark and name.lower().endswith(WORKBOOKS) and not path.exists():
        return path.with_name(name), sheet
    return path, ""


def read_excel(open_file: Opener, file: str, sheet: str) -> "tuple[pa.Table, str, tuple[str, ...], str]":
    """Return (columns, how it was read, notes, hint) of a sheet, by default the first that holds anything.

    Empty rows are passed over; cells with an error are missing, and so are formulas that no program has computed yet. The hint
    is what to say where a column is not there or empty. Raises NeedsExtra without openpyxl, DataError for a file
    that is no workbook and for a sheet that is not there.
    """
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise NeedsExtra(f"{file}: reading Excel files needs openpyxl: pip install 'tenon[excel]'.") from error
    with open_file() as stream:
        try:
            book = load_workbook(stream, read_only=True, data_only=True)
            name, rows = _sheet(book, file, sheet)
            has_gaps = len(rows) == 1 or any(None in row for row in rows)
            formulas = _not_computed(book[name], load_workbook(stream, read_only=True)[name]) if has_gaps else []
        except DataError:  # ours, though a ValueError
            raise
        except DAMAGED as error:
            raise DataError(f"{file} is no Excel workbook that can be read ({error}); save it anew as .xlsx.") from error
        others = [other.title for other in book.worksheets if other.title != name]
    table, notes = _columns(rows, file)
    hints = [_title_hint(rows, file)] if _has_title(rows) else []
    if formulas:
        names = listed(table.column_names[j] or f"column {j + 1}" for j in formulas)
        hints.append(
            f"{file}: formulas in {names} have no stored values and count as missing; open the file in a spreadsheet program and "
            "save it once."
        )
    if others and not sheet:
        hints.append(
            f"{file} has {len(others) + 1} sheets; {name!r} was read. Another one: {file}#{others[0]} ({listed(others)})."
        )
    return table, f"Excel, sheet {name!r}", (*hints, *notes), " ".join(hints)


def _has_title(rows: list[tuple[Any, ...]]) -> bool:
    """Say whether the first row holds one cell where the second one has several: a title above the names."""
    filled = [sum(cell not in (None, "") for cell in row) for row in rows[:2]]
    return len(filled) == 2 and filled[0] == 1 < filled[1]


def _title_hint(rows: list[tuple[Any, ...]], file: str) -> str:
    title = next(cell for cell in rows[0] if cell not in (None, ""))
    return f"The first row of {file} holds {shown(title)} alone; if it is a title, delete what stands above the columns' names."


def _sheet(book: "Workbook", file: str, wanted: str) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the name and the rows, none of them empty, of the wanted sheet, or of the first one that has any."""
    names = [sheet.title for sheet in book.worksheets]
    if wanted and wanted not in names:
        near = near_names(wanted, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise DataError(f"{file} has no sheet {wanted!r}{hint} Sheets: {', '.join(names)}.")
    for name in [wanted] if wanted else names:
        page = book[name]
        page.reset_dimensions()  # a format far below or beside the table would pad every row to its column, a million rows of it
        rows = [row for row in page.iter_rows(values_only=True) if any(cell not in (None, "") for cell in row)]
        if rows:
            return name, rows
    raise DataError(f"{file}{f', sheet {wanted!r},' if wanted else ''} is empty.")


def _not_computed(values: "ReadOnlyWorksheet", formulas: "ReadOnlyWorksheet") -> list[int]:
    """Return the positions of the columns in which a cell has a formula, but no value: another program than Excel wrote them."""
    formulas.reset_dimensions()
    rows = zip(values.iter_rows(values_only=True), formulas.iter_rows(values_only=True), strict=True)
    return sorted({j for row, written in rows for j, cell in enumerate(row) if cell is None and written[j] is not None})


def _columns(rows: list[tuple[Any, ...]], file: str) -> "tuple[pa.Table, list[str]]":
    import pyarrow as pa

    width = max(_width(row) for row in rows)
    header, *body = ([*row[:width], *[None] * (width - len(row))] for row in rows)
    names = ["" if cell is None else str(cell) for cell in header]
    failed = [(i, j) for i, row in enumerate(body) for j, cell in enumerate(row) if cell in ERRORS]
    for i, j in failed:
        body[i][j] = None
    notes = []
    if failed:
        (i, j), cells = failed[0], "cell holds an error and counts" if len(failed) == 1 else "cells hold errors and count"
        notes.append(f"{file}: {len(failed):,} {cells} as missing (the first in row {i + 1:,}, column {names[j]!r}).")
    columns = [to_arrow([row[j] for row in body], f"{file}, column {names[j]!r}") for j in range(width)]
    return pa.Table.from_arrays(columns, names=names), notes


def _width(row: tuple[Any, ...]) -> int:
    return max((j for j, cell in enumerate(row, start=1) if cell is not None), default=0)
