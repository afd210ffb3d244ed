"""The feature columns of a data set as the plain frame that the transformers read."""

from typing import Any

import numpy as np
import pandas as pd

from tenon.data.dataset import Dataset
from tenon.data.wording import option
from tenon.errors import DataError
from tenon.features.recipes import KINDS

LARGEST = 1e100  # sums of squares of larger numbers leave float64


def plain(dataset: Dataset) -> pd.DataFrame:
    """Return a frame of the feature columns in KINDS and of tokens alone, index 0 … n-1; no other column is looked at.

    number: float64; date: datetime64; category: object, NaN where missing; text: object, "" where missing;
    tokens: object, lists; image: object, an absolute path or bytes. Raises DataError for a number that is infinite or beyond
    LARGEST, or a missing image.
    """
    columns = {}
    for name in dataset.schema.features(*KINDS, "tokens"):
        columns[name] = _plain_column(dataset, name, dataset.schema[name].kind)
    return pd.DataFrame(columns, index=range(len(dataset)))


def check_numbers(dataset: Dataset) -> None:
    """Raise DataError where `plain` would for a number."""
    for name in dataset.schema.features("number"):
        _plain_column(dataset, name, "number")


def _plain_column(dataset: Dataset, name: str, kind: str) -> np.ndarray:
    cells = dataset.frame[name]
    if kind == "number":
        numbers = cells.to_numpy(np.float64)
        if (is_bad := np.abs(numbers) > LARGEST).any():
            is_infinite = np.isinf(numbers).any()
            what = "an infinite number" if is_infinite else f"a number beyond {LARGEST:g}, too large to calculate with"
            cure = f"{what}; leave such cells empty, or do without the column: {option('kind', f'{name}=ignore')}"
            _refuse(is_bad, dataset, name, cure)
        return numbers
    if kind == "date":
        return cells.to_numpy("datetime64[us]")
    if kind == "image":
        _refuse(cells.isna().to_numpy(), dataset, name, "no image")
        return _objects([located(cell, dataset) for cell in cells])
    if kind == "text":
        return cells.astype(object).where(cells.notna(), "").to_numpy(object)
    if kind == "tokens":
        return _objects(cells.tolist())
    codes, values = pd.factorize(cells)  # equal cells then share one object
    return np.array([*values, np.nan], object)[codes]


def _refuse(is_bad: np.ndarray, dataset: Dataset, name: str, what: str) -> None:
    if is_bad.any():
        row = dataset.row_ids[is_bad][0] + 1
        raise DataError(f"{dataset.name}, row {row:,}, column {name!r} holds {what}.")


def located(cell: str | bytes, dataset: Dataset) -> str | bytes:
    """Return the absolute path of an image, or its bytes as they are."""
    if isinstance(cell, bytes) or dataset.root is None:
        return cell
    return str((dataset.root / cell).absolute())


def _objects(cells: list[Any]) -> np.ndarray:
    column = np.empty(len(cells), object)
    column[:] = cells
    return column
