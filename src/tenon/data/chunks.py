"""Rows that need not be in memory all at once: read some thousand at a time, as often as one asks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

ROWS, BYTES = 10_000, 1 << 25  # of a chunk, at most; of longer rows it holds one
GROUP = 1 << 22  # bytes of lines that are Python objects at a time


@dataclass(frozen=True)
class Chunks:
    """Rows whose columns and types are known before they are read.

    read : yields tables of this schema, from the first row on at each call. What is wrong with rows is raised on the way, by the
    end of them at the latest.
    """

    schema: "pa.Schema"
    read: "Callable[[], Iterator[pa.Table]]"

    @classmethod
    def of(cls, table: "pa.Table") -> "Chunks":
        """Return the rows of a table in one chunk."""
        return cls(table.schema, lambda: iter([table]))

    def whole(self) -> "pa.Table":
        """Read all rows."""
        import pyarrow as pa

        return pa.concat_tables(list(self.read()) or [self.schema.empty_table()])

    def renamed(self, names: Sequence[str]) -> "Chunks":
        """Return the same rows with other names of the columns, which stay in their order."""
        import pyarrow as pa

        schema = pa.schema([field.with_name(name) for field, name in zip(self.schema, names, strict=True)])
        return Chunks(schema, lambda: (table.rename_columns(list(names)) for table in self.read()))

    def even(self, most_rows: int = ROWS, most_bytes: int = BYTES) -> "Iterator[pa.Table]":
        """Read all rows in chunks of about one size, whatever that of the file's own is."""
        return _gathered((part for table in self.read() for part in _split(table, most_rows, most_bytes)), most_rows, most_bytes)


def gathered(tables: "Iterator[pa.Table]", most_bytes: int) -> "Iterator[pa.Table]":
    """Yield the same rows in tables of at most so many bytes where that is more than one; their columns in one piece each."""
    return (table.combine_chunks() for table in _gathered(tables, None, most_bytes))


def _split(table: "pa.Table", most_rows: int, most_bytes: int) -> "Iterator[pa.Table]":
    n = max(1, min(most_rows, most_bytes * len(table) // max(1, table.nbytes)))
    return (table.slice(start, n) for start in range(0, len(table), n))


def _gathered(tables: "Iterator[pa.Table]", most_rows: int | None, most_bytes: int) -> "Iterator[pa.Table]":
    import pyarrow as pa

    held: list[pa.Table] = []
    n_rows = n_bytes = 0
    for table in tables:
        n_rows, n_bytes = n_rows + len(table), n_bytes + table.nbytes
        if held and (n_bytes > most_bytes or (most_rows is not None and n_rows > most_rows)):
            yield pa.concat_tables(held)
            held, n_rows, n_bytes = [], len(table), table.nbytes
        held.append(table)
    if held:
        yield pa.concat_tables(held)
