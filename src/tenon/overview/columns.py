"""Each column for itself: its kind and why, gaps, how many different values, and how these are distributed.

Far from the rest is what lies more than one and a half times the distance of the quartiles beyond either (Tukey 1977,
Exploratory Data Analysis, section 2D).
"""

from typing import Any

import numpy as np
import pandas as pd

from tenon.checks.subject import MOST_COLUMNS
from tenon.data.dataset import Column, Dataset

N_BINS = 20
MOST_VALUES = 5  # of a category, the most frequent first
FENCE = 1.5  # distances of the quartiles
Content = dict[str, Any]


def columns(data: Dataset) -> list[Content]:
    """Return what is known of each of the first MOST_COLUMNS columns, in the order of the file."""
    return [_column(data.frame[column.name], column) for column in data.schema.columns[:MOST_COLUMNS]]


def _column(cells: pd.Series, column: Column) -> Content:
    there = cells.dropna()
    about = {
        "name": column.name,
        "kind": column.kind,
        "role": column.role,
        "reason": column.reason,
        "missing": len(cells) - len(there),
        "different": None if column.kind == "image" else int(_hashable(there).nunique()),
    }
    return about | (_values(there, column.kind) if len(there) else {})


def _hashable(cells: pd.Series) -> pd.Series:
    return cells.map(repr) if cells.dtype == object else cells


def _values(cells: pd.Series, kind: str) -> Content:
    if kind == "category":
        counts = [(str(value), int(n)) for value, n in cells.value_counts().items()]
        return {"top": [list(pair) for pair in sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES]]}
    if kind == "number":
        return _numbers(cells.to_numpy(np.float64))
    if kind == "date":
        times = cells.to_numpy("datetime64[s]")
        return {"first": str(times.min()), "last": str(times.max()), "bins": _bins(times.astype(np.int64).astype(np.float64))}
    if kind in ("text", "tokens", "labels", "answers"):
        lengths = cells.map(len).to_numpy(np.float64)
        return {"length": _quantiles(lengths), "bins": _bins(lengths)}
    return {}


def _numbers(x: np.ndarray) -> Content:
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers too large to calculate with, which are told elsewhere
        found = _quantiles(x) | {"mean": float(x.mean()), "sd": float(x.std(ddof=1)) if len(x) > 1 else 0.0}
        reach = FENCE * (found["q75"] - found["q25"])
        n_far = int(((x < found["q25"] - reach) | (x > found["q75"] + reach)).sum())
    return found | {"far": n_far, "bins": _bins(x)}


def _quantiles(x: np.ndarray) -> Content:
    names = ("low", "q25", "median", "q75", "high")
    return dict(zip(names, map(float, np.quantile(x, (0, 0.25, 0.5, 0.75, 1))), strict=True))


def _bins(x: np.ndarray) -> list[int]:
    """Return how many values lie in each of N_BINS bins of one width, from the smallest value to the largest."""
    low, high = x.min(), x.max()
    if not np.isfinite(high - low):
        return []
    places = (x - low) / (high - low) * N_BINS if high > low else np.zeros(len(x))
    return [int(n) for n in np.bincount(np.minimum(places.astype(int), N_BINS - 1), minlength=N_BINS)]
