"""A row as people see it: its number in the file, label, prediction, and some of its cells.

{row, label, prediction, proba: {label, prediction} or null, residual (numbers), cells: {column: text or null}, pictures: {column:
data URI}}. Rows are counted from 1. Texts and images come first among the columns, then the other features in file order, then
columns that no method reads.
"""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.pictures import in_colour, opened
from tenon.errors import DataError
from tenon.insight.seen import Section, Seen
from tenon.metrics.entities import OUTSIDE, entities
from tenon.text.units import joined

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_SHOWN = 20  # rows of a section
MOST_COLUMNS = 12
CUT = 160  # characters of a cell
NOTHING = "–"  # no entity, no answer, or no label
PICTURE = 96  # pixels, the longer side


@dataclass(frozen=True)
class Cells:
    """Shows rows of a data set by their place in it."""

    seen: Seen
    value: np.ndarray  # (n,) what the chosen method says of each row: codes, the mean number over repeats, or a sequence
    proba: np.ndarray | None  # (n, K) mean over repeats; None for numbers

    @classmethod
    def of(cls, seen: Seen) -> "Cells":
        """Read what the chosen method says: of classes the label of the first repeat."""
        n, rows = len(seen.y), seen.rows
        if seen.task.is_counted:
            return cls(seen, seen.guess(seen.chosen, 0, "said"), None)
        if seen.task.is_regression:
            value = np.full(n, np.nan)
            value[rows] = seen.said(seen.chosen, "value").mean(axis=0)
            return cls(seen, value, None)
        proba = np.full((n, len(seen.task.labels)), np.nan)
        proba[rows] = seen.said(seen.chosen, "proba").mean(axis=0)
        return cls(seen, seen.guess(seen.chosen, 0, "label"), proba)

    def row(self, place: int) -> Section:
        """Return the row at this place of `splits.row_ids`."""
        seen, data = self.seen, self.seen.data
        shown = {"row": int(data.row_ids[place]) + 1, **feature_cells(data, place)}
        if seen.task.is_counted:
            label, prediction = (self._sequence(place, one) for one in (seen.y[place], self.value[place]))
            return shown | {"label": label, "prediction": prediction, "proba": None}
        if self.proba is None:
            truth, value = float(seen.y[place]), float(self.value[place])
            return shown | {"label": truth, "prediction": value, "proba": None, "residual": truth - value}
        truth, said = int(seen.y[place]), int(self.value[place])
        proba = {"label": float(self.proba[place, truth]), "prediction": float(self.proba[place, said])}
        return shown | {"label": seen.task.labels[truth], "prediction": seen.task.labels[said], "proba": proba}

    def _sequence(self, place: int, value: Any) -> str | None:
        """Return a translation, nats, answers, labels, or of tags what they say of which tokens: "Anna PER · Paris LOC"."""
        if self.seen.task.has_sets:
            return labels_text(value)
        if self.seen.task.kind == "answer":
            return shortened(value if isinstance(value, str) else " / ".join(answer["text"] for answer in value)) or NOTHING
        if not isinstance(value, list | np.ndarray):
            return cell_text(value)
        found, data = entities(list(value)), self.seen.data
        if not found and set(value) != {OUTSIDE}:
            return cell_text(value)
        tokens: Any = data.frame[data.schema.features("tokens")[0]].iloc[place]
        return shortened(" · ".join(f"{joined(tokens[start:end])} {kind}" for kind, start, end in found) or NOTHING)


def labels_text(labels: Iterable[str]) -> str:
    """Return the labels of a row as a text."""
    return shortened(" · ".join(labels)) or NOTHING


def shown_columns(data: Dataset) -> list[str]:
    """Names of the columns whose cells are shown."""
    first = data.schema.features("text", "image")
    last = [c.name for c in data.schema.columns if c.role != "target" and (c.kind == "ignore" or c.role != "feature")]
    others = [name for name in data.schema.features() if name not in first]
    return [*first, *others, *last][:MOST_COLUMNS]


def feature_cells(data: Dataset, place: int) -> Section:
    """Return {cells, pictures} of the row at this place; columns that the data set does not have are passed over."""
    row = data.frame.iloc[place]
    names = [name for name in shown_columns(data) if name in row.index]
    images = [name for name in names if data.schema[name].kind == "image"]
    pictures = {name: picture for name in images if (picture := picture_of(row[name], data.root))}
    return {"cells": {name: cell_text(row[name]) for name in names}, "pictures": pictures}


def cell_text(cell: Any) -> str | None:
    """Return a cell as text of at most CUT characters and an ellipsis, None where it is missing."""
    if isinstance(cell, bytes):
        return None
    if isinstance(cell, list | np.ndarray):
        return shortened(" ".join(str(part) for part in cell))
    import pandas as pd

    if cell is None or pd.isna(cell):
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.6g}"
    return shortened(str(cell))


def shortened(text: str) -> str:
    """Return the text, cut after CUT characters."""
    return text if len(text) <= CUT else text[:CUT] + "…"


def picture_of(cell: Any, root: Path | None) -> str | None:
    """Return an image of at most PICTURE pixels as a PNG data URI, None where it cannot be read."""
    if not isinstance(cell, str | bytes):
        return None
    try:
        with opened(cell if isinstance(cell, bytes) else (root or Path()) / cell) as image:
            small = in_colour(image)
            small.thumbnail((PICTURE, PICTURE))
    except DataError:
        return None
    return data_uri(small)


def data_uri(image: "Image") -> str:
    """Return an image as a data URI of a PNG."""
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}"
