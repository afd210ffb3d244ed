"""Answers that hardly look at the row: the commonest tag, the commonest translation, all words alike, a sentence that stands
first, the same labels."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from tenon.data.language import script_of
from tenon.data.lengths import n_units, units
from tenon.data.questions import NO_ANSWER, Answer, Questions, Span
from tenon.data.sentences import sentence_spans
from tenon.metrics.answers import answer_scores


class ConstantTag(BaseEstimator):
    """Give every token the commonest tag of the train rows."""

    def fit(self, X: Sequence[Sequence[str]], y: Sequence[Sequence[str]]) -> Self:
        self.tag_ = _commonest(chain.from_iterable(y))
        return self

    def predict(self, X: Sequence[Sequence[str]]) -> list[list[str]]:
        return [[self.tag_] * len(tokens) for tokens in X]


class ConstantText(BaseEstimator):
    """Translate everything by the commonest translation of the train rows."""

    def fit(self, X: Sequence[str], y: Sequence[str]) -> Self:
        self.text_ = _commonest(y)
        return self

    def predict(self, X: Sequence[str]) -> list[str]:
        return [self.text_] * len(X)


class UniformWords(BaseEstimator):
    """Hold every word of the train rows, the end of a text and an unknown word for equally likely: ln(V + 2) nats a unit."""

    def fit(self, X: Sequence[str], y: Any = None) -> Self:
        self.script_ = script_of(X)
        self.nats_ = float(np.log(len({unit for text in X for unit in units(text, self.script_)}) + 2))
        return self

    def predict(self, X: Sequence[str]) -> np.ndarray:
        """Return what each text costs, (n,) nats."""
        return self.nats_ * np.array([n_units(text, self.script_) for text in X], np.float64)


class ConstantAnswer(BaseEstimator):
    """Answer with the first sentence of the context, or never at all, as gives the better F1 on the train rows."""

    def fit(self, X: Questions, y: Sequence[Sequence[Answer]]) -> Self:
        first, none = (
            answer_scores(y, said)[:, 0].mean() for said in ([_first(context).text for _, context in X], [""] * len(X))
        )
        self.has_answer_ = bool(first > none)
        return self

    def predict(self, X: Questions) -> list[Span]:
        return [_first(context) if self.has_answer_ else NO_ANSWER for _, context in X]


class ConstantLabels(BaseEstimator):
    """Give every row the same labels: of all sets that with the best micro-F1 on the train rows.

    Its labels are the commonest ones, until the next would not raise 2 hits / (true + said).
    """

    learns_sets = True

    def fit(self, X: Any, y: np.ndarray) -> Self:
        """y : (n, K) bool."""
        counts = y.sum(axis=0)
        order = np.argsort(-counts, kind="stable")
        f1 = 2 * np.cumsum(counts[order]) / (counts.sum() + len(y) * np.arange(1, len(order) + 1))
        self.has_ = np.isin(np.arange(len(counts)), order[: f1.argmax() + 1])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return (n, K) bool."""
        return np.tile(self.has_, (X.shape[0], 1))


def _first(context: str) -> Span:
    spans = sentence_spans(context)[:1]
    return Span(context[slice(*spans[0])], spans[0][0]) if spans else NO_ANSWER


def _commonest(things: Any) -> str:
    """Return what stands most often; of equals the first in order, so that the order of rows does not matter."""
    return min(Counter(things).items(), key=lambda one: (-one[1], one[0]))[0]
