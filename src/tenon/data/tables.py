"""A table file into Arrow columns: CSV and TSV cells stay text, so that a zip code keeps its zero and an error names its row.

JSON lines and Parquet bring types of their own, which are kept. Every format may be gzipped.
"""

import gzip
import io
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.data.delimited import parse_delimited
from tenon.data.encodings import to_utf8
from tenon.data.wording import listed
from tenon.errors import DataError, near_names

if TYPE_CHECKING:
    import pyarrow as pa

EXTENSIONS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")


@dataclass(frozen=True)
class Table:
    """What a file holds: columns in its order (CSV cells as strings), how it was read, and what the user should know."""

    columns: "pa.Table"
    how_read: str  # "UTF-8 (BOM removed)"
    notes: tuple[str, ...] = ()


def read_table(path: Path) -> Table:
    """Read a CSV, TSV, JSON lines, JSON or Parquet file, gzipped or not.

    Raises DataError for a missing, empty, damaged or unknown file, ragged rows, and names that stand twice.
    """
    _check_exists(path)
    extension = table_extension(path)
    if not extension:
        raise DataError(
            f"{path.name}: a file of this kind cannot be read; Tenon reads {', '.join(EXTENSIONS)} (each also with .gz) "
            "and folders of images."
        )
    content = _content(path)
    if not content.strip():
        raise DataError(f"{path.name} is empty.")
    columns, how_read, notes = _PARSERS[extension](content, path)
    if columns.num_rows == 0:
        raise DataError(f"{path.name} holds only the names of its columns; there are no rows.")
    names, name_notes = clean_names(columns.column_names, path.name)
    return Table(columns.rename_columns(names), how_read, (*notes, *name_notes))


def table_extension(path: Path) -> str:
    """Return the table extension of a path (".csv" for data.CSV.gz), or "" where it has none that can be read."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes and suffixes[-1] in EXTENSIONS else ""


def clean_names(names: list[str], file: str) -> tuple[list[str], list[str]]:
    """Return the column names without blanks around them, nameless ones numbered, and notes about both.

    Raises DataError where a name then stands twice.
    """
    stripped = [name.strip().strip("\ufeff").strip() for name in names]
    notes = []
    if blanks := [clean for name, clean in zip(names, stripped, strict=True) if name != clean and clean]:
        notes.append(f"Blanks around column names were removed: {listed(blanks)}.")
    if nameless := [f"column {i}" for i, name in enumerate(stripped, start=1) if not name]:
        notes.append(f"Columns without a name were called by their place: {listed(nameless)}.")
    clean_list = [name or f"column {i}" for i, name in enumerate(stripped, start=1)]
    for name in clean_list:
        if (count := clean_list.count(name)) > 1:
            places = [str(i) for i, other in enumerate(clean_list, start=1) if other == name]
            raise DataError(
                f"{file} has {count} columns called {name!r} (columns {', '.join(places)}); give each a name of its own."
            )
    return clean_list, notes


def _check_exists(path: Path) -> None:
    if path.is_file():
        return
    folder = path.parent
    beside = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    near = near_names(path.name, beside)
    where = f"no file {str(path)!r}"
    if near:
        raise DataError(f"{where}; did you mean {' or '.join(repr(str(folder / name)) for name in near)}?")
    if not folder.is_dir():
        raise DataError(f"{where}: there is no folder {str(folder)!r} either.")
    raise DataError(f"{where}.")


def _content(path: Path) -> bytes:
    """Return the file's bytes, unpacked; gzip is known by its first two bytes, whatever the name says."""
    raw = path.read_bytes()
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} is a damaged gzip file ({error}); fetch or write it again.") from error


def _read_delimited(content: bytes, path: Path) -> "tuple[pa.Table, str, list[str]]":
    text, encoding, notes = to_utf8(content, path.name)
    del content  # the largest piece of memory here; the text has taken its place
    columns, how, more = parse_delimited(text, path.name)
    return columns, " · ".join(filter(None, (encoding, how))), notes + more


def _read_json_lines(content: bytes, path: Path) -> "tuple[pa.Table, str, list[str]]":
    text, encoding, notes = to_utf8(content, path.name)
    rows = []
    for number, line in enumerate(io.BytesIO(text), start=1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            raise DataError(f"{path.name}, line {number}: not a JSON object ({error}).") from error
        if not isinstance(rows[-1], dict):
            raise DataError(f"{path.name}, line {number}: holds {_kind_of(rows[-1])}, not an object with a value per column.")
    return _rows_to_columns(rows), encoding, notes


def _read_json(content: bytes, path: Path) -> "tuple[pa.Table, str, list[str]]":
    text, encoding, notes = to_utf8(content, path.name)
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise DataError(f"{path.name} is not valid JSON ({error}); with one object per line call it .jsonl.") from error
    if not isinstance(rows, list):
        raise DataError(f"{path.name} holds {_kind_of(rows)}; a list of objects, one per row, is needed.")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataError(f"{path.name}, row {number}: holds {_kind_of(row)}, not an object with a value per column.")
    return _rows_to_columns(rows), encoding, notes


def _kind_of(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", type(None): "null", bool: "true or false"}
    return kinds.get(type(value), "a number")


def _rows_to_columns(rows: list[dict[str, Any]]) -> "pa.Table":
    """Return one column for every name that any row has, in the order of first sight; what a row lacks is missing."""
    import pyarrow as pa

    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table([to_arrow([row.get(name) for row in rows]) for name in names], names=names)


def to_arrow(cells: list[Any]) -> "pa.ChunkedArray":
    """Return Python values as an Arrow column; where their types do not go together, as text (JSON for lists, objects)."""
    import pyarrow as pa

    try:
        return pa.chunked_array([pa.array(cells)])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.chunked_array([pa.array([_as_text(cell) for cell in cells], pa.large_string())])


def _as_text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return json.dumps(cell, ensure_ascii=False, default=str)


def _read_parquet(content: bytes, path: Path) -> "tuple[pa.Table, str, list[str]]":
    import pyarrow as pa
    import pyarrow.parquet

    try:
        return pyarrow.parquet.read_table(pa.BufferReader(content)), "Parquet", []
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path.name} is not a Parquet file, or a damaged one ({error}).") from error


_PARSERS: dict[str, Callable[[bytes, Path], "tuple[pa.Table, str, list[str]]"]] = {
    ".csv": _read_delimited,
    ".tsv": _read_delimited,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".json": _read_json,
    ".parquet": _read_parquet,
}
