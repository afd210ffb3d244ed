"""Random numbers in compiled code: 64 bits at a time, and words of a given law by two look-ups.

xorshift64* (Vigna 2016, arXiv:1402.6246); the alias method (Walker 1977; tables as Vose 1991 builds them).
"""

from typing import Any, NamedTuple

import numpy as np

from tenon.kernels import compiled_bare_inline, i64, u32, u64

ALWAYS = 2**32 - 1  # a threshold that all 32 bits pass


class Law(NamedTuple):
    """A law on 0 … n-1. A die shows i with equal chances; 32 bits above threshold[i] turn it into alias[i]."""

    threshold: np.ndarray  # (n,) uint32
    alias: np.ndarray  # (n,) int32


def law(weights: np.ndarray) -> Law:
    """Return the law whose chances are as these weights, (n,) and none negative, with an error of at most 2^-32 each."""
    n = len(weights)
    share = np.asarray(weights, float) * (n / np.sum(weights))  # 1 on average
    threshold, alias = np.full(n, ALWAYS, np.uint32), np.arange(n, dtype=np.int32)
    small, large = (np.flatnonzero(side).tolist() for side in (share < 1, share >= 1))
    while small and large:
        poor, rich = small.pop(), large[-1]
        threshold[poor], alias[poor] = int(share[poor] * ALWAYS), rich
        share[rich] -= 1 - share[poor]
        if share[rich] < 1:
            small.append(large.pop())
    return Law(threshold, alias)


@compiled_bare_inline
def next_bits(state: np.ndarray) -> Any:
    """Return 64 random bits. state : (1,) uint64, not 0; it moves on."""
    x = state[0]
    x ^= x >> u64(12)
    x ^= x << u64(25)
    x ^= x >> u64(27)
    state[0] = x
    return x * u64(2685821657736338717)


@compiled_bare_inline
def below(state: np.ndarray, n: int) -> Any:
    """Return a random whole number in 0 … n-1; n is at most 2^32."""
    return i64(((next_bits(state) >> u64(32)) * u64(n)) >> u64(32))


@compiled_bare_inline
def passes(state: np.ndarray, threshold: Any) -> Any:
    """Return True with the chance threshold / 2^32, surely for ALWAYS."""
    return u32(next_bits(state) >> u64(32)) <= threshold


@compiled_bare_inline
def drawn(state: np.ndarray, of: Law) -> Any:
    """Return a random number of this law."""
    bits = next_bits(state)
    face = i64(((bits >> u64(32)) * u64(len(of.alias))) >> u64(32))
    return face if u32(bits) <= of.threshold[face] else i64(of.alias[face])
