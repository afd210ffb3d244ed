"""Rows that are the same in all features: copies of a text on both sides of a split would be known by heart."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Dataset

if TYPE_CHECKING:
    import pandas as pd


def duplicate_groups(dataset: Dataset) -> np.ndarray:
    """Return (n,) int64: the same number for rows whose features are all exactly equal, in order of first sight.

    Missing cells equal each other; images are compared by their bytes, not by their names.
    """
    import pandas as pd

    names = dataset.schema.features()
    codes = [pd.factorize(_comparable(dataset, name), use_na_sentinel=False)[0] for name in names]
    groups = np.zeros(len(dataset), np.int64)
    for code in codes:
        groups = pd.factorize(groups * (int(code.max()) + 1) + code)[0].astype(np.int64)
    return groups


def _comparable(dataset: Dataset, name: str) -> "pd.Series":
    """Return the column with cells that can be compared: lists as tuples, images as digests of their bytes."""
    cells = dataset.frame[name]
    kind = dataset.schema[name].kind
    if kind == "tokens":
        return cells.map(tuple)
    if kind == "image":
        return cells.map(lambda cell: _digest(dataset, cell))
    return cells


def _digest(dataset: Dataset, cell: object) -> bytes | None:
    if isinstance(cell, str):
        cell = ((dataset.root or Path()) / cell).read_bytes()
    return hashlib.sha256(cell).digest() if isinstance(cell, bytes) else None
