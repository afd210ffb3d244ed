"""The train rows as the engine sees them: small integers, laid out for the two ways in which they are read.

A histogram reads whole rows, so the bins of up to 16 columns stand side by side (`blocks`); a partition reads one column
(`columns`). A feature is a column of its own, or shares one with features that are never non-zero together (bundling.py).
"""

from typing import NamedTuple

import numpy as np

BLOCK_WIDTH = 16  # bytes of a row and block: two machine words
N_CODES = 256  # values of a byte: one histogram has this many entries a column
MISSING = 0  # the bin of missing values; values have bins 1, 2, … in their order


class Table(NamedTuple):
    """n rows of binned columns."""

    blocks: np.ndarray  # (n_blocks, 2 n) uint64: two words a row, each eight bins, the lowest byte first
    columns: np.ndarray  # (n_columns, n) uint8: the same bins
    width: int  # columns per block; the last block may have fewer


FEATURE = np.dtype(
    [
        ("column", np.int32),
        (
            "offset",
            np.int32,
        ),  # where its column's sums start in a histogram; each block owns 16 columns' room, so blocks never touch
        ("first_code", np.int32),  # code of a bundled feature's bin 1 in its column; 0 for a feature alone in its column
        ("zero_bin", np.int32),  # bin of a bundled feature that has no code, as most rows have it
        ("n_bins", np.int32),  # with the missing bin; a bin is less than this
        ("is_categorical", np.bool_),
        ("monotone", np.int8),  # -1 falling, 0 free, 1 rising
    ],
    align=True,
)  # where a feature lies in the columns, and what it is


def block_width(n_columns: int, n_threads: int) -> int:
    """Return how many columns a block holds, at most 16, in whole fours, so that the threads get about equally many columns."""
    rounds = -(-n_columns // (BLOCK_WIDTH * n_threads))
    return 4 * -(-n_columns // (4 * rounds * n_threads))


def histogram_offset(column: np.ndarray, width: int) -> np.ndarray:
    """Return where the sums of each column start in a histogram, given the columns per block.

    >>> int(histogram_offset(np.array(15), 14)) == (16 + 1) * 256
    True
    """
    return (column // width * BLOCK_WIDTH + column % width) * N_CODES


def features_by_block(features: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the features (p,) int32 in the order of their blocks, and where each block's start there, (n_blocks + 1,) int32."""
    block = features["column"] // width
    starts = np.searchsorted(np.sort(block), np.arange(block.max() + 2))
    return np.argsort(block, kind="stable").astype(np.int32), starts.astype(np.int32)
