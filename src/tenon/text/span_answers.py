"""What estimators share that answer by spans of a context: a threshold for no answer, what they say, files.

How an encoder reads questions and contexts is a family's own; its answers are weighed as in answer_spans.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from tenon import ranges
from tenon.data.questions import NO_ANSWER, Answer, Questions, Span
from tenon.errors import DataError
from tenon.metrics.answers import answer_scores
from tenon.text.answer_effects import AnswerEffects, Place, answer_effects, row_of_answer, row_of_none
from tenon.text.answer_spans import ReadRow, Weighed, best_threshold, weighed
from tenon.text.bert import Bert
from tenon.text.bert_config import LONG
from tenon.text.looks import MOST_SHOWN, Looks
from tenon.text.marked import Marked, MarkedTokens
from tenon.text.marked_rows import MarkedRows
from tenon.text.token_rows import TOKENS_AT_ONCE, of_like_length
from tenon.training.device import lent
from tenon.training.held_out import held_out_by_chance
from tenon.training.net_file import put_weights, read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

MOST = 0.99  # share of the train answers that are no longer than what is looked for
WORDS, NUMBERS = "answers.json", "answers.safetensors"


class SpanAnswers(BaseEstimator, ABC):
    """Answers questions (question, context) by pieces of the context, or by none. A family sets net_ and what reads for it.

    threshold_ : by how much the score of no answer must exceed that of the best one to be said. longest_answer_ : in tokens.
    """

    not_kept: ClassVar[dict[str, Any]] = {"checkpoint": ""}  # settings that a file has in another way
    watch: Watch = SILENT  # told how far training is

    net_: Any  # nn.Module
    longest_answer: int | None
    n_best: int
    n_jobs: int | None
    random_state: Any

    def fit(self, X: Questions, y: Sequence[Sequence[Answer]], held_out: Any = None) -> Self:
        """X : (n,) questions with their contexts; y : the answers of each, of which one is learnt.

        held_out : (n,) bool, rows that choose the threshold and are not trained on; by default a tenth by chance, from 200 on. It
        is not looked at where every row has an answer: none is then never said. Raises SettingsError for settings out of range,
        ModelFileError for a folder that does not fit, DataError where no row is left to train on.
        """
        ranges.whole("n_best", self.n_best, 1)
        ranges.whole("fewest_steps", self.fewest_steps, 0)
        ranges.whole("batch_size", self.batch_size, 1)
        ranges.whole("longest_answer", self.longest_answer, 1, or_none=True)
        seed = ranges.seed_of(self.random_state)
        is_out = held_out_by_chance(np.zeros(len(X), np.int64), seed) if held_out is None else np.asarray(held_out, bool)
        has_none = any(not answers for answers in y)
        if not has_none:
            is_out = np.zeros(len(X), bool)
        if is_out.all():
            raise DataError("all questions are held out; none is left to train on.")
        trained, out = (np.flatnonzero(is_out == of).tolist() for of in (False, True))
        with threads(self.n_jobs), own_chance(seed):
            lengths = self._learn([X[i] for i in trained], [y[i] for i in trained], seed)
        longest = int(np.quantile(lengths, MOST)) if len(lengths) else 1
        self.longest_answer_ = longest if self.longest_answer is None else self.longest_answer
        self.net_.eval()
        self.threshold_ = self._threshold([X[i] for i in out], [y[i] for i in out]) if has_none else np.inf
        return self

    @abstractmethod
    def _learn(self, X: Questions, y: Sequence[Sequence[Answer]], seed: int) -> np.ndarray:
        """Set net_ and what reads, train, and return how many tokens the answers have that were learnt, (m,)."""

    @property
    @abstractmethod
    def tokens_(self) -> MarkedTokens:
        """Return those that it reads."""

    @property
    @abstractmethod
    def _bert(self) -> Bert:
        """Return the encoder of what answers."""

    @abstractmethod
    def _read(self, X: Questions) -> list[list[ReadRow]]:
        """Return the rows in which each question is read, one at least, and what the network says of them."""

    @abstractmethod
    def _words(self) -> dict[str, Any]:
        """Return what `_build` needs to know, ready for JSON."""

    @abstractmethod
    def _build(self, words: dict[str, Any]) -> None:
        """Set net_, without its weights, and what reads, from what `_words` told."""

    def _threshold(self, X: Questions, y: Sequence[Sequence[Answer]]) -> float:
        """Return the threshold that is best on held-out rows; 0 where there are none."""
        if not len(X):
            return 0.0
        found = self._weighed(X)
        texts = [spans[0].text if spans else "" for spans, _ in found]
        f1, of_none = (answer_scores(y, said)[:, 0] for said in (texts, [""] * len(X)))
        return best_threshold(np.array([_excess(one) for one in found]), f1, of_none)

    def _weighed(self, X: Questions) -> list[Weighed]:
        """Return what is weighed for each question."""
        return [self._weighed_in(rows, context) for rows, (_, context) in zip(self._read(X), X, strict=True)]

    def _weighed_in(self, rows: Sequence[ReadRow], context: str) -> Weighed:
        stretches = [stretch for row in rows for stretch in row.stretches]
        return weighed(stretches, [row.logits[0] for row in rows], context, self.longest_answer_, self.n_best)

    def predict(self, X: Questions) -> list[Span]:
        """Return the answers; score : their probability among all that were weighed."""
        check_is_fitted(self)
        return [self._said(found) for found in self._weighed(X)]

    def candidates(self, X: Questions) -> list[list[Span]]:
        """Return the answers that were weighed, the best first, none among them, each with its probability."""
        check_is_fitted(self)
        return [_probable(one) for one in self._weighed(X)]

    def answer_effects_in(self, X: Questions) -> list[AnswerEffects]:
        """Return for each question what its tokens, and those of its context, do to the answer that is given, or to none."""
        check_is_fitted(self)
        return [self._effects(rows, *one) for rows, one in zip(self._read(X), X, strict=True)]

    def looks_in(self, X: Questions) -> list[Looks]:
        """Return for each question whom the tokens of the row that its answer stands in look at; of long rows nothing."""
        check_is_fitted(self)
        read = [self._answered_in(rows, context)[0] for rows, (_, context) in zip(self._read(X), X, strict=True)]
        if self._bert.config.kind in LONG or any(len(row.ids) > MOST_SHOWN for row in read):
            return []
        return [self._bert.looks(row, self.tokens_.tokens.words) for row in read]

    def _effects(self, rows: Sequence[ReadRow], question: str, context: str) -> AnswerEffects:
        return answer_effects(*self._answered_in(rows, context), (question, context), self._logits, self.tokens_.mask)

    def _answered_in(self, rows: Sequence[ReadRow], context: str) -> tuple[Marked, Place]:
        """Return the row that the answer which is given, or none, stands in, and where."""
        found = self._weighed_in(rows, context)
        return row_of_none(rows) if self._is_none(found) else row_of_answer(rows, found[0][0])

    def _said(self, found: Weighed) -> Span:
        return next(span for span in _probable(found) if (span.start < 0) == self._is_none(found))

    def _is_none(self, found: Weighed) -> bool:
        """Tell whether it is said that there is no answer."""
        return _excess(found) > self.threshold_ or not found[0]

    @torch.no_grad()
    def _logits(self, read: Sequence[Marked]) -> list[np.ndarray]:
        """Return what the network says of each row, (t, 2) float64."""
        rows = MarkedRows(read, torch.zeros(len(read)), self.tokens_.tokens.pad)
        logits = [np.zeros((0, 2))] * len(read)
        with threads(self.n_jobs), lent(self.net_, len(rows)) as device:
            for places in of_like_length(rows.lengths, TOKENS_AT_ONCE):
                for place, of_one in zip(places.tolist(), self.net_(*rows.inputs(places, device)).cpu(), strict=True):
                    logits[place] = of_one[: len(read[place].ids)].double().numpy()
        return logits

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        check_is_fitted(self)
        words = {
            "settings": self.get_params(deep=False) | self.not_kept, **self._words(), "longest_answer": self.longest_answer_,
            "threshold": None if np.isinf(self.threshold_) else self.threshold_,
        }  # fmt: skip
        write_net(folder, (WORDS, NUMBERS), words, self.net_)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "network for answers", cls._made)

    @classmethod
    def _made(cls, words: dict[str, Any], weights: dict[str, Tensor]) -> Self:
        model = cls(**words["settings"])
        with own_chance(0):  # of weights that are then read
            model._build(words)
        model.longest_answer_ = int(words["longest_answer"])
        model.threshold_ = np.inf if words["threshold"] is None else float(words["threshold"])
        put_weights(model.net_, words, weights)
        return model


def _excess(found: Weighed) -> float:
    """Return by how much the score of no answer exceeds that of the best one; much, where there is none to weigh."""
    spans, none = found
    return none - spans[0].score if spans else np.finfo(np.float64).max


def _probable(found: Weighed) -> list[Span]:
    """Return answers, and none, with probabilities in the place of scores: a softmax over all of these."""
    spans, none = found
    both = sorted([*spans, NO_ANSWER._replace(score=none)], key=lambda span: -span.score)
    shares = np.exp(np.array([span.score for span in both]) - both[0].score)
    return [span._replace(score=float(share)) for span, share in zip(both, shares / shares.sum(), strict=True)]
