"""Rows of a chunk in the form that they have where all rows stand in one frame.

What pandas makes of a column hangs on all of its cells: whole numbers become fractions where one is missing, days get a time of
day where one has it, and lists of words are written as JSON where one is not of words. So of each column a cell is remembered
that decides its form; it stands above the rows of a chunk while their form is found.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

DAY = 86_400  # seconds
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


class Forms:
    """Remembers the cells that decide. It has to see all rows before it gives any of them a form."""

    def __init__(self, schema: "pa.Schema"):
        import pyarrow as pa

        whole = pa.types.is_integer
        self._schema = schema
        self._deciding: dict[str, Any] = {field.name: 0 if whole(field.type) else None for field in schema}  # None: missing
        self._fineness: dict[str, int] = {}

    def look(self, chunk: "pa.Table") -> None:
        """Take in rows of this schema."""
        import pyarrow as pa

        for field in self._schema:
            cells = chunk[field.name]
            if pa.types.is_integer(field.type) and cells.null_count:
                self._deciding[field.name] = None
            elif pa.types.is_timestamp(field.type) or pa.types.is_duration(field.type):
                self._look_at_times(field, cells)
            elif _has_length(field.type) and self._deciding[field.name] is None:
                self._deciding[field.name] = next((cell for cell in cells.to_pylist() if cell and not are_words(cell)), None)

    def _look_at_times(self, field: "pa.Field", cells: "pa.ChunkedArray") -> None:
        """Keep the finest cell: to the day, the second, the millisecond, …"""
        present = cells.drop_null()
        fineness = _fineness(field.type, present)
        if len(fineness) and fineness.max() > self._fineness.get(field.name, -1):
            self._fineness[field.name] = int(fineness.max())
            self._deciding[field.name] = present[int(fineness.argmax())]

    def frame(self, chunk: "pa.Table", start: int) -> "pd.DataFrame":
        """Return rows of this schema as a frame; start : the id of the first."""
        import pandas as pd
        import pyarrow as pa

        deciding = pa.table({f.name: pa.array([self._deciding[f.name]], f.type) for f in self._schema}, self._schema)
        as_they_are = {pa.string(): pd.ArrowDtype(pa.string())}  # not in pandas' own strings, with twice the offsets
        frame = pa.concat_tables([deciding, chunk]).to_pandas(types_mapper=as_they_are.get)
        frame.index = pd.RangeIndex(start - 1, start + len(chunk), name="row")
        return frame


def are_words(cell: Any) -> bool:
    """Say whether all that stands in a list is text."""
    return all(isinstance(one, str) for one in cell)


def _has_length(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _fineness(kind: "pa.DataType", cells: "pa.ChunkedArray") -> np.ndarray:
    """Return (n,) int: 0 for whole days, 1 whole seconds, one more for each three figures behind the point."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(kind) and kind.tz:
        cells = pc.local_timestamp(cells)
    ticks = cells.cast(pa.int64()).to_numpy()
    per_second = PER_SECOND[kind.unit]
    steps = [DAY * per_second, *(step for step in (per_second, per_second // 10**3, per_second // 10**6) if step > 1)]
    return (ticks[:, None] % np.array(steps) != 0).sum(axis=1)
