"""Every column's cells in the order of their values, and kept so while nodes are split.

Sorting once and parting the sorted cells at every split costs rows x columns a level, where sorting anew in every node costs a
logarithm more (Mehta, Agrawal & Rissanen 1996, SLIQ). A sparse column holds its cells that are not 0 only; the zeros are
the rest of the node's rows.
"""

from typing import NamedTuple

import numpy as np

from tenon.kernels import compiled, compiled_bare_inline
from tenon.trees.inputs import Matrix


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


class Cells(NamedTuple):
    """The cells of one node, sorted as above, of those columns only that a question could part."""

    column: np.ndarray  # (c,) int64, ascending
    start: np.ndarray  # (c + 1,) int64: where each of these columns' cells begin
    row: np.ndarray  # (m,) int32
    value: np.ndarray  # (m,) float64


@compiled
def cells_of(cells: Cells, is_here: np.ndarray, n_here: int, min_leaf: int) -> Cells:
    """Return the cells of a node below, which holds the n_here rows that is_here (n,) marks.

    A column that no cut parts into min_leaf rows and others is left out: one of equal cells, or of a few beside zeros.
    """
    m = 0
    for r in cells.row:
        m += is_here[r]
    row, value = np.empty(m + 1, np.int32), np.empty(m + 1)  # one more, for every cell is written and some are counted on
    column, start = np.empty(len(cells.column), np.int64), np.empty(len(cells.column) + 1, np.int64)
    n_columns, end = 0, 0
    start[0] = 0
    for c in range(len(cells.column)):
        first = end
        for i in range(cells.start[c], cells.start[c + 1]):
            row[end], value[end] = cells.row[i], cells.value[i]
            end += is_here[cells.row[i]]
        n_cells = end - first
        if n_cells < min(n_here, min_leaf) or (n_cells == n_here and value[first] == value[end - 1]):
            end = first
        else:
            column[n_columns], start[n_columns + 1] = cells.column[c], end
            n_columns += 1
    return Cells(column[:n_columns].copy(), start[: n_columns + 1].copy(), row[:end], value[:end])


@compiled_bare_inline
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


@compiled_bare_inline
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
