"""Products with and sums of rows that are picked out of a matrix: all the arithmetic of word vectors.

Four rows at a time, so that what they have in common is loaded once and the processor has four sums to work on.
"""

import numpy as np

from tenon.kernels import compiled_reordered, f32


@compiled_reordered
def dots(x: np.ndarray, matrix: np.ndarray, rows: np.ndarray, n: int, out: np.ndarray) -> None:
    """Write the products of x with n rows of the matrix into out[:n]; all float32."""
    i = 0
    while i + 4 <= n:
        a, b, c, d = matrix[rows[i]], matrix[rows[i + 1]], matrix[rows[i + 2]], matrix[rows[i + 3]]
        in_a = in_b = in_c = in_d = f32(0)
        for k in range(len(x)):
            in_a += x[k] * a[k]
            in_b += x[k] * b[k]
            in_c += x[k] * c[k]
            in_d += x[k] * d[k]
        out[i], out[i + 1], out[i + 2], out[i + 3] = in_a, in_b, in_c, in_d
        i += 4
    while i < n:
        a = matrix[rows[i]]
        in_a = f32(0)
        for k in range(len(x)):
            in_a += x[k] * a[k]
        out[i] = in_a
        i += 1


@compiled_reordered
def add_rows(to: np.ndarray, matrix: np.ndarray, rows: np.ndarray, n: int, by: np.ndarray) -> None:
    """Add n rows of the matrix to `to`, each times its number in by[:n]; all float32."""
    i = 0
    while i + 4 <= n:
        a, b, c, d = matrix[rows[i]], matrix[rows[i + 1]], matrix[rows[i + 2]], matrix[rows[i + 3]]
        by_a, by_b, by_c, by_d = by[i], by[i + 1], by[i + 2], by[i + 3]
        for k in range(len(to)):
            to[k] += by_a * a[k] + by_b * b[k] + by_c * c[k] + by_d * d[k]
        i += 4
    while i < n:
        a, by_a = matrix[rows[i]], by[i]
        for k in range(len(to)):
            to[k] += by_a * a[k]
        i += 1


@compiled_reordered
def add_row(to: np.ndarray, row: np.ndarray) -> None:
    """Add a row to another."""
    for k in range(len(to)):
        to[k] += row[k]


@compiled_reordered
def put_row(to: np.ndarray, row: np.ndarray) -> None:
    """Write a row over another."""
    for k in range(len(to)):
        to[k] = row[k]


@compiled_reordered
def clear_row(row: np.ndarray) -> None:
    """Write zeros."""
    for k in range(len(row)):
        row[k] = f32(0)
