"""LexicalAnswer: the sentence that shares the most telling words with the question, and a piece of it, without any network.

Words weigh as in BM25 (Robertson & Zaragoza 2009, section 3.2), the sentences of the train contexts being its documents. The
piece is a stretch between words of the question, near which Richardson et al. 2013 (MCTest, section 4.1) look for answers, too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from tenon import ranges
from tenon.data.language import is_cjk
from tenon.data.questions import NO_ANSWER, Answer, Questions, Span
from tenon.data.sentences import sentence_spans
from tenon.metrics.answers import answer_scores
from tenon.text.units import by_words

STEM = 6  # letters of a word: forms of one word begin alike
COMMON, FEW = 0.05, 2  # share of the sentences, and number, above which a term is too common to be an answer's first or last
NUMBERS = re.compile(r"\b(when|year|date|many|much|old|percentage|number)\b|几|多少|何时|哪年|年份|什么时候", re.IGNORECASE)
PIECES = ("stretch", "sentence")
Weights = Mapping[str, float]


class Unit(NamedTuple):
    """A word, or a mark, of a sentence: its term, "" for a mark, and where it stands in the context."""

    term: str
    start: int
    end: int


class LexicalAnswer(BaseEstimator):
    """Answers questions (question, context) by pieces of the context; what it does not find it does not answer.

    Parameters
    ----------
    k1, b : of BM25: how much a word counts that stands there again, and how much a long sentence is held against it.

    Attributes
    ----------
    terms_, idf_, is_common_ : (V,) terms of the train contexts, their weights, and whether they stand all over
    mean_length_ : units of a sentence
    piece_ : what is answered, a "stretch" or the whole "sentence", as has the better F1 on the train rows
    floor_ : share of the question's weight that the sentence has to hold, below which the train rows are better left unanswered
    """

    def __init__(self, k1: float = 1.2, b: float = 0.75):
        self.k1, self.b = k1, b

    def fit(self, X: Questions, y: Sequence[Sequence[Answer]]) -> Self:
        """X : (n,) questions with their contexts; y : their answers. Raises SettingsError for k1 below 0 and b outside 0 to 1."""
        ranges.number("k1", self.k1, 0)
        ranges.number("b", self.b, 0, 1)
        sentences = [sentence for context in dict.fromkeys(context for _, context in X) for sentence in _cut(context)]
        counts = Counter(term for sentence in sentences for term in _terms(sentence))
        n, self.terms_ = max(len(sentences), 1), np.array(sorted(counts), str)
        n_with = np.array([counts[term] for term in self.terms_.tolist()], np.float64)
        self.idf_, self.is_common_ = np.log1p((n - n_with + 0.5) / (n_with + 0.5)), n_with > max(COMMON * n, FEW)
        self.mean_length_ = max(sum(map(len, sentences)) / n, 1.0)
        said = {piece: self._answers(X, piece) for piece in PIECES}
        f1 = {piece: answer_scores(y, [span.text for span in said[piece]])[:, 0] for piece in PIECES}
        self.piece_ = max(PIECES, key=lambda piece: f1[piece].mean())
        is_none = np.array([not answers for answers in y], np.float64)
        self.floor_ = _best_floor(np.array([span.score for span in said[self.piece_]]), f1[self.piece_], is_none)
        return self

    def predict(self, X: Questions) -> list[Span]:
        """Return the answers; score : share of the question's weight that the sentence holds."""
        check_is_fitted(self)
        return [span if span.score >= self.floor_ else NO_ANSWER for span in self._answers(X, self.piece_)]

    def _answers(self, X: Questions, piece: str) -> list[Span]:
        weights = dict(zip(self.terms_.tolist(), self.idf_.tolist(), strict=True))
        common = {*self.terms_[self.is_common_].tolist(), ""}
        return [self._answer(question, context, weights, common, piece) for question, context in X]

    def _answer(self, question: str, context: str, weights: Weights, common: Set[str], piece: str) -> Span:
        asked = _terms(_units(question, 0)) & weights.keys()
        whole = sum(weights[term] for term in asked)
        best: tuple[Unit, ...] = max(_cut(context), key=lambda sentence: self._match(sentence, asked, weights), default=())
        if not best or not whole:
            return NO_ANSWER
        share = sum(weights[term] for term in asked & _terms(best)) / whole
        found: Sequence[Unit] = best
        if piece == "stretch":
            free = (_trimmed(units, common) for units in _between(best, asked | {""}))
            found = _stretch(free, weights, NUMBERS.search(question)) or best
        start, end = found[0].start, found[-1].end
        return Span(context[start:end], start, share)

    def _match(self, sentence: Sequence[Unit], asked: set[str], weights: Weights) -> float:
        counts = Counter(unit.term for unit in sentence if unit.term in asked)
        length = self.k1 * (1 - self.b + self.b * len(sentence) / self.mean_length_)
        return sum(weights[term] * count * (self.k1 + 1) / (count + length) for term, count in counts.items())


