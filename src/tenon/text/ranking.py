"""Which blocks of a document matter, without a network: by the words they share with a question, or with each other.

BM25: Robertson & Zaragoza 2009, section 3.2. TextRank: Mihalcea & Tarau 2004 (EMNLP), sections 2.2 and 4.1: blocks vote for those
that they share words with, and votes of those with many count more, as in PageRank.
"""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from tenon import ranges

K1, B = 1.2, 0.75
DAMPING, NEAR, MOST_ROUNDS = 0.85, 1e-6, 200  # share of a standing that votes make; when rounds end
AT_ONCE = 4_096  # blocks that vote for each other; of longer documents, each part does


def bm25(question: np.ndarray, blocks: Sequence[np.ndarray], k1: float = K1, b: float = B) -> np.ndarray:
    """Return how well each block fits a question, (n,) float64, 0 where they share nothing; the document's blocks are the corpus.

    question, blocks : ids of tokens, (t,) int; what the question says twice counts once. k1 : how much a
    token counts that stands there again; b : how much a long block is held against it.
    """
    ranges.number("k1", k1, 0)
    ranges.number("b", b, 0, 1)
    if not blocks:
        return np.zeros(0)
    lengths = np.array([len(block) for block in blocks])
    relative = 1 - b + b * lengths / (lengths.mean() or 1.0)
    scores = np.zeros(len(blocks))
    for term in np.unique(question):
        counts = np.array([np.count_nonzero(block == term) for block in blocks])
        n_with = np.count_nonzero(counts)
        idf = np.log1p((len(blocks) - n_with + 0.5) / (n_with + 0.5))
        scores += idf * counts * (k1 + 1) / np.maximum(counts + k1 * relative, np.finfo(float).tiny)
    return scores


def textrank(blocks: Sequence[np.ndarray]) -> np.ndarray:
    """Return how much the blocks of a document vote for each, (n,) float64; blocks : ids of tokens, (t,) int.

    Time grows with the square of the number of blocks, up to AT_ONCE.
    """
    parts = (blocks[first : first + AT_ONCE] for first in range(0, len(blocks), AT_ONCE))
    return np.concatenate([np.zeros(0), *(_ranked(_alike(part)) for part in parts)])


def _alike(blocks: Sequence[np.ndarray]) -> sparse.csr_array:
    """Return how alike blocks are, (n, n): words in common over the logarithms of how many each has; none is like itself."""
    sets = [np.unique(block) for block in blocks]
    rows = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    terms, columns = np.unique(np.concatenate(sets), return_inverse=True)
    has = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(sets), max(1, len(terms))))
    common = (has @ has.T).tocoo()
    logs = np.log([max(len(block), 1) for block in blocks])
    weights = logs[common.row] + logs[common.col]
    is_pair = (common.row != common.col) & (weights > 0)
    kept = (common.data[is_pair] / weights[is_pair], (common.row[is_pair], common.col[is_pair]))
    return sparse.csr_array(kept, shape=common.shape)


def _ranked(alike: sparse.csr_array) -> np.ndarray:
    """Return the standing of each: 1 - DAMPING, and DAMPING of the votes of all, each giving all of its own standing away."""
    given = alike.sum(axis=1)
    standing = np.ones(len(given))
    for _ in range(MOST_ROUNDS):
        after = 1 - DAMPING + DAMPING * (alike.T @ np.divide(standing, given, out=np.zeros(len(given)), where=given > 0))
        if np.abs(after - standing).max(initial=0.0) < NEAR:
            return after
        standing = after
    return standing
