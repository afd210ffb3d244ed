"""Several files as one table: their columns must agree, and a row is still found in the file that it came from."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tenon.data.chunks import Chunks
from tenon.data.excel import split_sheet
from tenon.data.json_rows import common_type
from tenon.data.tables import OpenTable, no_rows, open_table
from tenon.data.wording import Parts, listed
from tenon.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa


def open_files(files: Sequence[Path], name: str = "", quoting: bool = True) -> tuple[str, OpenTable]:
    """Return what to call a file, or several together, and its rows; of several the columns have the names of the first one's.

    name : of several. Raises DataError where a file has other columns than the first one.
    """
    if len(files) == 1:
        return split_sheet(files[0])[0].name, open_table(files[0], quoting)
    tables = [open_table(file, quoting) for file in files]
    first = tables[0].rows.schema.names
    for file, table in zip(files[1:], tables[1:], strict=True):
        _check_names(files[0].name, first, file.name, table.rows.schema.names)
    parts = Parts(name or f"{files[0].name} and {len(files) - 1} more", [file.name for file in files], [])
    how_read = " · ".join(dict.fromkeys([f"{len(files):,} files", *(table.how_read for table in tables)]))
    return parts, OpenTable(_joined(tables, parts), how_read, tuple(dict.fromkeys(n for table in tables for n in table.notes)))


def _check_names(first: str, wanted: list[str], file: str, found: list[str]) -> None:
    lacks, extra = [n for n in wanted if n not in set(found)], [n for n in found if n not in set(wanted)]
    if lacks or extra:
        words = [f"lacks {listed(lacks)}"] * bool(lacks) + [f"has {listed(extra)} besides"] * bool(extra)
        raise DataError(
            f"{file} and {first} are no parts of one table: {file} {' and '.join(words)}; name one of them, or give both the "
            "same columns."
        )


def _joined(tables: Sequence[OpenTable], parts: Parts) -> Chunks:
    """Return the rows of all files, whose places are noted in `parts` as they are read.

    A column to which the files give different types has their common number type, or is text.
    """
    import pyarrow as pa

    first = tables[0].rows.schema
    schema = pa.schema([(name, common_type(table.rows.schema.field(name).type for table in tables)) for name in first.names])
    return Chunks(schema, partial(_read, tables, parts, schema))


def _read(tables: Sequence[OpenTable], parts: Parts, schema: "pa.Schema") -> "Iterator[pa.Table]":
    ends: list[int] = []
    parts.ends, n_rows = ends, 0
    for file, table in zip(parts.files, tables, strict=True):
        n_before = n_rows
        for chunk in table.rows.read():
            n_rows += len(chunk)
            yield _cast(chunk, schema)
        if n_rows == n_before:
            raise no_rows(file, table.hint)
        ends.append(n_rows)


def _cast(chunk: "pa.Table", schema: "pa.Schema") -> "pa.Table":
    import pyarrow as pa

    from tenon.data.text_cells import as_text

    columns = {field.name: chunk[field.name] for field in schema}
    for field in schema:
        cells = columns[field.name]
        if cells.type != field.type:
            columns[field.name] = as_text(cells) if pa.types.is_large_string(field.type) else cells.cast(field.type)
    return pa.table(columns, schema)
