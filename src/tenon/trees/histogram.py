"""Sum gradients and Hessians per bin, in fixed point and two to a machine word (the idea of LightGBM's quantised training, Shi
et al. 2022, arXiv:2207.09682; here with 16 bits a row and exact 32-bit sums).

A row's *entry* is one int64: its number (32 bits), its Hessian (16), its gradient (16, signed). One bin of a histogram is one
int64 too, the gradients' sum in the high half and the Hessians' in the low half, so that a single addition counts a row, and
sums are exact: neither order of rows nor number of threads changes them, and parent minus child is the sibling to the last
bit. Where 16 bits are too few (`wide`: heavy tails), entries hold the row's number only, and gradients and Hessians of 62
bits are summed side by side.
"""

from typing import Any, NamedTuple

import numpy as np

from tenon.kernels import Record, compiled_bare, compiled_bare_inline, f32, f64, float_from_bits, i32, i64, prefetch, u64
from tenon.team import share_of, wait
from tenon.trees.table import BLOCK_WIDTH, MISSING, N_CODES, Table

AHEAD = 32  # rows; from 16 on all distances are equally good
LARGEST = 32767  # in 16 bits, signed
LARGEST_SUM = 2.0**31
LARGEST_WIDE = 2.0**61
LARGEST_SCALE = 2.0**100  # so that it fits into a float32
LEAST_MEAN = 64  # quanta; were a mean gradient less than this, rounding would show
ROWS_FOR_16_BITS = 10_000  # with fewer, 62 bits cost little


SCALE = np.dtype(
    [
        ("grad_unit", np.float64),  # what 1 stands for in a gradient, a power of two
        ("hess_unit", np.float64),
        ("grad", np.float64),  # sum of the tree's gradients
        ("hess", np.float64),
        ("noise", np.float64),  # Σg² / Σh: the variance of a sum of gradients, a unit of Hessian
        ("wide", np.bool_),
    ],
    align=True,
)


class Rows(NamedTuple):
    """The rows of one tree, with their gradients in fixed point."""

    entries: np.ndarray  # (2, n + AHEAD) int64; nodes move to and fro between the two
    grad: np.ndarray  # (n,) int64, only if wide
    hess: np.ndarray  # (n,) int64, only if wide
    scale: np.ndarray  # (1,) SCALE


@compiled_bare_inline
def packed(entry: int) -> int:
    """Return the gradient of an entry in the high and its Hessian in the low half: what one row adds to a bin."""
    return ((entry >> 48) << 32) | ((entry >> 32) & 0xFFFF)


@compiled_bare_inline
def row_of(entry: int) -> int:
    """Return the number of the entry's row."""
    return entry & 0xFFFFFFFF


@compiled_bare_inline
def _largest_size(values: np.ndarray) -> float:
    """Return max |values| of (m,) float32; their bits as integers have the same order, and integers are compared as vectors."""
    bits = values.view(np.int32)
    largest = i32(0)
    for i in range(len(bits)):
        size = bits[i] & i32(0x7FFFFFFF)
        largest = size if size > largest else largest
    return f64(float_from_bits(largest))


@compiled_bare_inline
def _sum_of_sizes(values: np.ndarray, largest: float) -> float:
    """Return sum |values| in 30-bit fixed point, so that the order of the values is no difference."""
    if largest == 0.0:
        return 0.0
    to_fixed = f32(_power_of_two_up_to(2.0**30 / largest))
    total = i64(0)
    for i in range(len(values)):
        total += i64(i32(abs(values[i]) * to_fixed))
    return f64(total) / f64(to_fixed)


@compiled_bare_inline
def _power_of_two_up_to(x: float) -> float:
    return np.exp2(np.floor(np.log2(x if x < LARGEST_SCALE else LARGEST_SCALE)))


@compiled_bare_inline
def _scale(largest: float, total: float, n: int, most: float, most_summed: float) -> float:
    """Return the greatest power of two by which gradients can be multiplied without an overflow, rounding included."""
    if largest == 0.0:
        return 1.0
    by_row, by_sum = most / largest, (most_summed - n) / (total * (1.0 + 1e-6))
    return _power_of_two_up_to(by_row if by_row < by_sum else by_sum)


@compiled_bare_inline
def _rounded(x: float) -> int:
    x = f32(x)
    return i32(x + (f32(0.5) if x >= 0 else f32(-0.5)))


