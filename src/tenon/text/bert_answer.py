"""BertAnswer: pieces of a context that answer a question, by a BERT that tells where they begin and end (Devlin et al. 2019).

The parts have their sources in answer_windows.py and answer_spans.py.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import Tensor
from torch.nn import functional

from tenon import ranges
from tenon.data.questions import NO_ANSWER, Answer, Questions, Span
from tenon.errors import DataError
from tenon.metrics.answers import answer_scores
from tenon.text.answer_spans import Weighed, best_threshold, weighed
from tenon.text.answer_windows import NO_PLACE, Window, Windows, places_in
from tenon.text.bert import Bert
from tenon.text.bert_config import BertConfig
from tenon.text.bert_heads import BertForSpans
from tenon.text.fine_tuning import FEWEST_STEPS, SHARE, Learns, epochs_of, recipe_for, trainings
from tenon.text.marked import MarkedTokens
from tenon.text.marked_rows import MarkedRows
from tenon.text.narrowed import narrowed
from tenon.text.stretch import reaching
from tenon.text.token_rows import of_like_length
from tenon.text.tokens import SubwordTokens, tokens_from
from tenon.training.held_out import held_out_by_chance
from tenon.training.in_turn import train_in_turn
from tenon.training.net_file import read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

TOKENS_AT_ONCE = 4_096  # of prediction, with padding
MOST = 0.99  # share of the train answers that are no longer than what is looked for
WORDS, NUMBERS = "answers.json", "answers.safetensors"


class BertAnswer(BaseEstimator):
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

    watch: Watch = SILENT  # told how far training is

    def __init__(
        self, checkpoint: "Path | str" = "", longest: int = 384, stride: int = 128, longest_question: int = 64,
        longest_answer: int | None = None, n_best: int = 20, epochs: int = 2, fewest_steps: int = FEWEST_STEPS,
        batch_size: int = 16, rate: float | None = None, decay: float = 0.01, layer_share: float = SHARE, frozen_layers: int = 0,
        learns: Learns = "all", stretch: dict[str, Any] | None = None, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.longest, self.stride, self.longest_question = checkpoint, longest, stride, longest_question
        self.longest_answer, self.n_best, self.epochs, self.batch_size = longest_answer, n_best, epochs, batch_size
        self.fewest_steps, self.rate, self.decay, self.layer_share = fewest_steps, rate, decay, layer_share
        self.frozen_layers, self.learns, self.stretch = frozen_layers, learns, stretch
        self.n_jobs, self.random_state = n_jobs, random_state

    def fit(self, X: Questions, y: Sequence[Sequence[Answer]], held_out: Any = None) -> Self:
        """X : (n,) questions with their contexts; y : the answers of each, of which the first is learnt.

        held_out : (n,) bool, rows that choose the threshold and are not trained on; by default a tenth by chance, from 200 on. It
        is not looked at where every row has an answer: none is then never said. Raises SettingsError for settings out of range,
        ModelFileError for a folder that does not fit, DataError where no row is left to train on.
        """
        ranges.whole("n_best", self.n_best, 1)
        ranges.whole("fewest_steps", self.fewest_steps, 0)
        ranges.whole("longest_answer", self.longest_answer, 1, or_none=True)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        is_out = held_out_by_chance(np.zeros(len(X), np.int64), seed) if held_out is None else np.asarray(held_out, bool)
        has_none = any(not answers for answers in y)
        if not has_none:
            is_out = np.zeros(len(X), bool)
        with threads(self.n_jobs), own_chance(seed):
            self.net_ = BertForSpans.from_pretrained(self.checkpoint)
            self.net_.bert = reaching(self.net_.bert, self.longest, self.stretch)
            self.windows_ = self._cutter(MarkedTokens.from_pretrained(self.checkpoint), self.net_.bert.config)
            rows, lengths = self._train_rows(X, y, np.flatnonzero(~is_out).tolist())
            longest = int(np.quantile(lengths, MOST)) if len(lengths) else 1
            self.longest_answer_ = longest if self.longest_answer is None else self.longest_answer
            config, epochs = self.net_.bert.config, epochs_of(len(rows), self.batch_size, self.epochs, self.fewest_steps)
            recipe = recipe_for(config, epochs, self.batch_size, self.rate, self.decay, int(rows.lengths.max()))
            with narrowed(self.net_.bert.embedding, [rows]):
                self.history_ = train_in_turn(
                    self.net_, rows, functional.cross_entropy,
                    trainings(config, recipe, self.layer_share, self.frozen_layers, self.learns),
                    seed=seed, watch=self.watch, folder=self.watch.folder,
                )  # fmt: skip
        self.net_.eval()
        self.threshold_ = self._threshold([(X[i], y[i]) for i in np.flatnonzero(is_out).tolist()]) if has_none else np.inf
        return self

    def _cutter(self, tokens: MarkedTokens, config: BertConfig) -> Windows:
        return Windows(tokens, min(self.longest, config.longest), self.stride, self.longest_question)

    def _cut(self, X: Questions) -> list[Window]:
        return [window for number, (question, context) in enumerate(X) for window in self.windows_.of(question, context, number)]

    def _train_rows(self, X: Questions, y: Sequence[Sequence[Answer]], of: list[int]) -> tuple[MarkedRows, np.ndarray]:
        """Return the windows of rows `of`, with the places of the answers, and how many tokens the answers have."""
        windows = self._cut([X[i] for i in of])
        if not windows:
            raise DataError("all questions are held out; none is left to train on.")
        firsts = [y[i][0] if len(y[i]) else None for i in of]
        answers = [firsts[window.question] for window in windows]
        places = [
            NO_PLACE if answer is None else places_in(window, answer["start"], answer["start"] + len(answer["text"]))
            for window, answer in zip(windows, answers, strict=True)
        ]
        found = np.array([place for place in places if place != NO_PLACE], np.int64).reshape(-1, 2)
        rows = MarkedRows([window.row for window in windows], torch.tensor(places), self.windows_.tokens.tokens.pad)
        return rows, found[:, 1] - found[:, 0] + 1

    def _threshold(self, rows: Sequence[tuple[tuple[str, str], Sequence[Answer]]]) -> float:
        """Return the threshold that is best on held-out rows; 0 where there are none."""
        if not rows:
            return 0.0
        found, truth = self._weighed([question for question, _ in rows]), [answers for _, answers in rows]
        texts = [spans[0].text if spans else "" for spans, _ in found]
        f1, of_none = (answer_scores(truth, said)[:, 0] for said in (texts, [""] * len(rows)))
        return best_threshold(np.array([_excess(one) for one in found]), f1, of_none)

    def predict(self, X: Questions) -> list[Span]:
        """Return the answers; score : their probability among all that were weighed."""
        return [self._said(found) for found in self._weighed(X)]

    def candidates(self, X: Questions) -> list[list[Span]]:
        """Return the answers that were weighed, the best first, none among them, each with its probability."""
        return [_probable(one) for one in self._weighed(X)]

    def _said(self, found: Weighed) -> Span:
        is_none = _excess(found) > self.threshold_ or not found[0]
        return next(span for span in _probable(found) if (span.start < 0) == is_none)

    @torch.no_grad()
    def _weighed(self, X: Questions) -> list[Weighed]:
        check_is_fitted(self)
        windows = self._cut(X)
        rows = MarkedRows([window.row for window in windows], torch.zeros(len(windows)), self.windows_.tokens.tokens.pad)
        logits: dict[int, np.ndarray] = {}
        with threads(self.n_jobs):
            for places in of_like_length(rows.lengths, TOKENS_AT_ONCE):
                for place, of_one in zip(places.tolist(), self.net_(*rows.inputs(places, torch.device("cpu"))), strict=True):
                    logits[place] = of_one[: len(windows[place].row.ids)].double().numpy()
        parts: list[list[tuple[Window, np.ndarray]]] = [[] for _ in X]
        for place, window in enumerate(windows):
            parts[window.question].append((window, logits[place]))
        return [
            weighed(of_one, context, self.longest_answer_, self.n_best) for of_one, (_, context) in zip(parts, X, strict=True)
        ]

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        check_is_fitted(self)
        words = {
            "settings": self.get_params(deep=False) | {"checkpoint": ""}, "tokens": self.windows_.tokens.tokens.to_json(),
            "network": asdict(self.net_.bert.config), "longest_answer": self.longest_answer_,
            "threshold": None if np.isinf(self.threshold_) else self.threshold_,
        }  # fmt: skip
        write_net(folder, (WORDS, NUMBERS), words, self.net_.state_dict())

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "network for answers", cls._made)

    @classmethod
    def _made(cls, words: dict[str, Any], weights: dict[str, Tensor]) -> Self:
        model = cls(**words["settings"])
        tokens = tokens_from(words["tokens"])
        assert isinstance(tokens, SubwordTokens)
        with own_chance(0):  # of weights that are then read
            model.net_ = BertForSpans(Bert(BertConfig(**words["network"])))
        model.windows_ = model._cutter(MarkedTokens(tokens, model.net_.bert.config.n_segments), model.net_.bert.config)
        model.longest_answer_ = int(words["longest_answer"])
        model.threshold_ = np.inf if words["threshold"] is None else float(words["threshold"])
        model.net_.load_state_dict(weights)
        model.net_.eval()
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
