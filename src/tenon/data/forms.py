"""Rows of a chunk in the form that they have where all rows stand in one frame.

How a column is written may hang on all of its cells: days get a time of day where one has it, and lists of words are written
as JSON where one is not of words. So of each column a cell is remembered that decides its form; it stands above the rows of a
chunk while their form is found.
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
        self._schema = schema
        self._deciding: dict[str, Any] = dict.fromkeys(schema.names)  # None: a missing cell
        self._fineness: dict[str, int] = {}

    def look(self, chunk: "pa.Table") -> None:
        """Take in rows of this schema."""
        import pyarrow as pa

        for field in self._schema:
            cells = chunk[field.name]
            if pa.types.is_timestamp(field.type) or pa.types.is_duration(field.type):
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
        """Return rows of this schema as a frame, lists and objects as those of Python; start : the id of the first."""
        import pandas as pd
        import pyarrow as pa

        deciding = pa.table({f.name: pa.array([self._deciding[f.name]], f.type) for f in self._schema}, self._schema)
        table = pa.concat_tables([deciding, chunk])
        nested = {f.name: table[f.name].to_pylist() for f in self._schema if pa.types.is_nested(f.type)}
        frame = table.to_pandas(types_mapper=_dtype).assign(**nested)
        frame.index = pd.RangeIndex(start - 1, start + len(chunk), name="row")
        return frame


def are_words(cell: Any) -> bool:
    """Say whether a cell that holds several things is a list of texts."""
    return not isinstance(cell, dict) and all(isinstance(one, str) for one in cell)


def _dtype(kind: "pa.DataType") -> "pd.ArrowDtype | None":
    """Return Arrow's own type where pandas' takes more memory (texts) or makes fractions beside missing cells (whole numbers)."""
    import pandas as pd
    import pyarrow as pa

    return pd.ArrowDtype(kind) if pa.types.is_string(kind) or pa.types.is_integer(kind) else None


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
