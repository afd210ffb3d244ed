"""CogLTXAnswer: answers from contexts of any length, of which a judge recalls blocks that a reasoner then reads together.

Ding et al. 2020 (CogLTX: Applying BERT to Long Texts, NeurIPS 33, section 3.1, task a): the question stands before the blocks of
every row. Relevant is a block that holds a part of an answer; no intervention asks whether it matters. An answer may run over the
mark between blocks that follow each other in the context, and its blocks are all relevant.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch.nn import functional

from tenon import ranges
from tenon.data.questions import Answer, Questions
from tenon.long import cogltx_nets
from tenon.long.cogltx_nets import BATCH, BLOCK, LONGEST, JudgeAndReasoner, Kept
from tenon.long.cogltx_relevance import given
from tenon.long.cogltx_rows import Document, Documents, RecallReader
from tenon.long.cogltx_training import Plan, Rounds, RowOf
from tenon.long.mem_recall import KEPT, Row
from tenon.text.answer_spans import ReadRow, Stretch
from tenon.text.answer_windows import NO_PLACE, room_of_question, whole_in
from tenon.text.bert import Bert
from tenon.text.bert_heads import BertForSpans
from tenon.text.fine_tuning import FEWEST_STEPS
from tenon.text.marked import Marked, MarkedTokens
from tenon.text.marked_rows import MarkedRows
from tenon.text.span_answers import SpanAnswers
from tenon.training.history import History
from tenon.training.threads import threads

Places = list[tuple[int, int]]  # from where to where answers stand in a context


class CogLTXAnswer(SpanAnswers):
    """Answers questions (question, context) by pieces of the context, or by none.

    Parameters
    ----------
    checkpoint, judge, longest, block, kept, epochs, fewest_steps, batch_size, rate, decay : see `CogLTX`.
    longest_question : tokens read of a question. longest_answer : tokens of an answer; None: of 99 in 100 train answers.
    n_best : answers that are weighed. n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the heads' weights, of rows and their order, of dropout.

    Attributes
    ----------
    net_ : judge and reasoner; reader_ : what recalls; history_ : `tenon.training.History` of the reasoner, `before` that of the
    judge; threshold_ : by how much the score of no answer must exceed that of the best one to be said; longest_answer_
    """

    not_kept: ClassVar = {"checkpoint": "", "judge": None}

    net_: JudgeAndReasoner
    reader_: RecallReader
    history_: History

    def __init__(
        self, checkpoint: "Path | str" = "", judge: "Path | str | None" = None, longest: int = LONGEST, block: int = BLOCK,
        kept: Sequence[int] = KEPT, longest_question: int = 64, longest_answer: int | None = None, n_best: int = 20,
        epochs: int = 2, fewest_steps: int = FEWEST_STEPS, batch_size: int = BATCH, rate: float | None = None,
        decay: float = 0.01, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.judge, self.longest, self.block, self.kept = checkpoint, judge, longest, block, kept
        self.longest_question, self.longest_answer, self.n_best = longest_question, longest_answer, n_best
        self.epochs, self.fewest_steps, self.batch_size, self.rate, self.decay = epochs, fewest_steps, batch_size, rate, decay
        self.n_jobs, self.random_state = n_jobs, random_state

    def _learn(self, X: Questions, y: Sequence[Sequence[Answer]], seed: int) -> np.ndarray:
        """Of the answers of a question the first is learnt that a row holds."""
        cogltx_nets.check_settings(self)
        ranges.whole("longest_question", self.longest_question, 1)
        self.net_, self.reader_ = cogltx_nets.load_networks(self, lambda: BertForSpans.from_pretrained(self.checkpoint))
        cogltx_nets.check_room(self.reader_, self._room_of_question + self.reader_.marks_of_question - 1, "a question")
        documents = Documents(self._documents(X))
        places: list[Places] = [[(one["start"], one["start"] + len(one["text"])) for one in answers] for answers in y]
        documents.relevance = given(documents.read, places)
        course = Rounds(
            self.net_, self.reader_, documents, with_places(self.reader_, documents, places), np.zeros(len(X), bool),
            functional.cross_entropy, Plan(1, cogltx_nets.recipe_of(self), False, seed), self.watch,
        )  # fmt: skip
        self.history_ = course.train()
        firsts = ((document, of[0]) for document, of in zip(documents.read, places, strict=True) if of)
        lengths = np.array([len(whole_in(document.spans, *first)) for document, first in firsts], np.int64)
        return lengths[lengths > 0]

    @property
    def _room_of_question(self) -> int:
        return room_of_question(self.reader_.longest - self.reader_.tokens.n_marks(2), self.longest_question)

    def _documents(self, X: Questions) -> list[Document]:
        """Return contexts in blocks, each encoded once, with what is asked."""
        contexts = {context: self.reader_.encoded(context) for context in dict.fromkeys(context for _, context in X)}
        encode, room = self.reader_.tokens.tokens.encode, self._room_of_question
        return [contexts[context]._replace(question=encode(question).ids[:room]) for question, context in X]

    @property
    def tokens_(self) -> MarkedTokens:
        return self.reader_.tokens

    @property
    def _bert(self) -> Bert:
        return self.net_.reasoner.bert

    def _read(self, X: Questions) -> list[list[ReadRow]]:
        documents = self._documents(X)
        with threads(self.n_jobs):
            recalled = [found.blocks for found in self.reader_.recalled(documents)]
        rows = [self.reader_.row(*one) for one in zip(documents, recalled, strict=True)]
        return [
            [ReadRow(self._with_question(row, question), logits, stretches(document, blocks, row, logits))]
            for document, blocks, row, logits, (question, _) in zip(documents, recalled, rows, self._logits(rows), X, strict=True)
        ]

    def _with_question(self, row: Marked, question: str) -> Marked:
        """Return a row with the places of what is asked, too, in the question."""
        asked, spans = self.reader_.tokens.tokens.encode(question).spans[: self._room_of_question], row.spans.copy()
        spans[1 : 1 + len(asked)] = asked
        return row._replace(spans=spans)

    def recalled_in(self, X: Questions) -> list[Kept]:
        """Return the blocks that are recalled of each context, in its order: what the reasoner reads."""
        with threads(self.n_jobs):
            return cogltx_nets.kept_of(self.reader_, self._documents(X))

    def _words(self) -> dict[str, Any]:
        return cogltx_nets.networks_to_json(self.net_, self.reader_)

    def _build(self, words: dict[str, Any]) -> None:
        self.net_, self.reader_ = cogltx_nets.networks_from_json(words, BertForSpans)


def with_places(reader: RecallReader, documents: Documents, answers: Sequence[Places]) -> Callable[[Sequence[RowOf]], MarkedRows]:
    """Return what gives rows of documents with the place of an answer in each, (n, 2) int64."""

    def rows(asked: Sequence[RowOf]) -> MarkedRows:
        read = [reader.row(documents.read[i], row) for i, row in asked]
        found = [place_in(row, documents.read[i], answers[i]) for (i, _), row in zip(asked, read, strict=True)]
        return reader.rows(read, torch.tensor(found))

    return rows


def place_in(row: Marked, document: Document, answers: Places) -> tuple[int, int]:
    """Return where the first answer that a row holds whole begins and ends in it; NO_PLACE where it holds none."""
    for start, end in answers:
        inside = whole_in(row.spans, start, end)
        if len(inside) and len(inside) == len(whole_in(document.spans, start, end)):
            return int(inside[0]), int(inside[-1])
    return NO_PLACE


def stretches(document: Document, blocks: Row, row: Marked, logits: np.ndarray) -> list[Stretch]:
    """Return what a row holds of a context: blocks that follow each other there are one stretch, without the mark between them.

    logits : (t, 2) float, of the row.
    """
    places = np.flatnonzero(row.spans[:, 1])  # marks, and what is asked, stand nowhere
    of_block = np.repeat(blocks, document.sizes[list(blocks)] - 1)
    parts = np.split(places, np.flatnonzero(np.diff(of_block) > 1) + 1)
    return [Stretch(row.spans[part], np.ones(len(part), bool), logits[part]) for part in parts]
