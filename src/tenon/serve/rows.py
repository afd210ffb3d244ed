"""Rows of a request as a frame, and predictions as what JSON can hold."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tenon.data.dataset import Schema
from tenon.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]  # column -> cell, as JSON has them


def frame_of(rows: Sequence[Row], schema: Schema) -> "pd.DataFrame":
    """Return rows as a frame of the columns that the model reads; images are bytes.

    Raises DataError for an image that is no Base64, and for half a character in a text.
    """
    import pandas as pd

    columns = {name: [row[name] for row in rows] for name in schema.features()}
    for name in schema.features("image"):
        columns[name] = [_image(cell, name, number) for number, cell in enumerate(columns[name], start=1)]
    for name in schema.features("category", "text", "date"):
        columns[name] = [_whole(cell, name, number) for number, cell in enumerate(columns[name], start=1)]
    for name in schema.features("tokens"):
        for number, cell in enumerate(columns[name], start=1):
            _whole("".join(cell), name, number)
    return pd.DataFrame({name: pd.Series(cells, dtype=_dtype(schema[name].kind)) for name, cells in columns.items()})


def _dtype(kind: str) -> Any:
    return "float64" if kind == "number" else object


def _whole(cell: Any, name: str, number: int) -> str | None:
    """Return a cell as text, as a file would hold it."""
    if cell is None or isinstance(cell, str):
        text = cell
    else:
        text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() and not isinstance(cell, bool) else str(cell)
    try:
        (text or "").encode()
    except UnicodeEncodeError as error:
        raise DataError(f"row {number:,}, column {name!r}: the text holds half a character (a lone surrogate).") from error
    return text


def _image(cell: str, name: str, number: int) -> bytes:
    encoded = cell.partition("base64,")[2] if cell.startswith("data:") else cell
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DataError(f"row {number:,}, column {name!r}: this is no Base64; give an image file as Base64.") from error


def to_json(said: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return predictions as JSON has them, one object a row."""
    import pandas as pd

    columns = [[None if cell is pd.NA else cell for cell in said[name].tolist()] for name in said]
    return [dict(zip(said.columns, cells, strict=True)) for cells in zip(*columns, strict=True)]
