"""Texts that are nearly the same: copies with a word changed, an end cut off, other punctuation.

Two texts are near when they share at least three quarters of their pieces, which are five characters long (Jaccard's
similarity of the sets; letter case, blanks and punctuation apart), and what is near to the same text goes together. Pairs
are found by MinHash and banding (Broder 1997; Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, section 3.4), then
compared exactly: nothing unlike is joined, and of pairs at the limit one in a thousand is missed. The answer depends on
the texts alone, not on their order.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

NEAR = 0.75  # least share of pieces in common
PIECE = 5  # characters; as advised for short documents (Mining of Massive Datasets, section 3.2.2)
BANDS, ROWS = 24, 4  # a pair of similarity s agrees in all rows of some band with probability 1 - (1 - s^4)^24
AGREEING = 0.62  # least share of equal minima of a pair worth an exact look: 3 standard errors below NEAR
BESIDE = 4  # texts of the same bucket that each is compared with, in the order of the alphabet, beside the first one
CHUNK = 2**18  # characters hashed at once, so that they stay in the cache
PAIRS = 2**16  # compared exactly at once
IGNORED = r"[\p{P}\p{Z}\p{C}\s]+"  # punctuation, blanks, control characters; signs such as emoji count


def near_texts(cells: "pd.Series") -> np.ndarray:
    """Return (n,) int64: the same number for texts that are the same or nearly; missing ones share a number."""
    import pandas as pd

    codes, distinct = pd.factorize(cells, sort=True)
    plain, texts = pd.factorize(plain_texts(distinct), sort=True)
    labels = _joined(texts.tolist())[plain]
    return np.where(codes < 0, -1, labels[codes]) if len(labels) else codes.astype(np.int64)


def plain_texts(texts: "pd.Index | Sequence[str]") -> "pd.Series":
    """Return the texts in one form of each character, small letters, no punctuation; those of punctuation only as they are."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    raw = pa.array(texts, pa.large_string())
    folded = pc.utf8_lower(pc.utf8_normalize(raw, form="NFKC"))
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(folded, IGNORED, " "))
    return pd.Series(pc.if_else(pc.equal(plain, ""), raw, plain).to_pandas(), dtype="str")


def _joined(texts: list[str]) -> np.ndarray:
    """Return (d,) int64 labels of different texts in alphabetical order: near ones, and what is near to those, share one."""
    labels = np.arange(len(texts))
    if len(texts) < 2:
        return labels
    minima = minhash(texts)
    keys = [_mixed(list(minima[:, band : band + ROWS].T)) for band in range(0, BANDS * ROWS, ROWS)]
    is_met = np.zeros(len(texts), bool)  # texts that share a bucket with another: the only ones whose pieces are kept
    for key in keys:
        order = np.argsort(key)
        is_same = np.diff(key[order]) == 0
        is_met[order[1:][is_same]] = is_met[order[:-1][is_same]] = True
    sets = _Sets(texts, np.flatnonzero(is_met))
    tried = np.empty(0, np.int64)
    for key in keys:
        left, right = _meeting(key)
        is_open = labels[left] != labels[right]
        pairs = _different(left[is_open] * len(texts) + right[is_open])
        pairs = pairs[~np.isin(pairs, tried, assume_unique=True, kind="sort")]
        tried = np.concatenate([tried, pairs])
        left, right = np.divmod(pairs, len(texts))
        worth = _agreement(minima, left, right) >= AGREEING
        left, right = left[worth], right[worth]
        is_near = sets.similarity(left, right) >= NEAR
        labels = connected(labels, left[is_near], right[is_near])
    return labels


def minhash(texts: list[str]) -> np.ndarray:
    """Return (d, BANDS * ROWS) uint32: the least hash of each text's pieces under each of as many hash functions.

    Two texts agree in a column with a probability that is the Jaccard similarity of their sets of pieces.
    """
    factors = np.random.default_rng(0).integers(0, 2**31, BANDS * ROWS).astype(np.uint32) * np.uint32(2) + np.uint32(1)
    minima = np.empty((len(texts), BANDS * ROWS), np.uint32)
    for first, hashes, starts in _pieces(texts):
        for column, factor in enumerate(factors):
            minima[first : first + len(starts), column] = np.minimum.reduceat(hashes * factor, starts)
    return minima