@compiled_bare
def quantise(
    me: int,
    n_threads: int,
    gate: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    ids: np.ndarray,
    least_mean: float,
    rows: Rows,
    parts: np.ndarray,
) -> None:
    """Write the entries of the tree's m rows, and their scale.

    16 bits serve while a mean size is at least least_mean. grad, hess : (m,) float32, hess >= 0; ids : (m,) int32, the
    rows' numbers; parts : (n_threads, 6) float64, for the threads' parts.
    """
    n = len(ids)
    start, stop = share_of(n, me, n_threads)
    g, h = grad[start:stop], hess[start:stop]
    parts[me, 0], parts[me, 1] = _largest_size(g), _largest_size(h)
    wait(gate, n_threads)
    g_largest, h_largest = _largest_part(parts, 0, n_threads), _largest_part(parts, 1, n_threads)
    parts[me, 2], parts[me, 3] = _sum_of_sizes(g, g_largest), _sum_of_sizes(h, h_largest)
    wait(gate, n_threads)
    g_sum, h_sum = _sum_of_parts(parts, 2, n_threads), _sum_of_parts(parts, 3, n_threads)
    g_scale, h_scale = _scale(g_largest, g_sum, n, LARGEST, LARGEST_SUM), _scale(h_largest, h_sum, n, LARGEST, LARGEST_SUM)
    wide = 0 < g_sum * g_scale < least_mean * n or 0 < h_sum * h_scale < least_mean * n
    if wide:
        g_scale, h_scale = (
            _scale(g_largest, g_sum, n, LARGEST_WIDE, LARGEST_WIDE),
            _scale(h_largest, h_sum, n, LARGEST_WIDE, LARGEST_WIDE),
        )
        _write_wide(g, h, ids, rows, start, g_scale, h_scale, parts[me])
    else:
        _write_packed(g, h, ids, rows.entries[0], start, g_scale, h_scale, parts[me])
    wait(gate, n_threads)
    if me == 0:
        scale = rows.scale[0]
        scale.wide, scale.grad_unit, scale.hess_unit = wide, 1.0 / g_scale, 1.0 / h_scale
        scale.grad, scale.hess = _sum_of_parts(parts, 4, n_threads) / g_scale, _sum_of_parts(parts, 5, n_threads) / h_scale


@compiled_bare_inline
def _largest_part(parts: np.ndarray, which: int, n_threads: int) -> float:
    largest = 0.0
    for t in range(n_threads):
        largest = parts[t, which] if parts[t, which] > largest else largest
    return largest


@compiled_bare_inline
def _sum_of_parts(parts: np.ndarray, which: int, n_threads: int) -> float:
    total = 0.0
    for t in range(n_threads):
        total += parts[t, which]
    return total


@compiled_bare_inline
def _write_packed(
    g: np.ndarray,
    h: np.ndarray,
    ids: np.ndarray,
    entries: np.ndarray,
    start: int,
    g_scale: float,
    h_scale: float,
    part: np.ndarray,
) -> None:
    g_sum, h_sum, g_scale, h_scale = i64(0), i64(0), f32(g_scale), f32(h_scale)
    for i in range(len(g)):
        grad, hess = i64(_rounded(g[i] * g_scale)), i64(_rounded(h[i] * h_scale))
        entries[start + i] = i64(ids[start + i]) | (hess << 32) | (grad << 48)
        g_sum += grad
        h_sum += hess
    part[4], part[5] = g_sum, h_sum


@compiled_bare_inline
def _write_wide(
    g: np.ndarray, h: np.ndarray, ids: np.ndarray, rows: Rows, start: int, g_scale: float, h_scale: float, part: np.ndarray
) -> None:
    g_sum, h_sum = i64(0), i64(0)
    for i in range(len(g)):
        grad, hess, row = i64(f64(g[i]) * g_scale), i64(f64(h[i]) * h_scale), ids[start + i]
        rows.entries[0, start + i] = row
        rows.grad[row], rows.hess[row] = grad, hess
        g_sum += grad
        h_sum += hess
    part[4], part[5] = g_sum, h_sum


@compiled_bare_inline
def _add_four(sums: np.ndarray, at: np.uint64, bins: np.uint64, value: int) -> None:
    for j in range(4):  # unrolled by the compiler
        code = (bins >> u64(8 * j)) & u64(0xFF)
        sums[at + u64(j * N_CODES) + code] += value


def _adders(n_fours: int) -> tuple[Any, Any]:
    """Return what adds rows to the bins of so many fours of columns, for 16 and for 62 bits: a loop without a question.

    Columns that there are not go into the block's spare room.
    """

    @compiled_bare_inline
    def add_row(sums: np.ndarray, at: np.uint64, block: np.ndarray, row: int, value: int) -> None:
        low = block[u64(row) * u64(2)]
        _add_four(sums, at, low, value)
        if n_fours > 1:
            _add_four(sums, at + u64(4 * N_CODES), low >> u64(32), value)
        if n_fours > 2:
            high = block[u64(row) * u64(2) + u64(1)]
            _add_four(sums, at + u64(8 * N_CODES), high, value)
            if n_fours > 3:
                _add_four(sums, at + u64(12 * N_CODES), high >> u64(32), value)

    @compiled_bare_inline
    def add_packed(sums: np.ndarray, at: int, block: np.ndarray, entries: np.ndarray, start: int, stop: int) -> None:
        for i in range(start, stop):
            prefetch(block, 2 * row_of(entries[i + AHEAD]))
            add_row(sums, u64(at), block, row_of(entries[i]), packed(entries[i]))

    @compiled_bare_inline
    def add_wide(sums: np.ndarray, at: int, block: np.ndarray, rows: Rows, side: int, start: int, stop: int) -> None:
        half = sums.size // 2
        for i in range(start, stop):
            row = row_of(rows.entries[side, i])
            add_row(sums, u64(at), block, row, rows.grad[row])
            add_row(sums, u64(half + at), block, row, rows.hess[row])

    return add_packed, add_wide


