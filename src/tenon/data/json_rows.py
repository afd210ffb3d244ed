"""JSON and JSON lines into Arrow columns, a row an object; the values keep their types where these go together."""

import json
import re
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, BinaryIO

from tenon.data.squad import LAYOUT, is_like_squad, is_squad, squad_rows
from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

HALF = re.compile("[\ud800-\udfff]")  # one of the two halves that UTF-16 makes of a rare character
KINDS = {dict: "an object", list: "a list", str: "a text", type(None): "null", bool: "true or false"}


def parse_json_lines(text: BinaryIO, file: str) -> "pa.Table":
    """Return the columns of a text with one object a line. Raises DataError naming the line that is none."""
    rows = []
    for number, line in enumerate(text, start=1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise DataError(f"{file}, line {number:,}: not a JSON object ({error}).") from error
        if not isinstance(rows[-1], dict):
            raise DataError(f"{file}, line {number:,}: holds {_kind_of(rows[-1])}, not an object with a value per column.")
    return _rows_to_columns(rows, file)


def parse_json(text: BinaryIO, file: str) -> "pa.Table":
    """Return the columns of a text that is one list of objects, or SQuAD's JSON. Raises DataError for anything else."""
    try:
        rows = json.load(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file} is not valid JSON ({error}); with one object per line call it .jsonl.") from error
    if is_squad(rows):
        rows = squad_rows(rows, file)
    elif is_like_squad(rows):
        raise DataError(f"{file} holds parts of SQuAD's JSON without what is around them; {LAYOUT}, each a list.")
    if not isinstance(rows, list):
        raise DataError(f"{file} holds {_kind_of(rows)}; a list of objects, one per row, is needed.")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataError(f"{file}, row {number:,}: holds {_kind_of(row)}, not an object with a value per column.")
    return _rows_to_columns(rows, file)


def _kind_of(value: Any) -> str:
    return KINDS.get(type(value), "a number")


def _rows_to_columns(rows: list[dict[str, Any]], file: str) -> "pa.Table":
    """Return one column for every name that any row has, in the order of first sight; what a row lacks is missing."""
    import pyarrow as pa

    names = list(dict.fromkeys(name for row in rows for name in row))
    if half := next((name for name in names if HALF.search(name)), ""):
        raise DataError(f"{file}: the name of column {half!r} holds half a character; take it out.")
    return pa.table([to_arrow([row.get(name) for row in rows], f"{file}, column {name!r}") for name in names], names=names)


def to_arrow(cells: list[Any], place: str) -> "pa.ChunkedArray":
    """Return Python values as an Arrow column; where their types do not go together, as text (JSON for lists, objects).

    place : the file and the column, for the error. Raises DataError for a text with half a character.
    """
    import pyarrow as pa

    try:
        try:
            return pa.chunked_array([pa.array(cells)])
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            return pa.chunked_array([pa.array([as_text(cell) for cell in cells], pa.large_string())])
    except UnicodeEncodeError as error:
        row = next(i for i, cell in enumerate(cells, start=1) if HALF.search(as_text(cell) or ""))
        raise DataError(
            f"{place}, row {row:,}: holds half a character (\\u{ord(error.object[error.start]):04x} alone); take it out."
        ) from error


def as_text(cell: Any) -> str | None:
    """Return one Python value as text: lists and objects as JSON, midnight as its day, the rest as Python writes it."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, dict | list | tuple):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell.date() if isinstance(cell, datetime) and cell.time() == time.min else cell)
