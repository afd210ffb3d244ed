"""The feature columns of a data set as the plain frame that the transformers read."""

import numpy as np
import pandas as pd

from tenon.data.dataset import Dataset
from tenon.errors import DataError
from tenon.features.recipes import KINDS


def plain(dataset: Dataset) -> pd.DataFrame:
    """Return a frame of the feature columns in KINDS alone, index 0 … n-1; no other column is looked at.

    number: float64; date: datetime64; category: object, NaN where missing; text: object, "" where missing;
    image: object, an absolute path or bytes. Raises DataError for an infinite number or a missing image.
    """
    columns = {}
    for name in dataset.schema.features(*KINDS):
        columns[name] = _plain_column(dataset, name, dataset.schema[name].kind)
    return pd.DataFrame(columns, index=range(len(dataset)))


def _plain_column(dataset: Dataset, name: str, kind: str) -> np.ndarray:
    cells = dataset.frame[name]
    if kind == "number":
        numbers = cells.to_numpy(np.float64)
        _refuse(np.isinf(numbers), dataset, name, "an infinite number; mark such cells as missing")
        return numbers
    if kind == "date":
        return cells.to_numpy("datetime64[us]")
    if kind == "image":
        _refuse(cells.isna().to_numpy(), dataset, name, "no image")
        return _objects([_located(cell, dataset) for cell in cells])
    filler = "" if kind == "text" else np.nan
    return cells.astype(object).where(cells.notna(), filler).to_numpy(object)


def _refuse(is_bad: np.ndarray, dataset: Dataset, name: str, what: str) -> None:
    if is_bad.any():
        row = dataset.row_ids[is_bad][0] + 1
        raise DataError(f"{dataset.name}, row {row:,}, column {name!r} holds {what}.")


def _located(cell: str | bytes, dataset: Dataset) -> str | bytes:
    if isinstance(cell, bytes) or dataset.root is None:
        return cell
    return str((dataset.root / cell).absolute())


def _objects(cells: list[str | bytes]) -> np.ndarray:
    column = np.empty(len(cells), object)
    column[:] = cells
    return column
