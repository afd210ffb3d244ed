"""Several files as one table: their columns must agree, and a row is still found in the file that it came from."""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from tenon.data.tables import Table, read_table
from tenon.data.wording import Parts, listed
from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


def read_parts(files: Sequence[Path], name: str, quoting: bool = True) -> tuple[Parts, Table]:
    """Return the rows of all files, in this order, under the names of the first one's columns, and what to call them.

    Raises DataError where a file has other columns than the first one.
    """
    tables = [read_table(file, quoting) for file in files]
    first = tables[0].columns.column_names
    for file, table in zip(files[1:], tables[1:], strict=True):
        _check_names(files[0].name, first, file.name, table.columns.column_names)
    columns = {column: _joined([table.columns[column] for table in tables]) for column in first}
    ends = accumulate(table.columns.num_rows for table in tables)
    parts = Parts(name, [file.name for file in files], list(ends))
    how_read = " · ".join(dict.fromkeys([f"{len(files):,} files", *(table.how_read for table in tables)]))
    return parts, Table(_table(columns), how_read, tuple(dict.fromkeys(note for table in tables for note in table.notes)))


def _table(columns: "dict[str, pa.ChunkedArray]") -> "pa.Table":
    import pyarrow as pa

    return pa.table(columns)


def _check_names(first: str, wanted: list[str], file: str, found: list[str]) -> None:
    lacks, extra = [n for n in wanted if n not in set(found)], [n for n in found if n not in set(wanted)]
    if lacks or extra:
        words = [f"lacks {listed(lacks)}"] * bool(lacks) + [f"has {listed(extra)} besides"] * bool(extra)
        raise DataError(
            f"{file} and {first} are no parts of one table: {file} {' and '.join(words)}; name one of them, or give both the "
            "same columns."
        )


def _joined(columns: "list[pa.ChunkedArray]") -> "pa.ChunkedArray":
    """Return one column of all; where the files give it different types, as their common number type, or else as text."""
    import pyarrow as pa

    from tenon.data.text_cells import as_text

    kinds = {column.type for column in columns if not pa.types.is_null(column.type)} or {pa.null()}
    if len(kinds) > 1:
        try:
            kinds = {pa.unify_schemas([pa.schema([("x", kind)]) for kind in kinds], promote_options="permissive").types[0]}
        except pa.ArrowTypeError:
            columns, kinds = [as_text(column) for column in columns], {pa.large_string()}
    kind = kinds.pop()
    return pa.chunked_array([chunk for column in columns for chunk in column.cast(kind).chunks], kind)
