"""Parquet, Feather and Arrow files into Arrow columns, which keep their types."""

from typing import TYPE_CHECKING

from tenon.data.encodings import Opener
from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

INDEX = "__index_level_"  # how pandas calls the column of an index that has no name


def read_parquet(open_file: Opener, file: str) -> "tuple[pa.Table, str, tuple[str, ...]]":
    """Return (columns, how it was read, notes). Raises DataError for a file that is no Parquet file, or a damaged one."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        return _without_index(pyarrow.parquet.ParquetFile(_bytes(open_file)).read(), "Parquet")
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{file} is not a Parquet file, or a damaged one ({_first_line(error)}).") from error


def read_arrow(open_file: Opener, file: str) -> "tuple[pa.Table, str, tuple[str, ...]]":
    """Return the same of a Feather file (of either version), or of Arrow's file or stream format."""
    import pyarrow as pa
    import pyarrow.feather

    content = _bytes(open_file)
    try:
        if content[:4].to_pybytes() in (b"ARRO", b"FEA1"):
            return _without_index(pyarrow.feather.read_table(content), "Feather")
        return _without_index(pa.ipc.open_stream(content).read_all(), "Arrow stream")
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{file} is not a Feather or Arrow file, or a damaged one ({_first_line(error)}).") from error


def _bytes(open_file: Opener) -> "pa.Buffer":
    import pyarrow as pa

    with open_file() as stream:
        return pa.py_buffer(stream.read())


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def _without_index(table: "pa.Table", how_read: str) -> "tuple[pa.Table, str, tuple[str, ...]]":
    """Return the table without the columns of nameless indices."""
    indices = [name for name in table.column_names if name.startswith(INDEX)]
    notes = ("The index of the frame that the file was made from was left out.",) if indices else ()
    return table.drop_columns(indices), how_read, notes
