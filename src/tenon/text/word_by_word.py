"""Translations that look at one word at a time: what a translating network has to beat.

Word by word: probabilities t(f|e) of IBM model 1 (Brown et al. 1993, section 4.2) by expectation maximisation over the train
pairs: each target word f comes from one source word e, or from none. Then every source word becomes its likeliest target word, in
the source's order.
"""

from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator

from tenon import ranges
from tenon.text.units import by_words, joined

NOTHING = 0  # the source word that target words without one come from


class CopyText(BaseEstimator):
    """Give back the source as it is."""

    def fit(self, X: Sequence[str], y: Sequence[str]) -> Self:
        self.is_fitted_ = True
        return self

    def predict(self, X: Sequence[str]) -> list[str]:
        return list(X)


class WordByWord(BaseEstimator):
    """Translate each word by its likeliest counterpart.

    n_iter : steps of expectation maximisation, 1 or more.

    Attributes
    ----------
    best_ : {source word in lower case: target word as it is written}; words that stand for nothing have "".
    """

    def __init__(self, n_iter: int = 10):
        self.n_iter = n_iter

    def fit(self, X: Sequence[str], y: Sequence[str]) -> Self:
        """X, y : (n,) sources and their translations. Raises SettingsError for n_iter below 1."""
        ranges.whole("n_iter", self.n_iter, 1)
        sources, targets = Words([""]), Words()
        cut = [
            (sources.numbers(map(str.lower, pieces(source))), targets.numbers(pieces(target)))
            for source, target in zip(X, y, strict=True)
        ]
        pair, place = _pairs(cut, len(targets.known))
        self.best_ = _likeliest(*_expectation_maximisation(pair, place, self.n_iter, len(targets.known)), sources, targets)
        return self

    def predict(self, X: Sequence[str]) -> list[str]:
        """Return the translations; a word that no train row holds stays as it is."""
        return [joined(self.best_.get(word.lower(), word) for word in pieces(text)) for text in X]


class Words:
    """Numbers for words, in the order of first sight."""

    def __init__(self, first: Iterable[str] = ()):
        self.known = {word: i for i, word in enumerate(first)}

    def numbers(self, words: Iterable[str]) -> np.ndarray:
        return np.array([self.known.setdefault(word, len(self.known)) for word in words], np.int64)


def pieces(text: str) -> list[str]:
    """Return words, marks, and single characters of scripts without blanks.

    >>> pieces("I'm 20, 你好!")
    ["I'm", '20', ',', '你', '好', '!']
    """
    return [word for word, _, _ in by_words(text)]


def _pairs(cut: Sequence[tuple[np.ndarray, np.ndarray]], n_targets: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (source word x n_targets + target word, number of the target word's place in the corpus) of all links."""
    pair, place, n_places = [], [], 0
    for source, target in cut:
        both = np.append(source, NOTHING)[None, :] * n_targets + target[:, None]
        pair.append(both.ravel())
        place.append(np.repeat(np.arange(n_places, n_places + len(target)), len(source) + 1))
        n_places += len(target)
    return np.concatenate(pair), np.concatenate(place)


def _expectation_maximisation(pair: np.ndarray, place: np.ndarray, n_iter: int, n_targets: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the different pairs and t of each, from uniform t. The likelihood never falls from a step to the next."""
    different, at = np.unique(pair, return_inverse=True)
    source = different // n_targets
    t = np.ones(len(different))
    for _ in range(n_iter):
        link = t[at]
        link /= np.bincount(place, link)[place]  # how likely each word of the source is where this target word comes from
        expected = np.bincount(at, link, len(different))
        t = expected / np.bincount(source, expected)[source]
    return different, t


def _likeliest(different: np.ndarray, t: np.ndarray, sources: Words, targets: Words) -> dict[str, str]:
    names, words = list(targets.known), list(sources.known)
    order = np.lexsort((different, -t, different // len(names)))
    first = order[np.unique(different[order] // len(names), return_index=True)[1]]
    return {
        words[one // len(names)]: names[one % len(names)] for one in different[first].tolist() if one // len(names) != NOTHING
    }
