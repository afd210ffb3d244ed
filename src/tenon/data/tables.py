"""A table file into Arrow columns: CSV and TSV cells stay text, so that a zip code keeps its zero and an error names its row.

The other formats bring types of their own, which are kept. Every file may be packed, see `unpack`.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.chunks import Chunks
from tenon.data.columnar import open_arrow, open_parquet
from tenon.data.delimited import open_delimited
from tenon.data.encodings import Opener, as_utf8, find_encoding
from tenon.data.excel import read_excel, split_sheet
from tenon.data.json_rows import open_json_lines, parse_json
from tenon.data.lines import EXTENSIONS as LINES
from tenon.data.lines import open_lines
from tenon.data.signatures import N_BYTES, check_signature
from tenon.data.unpack import ENDINGS, open_unpacked
from tenon.data.wording import listed, row_numbers
from tenon.errors import DataError, near_names

if TYPE_CHECKING:
    import pyarrow as pa

UNPRINTABLE = re.compile(r"[ \t]*[\x00-\x1f\x7f-\x9f\u2028\u2029]+[ \t]*")
TEXTS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", *LINES)
EXTENSIONS = (*TEXTS, ".parquet", ".feather", ".arrow", ".xlsx", ".xlsm")
INSTEAD = {".xls": "save it as .xlsx", ".ods": "save it as .xlsx", ".zip": "unpack it", "": ""}


@dataclass(frozen=True)
class OpenTable:
    """What a file holds, its rows not read yet: columns in its order (CSV cells as strings), and what the user should know."""

    rows: Chunks
    how_read: str  # "UTF-8 (BOM removed)"
    notes: tuple[str, ...] = ()
    hint: str = ""  # what to say where a column is not there or empty: other sheets, formulas without values

    def read(self, file: str) -> "Table":
        """Read all rows. Raises DataError for what is wrong with them, and where there are none."""
        columns = self.rows.whole()
        if columns.num_rows == 0:
            raise no_rows(file, self.hint)
        return Table(columns, self.how_read, self.notes, self.hint)


@dataclass(frozen=True)
class Table:
    """What a file holds, read whole; the rest as of an OpenTable."""

    columns: "pa.Table"
    how_read: str
    notes: tuple[str, ...] = ()
    hint: str = ""


def read_table(path: Path, quoting: bool = True) -> Table:
    """Read a file of one of EXTENSIONS, packed or not; `file.xlsx#Sheet` is one sheet of a workbook.

    quoting : see `open_delimited`. Raises DataError for a missing, empty, damaged or unknown file, ragged rows, and names that
    stand twice.
    """
    return open_table(path, quoting).read(split_sheet(path)[0].name)


def open_table(path: Path, quoting: bool = True) -> OpenTable:
    """Open such a file. Raises DataError as `read_table` does, but for faults that are met where rows are read."""
    path, sheet = split_sheet(path)
    check_exists(path)
    extension = table_extension(path)
    if not extension:
        raise _unknown(path)
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} is empty.")
    open_file = partial(open_unpacked, path)
    with open_file() as stream:
        check_signature(stream.read(N_BYTES), extension, path.name)
    if extension in TEXTS:
        table = _open_text(open_file, extension, path.name, quoting)
    elif extension in (".xlsx", ".xlsm"):
        columns, how_read, about, hint = read_excel(open_file, path.name, sheet)
        table = OpenTable(Chunks.of(columns), how_read, about, hint)
    else:
        table = OpenTable(*(open_parquet if extension == ".parquet" else open_arrow)(open_file, path.name))
    if not table.rows.schema.names:
        raise DataError(f"{path.name} holds no columns.")
    names, notes = clean_names(table.rows.schema.names, path.name)
    return replace(table, rows=table.rows.renamed(names), notes=(*table.notes, *notes))


def no_rows(file: str, hint: str) -> DataError:
    """Return the error of a file of names alone."""
    return DataError(f"{file} holds only the names of its columns; there are no rows. {hint}".rstrip())


def table_extension(path: Path) -> str:
    """Return the table extension of a path (".csv" for data.CSV.gz), or "" where it has none that can be read."""
    suffixes = [suffix.lower() for suffix in split_sheet(path)[0].suffixes]
    if suffixes and suffixes[-1] in ENDINGS:
        suffixes.pop()
    return suffixes[-1] if suffixes and suffixes[-1] in EXTENSIONS else ""


def holds_tables(folder: Path) -> bool:
    """Say whether a folder holds a table file, hidden ones apart."""
    return any(table_extension(path) for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def clean_names(names: list[str], file: str, may_be_cells: bool = True) -> tuple[list[str], list[str]]:
    """Return the column names in one line each, nameless ones numbered, and notes about both.

    may_be_cells : a table without a line of names could have been read. Raises DataError where a name then stands twice.
    """
    stripped = [clean_name(name) for name in names]
    notes = []
    if blanks := [clean for name, clean in zip(names, stripped, strict=True) if name != clean and clean]:
        notes.append(f"Blanks around column names, and line ends in them, were removed: {listed(blanks)}.")
    if nameless := [f"column {i}" for i, name in enumerate(stripped, start=1) if not name]:
        notes.append(f"Columns without a name were called by their place: {listed(nameless)}.")
    clean_list = [name or f"column {i}" for i, name in enumerate(stripped, start=1)]
    name, count = Counter(clean_list).most_common(1)[0] if clean_list else ("", 0)
    if count > 1:
        places = row_numbers(np.flatnonzero([other == name for other in clean_list]))
        on_top = " (or, if the first line holds cells already, put a line of names on top)"
        hint = on_top if may_be_cells and name.isnumeric() else ""
        raise DataError(f"{file} has {count} columns called {name!r} (columns {places}); give each a name of its own{hint}.")
    return clean_list, notes


def clean_name(name: str) -> str:
    """Return a column name without blanks around it; line ends and control characters in it become a blank."""
    return UNPRINTABLE.sub(" ", name.strip().strip("\ufeff")).strip()


def check_exists(path: Path) -> None:
    """Raise DataError for a path that is no file that can be read again and again, with names that look like it."""
    if path.is_file():
        return
    if path.is_symlink():
        raise DataError(f"{path} is a link to {str(path.readlink())!r}, which leads to no file; name the file itself.")
    if path.exists():
        raise DataError(f"{path} is no file but a folder, a device or a pipe; write what it holds into a file first.")
    folder = path.parent
    beside = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    near = near_names(path.name, beside)
    where = f"no file {str(path)!r}"
    if near:
        raise DataError(f"{where}; did you mean {' or '.join(repr(str(folder / name)) for name in near)}?")
    if not folder.is_dir():
        raise DataError(f"{where}: there is no folder {str(folder)!r} either.")
    raise DataError(f"{where}.")


def _unknown(path: Path) -> DataError:
    instead = INSTEAD.get(path.suffix.lower(), "")
    return DataError(
        f"{path.name}: a file of this kind cannot be read{f' ({instead})' if instead else ''}; Tenon reads "
        f"{', '.join(EXTENSIONS)} (each also with {', '.join(ENDINGS)}) and folders of images."
    )


def _open_text(open_file: Opener, extension: str, file: str, quoting: bool) -> OpenTable:
    encoding = find_encoding(open_file, file)
    open_text = partial(as_utf8, open_file, encoding)
    if _is_blank(open_text):
        raise DataError(f"{file} is empty.")
    if extension in (".csv", ".tsv"):
        rows, how, notes = open_delimited(open_text, file, quoting)
        return OpenTable(rows, " · ".join(filter(None, (encoding.name, how))), (*encoding.notes, *notes))
    if extension in (".jsonl", ".ndjson"):
        return OpenTable(open_json_lines(open_text, file), encoding.name, encoding.notes)
    if extension in LINES:
        return OpenTable(open_lines(open_text, file), encoding.name, encoding.notes)
    with open_text() as text:
        return OpenTable(Chunks.of(parse_json(text, file)), encoding.name, encoding.notes)


def _is_blank(open_text: Opener) -> bool:
    with open_text() as text:
        return not any(line.strip() for line in text)
