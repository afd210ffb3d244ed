"""One step of gradient descent on a window: some input vectors, some output vectors, and one label for each of the latter.

The loss is the sum over inputs x and outputs y of the logistic loss of x·y with y's label: that of negative sampling
(Mikolov et al. 2013, arXiv:1310.4546, eq. 4) when the outputs are a word and words of noise, that of hierarchical soft-max
(eq. 3) when they are the nodes on the word's way. All inputs of a window share the outputs (Ji et al. 2016, arXiv:1604.04661):
two small products of matrices that stay in the cache take the place of many single vectors fetched from memory.
"""

from typing import NamedTuple

import numpy as np

from tenon.kernels import compiled_inline, compiled_reordered, f32, fast_exp
from tenon.text.products import add_rows, clear_row, dots


class Scratch(NamedTuple):
    """Room for one window of at most m inputs and k outputs, with vectors of d numbers; each thread has its own."""

    x: np.ndarray  # (m, d) float32, copies of the inputs
    change: np.ndarray  # (m, d) float32, what the step adds to each
    error: np.ndarray  # (m, k) float32: rate · (label - chance)
    error_of: np.ndarray  # (k, m) float32, the same turned
    inputs: np.ndarray  # (m,) int64, ids of the input words
    every: np.ndarray  # (m,) int64: 0 … m-1
    weight: np.ndarray  # (m,) float32
    outputs: np.ndarray  # (k,) int64, rows of the output vectors
    labels: np.ndarray  # (k,) float32


@compiled_inline
def scratch(m: int, k: int, d: int) -> Scratch:
    """Return the room for a window."""
    x, change = np.zeros((m, d), np.float32), np.zeros((m, d), np.float32)
    error, error_of = np.zeros((m, k), np.float32), np.zeros((k, m), np.float32)
    ids, every, weight = np.zeros(m, np.int64), np.arange(m), np.zeros(m, np.float32)
    return Scratch(x, change, error, error_of, ids, every, weight, np.zeros(k, np.int64), np.zeros(k, np.float32))


@compiled_reordered
def step(s: Scratch, m: int, k: int, out_vectors: np.ndarray, rate: float) -> None:
    """Move k output vectors down the gradient, and write into s.change where m inputs go.

    Inputs stand in s.x, rows of out_vectors in s.outputs, their labels in s.labels. All gradients are those of the vectors as
    they were before the step, but for what other threads do meanwhile (Recht et al. 2011, arXiv:1106.5730).
    """
    for j in range(m):
        error, change = s.error[j], s.change[j]
        dots(s.x[j], out_vectors, s.outputs, k, error)
        for t in range(k):
            error[t] = f32(rate) * (s.labels[t] - f32(1) / (f32(1) + fast_exp(-error[t])))
            s.error_of[t, j] = error[t]
        clear_row(change)
        add_rows(change, out_vectors, s.outputs, k, error)
    for t in range(k):
        add_rows(out_vectors[s.outputs[t]], s.x, s.every, m, s.error_of[t])
