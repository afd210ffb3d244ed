"""Every column's cells in the order of their values, and kept so while nodes are split.

Sorting once and parting the sorted cells at every split costs rows x columns a level, where sorting anew in every node costs a
logarithm more (Mehta, Agrawal & Rissanen 1996, SLIQ). A sparse column holds its cells that are not 0 only; the zeros are
the rest of the node's rows.
"""

from typing import NamedTuple

import numpy as np

from tenon.trees.inputs import Matrix
from tenon.trees.kernels import compiled_inline


class Presorted(NamedTuple):
    """The cells of all columns, column after column, each by value, missing ones last."""

    row: np.ndarray  # (m,) int32
    value: np.ndarray  # (m,) float64
    start: np.ndarray  # (p + 1,) int64: where each column's cells begin

    def copy(self) -> "Presorted":
        """Growing a tree reorders the cells; start is only read."""
        return Presorted(self.row.copy(), self.value.copy(), self.start)


def presorted(X: Matrix) -> Presorted:
    """X: (n, p) float64, dense, or CSC without stored zeros; NaN is missing."""
    if isinstance(X, np.ndarray):
        n, p = X.shape
        order = np.argsort(X, axis=0, kind="stable")
        row = np.ascontiguousarray(order.T, np.int32).ravel()
        value = np.ascontiguousarray(np.take_along_axis(X, order, axis=0).T, np.float64).ravel()
        return Presorted(row, value, np.arange(p + 1, dtype=np.int64) * n)
    column = np.repeat(np.arange(X.shape[1]), np.diff(X.indptr))
    order = np.lexsort((X.indices, X.data, column))
    return Presorted(X.indices[order].astype(np.int32), X.data[order].astype(np.float64), X.indptr.astype(np.int64))


@compiled_inline
def part_cells(
    row: np.ndarray, value: np.ndarray, lo: int, hi: int, goes_left: np.ndarray, spare_row: np.ndarray, spare_value: np.ndarray
) -> int:
    """Move the cells lo … hi - 1 of rows that go left before the others, in order, and return where the others begin.

    goes_left: (n,) bool by row. spare_row, spare_value: room for n cells. Both targets are written and one of them
    counted on, for a branch would be guessed wrong half of the time.
    """
    left, right = lo, 0
    for i in range(lo, hi):
        r, v = row[i], value[i]
        is_left = int(goes_left[r])
        row[left], value[left] = r, v
        spare_row[right], spare_value[right] = r, v
        left += is_left
        right += 1 - is_left
    for i in range(right):
        row[left + i], value[left + i] = spare_row[i], spare_value[i]
    return left


@compiled_inline
def part_rows(rows: np.ndarray, lo: int, hi: int, goes_left: np.ndarray, spare: np.ndarray) -> int:
    """As part_cells, for rows[lo : hi] alone."""
    left, right = lo, 0
    for i in range(lo, hi):
        r = rows[i]
        is_left = int(goes_left[r])
        rows[left] = r
        spare[right] = r
        left += is_left
        right += 1 - is_left
    for i in range(right):
        rows[left + i] = spare[i]
    return left
