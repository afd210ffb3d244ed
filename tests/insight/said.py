"""Rows, splits and what methods said about them, made from arrays: what the insights read, without a run."""

from typing import Any

import numpy as np
import pandas as pd
from tests.datasets import dataset

from tenon.data.splits import make_splits
from tenon.insight.seen import Seen
from tenon.tasks import Task

Said = dict[str, np.ndarray]  # proba, label, value: (R, n, ...)


def seen_of(
    columns: dict[str, Any],
    y: Any,
    said: dict[str, Said],
    *,
    kinds: dict[str, str] | None = None,
    roles: dict[str, str] | None = None,
    metric: str = "",
    n_folds: int = 5,
    final_share: float = 0.0,
    **extra: Any,
) -> Seen:
    """Return a Seen of these columns; methods are the keys of `said`, the first is the chosen one and all are tied.

    A category is taken where the kind is not given. Repeats are counted in `said`. extra: fields of Seen.
    """
    is_number = np.asarray(y).dtype.kind == "f"
    kinds = {**(kinds or {}), **({"y": "number"} if is_number else {})}
    data = dataset({**columns, "y": y}, kinds, roles=roles)
    task = task_of(data.target, metric)
    codes = task.encode(data.target)
    arrays = next(iter(said.values()))
    n_repeats = len(next(iter(arrays.values())))
    splits = make_splits(data, task.strata(codes), n_folds=n_folds, n_repeats=n_repeats, final_share=final_share, seed=0)
    names = tuple(said)
    rope = extra.pop("rope", 0.0)
    return Seen(data, task, splits, codes, names[0], names, lambda m, r, what: said[m][what][r], rope, **extra)


def task_of(target: pd.Series, metric: str = "") -> Task:
    if target.dtype.kind == "f":
        return Task("regression", "y", metric_name=metric, target_sd=float(target.std()))
    labels = tuple(sorted(target.unique().tolist()))
    return Task("binary" if len(labels) == 2 else "multiclass", "y", labels, metric)


def classes(proba: np.ndarray) -> Said:
    """What a classifier says: (R, n, K) probabilities, and the likeliest class."""
    return {"proba": proba, "label": proba.argmax(axis=-1)}


def two(positive: np.ndarray) -> Said:
    """What a classifier of two classes says: (R, n) probabilities of the second."""
    return classes(np.stack([1 - positive, positive], axis=-1))


def numbers(value: np.ndarray) -> Said:
    """What a regressor says: (R, n)."""
    return {"value": value}


def logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))