def _pieces(texts: list[str]) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield, for some texts at a time, (place of the first, hashes of their pieces (m,) uint32, where each text's start)."""
    lengths = np.maximum([len(text) for text in texts], PIECE)
    chunk_of = np.cumsum(lengths) // CHUNK
    for first, last in _runs(chunk_of):
        joined = "".join(text.ljust(PIECE) for text in texts[first:last])
        characters = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        n_windows = len(characters) - PIECE + 1
        ends = np.cumsum(lengths[first:last])
        is_inside = np.ones(n_windows, bool)
        is_inside[(ends[:-1, None] - np.arange(1, PIECE)).ravel()] = False  # windows that reach into the next text
        hashes = _mixed([characters[k : k + n_windows] for k in range(PIECE)])[is_inside]
        yield (
            first,
            (hashes >> np.uint64(32)).astype(np.uint32),
            np.concatenate([[0], np.cumsum(lengths[first:last] - PIECE + 1)[:-1]]),
        )


def _runs(numbers: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of every stretch of equal numbers."""
    cuts = np.flatnonzero(np.diff(numbers)) + 1
    yield from zip([0, *cuts.tolist()], [*cuts.tolist(), len(numbers)], strict=True)


def _mixed(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return (n,) uint64 hashes of rows, their columns (n,) uint32: splitmix64's finaliser after each (Steele et al. 2014)."""
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        mixed += column + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed


def _different(numbers: np.ndarray) -> np.ndarray:
    """Return the different numbers, sorted; by sorting, since np.unique's hash table is slow for numbers that lie evenly."""
    ordered = np.sort(numbers)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def _meeting(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (left < right) of places with equal keys: each with the next BESIDE and with the first of its bucket."""
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    is_first = np.concatenate([[True], sorted_key[1:] != sorted_key[:-1]])
    first = np.maximum.accumulate(np.where(is_first, np.arange(len(key)), 0))
    left, right = [order[first[~is_first]]], [order[~is_first]]
    for step in range(1, BESIDE + 1):
        is_same = sorted_key[step:] == sorted_key[:-step]
        left.append(order[:-step][is_same])
        right.append(order[step:][is_same])
    return np.concatenate(left), np.concatenate(right)


def _agreement(minima: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the share of equal minima of each pair, an estimate of its similarity."""
    shares = np.empty(len(left))
    for start in range(0, len(left), PAIRS):
        some = slice(start, start + PAIRS)
        shares[some] = (minima[left[some]] == minima[right[some]]).mean(axis=1)
    return shares


class _Sets:
    """The different pieces of some of the texts, as sorted hashes."""

    def __init__(self, texts: list[str], kept: np.ndarray):
        hashes, sizes = [np.empty(0, np.uint32)], [np.empty(0, np.int64)]
        for _, some, starts in _pieces([texts[i] for i in kept.tolist()]) if len(kept) else ():
            text_of = np.repeat(np.arange(len(starts)), np.diff([*starts.tolist(), len(some)]))
            different = _different(text_of.astype(np.uint64) << np.uint64(32) | some)
            hashes.append(different.astype(np.uint32))
            sizes.append(np.bincount((different >> np.uint64(32)).astype(np.int64), minlength=len(starts)))
        self._hashes = np.concatenate(hashes)
        self._size, self._start = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
        self._size[kept] = np.concatenate(sizes)
        self._start[kept] = np.cumsum(self._size[kept]) - self._size[kept]

    def similarity(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return Jaccard's similarity of each pair of texts, (m,) float64."""
        result = np.empty(len(left))
        n_hashes = np.cumsum(self._size[left] + self._size[right])
        for first, last in _runs(n_hashes // (16 * CHUNK)) if len(left) else ():
            result[first:last] = self._similarity(left[first:last], right[first:last])
        return result

    def _similarity(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        texts = np.concatenate([left, right])
        sizes = self._size[texts]
        pair_of = np.repeat(np.tile(np.arange(len(left)), 2), sizes).astype(np.uint64)
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        keys = np.sort(pair_of << np.uint64(32) | self._hashes[np.repeat(self._start[texts], sizes) + within])
        is_shared = keys[1:] == keys[:-1]  # no set holds a hash twice
        n_shared = np.bincount((keys[1:][is_shared] >> np.uint64(32)).astype(np.int64), minlength=len(left))
        return n_shared / (self._size[left] + self._size[right] - n_shared)


def connected(labels: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return labels (d,) in which each pair shares one, and so do all that shared one before."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(left):
        return labels
    links = coo_array((np.ones(len(left), bool), (labels[left], labels[right])), shape=(len(labels), len(labels)))
    return connected_components(links, directed=False)[1][labels].astype(np.int64)
