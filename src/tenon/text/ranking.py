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
AT_ONCE = 1_024  # blocks that vote for each other; of longer documents, each part does
MOST_TELLING = 20  # terms for each class


def bm25(question: np.ndarray, blocks: Sequence[np.ndarray], k1: float = K1, b: float = B) -> np.ndarray:
    """Return how well each block fits a question, (n,) float64, 0 where they share nothing; the document's blocks are the corpus.

    question, blocks : ids of tokens, (t,) int; what the question says twice counts once. k1 : how much a
    token counts that stands there again; b : how much a long block is held against it.
    """
    ranges.number("k1", k1, 0)
    ranges.number("b", b, 0, 1)
    terms = np.unique(question)
    if not blocks or not len(terms):
        return np.zeros(len(blocks))
    lengths = np.array([len(block) for block in blocks])
    relative = 1 - b + b * lengths / (lengths.mean() or 1.0)
    ids, of_block = np.concatenate(blocks), np.repeat(np.arange(len(blocks)), lengths)
    places = np.searchsorted(terms, ids)
    is_asked = terms[np.minimum(places, len(terms) - 1)] == ids
    shape = (len(blocks), len(terms))
    counts = sparse.coo_array((np.ones(is_asked.sum()), (of_block[is_asked], places[is_asked])), shape).tocsr()  # summed up
    n_with = np.bincount(counts.indices, minlength=len(terms))
    idf = np.log1p((len(blocks) - n_with + 0.5) / (n_with + 0.5))
    rows, columns = counts.nonzero()
    scores = idf[columns] * counts.data * (k1 + 1) / (counts.data + k1 * relative[rows])
    return np.bincount(rows, scores, len(blocks))


def telling_terms(documents: Sequence[np.ndarray], targets: np.ndarray, most: int = MOST_TELLING) -> np.ndarray:
    """Return the terms whose presence goes most with a column of targets, up to `most` a column, ascending, int64.

    documents : ids of tokens, (t,) int, of n documents; targets : (n, K) float, 1 for the class of each, or numbers. Judged by
    the square of the correlation; those that stand in one document or in all tell nothing.
    """
    has, terms = _presence(documents)
    n, n_with = has.shape[0], np.asarray(has.sum(axis=0))
    may_tell = np.flatnonzero((n_with > 1) & (n_with < n))
    centred = targets - targets.mean(axis=0)
    shared = (has[:, may_tell].T @ centred) ** 2 / np.maximum((centred**2).sum(axis=0), np.finfo(float).tiny)
    squares = shared / (n_with * (1 - n_with / n))[may_tell, None]  # of correlations
    best = np.argsort(-squares, axis=0, kind="stable")[:most]
    return terms[np.unique(may_tell[best])]


def textrank(blocks: Sequence[np.ndarray]) -> np.ndarray:
    """Return how much the blocks of a document vote for each, (n,) float64; blocks : ids of tokens, (t,) int.

    Time grows with the square of the number of blocks, up to AT_ONCE.
    """
    parts = (blocks[first : first + AT_ONCE] for first in range(0, len(blocks), AT_ONCE))
    return np.concatenate([np.zeros(0), *(_ranked(_alike(part)) for part in parts)])


def _presence(texts: Sequence[np.ndarray]) -> tuple[sparse.csr_array, np.ndarray]:
    """Return which terms stand in which texts, (n, V) of 1 and 0, and which terms these are, (V,) ascending."""
    sets = [np.unique(text) for text in texts]
    rows = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    terms, columns = np.unique(np.concatenate([np.zeros(0, np.int64), *sets]), return_inverse=True)
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(sets), len(terms))), terms


def _alike(blocks: Sequence[np.ndarray]) -> sparse.csr_array:
    """Return how alike blocks are, (n, n): words in common over the logarithms of how many each has; none is like itself."""
    has, _ = _presence(blocks)
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