_add_packed_4, _add_wide_4 = _adders(1)
_add_packed_8, _add_wide_8 = _adders(2)
_add_packed_12, _add_wide_12 = _adders(3)
_add_packed_16, _add_wide_16 = _adders(4)


@compiled_bare_inline
def build(sums: np.ndarray, block: int, table: Table, rows: Rows, side: int, fragments: np.ndarray) -> None:
    """Sum one node's rows into one block of its histogram; fragments : (n_threads, 2), where the rows start in entries[side],
    how many.
    """
    at, half, wide = block * BLOCK_WIDTH * N_CODES, sums.size // 2, rows.scale[0].wide
    n_columns = min(table.width, len(table.columns) - block * table.width)
    for i in range(at, at + BLOCK_WIDTH * N_CODES):
        sums[i] = 0
        if wide:
            sums[half + i] = 0
    for t in range(len(fragments)):
        start, stop = fragments[t, 0], fragments[t, 0] + fragments[t, 1]
        if wide:
            _add_wide_16(sums, at, table.blocks[block], rows, side, start, stop)
        elif n_columns > 12:
            _add_packed_16(sums, at, table.blocks[block], rows.entries[side], start, stop)
        elif n_columns > 8:
            _add_packed_12(sums, at, table.blocks[block], rows.entries[side], start, stop)
        elif n_columns > 4:
            _add_packed_8(sums, at, table.blocks[block], rows.entries[side], start, stop)
        else:
            _add_packed_4(sums, at, table.blocks[block], rows.entries[side], start, stop)


@compiled_bare_inline
def subtract(parent: np.ndarray, child: np.ndarray, block: int, wide: bool) -> None:
    """Turn one block of the parent's histogram into that of the child's sibling."""
    at, half = block * BLOCK_WIDTH * N_CODES, parent.size // 2
    for i in range(at, at + BLOCK_WIDTH * N_CODES):
        parent[i] -= child[i]
    if wide:
        for i in range(half + at, half + at + BLOCK_WIDTH * N_CODES):
            parent[i] -= child[i]


@compiled_bare_inline
def _unpack(sums: np.ndarray, at: int, start: int, stop: int, scale: Record, grad: np.ndarray, hess: np.ndarray) -> None:
    g_unit, h_unit, half = scale.grad_unit, scale.hess_unit, sums.size // 2
    here, g, h = sums[at + start : at + stop], grad[start:stop], hess[start:stop]
    if scale.wide:
        rest = sums[half + at + start : half + at + stop]
        for b in range(len(here)):
            g[b] = f64(here[b]) * g_unit
            h[b] = f64(rest[b]) * h_unit
    else:
        for b in range(len(here)):
            g[b] = f64(i32(here[b] >> 32)) * g_unit
            h[b] = f64(i32(here[b] & 0x7FFFFFFF)) * h_unit


@compiled_bare_inline
def feature_sums(
    sums: np.ndarray, feature: Record, scale: Record, node_grad: float, node_hess: float, grad: np.ndarray, hess: np.ndarray
) -> None:
    """Write a feature's sums per bin, in the gradients' own unit, into grad and hess, (256,) float64.

    A bundled feature's zero bin has no code in the column: it has what the other bins leave of the node's sums.
    """
    # All of one type, and no literals: each other kind of argument would have _unpack compiled once more.
    offset, n_bins, zero = i64(feature.offset), i64(feature.n_bins), i64(feature.zero_bin)
    if feature.first_code == 0:
        _unpack(sums, offset, i64(0), n_bins, scale, grad, hess)
        return
    at = offset + feature.first_code - 1
    _unpack(sums, at, i64(1), zero, scale, grad, hess)
    _unpack(sums, at - 1, zero + 1, n_bins, scale, grad, hess)
    grad[MISSING] = hess[MISSING] = 0.0
    g, h = node_grad, node_hess
    for b in range(1, n_bins):
        if b != zero:
            g -= grad[b]
            h -= hess[b]
    grad[zero], hess[zero] = g, h
