"""Phrases: two words that stand side by side far more often than by chance become one (Mikolov et al. 2013, arXiv:1310.4546).

Section 4, eq. 6, times the number of words, as in the authors' word2phrase.c, so that the threshold does not hang on the
size of the corpus. Fitted again on what it has joined, it finds phrases of up to four words.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from tenon import ranges
from tenon.errors import SettingsError
from tenon.text.corpus import Corpus, Sentences, encoded

BLOCK = 1 << 22  # pairs counted at a time


class Phrases(BaseEstimator):
    """Find pairs of words that are phrases, and join them in sentences.

    Parameters
    ----------
    min_count : rarer pairs are none; it is also taken off the count of each, so that rare words make no phrase by accident.
    threshold : least score, (count of the pair - min_count) · words of the corpus / (product of the two words' counts).
    mark : stands between the words of a phrase.

    Attributes
    ----------
    scores_ : {(word, word): score} of all phrases.

    Examples
    --------
    >>> phrases = Phrases(min_count=1, threshold=1.0).fit([["new", "york", "is", "new"], ["new", "york", "pays"]] * 3)
    >>> phrases.join(["a", "new", "york", "pizza"])
    ['a', 'new_york', 'pizza']
    """

    def __init__(self, min_count: int = 5, threshold: float = 100.0, mark: str = "_"):
        self.min_count, self.threshold, self.mark = min_count, threshold, mark

    def fit(self, sentences: "Sentences | str | Path", y: Any = None) -> "Phrases":
        """Count in lists of words, or in a file with a sentence a line and blanks between words; read once.

        Raises SettingsError for settings out of range, DataError for what is no corpus.
        """
        ranges.whole("min_count", self.min_count, 1)
        ranges.number("threshold", self.threshold, 0)
        if not isinstance(self.mark, str):
            raise SettingsError(f"mark takes a text; got {self.mark!r}.")
        with encoded(sentences) as corpus:
            words, counts = corpus.vocabulary.words, corpus.vocabulary.counts
            pairs, times = _pair_counts(corpus)
            left, right = np.divmod(pairs, len(words))
            scores = (times - self.min_count) * corpus.n_read / (counts[left] * counts[right])
            is_phrase = (times >= self.min_count) & (scores > self.threshold)
        found = zip(left[is_phrase], right[is_phrase], scores[is_phrase].tolist(), strict=True)
        self.scores_ = {(words[a], words[b]): score for a, b, score in found}
        return self

    def join(self, tokens: Sequence[str]) -> list[str]:
        """Return the words of a sentence with phrases joined, the leftmost first; no word becomes part of two."""
        check_is_fitted(self)
        joined: list[str] = []
        place = 0
        while place < len(tokens):
            n = 2 if tuple(tokens[place : place + 2]) in self.scores_ else 1
            joined.append(self.mark.join(tokens[place : place + n]))
            place += n
        return joined

    def transform(self, sentences: Iterable[Sequence[str]]) -> list[list[str]]:
        """Return each sentence as `join` gives it."""
        return [self.join(tokens) for tokens in sentences]


def _pair_counts(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs of neighbours in a sentence as left · V + right, int64, and how often each stands there."""
    size = len(corpus.vocabulary)
    is_last = np.zeros(len(corpus.tokens) + 1, bool)
    is_last[corpus.bounds[1:] - 1] = True
    known, times = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for start in range(0, len(corpus.tokens) - 1, BLOCK):
        left = corpus.tokens[start : start + BLOCK].astype(np.int64)
        right = corpus.tokens[start + 1 : start + BLOCK + 1]
        inner = ~is_last[start : start + len(right)]
        new, n_new = np.unique((left[: len(right)] * size + right)[inner], return_counts=True)
        known, place = np.unique(np.concatenate([known, new]), return_inverse=True)
        times = np.bincount(place, np.concatenate([times, n_new]), len(known)).astype(np.int64)
    return known, times