def _best_floor(scores: np.ndarray, f1: np.ndarray, is_none: np.ndarray) -> float:
    """Return the score below which to say nothing, so that the mean of f1 (n,) there and of is_none (n,) below is largest."""
    order = np.argsort(-scores, kind="stable")
    gains = np.concatenate([[0.0], np.cumsum((f1 - is_none)[order])])
    ends = np.flatnonzero(np.append(True, np.append(np.diff(scores[order]) != 0, True)))  # equal scores are answered together
    n_answered = int(ends[np.argmax(gains[ends])])
    return float(scores[order[n_answered - 1]]) if n_answered else np.inf


def _stretch(stretches: Iterable[Sequence[Unit]], weights: Weights, wants_number: object) -> Sequence[Unit]:
    """Return the best stretch: one with a digit where that is asked for, then the one of the most weight; () of none."""
    rarest = max(weights.values(), default=0.0)  # of a term that no train context holds

    def goodness(units: Sequence[Unit]) -> tuple[bool, float]:
        has_digit = any(unit.term[0].isdigit() for unit in units if unit.term)
        return has_digit and bool(wants_number), sum(weights.get(unit.term, rarest) for unit in units)

    return max((one for one in stretches if one), key=goodness, default=())


def _between(sentence: Sequence[Unit], ends: Set[str]) -> Iterator[Sequence[Unit]]:
    """Yield what stands between units of these terms; "" is that of marks."""
    places = [-1, *(i for i, unit in enumerate(sentence) if unit.term in ends), len(sentence)]
    yield from (sentence[before + 1 : behind] for before, behind in pairwise(places) if behind > before + 1)


def _trimmed(units: Sequence[Unit], common: Set[str]) -> Sequence[Unit]:
    """Return the units without common ones at both ends."""
    telling = [i for i, unit in enumerate(units) if unit.term not in common]
    return units[telling[0] : telling[-1] + 1] if telling else ()


@lru_cache(maxsize=20_000)  # every trial reads the same contexts
def _cut(context: str) -> tuple[tuple[Unit, ...], ...]:
    """Return the units of every sentence."""
    cut = (tuple(_units(context[start:end], start)) for start, end in sentence_spans(context))
    return tuple(units for units in cut if units)


def _units(text: str, start: int) -> list[Unit]:
    """Return the units of a text that begins at `start`; a Chinese character is known together with the one behind it."""
    found = list(by_words(text))
    behind = [*(word for word, *_ in found[1:]), ""][: len(found)]
    return [
        Unit(_term(word, other), start + first, start + last) for (word, first, last), other in zip(found, behind, strict=True)
    ]


def _terms(units: Sequence[Unit]) -> set[str]:
    return {unit.term for unit in units} - {""}


def _term(word: str, behind: str) -> str:
    if is_cjk(word[0]):
        return word + behind if behind and is_cjk(behind[0]) else word
    return word.lower()[:STEM] if word[0].isalnum() else ""
