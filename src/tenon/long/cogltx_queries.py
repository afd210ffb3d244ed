"""Blocks of a sentence of tokens as queries: each is tagged in sight of those others that are recalled for it.

Ding et al. 2020 (CogLTX, NeurIPS 33, section 3.1, task c). A query stands before the others in every row, as a question does:
[CLS] query [SEP] block [SEP] block …, and the first part of each of its words is judged. No word is cut: a block ends where one
does, and of a word longer than a block no more is read than fits into one.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from tenon.long.cogltx_relevance import best_by_words, telling
from tenon.long.cogltx_rows import Document, RecallReader
from tenon.long.cogltx_training import RowOf
from tenon.text.blocks import block_ends, word_cut_costs
from tenon.text.marked import Marked
from tenon.text.marked_rows import MarkedRows
from tenon.text.pieces import Part, PieceRows, pieces_of
from tenon.text.tokens import Encoded


class Query(NamedTuple):
    """A block of a sentence, as what is asked of the others: beside, with the block as its question.

    places, tokens : (m,) int64, of the first parts of its words in every row, and of the words in the sentence.
    """

    beside: Document
    places: np.ndarray
    tokens: np.ndarray

    def part(self, row: Marked) -> Part:
        return Part(row, self.places, self.tokens)


def in_blocks(reader: RecallReader, sentence: Sequence[str]) -> Document:
    """Return a sentence, each part of a word in the place of its word: spans (i, i + 1) of the i-th."""
    pieces = [ids[: reader.block] for ids in pieces_of(sentence, reader.tokens.tokens)]
    sizes = list(map(len, pieces))
    words = np.repeat(np.arange(len(sentence)), sizes)
    found = Encoded(np.concatenate([np.zeros(0, np.int64), *pieces]), np.stack([words, words + 1], axis=1))
    return Document.cut(found, block_ends(word_cut_costs(sentence, sizes), reader.block))


def queries_of(document: Document) -> list[Query]:
    """Return all blocks of a sentence as queries, in its order."""
    words = document.spans[:, 0]
    is_first = np.diff(words, prepend=-1) > 0
    found = []
    for i in range(len(document.ends)):
        block = document.block(i)
        first = np.flatnonzero(is_first[block])
        found.append(Query(document.beside(i), 1 + first, words[block][first]))
    return found


def drawn(documents: Sequence[Document], most: int, seed: int) -> list[tuple[int, Query]]:
    """Return up to that many queries of each sentence by chance, in its order, each with the place of its sentence."""
    chance, found = np.random.default_rng(seed), []
    for i, document in enumerate(documents):
        queries = queries_of(document)
        found += [(i, queries[place]) for place in sorted(chance.permutation(len(queries))[:most].tolist())]
    return found


def with_tags(
    reader: RecallReader, queries: Sequence[Query], tags: Sequence[np.ndarray]
) -> Callable[[Sequence[RowOf]], MarkedRows]:  # fmt: skip
    """Return what gives rows of queries with the tags of each (m,) int64 at their places."""

    def rows(asked: Sequence[RowOf]) -> MarkedRows:
        parts = [queries[i].part(reader.row(queries[i].beside, row)) for i, row in asked]
        return PieceRows.of(parts, [tags[i] for i, _ in asked], reader.tokens.tokens.pad)

    return rows


def by_tags(
    sentences: Sequence[Document], tags: Sequence[np.ndarray], queries: Sequence[tuple[int, Query]], is_out: np.ndarray
) -> np.ndarray:
    """Return the first relevance of what stands beside each query: 1 of blocks with words that tell its tags, 0 where none does.

    tags : of the words of each sentence, (T,) int64 from 0 on. queries : each with the place of its sentence. is_out : (n,) bool,
    sentences of which nothing is learnt. A word tells a tag that stands in more sentences with this tag than chance has it.
    """
    trained = np.flatnonzero(~is_out).tolist()
    n_tags = 1 + max(int(own.max(initial=0)) for own in tags)
    has = np.array([np.bincount(tags[i], minlength=n_tags) > 0 for i in trained])
    told = telling([sentences[i] for i in trained], has)
    nothing = np.zeros(0, np.int64)
    questions = [
        nothing if is_out[i] else np.concatenate([told[tag] for tag in np.unique(tags[i][query.tokens])]) for i, query in queries
    ]
    return best_by_words([query.beside for _, query in queries], questions)
