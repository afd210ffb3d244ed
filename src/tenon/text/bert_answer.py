"""BertAnswer: pieces of a context that answer a question, by a BERT that tells where they begin and end (Devlin et al. 2019).

The parts have their sources in answer_windows.py and answer_spans.py.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from tenon.data.questions import Answer, Questions
from tenon.text.answer_spans import ReadRow, stretch_of
from tenon.text.answer_windows import NO_PLACE, Window, Windows, places_in
from tenon.text.bert import Bert
from tenon.text.bert_config import BertConfig
from tenon.text.bert_cost import BATCH
from tenon.text.bert_heads import BertForSpans
from tenon.text.fine_tuning import FEWEST_STEPS, SHARE, Learns, epochs_of, recipe_for, trainings, within_memory
from tenon.text.marked import MarkedTokens
from tenon.text.marked_rows import MarkedRows
from tenon.text.span_answers import SpanAnswers
from tenon.text.stretch import reaching
from tenon.training.in_turn import train_in_turn
from tenon.training.loop import Loss


class BertAnswer(SpanAnswers):
    """Answers questions (question, context) by pieces of the context, or by none.

    Parameters
    ----------
    checkpoint : folder of an encoder as Hugging Face lays it out.
    longest : tokens of a row, at most what the encoder knows. stride : tokens from one window of a context to the next.
    longest_question : tokens read of a question. longest_answer : tokens of an answer; None: of 99 in 100 train answers.
    n_best : answers that are weighed.
    stretch : settings of `tenon.text.stretched`, which makes the encoder one for rows of `longest`; None: it stays as it is.
    epochs, batch_size, rate, decay : see `tenon.training.Recipe`; rate None: by the width of the encoder. fewest_steps : there
        are more epochs of few windows, until so many are taken.
    layer_share, frozen_layers, learns : see `tenon.text.fine_tuning`.
    n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the head's weights, the order of windows, dropout.

    Attributes
    ----------
    net_ : `tenon.text.BertForSpans`; windows_; history_ : `tenon.training.History`
    threshold_ : by how much the score of no answer must exceed that of the best one to be said; longest_answer_
    """

    def __init__(
        self, checkpoint: "Path | str" = "", longest: int = 384, stride: int = 128, longest_question: int = 64,
        longest_answer: int | None = None, n_best: int = 20, epochs: int = 2, fewest_steps: int = FEWEST_STEPS,
        batch_size: int = BATCH, rate: float | None = None, decay: float = 0.01, layer_share: float = SHARE,
        frozen_layers: int = 0, learns: Learns = "all", stretch: dict[str, Any] | None = None, n_jobs: int | None = None,
        random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.longest, self.stride, self.longest_question = checkpoint, longest, stride, longest_question
        self.longest_answer, self.n_best, self.epochs, self.batch_size = longest_answer, n_best, epochs, batch_size
        self.fewest_steps, self.rate, self.decay, self.layer_share = fewest_steps, rate, decay, layer_share
        self.frozen_layers, self.learns, self.stretch = frozen_layers, learns, stretch
        self.n_jobs, self.random_state = n_jobs, random_state

    def _learn(self, X: Questions, y: Sequence[Sequence[Answer]], seed: int) -> np.ndarray:
        """Of the answers of a question the first is learnt, in each window that holds it."""
        self.net_ = BertForSpans.from_pretrained(self.checkpoint)
        self.net_.bert = reaching(self.net_.bert, self.longest, self.stretch, self.watch)
        self.windows_ = self._cutter(MarkedTokens.from_pretrained(self.checkpoint), self.net_.bert.config)
        rows, lengths = self._train_rows(X, y)
        config, epochs = self.net_.bert.config, epochs_of(len(rows), self.batch_size, self.epochs, self.fewest_steps)
        recipe = recipe_for(config, epochs, self.batch_size, self.rate, self.decay, int(rows.lengths.max()))
        with within_memory(self.net_.bert, rows):
            self.history_ = train_in_turn(
                self.net_, rows, functional.cross_entropy,
                trainings(config, recipe, self.layer_share, self.frozen_layers, self.learns),
                seed=seed, watch=self.watch, folder=self.watch.folder,
            )  # fmt: skip
        return lengths

    def _cutter(self, tokens: MarkedTokens, config: BertConfig) -> Windows:
        return Windows(tokens, min(self.longest, config.longest), self.stride, self.longest_question)

    def _cut(self, X: Questions) -> list[Window]:
        return [window for number, (question, context) in enumerate(X) for window in self.windows_.of(question, context, number)]

    def _train_rows(self, X: Questions, y: Sequence[Sequence[Answer]]) -> tuple[MarkedRows, np.ndarray]:
        """Return windows, with the places of the answers, and how many tokens the answers have."""
        windows = self._cut(X)
        firsts = [answers[0] if len(answers) else None for answers in y]
        answers = [firsts[window.question] for window in windows]
        places = [
            NO_PLACE if answer is None else places_in(window, answer["start"], answer["start"] + len(answer["text"]))
            for window, answer in zip(windows, answers, strict=True)
        ]
        found = np.array([place for place in places if place != NO_PLACE], np.int64).reshape(-1, 2)
        rows = MarkedRows([window.row for window in windows], torch.tensor(places), self.windows_.tokens.tokens.pad)
        return rows, found[:, 1] - found[:, 0] + 1

    @property
    def tokens_(self) -> MarkedTokens:
        return self.windows_.tokens

    def judged(self, X: Questions, y: Sequence[Sequence[Answer]]) -> tuple[MarkedRows, Loss]:
        """Return windows of questions X with where their answers y stand, and what the network is judged by."""
        return self._train_rows(X, y)[0], functional.cross_entropy

    def _read(self, X: Questions) -> list[list[ReadRow]]:
        windows = self._cut(X)
        rows: list[list[ReadRow]] = [[] for _ in X]
        for window, logits in zip(windows, self._logits([window.row for window in windows]), strict=True):
            rows[window.question].append(ReadRow(window.row, logits, [stretch_of(window, logits)]))
        return rows

    @property
    def _bert(self) -> Bert:
        return self.net_.bert

    def _words(self) -> dict[str, Any]:
        return {"tokens": self.windows_.tokens.tokens.to_json(), "network": asdict(self.net_.bert.config)}

    def _build(self, words: dict[str, Any]) -> None:
        config = BertConfig(**words["network"])
        self.net_ = BertForSpans(Bert(config))
        self.windows_ = self._cutter(MarkedTokens.from_json(words["tokens"], config), config)
