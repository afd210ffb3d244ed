"""Documents in blocks, and rows of some of their blocks: [CLS] block [SEP] block [SEP] …, always in the document's order.

Ding et al. 2020 (CogLTX, NeurIPS 33, section 3). A document is encoded once; its blocks are slices of that, and what is believed
of them stands in flat arrays. A question about it stands before the blocks of every row, [CLS] question [SEP] block [SEP] …, the
two as a pair of texts. Other than there, what fills a recalled row though its judge thinks little of it is not read.
"""

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.special import expit, logit
from torch import Tensor

from tenon.long.mem_recall import Recalled, Row, recall_all
from tenon.text.bert_heads import BertForTags
from tenon.text.blocks import block_ends, cut_costs
from tenon.text.marked import NOWHERE, Marked, MarkedTokens
from tenon.text.marked_reader import longest_part, parts_of, spans_of, without
from tenon.text.marked_rows import MarkedRows
from tenon.text.readers import Reader
from tenon.text.token_rows import TOKENS_AT_ONCE, of_like_length, texts_of
from tenon.text.tokens import Encoded
from tenon.training.device import lent

LEAST = 0.1  # of the best block's odds, which a block has that the reasoner reads


class Document(NamedTuple):
    """A text: ids (t,) int64, spans (t, 2) int64, and starts, ends (n,) int64, behind how many tokens each block begins and ends.

    question : (q,) int64, ids of what is asked about it; None where nothing is.
    """

    ids: np.ndarray
    spans: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    question: np.ndarray | None = None

    @classmethod
    def cut(cls, found: Encoded, ends: np.ndarray) -> "Document":
        """Return a text all of which is in blocks, of which each begins where the one before ends."""
        return cls(*found, np.append(0, ends)[:-1], ends)

    def beside(self, place: int) -> "Document":
        """Return the other blocks, with the one at this place as what is asked."""
        starts, ends = (np.delete(of, place) for of in (self.starts, self.ends))
        return self._replace(starts=starts, ends=ends, question=self.ids[self.block(place)])

    @property
    def sizes(self) -> np.ndarray:
        """(n,) tokens of each block, with the mark behind it."""
        return self.ends - self.starts + 1

    def block(self, place: int) -> slice:
        return slice(int(self.starts[place]), int(self.ends[place]))


class Documents:
    """Documents, and what is believed of their blocks, which stand one behind the other: those of document i in `of(i)`.

    relevance : (n,) int8, at least 1 where a block is taken for relevant. estimation : (n,) float32, what the judge said last.
    """

    def __init__(self, read: Sequence[Document]):
        self.read = read
        self._first = np.cumsum([0, *(len(document.ends) for document in read)])
        self.relevance = np.zeros(self._first[-1], np.int8)
        self.estimation = np.zeros(self._first[-1], np.float32)

    def of(self, i: int) -> slice:
        return slice(int(self._first[i]), int(self._first[i + 1]))

    def is_relevant(self, i: int) -> np.ndarray:
        """Return which blocks of a document are taken for relevant, (n,) bool."""
        return self.relevance[self.of(i)] >= 1


