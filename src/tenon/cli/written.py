"""Rows with their predictions as text, chunk by chunk: CSV, or JSON records."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Rows = tuple["pd.DataFrame", "pd.DataFrame"]  # columns as they came in, below a row that decides their form; and what is added


def as_csv(chunks: Iterable[Rows]) -> Iterator[str]:
    """Yield the lines of each chunk, above the first the names."""
    for i, (original, added) in enumerate(chunks):
        rows = in_one_cell(original).iloc[1:].join(in_one_cell(added))
        yield rows.to_csv(index=False, header=i == 0, lineterminator="\n")


def as_json(chunks: Iterable[Rows]) -> Iterator[str]:
    """Yield the parts of one list with an object a row."""
    for i, (original, added) in enumerate(chunks):
        records = original.iloc[1:].join(added).to_json(orient="records", force_ascii=False, date_format="iso")
        yield ("[" if i == 0 else ",") + records[1:-1]
    yield "]"


def in_one_cell(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the rows with times and lists as texts, as they are read again.

    Of lists these are tokens or tags with blanks between, answers or labels as JSON.
    """
    lists = [str(name) for name in frame if frame[name].dtype == object and frame[name].map(is_list).any()]
    times = {str(name): frame[name].astype(str) for name in frame if frame[name].dtype.kind in "mM"}
    return frame.assign(**times, **{name: _in_texts(frame[name].tolist()) for name in lists})


def _in_texts(cells: list[Any]) -> list[Any]:
    from tenon.data.forms import are_words

    each_is_words = all(are_words(cell) and not isinstance(cell, tuple) for cell in cells if is_list(cell))
    write: Any = " ".join if each_is_words else _as_json
    return [write(cell) if is_list(cell) else cell for cell in cells]


def _as_json(cell: Any) -> str:
    return json.dumps(list(cell), ensure_ascii=False, default=lambda one: one.tolist() if hasattr(one, "tolist") else str(one))


def is_list(cell: Any) -> bool:
    """Say whether a cell holds several things."""
    return hasattr(cell, "__len__") and not isinstance(cell, str)
