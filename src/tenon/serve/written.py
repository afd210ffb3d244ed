"""Rows with their predictions as text, chunk by chunk: CSV, JSON records, or JSON lines."""

import json
import math
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Rows = tuple["pd.DataFrame", "pd.DataFrame"]  # columns as they came in, below a row that decides their form; and what is added
N_FIGURES = 15  # of fractions in JSON, behind the point: as many as pandas writes


def as_csv(chunks: Iterable[Rows]) -> Iterator[str]:
    """Yield the lines of each chunk, above the first the names."""
    for i, (original, added) in enumerate(chunks):
        rows = in_one_cell(original).iloc[1:].join(in_one_cell(added))
        yield rows.to_csv(index=False, header=i == 0, lineterminator="\n")


def as_json(chunks: Iterable[Rows]) -> Iterator[str]:
    """Yield the parts of one list with an object a row; bytes are in Base64."""
    for i, rows in enumerate(chunks):
        yield ("[" if i == 0 else ",") + _in_json(rows)[1:-1]
    yield "]"


def as_json_lines(chunks: Iterable[Rows]) -> Iterator[str]:
    """Yield the objects of `as_json`, a line each."""
    return (_in_json(rows, lines=True) for rows in chunks)


def _in_json(rows: Rows, lines: bool = False) -> str:
    original, added = rows
    plain = _mapped(original, lambda cells: list(map(_plain, cells))).iloc[1:].join(added)
    return plain.to_json(orient="records", lines=lines, force_ascii=False, date_format="iso", double_precision=N_FIGURES)


def in_one_cell(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the rows with times, lists, objects and bytes as texts, as they are read again.

    Of lists these are tokens or tags with blanks between, answers or labels as JSON; objects are JSON, too, bytes Base64.
    """
    times = {str(name): frame[name].astype(str) for name in frame if frame[name].dtype.kind in "mM"}
    return _mapped(frame.assign(**times), _in_texts)


def _mapped(frame: "pd.DataFrame", change: Callable[[list[Any]], list[Any]]) -> "pd.DataFrame":
    """Return the rows with other cells in the columns of which any holds several things."""
    names = [str(name) for name in frame if frame[name].dtype == object and frame[name].map(_has_parts).any()]
    return frame.assign(**{name: change(frame[name].tolist()) for name in names})


def _in_texts(cells: list[Any]) -> list[Any]:
    from tenon.data.forms import are_words

    each_is_words = all(are_words(cell) and not isinstance(cell, tuple) for cell in cells if _has_parts(cell))
    write: Any = " ".join if each_is_words else _as_json
    return [write(cell) if _has_parts(cell) else cell for cell in cells]


def _as_json(cell: Any) -> str:
    plain = _plain(cell)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, default=str)


def _plain(cell: Any) -> Any:
    """Return a cell as JSON can hold it, but for times."""
    if isinstance(cell, bytes):
        return b64encode(cell).decode()
    if isinstance(cell, dict):
        return {str(name): _plain(one) for name, one in cell.items()}
    if _has_parts(cell):
        return [_plain(one) for one in cell]
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _has_parts(cell: Any) -> bool:
    """Say whether a cell holds several things."""
    return hasattr(cell, "__len__") and not isinstance(cell, str)
