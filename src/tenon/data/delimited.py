"""CSV and TSV text into Arrow columns of strings; the delimiter is found among comma, semicolon, tab and bar."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from tenon.data.chunks import Chunks, gathered
from tenon.data.encodings import Opener
from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

DELIMITERS = {",": "", ";": "semicolons between cells", "\t": "tabs between cells", "|": "bars between cells"}
SAMPLE = 1 << 16  # bytes looked at to find the delimiter
FIRST_ROWS = 1000  # looked at to see whether the names are cells
LINES = 1 << 22  # bytes of lines looked at in one go
BLOCKS = (1 << 20, 1 << 23, 1 << 27, 2**31 - 1)  # bytes parsed at a time, the last the most Arrow takes; a row must fit in
LEAST_PART = 1 << 11  # bytes of a column in any block: it should hold some rows of a very wide table, too
PART = 1 << 20  # bytes of a column that are kept in one piece: smaller ones do not go back to the system when they are freed
MOST_PARTS = 1 << 25  # bytes of all columns in such pieces
NUMBER = re.compile(r"\s*[+-]?\d*[.,]?\d+([eE][+-]?\d+)?\s*")
OPEN_QUOTE = re.compile(rb'(?:^|\t)"(?:[^"\r\n]|"")*\r?\n?$')  # a cell of a line that opens a quote and does not close it
LAST_IS_QUOTED = re.compile(rb'[\r\n]"[\r\n]+$')


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart."""

    delimiter: str
    has_quotes: bool = True  # False: a quote is a character like any other
    n_empty: int = 0  # empty lines before the names


@dataclass
class _Ragged:
    """Rows with another number of cells than there are names."""

    n: int = 0
    first: "pa.csv.InvalidRow | None" = None

    def meet(self, row: "pa.csv.InvalidRow") -> str:
        self.first = self.first or row
        self.n += 1
        return "skip"


def open_delimited(open_text: Opener, file: str, quoting: bool = True) -> tuple[Chunks, str, list[str]]:
    """Return (rows of strings under the names of the first one, how they are read, notes).

    open_text : opens UTF-8 that ends with a line end. quoting : False: a quote is a character like any other. Quoted cells may
    hold delimiters and line ends; empty lines are passed over. Raises DataError for a quote that is never closed, and, while
    rows are read, where one has more or fewer cells than there are names, with its number.
    """
    import pyarrow as pa

    with open_text() as stream:
        head = stream.read(SAMPLE)
    delimiter = _find_delimiter(_whole_lines(head), is_tsv=".tsv" in file.lower())
    has_quotes = quoting and not (delimiter == "\t" and _has_stray_quotes(open_text))
    empty = head[: len(head) - len(head.lstrip(b"\r\n"))]
    dialect = Dialect(delimiter, has_quotes, n_empty=len(empty.splitlines()))
    names, first_rows = _header(open_text, dialect, file)
    notes = []
    if quoting and not dialect.has_quotes:
        notes.append(f"{file} holds quotes that are never closed, so quotes were read as characters like any other.")
    if _are_cells(names, first_rows):
        shown = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
        notes.append(f"The first line of {file} ({shown}) was taken as the names of the columns; put a line of names on top.")
    schema = pa.schema([(name, pa.string()) for name in names])
    return Chunks(schema, partial(_read, open_text, names, dialect, file)), DELIMITERS[delimiter], notes


def _are_cells(names: list[str], first_rows: list[list[str]]) -> bool:
    """Say whether the first row looks like one of cells: each of its names is a number, or stands in its column again."""
    numbers = [NUMBER.fullmatch(name) is not None for name in names]
    return all(numbers) or (
        any(numbers)
        and all(
            is_number or any(name in row[i : i + 1] for row in first_rows)
            for i, (name, is_number) in enumerate(zip(names, numbers, strict=True))
        )
    )


def _whole_lines(head: bytes) -> str:
    """Return the beginning of the text; its last line may be cut, and is then left out if others stand before it."""
    if len(head) == SAMPLE and b"\n" in head:
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


def _has_stray_quotes(open_text: Opener) -> bool:
    """Say whether a cell of a tab-separated text opens a quote that is part of the cell, not a mark around it.

    So it is when some line does not close it, yet every line has as many tabs as the first.
    """
    is_open = False
    widths: set[int] = set()
    with open_text() as stream:
        while len(widths) < 2 and (lines := stream.readlines(LINES)):
            widths |= {line.count(b"\t") for line in lines if line.strip(b"\r\n")}
            is_open = is_open or any(OPEN_QUOTE.search(line) for line in lines if b'"' in line)
    return is_open and len(widths) == 1


