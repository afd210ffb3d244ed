"""Label sets as arrays: tuples of labels, the indicator matrix of these, and the rarest label of each row."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


def as_cells(sets: Sequence[Any]) -> np.ndarray:
    """Return tuples as (n,) object, where NumPy itself would make a matrix of those of one length."""
    cells = np.empty(len(sets), object)
    cells[:] = sets
    return cells


def indicator(sets: Iterable[Iterable[str]], labels: Sequence[str]) -> np.ndarray:
    """Return (n, K) bool: which of these labels each row has. Raises KeyError for another label."""
    position, sets = {label: k for k, label in enumerate(labels)}, list(sets)
    has = np.zeros((len(sets), len(labels)), bool)
    for row, of_row in enumerate(sets):
        has[row, [position[label] for label in of_row]] = True
    return has


def sets_of(has: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Return (n,) object, the label set of each row. has : (n, K) bool."""
    return as_cells([tuple(labels[k] for k in np.flatnonzero(of_row).tolist()) for of_row in has])


def rarest_labels(has: np.ndarray) -> np.ndarray:
    """Return (n,) int64: of the labels of each row that which fewest rows have, the first of equals; K where there is none.

    Splits that keep the shares of these have rare labels on either side (the first step of Sechidis et al. 2011, which goes on
    label by label). has : (n, K) bool.

    >>> rarest_labels(np.array([[1, 1], [1, 0], [0, 0]], bool)).tolist()
    [1, 0, 2]
    """
    rows_of = np.where(has, has.sum(axis=0), len(has) + 1)
    return np.where(has.any(axis=1), rows_of.argmin(axis=1), has.shape[1])