class RecallReader(Reader[str, Document]):
    """What is read of texts: a row of those blocks that a judge recalls, see `mem_recall`.

    longest : tokens of a row, the marks among them; block : of a block, at most. judge : gives one number a token.
    """

    room = sys.maxsize  # of no document an end is cut off

    def __init__(self, tokens: MarkedTokens, longest: int, block: int, kept: Sequence[int], judge: BertForTags):
        self.tokens, self.longest, self.block, self.kept, self.judge = tokens, longest, block, tuple(kept), judge

    def front(self, document: Document) -> np.ndarray:
        """Return what stands before the blocks of every row of a document: the first mark, and what is asked with its marks."""
        if document.question is None:
            return np.array([self.tokens.start])
        return np.concatenate([[self.tokens.start], document.question, [self.tokens.end] * (self.marks_of_question - 1)])

    @property
    def marks_of_question(self) -> int:
        """Marks before blocks, the first of the row among them."""
        return self.tokens.n_marks(2) - 1

    def room_of(self, document: Document) -> int:
        """Return how many tokens the blocks of a row of a document have in all."""
        return self.longest - len(self.front(document))

    def length(self, document: Document, places: Sequence[int]) -> int:
        """Return how many tokens the row of these blocks has."""
        return len(self.front(document)) + int(document.sizes[list(places)].sum())

    def texts(self, X: Any) -> list[str]:
        return texts_of(X)

    def encoded(self, text: str) -> Document:
        found = self.tokens.tokens.encode(text)
        return Document.cut(found, block_ends(cut_costs(text, found), self.block))

    def n_tokens(self, found: Document) -> int:
        return len(found.ids)

    def read(self, found: Document) -> Marked:
        [recalled] = self.recalled([found])
        return self.row(found, recalled.blocks)

    def all_read(self, texts: Sequence[str]) -> list[Marked]:
        found = [self.encoded(one) for one in texts]
        return [self.row(one, recalled.blocks) for one, recalled in zip(found, self.recalled(found), strict=True)]

    def rows(self, read: Sequence[Marked], targets: Tensor) -> MarkedRows:
        return MarkedRows(read, targets, self.tokens.tokens.pad)

    def without_each(self, text: str) -> tuple[np.ndarray, list[Marked]]:
        """What is recalled of the whole text stays; of long rows, parts are left out."""
        row = self.read(self.encoded(text))
        places = np.flatnonzero(row.spans[:, 1])  # marks stand nowhere
        parts = parts_of(text, row, places, longest_part(len(places)))
        return spans_of(row.spans, parts), [row, *(without(row, part) for part in parts)]

    def row(self, document: Document, places: Sequence[int]) -> Marked:
        """Return the row of blocks at these places, in the document's order; what is asked stands nowhere in the document."""
        front, end = self.front(document), np.array([self.tokens.end])
        ids, spans = [front], [NOWHERE.repeat(len(front), axis=0)]
        for block in map(document.block, sorted(places)):
            ids += [document.ids[block], end]
            spans += [document.spans[block], NOWHERE]
        joined = np.concatenate(ids)
        segments = np.zeros(len(joined), np.int64)
        if document.question is not None:
            segments[len(front) - (self.tokens.n_segments == 1) :] = (
                1  # a second mark begins the other text, as in `MarkedTokens`
            )
        return Marked(joined, segments, np.concatenate(spans))

    def recalled(self, documents: Sequence[Document], said: Documents | None = None) -> list[Recalled]:
        """Return what the judge recalls of each document; said : these documents, whose estimations it then sets."""

        def judge(rows: list[tuple[int, Row]]) -> list[np.ndarray]:
            scores = self._scores([(documents[i], row) for i, row in rows])
            if said is not None:
                for (i, row), of_row in zip(rows, scores, strict=True):
                    said.estimation[said.of(i)][list(row)] = of_row
            return scores

        sizes, rooms = [document.sizes for document in documents], [self.room_of(document) for document in documents]
        found = recall_all(sizes, rooms, judge, self.kept)
        return [worth_reading(one) for one in found]

    @torch.no_grad()
    def _scores(self, rows: Sequence[tuple[Document, Row]]) -> list[np.ndarray]:
        """Return the judge's score of each block of each row, from 0 to 1, in evaluation mode.

        The odds of a block are the mean of its tokens' odds, as in `relevance_loss`.
        """
        self.judge.eval()
        lengths = torch.tensor([self.length(*row) for row in rows], dtype=torch.int64)
        scores = [np.zeros(0)] * len(rows)
        with lent(self.judge, len(rows)) as device:
            for ids in of_like_length(lengths, TOKENS_AT_ONCE):
                batch = self.rows([self.row(*rows[i]) for i in ids.tolist()], torch.zeros(0))
                said = self.judge(*batch.inputs(torch.arange(len(ids)), device))[..., 0].cpu().double().numpy()
                for i, of_tokens in zip(ids.tolist(), said, strict=True):
                    document, places = rows[i]
                    scores[i] = _of_blocks(of_tokens[len(self.front(document)) :], document.sizes, places)
        return scores


def worth_reading(found: Recalled) -> Recalled:
    """Return the blocks whose odds are at least LEAST of those of the best: others fill a row, and tell nothing."""
    odds = logit(found.scores)
    stays = np.flatnonzero(odds >= odds.max(initial=-np.inf) + np.log(LEAST))
    return Recalled(tuple(found.blocks[i] for i in stays.tolist()), found.scores[stays])


def _of_blocks(of_tokens: np.ndarray, sizes: np.ndarray, places: Row) -> np.ndarray:
    """Return the score of each block by the logits of tokens; places : of blocks, in whose order they are returned."""
    order = np.argsort(places)  # in which they were read
    read = sizes[np.asarray(places, np.int64)[order]]
    scores = np.zeros(len(places))
    if len(places):
        starts = np.cumsum(read) - read
        scores[order] = expit(np.logaddexp.reduceat(of_tokens[: read.sum()], starts) - np.log(read))
    return scores