def _header(open_text: Opener, dialect: Dialect, file: str) -> tuple[list[str], list[list[str]]]:
    """Return the cells of the first row, which may hold quoted line ends, and, where one is a number, some rows below it.

    Raises DataError where a quote is never closed.
    """
    try:
        with io.TextIOWrapper(open_text(), encoding="utf-8", newline="") as lines:
            rows = csv.reader(
                lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_MINIMAL if dialect.has_quotes else csv.QUOTE_NONE
            )
            names = next(row for row in rows if row)
            if dialect.has_quotes and names[-1].endswith(("\n", "\r")) and not next(lines, ""):
                raise _never_closed(f"{file}: the line with the names of the columns")
            return names, _first_rows(rows) if any(map(NUMBER.fullmatch, names)) else []
    except csv.Error as error:
        if dialect.has_quotes and _first_line_opens_a_quote(open_text):
            raise _never_closed(f"{file}: the line with the names of the columns") from error
        raise DataError(
            f"{file}: the first line, with the names of the columns, cannot be parsed ({error}); is it a table at all?"
        ) from error


def _first_rows(rows: Iterator[list[str]]) -> list[list[str]]:
    try:
        return list(islice(rows, FIRST_ROWS))
    except csv.Error:  # a cell longer than Python's module takes
        return []


def _first_line_opens_a_quote(open_text: Opener) -> bool:
    with open_text() as stream:
        first = next((line for line in stream if line.strip(b"\r\n")), b"")
    return first.count(b'"') % 2 == 1


def _read(open_text: Opener, names: list[str], dialect: Dialect, file: str) -> "Iterator[pa.Table]":
    """Yield the rows below the names."""
    n_bytes = min(PART * len(names), MOST_PARTS)
    return (table.rename_columns(names) for table in gathered(_parsed(open_text, len(names), dialect, file), n_bytes))


def _parsed(open_text: Opener, n: int, dialect: Dialect, file: str) -> "Iterator[pa.Table]":
    """Yield all rows, or those above the first ragged one, and raise what is wrong with any of them."""
    import pyarrow as pa

    smallest = max(BLOCKS[0], min(LEAST_PART * n, BLOCKS[2]))
    n_given = 0
    for block in sorted({max(block, smallest) for block in BLOCKS}):
        ragged, n_rows, last = _Ragged(), 0, ""
        with open_text() as stream:
            try:
                with closing(_parser(stream, n, dialect, block, ragged)) as batches:
                    for batch in batches:
                        n_rows, last = n_rows + len(batch), batch[n - 1][-1].as_py() if len(batch) else last
                        is_new = n_rows > n_given and ragged.first is None
                        if is_new:
                            yield pa.Table.from_batches([batch[len(batch) - n_rows + n_given :]])
                            n_given = n_rows
            except pa.ArrowInvalid as error:
                if "block" in str(error):
                    continue  # a row is longer than a block: again with longer ones
                raise DataError(f"{file}: the text cannot be parsed as a table ({error}).") from error
            if ragged.first:
                raise _ragged_rows(ragged.first, ragged.n, n, dialect, file)
            _check_closed(last, n_rows, stream, file)
            return
    raise DataError(f"{file}: a row is longer than 2 GB; is a double quote never closed?")


def _parser(stream: BinaryIO, n_columns: int, dialect: Dialect, block: int, ragged: _Ragged) -> "pa.RecordBatchReader":
    """Return a reader of columns of strings called "0", "1", …, without the ragged rows.

    One thread: with several Arrow knows no row numbers, and what they have allocated does not go back to the system when it is
    freed (pyarrow 26, mimalloc: half as much again of the file). It reads up to 32 blocks ahead all the same.
    """
    import pyarrow as pa
    import pyarrow.csv

    places = [str(i) for i in range(n_columns)]  # names may stand twice; places cannot
    read = pyarrow.csv.ReadOptions(
        column_names=places, skip_rows=dialect.n_empty, skip_rows_after_names=1, block_size=block, use_threads=False
    )
    parse = pyarrow.csv.ParseOptions(
        delimiter=dialect.delimiter,
        quote_char='"' if dialect.has_quotes else False,
        newlines_in_values=dialect.has_quotes,
        invalid_row_handler=ragged.meet,
    )
    convert = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False)
    return pyarrow.csv.open_csv(stream, read, parse, convert)


def _check_closed(last: str, n: int, stream: BinaryIO, file: str) -> None:
    """Raise DataError where the last cell of n rows has swallowed the last line end: its quote is never closed."""
    if last.endswith(("\n", "\r")) and not LAST_IS_QUOTED.search(stream.raw.tail):  # type: ignore[attr-defined]
        raise _never_closed(f"{file}, row {n:,}:")


def _never_closed(where: str) -> DataError:
    return DataError(
        f"{where} opens a double quote that is never closed, so that all that follows would be one cell; close it, or write it "
        'twice ("") where it is part of the cell.'
    )


def _ragged_rows(row: "pa.csv.InvalidRow", n: int, expected: int, dialect: Dialect, file: str) -> DataError:
    number = row.number - 1 - dialect.n_empty  # Arrow counts the names as a row, and the lines before them
    if "\n" in row.text and row.text.count('"') % 2:
        return _never_closed(f"{file}, row {number:,}:")
    others = f" ({n:,} such rows)" if n > 1 else ""
    cells = "1 cell" if row.actual_columns == 1 else f"{row.actual_columns:,} cells"
    return DataError(
        f"{file}, row {number:,}: has {cells} where the first line names {expected:,} columns{others}; "
        "put cells that hold the delimiter in double quotes."
    )
