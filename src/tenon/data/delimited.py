"""CSV and TSV text into Arrow columns of strings; the delimiter is found among comma, semicolon, tab and bar."""

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

DELIMITERS = {",": "", ";": "semicolons between cells", "\t": "tabs between cells", "|": "bars between cells"}
SAMPLE = 1 << 16  # bytes looked at to find the delimiter
BLOCK = 1 << 24  # bytes that Arrow parses at a time; a row must fit into a block
BIGGEST_BLOCK = 2**31 - 1  # the most that Arrow takes
NUMBER = re.compile(r"\s*[+-]?\d*[.,]?\d+([eE][+-]?\d+)?\s*")


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart."""

    delimiter: str
    has_quotes: bool = True  # False: a quote is a character like any other


def parse_delimited(text: bytes, file: str) -> "tuple[pa.Table, str, list[str]]":
    """Return (columns of strings under the names of the first row, how it was read, notes).

    text : UTF-8. Quoted cells may hold delimiters and line ends; empty lines are passed over. Raises DataError where a row
    has more or fewer cells than there are names, with its number.
    """
    text = text.lstrip(b"\r\n")  # only copied where there is something to strip
    delimiter = _find_delimiter(_whole_lines(text), is_tsv=".tsv" in file.lower())
    dialect = Dialect(delimiter, has_quotes=not (delimiter == "\t" and _has_stray_quotes(text)))
    names = _header(text, dialect, file)
    notes = []
    if not dialect.has_quotes:
        notes.append(f"{file} holds quotes that are never closed, so quotes were read as characters like any other.")
    if all(NUMBER.fullmatch(name) for name in names):
        shown = ", ".join(names[:4])
        notes.append(f"The first line of {file} ({shown}) was taken as the names of the columns; put a line of names on top.")
    return _parse(text, names, dialect, file), DELIMITERS[delimiter], notes


def _whole_lines(text: bytes) -> str:
    """Return the beginning of the text; its last line may be cut, and is then left out if others stand before it."""
    head = text[:SAMPLE]
    if len(text) > SAMPLE and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    return head.decode("utf-8", "ignore")


def _find_delimiter(head: str, is_tsv: bool) -> str:
    """Return the delimiter that splits the names into most cells and the rows into as many; comma where none splits."""
    if is_tsv and "\t" in head:
        return "\t"

    def merit(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row]
        agreeing = sum(width == widths[0] for width in widths) / len(widths)
        return (agreeing, widths[0]) if widths[0] > 1 else (0.0, 1)

    return max(DELIMITERS, key=merit)


def _has_stray_quotes(text: bytes) -> bool:
    """Say whether a cell of a tab-separated text opens a quote that is part of the cell, not a mark around it.

    So it is when some line does not close it, yet every line has as many tabs as the first.
    """
    if not re.search(rb'(?:^|\t)"(?:[^"\r\n]|"")*\r?$', text, re.MULTILINE):
        return False
    return len({line.count(b"\t") for line in text.splitlines() if line}) == 1


def _header(text: bytes, dialect: Dialect, file: str) -> list[str]:
    """Return the cells of the first row, which may hold quoted line ends."""
    lines = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    try:
        if dialect.has_quotes:
            return next(row for row in csv.reader(lines, delimiter=dialect.delimiter) if row)
        return next(row for row in csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE) if row)
    except csv.Error as error:
        raise DataError(f"{file}: the first line, with the names of the columns, cannot be parsed ({error}).") from error


def _parse(text: bytes, names: list[str], dialect: Dialect, file: str) -> "pa.Table":
    table, ragged = _run_parser(text, len(names), dialect, threads=True)
    if ragged:  # with threads Arrow knows no row numbers: a second pass without finds them
        _, ragged = _run_parser(text, len(names), dialect, threads=False)
        raise _ragged(ragged, len(names), file)
    return table.rename_columns(names)


def _run_parser(text: bytes, n_columns: int, dialect: Dialect, *, threads: bool) -> "tuple[pa.Table, list[pa.csv.InvalidRow]]":
    """Return (columns of strings called "0", "1", …, rows with another number of cells)."""
    import pyarrow as pa
    import pyarrow.csv

    ragged: list[pa.csv.InvalidRow] = []

    def keep(row: pa.csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    places = [str(i) for i in range(n_columns)]  # names may stand twice; places cannot
    parse = pyarrow.csv.ParseOptions(
        delimiter=dialect.delimiter,
        quote_char='"' if dialect.has_quotes else False,
        newlines_in_values=dialect.has_quotes,
        invalid_row_handler=keep,
    )
    convert = pyarrow.csv.ConvertOptions(column_types={place: pa.large_string() for place in places}, strings_can_be_null=False)
    for block in (BLOCK, BIGGEST_BLOCK):
        read = pyarrow.csv.ReadOptions(column_names=places, skip_rows_after_names=1, block_size=block, use_threads=threads)
        try:
            return pyarrow.csv.read_csv(pa.BufferReader(text), read, parse, convert), ragged
        except pa.ArrowInvalid as error:
            if "block" not in str(error):
                raise DataError(f"the text cannot be parsed as a table ({error}).") from error
            ragged.clear()  # a row is longer than a block: again with longer ones
    raise DataError("a row of the table is longer than 2 GB.")


def _ragged(rows: "list[pa.csv.InvalidRow]", expected: int, file: str) -> DataError:
    row = rows[0].number - 1  # Arrow counts the names as row 1
    others = f" ({len(rows):,} such rows)" if len(rows) > 1 else ""
    return DataError(
        f"{file}, row {row:,}: has {rows[0].actual_columns} cells where the first line names {expected} columns{others}; "
        "put cells that hold the delimiter in double quotes."
    )
