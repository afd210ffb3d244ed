"""JSON and JSON lines into Arrow columns, a row an object; the values keep their types where these go together."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, BinaryIO

from tenon.data.chunks import GROUP, Chunks
from tenon.data.encodings import Opener
from tenon.data.squad import LAYOUT, is_like_squad, is_squad, squad_rows
from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

HALF = re.compile("[\ud800-\udfff]")  # one of the two halves that UTF-16 makes of a rare character
KINDS = {dict: "an object", list: "a list", str: "a text", type(None): "null", bool: "true or false"}


def open_json_lines(open_text: Opener, file: str) -> Chunks:
    """Return the rows of a text with one object a line, having read it once: the names and types of columns hang on all rows.

    Raises DataError naming the line that is no object.
    """
    import pyarrow as pa

    kinds: dict[str, pa.DataType] = {}
    table, n_groups, n_rows = pa.table({}), 0, 0
    for rows in _groups(open_text, file):
        table = _rows_to_columns(rows, file, start=n_rows)
        for field in table.schema:
            kinds[field.name] = common_type([kinds.get(field.name, pa.null()), field.type])
        n_groups, n_rows = n_groups + 1, n_rows + len(rows)
    if n_groups < 2:
        return Chunks.of(table)

    return Chunks(
        pa.schema(list(kinds.items())), lambda: (_rows_to_columns(rows, file, kinds) for rows in _groups(open_text, file))
    )


def _groups(open_text: Opener, file: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the objects of a text, those of about GROUP bytes together."""
    number = 0
    with open_text() as text:
        while lines := text.readlines(GROUP):
            rows = [_object(line, f"{file}, line {i:,}") for i, line in enumerate(lines, start=number + 1) if line.strip()]
            number += len(lines)
            if rows:
                yield rows


def _object(line: bytes, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not a JSON object ({error}).") from error
    if not isinstance(row, dict):
        raise DataError(f"{place}: holds {_kind_of(row)}, not an object with a value per column.")
    return row


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


def _rows_to_columns(
    rows: list[dict[str, Any]], file: str, kinds: "Mapping[str, pa.DataType] | None" = None, start: int = 0
) -> "pa.Table":
    """Return one column for every name that any row has, in the order of first sight; what a row lacks is missing.

    kinds : names and types, where they are known already. start : how many rows stand above these.
    """
    import pyarrow as pa

    names = list(kinds or dict.fromkeys(name for row in rows for name in row))
    if half := next((name for name in names if HALF.search(name)), ""):
        raise DataError(f"{file}: the name of column {half!r} holds half a character; take it out.")
    cells = {name: [row.get(name) for row in rows] for name in names}
    if kinds:
        return pa.table({name: _typed(cells[name], kind) for name, kind in kinds.items()})
    return pa.table([to_arrow(cells[name], f"{file}, column {name!r}", start) for name in names], names=names)


def to_arrow(cells: list[Any], place: str, start: int = 0) -> "pa.ChunkedArray":
    """Return Python values as an Arrow column; where their types do not go together, as text (JSON for lists, objects).

    place : the file and the column, for the error; start : how many rows stand above. Raises DataError for a text with half a
    character.
    """
    import pyarrow as pa

    try:
        try:
            return pa.chunked_array([pa.array(cells)])
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            return pa.chunked_array([_typed(cells, pa.large_string())])
    except UnicodeEncodeError as error:
        row = next(i for i, cell in enumerate(cells, start=start + 1) if HALF.search(as_text(cell) or ""))
        raise DataError(
            f"{place}, row {row:,}: holds half a character (\\u{ord(error.object[error.start]):04x} alone); take it out."
        ) from error


def _typed(cells: list[Any], kind: "pa.DataType") -> "pa.Array":
    """Return Python values in a type that they go into; large_string: written out as text."""
    import pyarrow as pa

    if pa.types.is_large_string(kind):
        return pa.array([as_text(cell) for cell in cells], kind)
    try:
        return pa.array(cells, kind)
    except pa.ArrowInvalid:  # whole numbers beyond what float64 tells apart, in a column of fractions
        return pa.array(cells).cast(kind, safe=False)


def common_type(kinds: "Iterable[pa.DataType]") -> "pa.DataType":
    """Return the type that values of all these go into; large_string, for text, where they do not go together."""
    import pyarrow as pa

    try:
        return pa.unify_schemas([pa.schema([("x", kind)]) for kind in kinds], promote_options="permissive").types[0]
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.large_string()


def as_text(cell: Any) -> str | None:
    """Return one Python value as text: lists and objects as JSON, midnight as its day, the rest as Python writes it."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, dict | list | tuple):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell.date() if isinstance(cell, datetime) and cell.time() == time.min else cell)
