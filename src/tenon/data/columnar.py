"""Parquet, Feather and Arrow files into Arrow columns, which keep their types."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tenon.data.chunks import BYTES, ROWS, Chunks
from tenon.data.encodings import Opener
from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

INDEX = "__index_level_"  # how pandas calls the column of an index that has no name


def open_parquet(open_file: Opener, file: str) -> tuple[Chunks, str, tuple[str, ...]]:
    """Return (rows, how they are read, notes). Raises DataError for what is no Parquet file, while rows are read for damage."""
    import pyarrow.parquet

    def read(columns: list[str]) -> "Iterator[pa.Table]":
        with _said(file, "a Parquet file"), _seekable(open_file) as content:
            opened = pyarrow.parquet.ParquetFile(content)
            groups = [opened.metadata.row_group(i) for i in range(opened.num_row_groups)]
            n_bytes = sum(group.total_byte_size for group in groups) // max(1, opened.metadata.num_rows)
            for batch in opened.iter_batches(max(1, min(ROWS, BYTES // max(1, n_bytes)))):
                yield _table([batch], columns)

    with _said(file, "a Parquet file"), _seekable(open_file) as content:
        schema = pyarrow.parquet.ParquetFile(content).schema_arrow
    return _without_index(schema, read, "Parquet")


def open_arrow(open_file: Opener, file: str) -> tuple[Chunks, str, tuple[str, ...]]:
    """Return the same of a Feather file (of either version), or of Arrow's file or stream format."""
    import pyarrow as pa
    import pyarrow.feather

    def read(columns: list[str]) -> "Iterator[pa.Table]":
        with _said(file, "a Feather or Arrow file"), _seekable(open_file) as content:
            if start == b"FEA1":
                yield _table(pyarrow.feather.read_table(content).to_batches(), columns)
            elif start == b"ARRO":
                opened = pa.ipc.open_file(content)
                yield from (_table([opened.get_batch(i)], columns) for i in range(opened.num_record_batches))
            else:
                yield from (_table([batch], columns) for batch in pa.ipc.open_stream(content))

    with _said(file, "a Feather or Arrow file"), _seekable(open_file) as content:
        start = content.read(4)
        content.seek(0)
        if start == b"FEA1":
            return _without_index(pyarrow.feather.read_table(content).schema, read, "Feather")
        if start == b"ARRO":
            return _without_index(pa.ipc.open_file(content).schema, read, "Feather")
        return _without_index(pa.ipc.open_stream(content).schema, read, "Arrow stream")


@contextmanager
def _said(file: str, what: str) -> Iterator[None]:
    """Raise DataError for what Arrow has against a file."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise DataError(f"{file} is not {what}, or a damaged one ({reason}).") from error


@contextmanager
def _seekable(open_file: Opener) -> Iterator[Any]:
    """Yield the bytes of a file as Arrow reads them here and there: the file itself, or what is packed in it, in memory."""
    import pyarrow as pa

    with open_file() as stream:
        yield stream if stream.seekable() else pa.BufferReader(stream.read())


def _table(batches: "list[pa.RecordBatch]", columns: list[str]) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_batches(batches).select(columns).replace_schema_metadata(None)


def _without_index(
    schema: "pa.Schema", read: "Callable[[list[str]], Iterator[pa.Table]]", how_read: str
) -> tuple[Chunks, str, tuple[str, ...]]:
    """Return the rows without the columns of nameless indices, how they are read, and notes."""
    import pyarrow as pa

    kept = [field for field in schema if not field.name.startswith(INDEX)]
    notes = ("The index of the frame that the file was made from was left out.",) if len(kept) < len(schema) else ()
    return Chunks(pa.schema(kept), lambda: read([field.name for field in kept])), how_read, notes
