"""Which blocks matter, before and beside a judge: given as places, by words that tell, and by what a network loses without them.

Ding et al. 2020 (CogLTX, NeurIPS 33, section 3.3). At first, blocks are taken for relevant that share words with the name of the
document's class, or labels (their BM25), and, which is ours, with words that stand in documents of its class more often than
chance would have it. Interventions then raise the relevance of a block whose absence costs the network T_UP nats, and lower it
where that costs less than T_DOWN; in between it stays, so that it does not flicker.
"""

from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np
from scipy.stats import hypergeom

from tenon.errors import DataError
from tenon.long.cogltx_rows import Document
from tenon.text.ranking import bm25

NEAR_BEST = 0.85  # of the best block's BM25, from which on a block is taken for relevant (Sleepychord/CogLTX)
LENGTH = 0.3  # how much a long block is held against it: so little that one twice as long that says the same is near the best
T_UP, T_DOWN = 0.2, -0.05  # nats that the absence of a block costs; the same for numbers, in variances of the target
LOWEST, HIGHEST = -1, 2  # of a relevance; a block is relevant from 1 on
LEVEL = 0.01  # chance that any word at all is taken for one that tells, where none does

Spans = Iterable[tuple[int, int]]


def given(documents: Sequence[Document], spans: Sequence[Spans]) -> np.ndarray:
    """Return the relevance of all blocks: 1 where a token of it stands within one of the spans (start, end) of its text.

    Raises DataError where there are not as many rows of spans as documents.
    """
    if len(spans) != len(documents):
        raise DataError(f"relevance holds places for each row; got {len(spans):,} for {len(documents):,} rows.")
    found = [np.zeros(0, np.int8)]
    for document, of_text in zip(documents, spans, strict=True):
        is_in = np.zeros(len(document.ids), bool)
        for start, end in of_text:
            is_in |= (document.spans[:, 0] < end) & (document.spans[:, 1] > start)
        found.append(np.array([is_in[document.block(i)].any() for i in range(len(document.ends))], np.int8))
    return np.concatenate(found)


def by_words(documents: Sequence[Document], has: np.ndarray, names: Sequence[np.ndarray]) -> np.ndarray:
    """Return the relevance of all blocks: 1 of those that fit best what is known of the document's classes, 0 where none does.

    has : (n, K) bool, the class, or labels, of each document. names : ids of tokens that each class's name has, (t,) int; what
    stands in all of them, as 色 in names of colours, tells none from another.
    """
    shared = reduce(np.intersect1d, names) if len(names) > 1 else np.zeros(0, np.int64)
    questions = [np.union1d(np.setdiff1d(name, shared), told) for name, told in zip(names, telling(documents, has), strict=True)]
    asked = [[questions[k] for k in np.flatnonzero(of_document)] for of_document in has]
    return best_by_words(documents, [np.unique(np.concatenate([np.zeros(0, np.int64), *of])) for of in asked])


def best_by_words(documents: Sequence[Document], questions: Sequence[np.ndarray]) -> np.ndarray:
    """Return the relevance of all blocks: 1 of those that fit best, by BM25, the question of their document, 0 where none does.

    questions : of each document, ids of tokens (t,) int. The length of a block, which is where a text pauses, counts less
    than in `bm25` by itself.
    """
    found = [np.zeros(0, np.int8)]
    for document, question in zip(documents, questions, strict=True):
        blocks = [document.ids[document.block(i)] for i in range(len(document.ends))]
        scores = bm25(np.intersect1d(question, document.ids), blocks, b=LENGTH)
        found.append(((scores > 0) & (scores >= NEAR_BEST * scores.max(initial=0.0))).astype(np.int8))
    return np.concatenate(found)


def telling(documents: Sequence[Document], has: np.ndarray) -> list[np.ndarray]:
    """Return for each class the ids of tokens that stand in more of its documents than chance has it, by Fisher's exact test.

    has : (n, K) bool, which documents are of which classes, one or more each. A token that does not tell is among them with a
    chance of LEVEL at most, over all tokens and classes (Bonferroni).
    """
    sets = [np.unique(document.ids) for document in documents]
    n_tokens = 1 + max((int(ids[-1]) for ids in sets if len(ids)), default=0)
    counts, of_all = np.zeros((has.shape[1], n_tokens), np.int64), np.zeros(n_tokens, np.int64)
    for ids, of_document in zip(sets, has, strict=True):
        counts[np.ix_(of_document, ids)] += 1
        of_all[ids] += 1
    level = LEVEL / (has.shape[1] * max(1, int(np.count_nonzero(of_all))))
    return [
        np.flatnonzero((of > 0) & (hypergeom.sf(of - 1, len(documents), of_all, n) < level))
        for of, n in zip(counts, has.sum(axis=0), strict=True)
    ]


def moved(relevance: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """Return the relevance of blocks (n,) int8 after interventions; costs : (n,) by which the loss rises without each."""
    step = (costs >= T_UP).astype(np.int8) - (costs <= T_DOWN).astype(np.int8)
    return np.clip(relevance + step, LOWEST, HIGHEST).astype(np.int8)
