"""Excel workbooks as people, or programs that compute no formulas, write them."""

from pathlib import Path

import openpyxl


def write_workbook(path: Path, **sheets: list[list[object]]) -> Path:
    """Write these sheets, each a list of rows; a text that begins with = is a formula without a value."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path
