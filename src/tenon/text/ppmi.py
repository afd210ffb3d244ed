"""PPMI: vectors of words from counts of which words stand near which, by singular values.

Church & Hanks 1990; Levy & Goldberg 2014: skip-gram with k words of noise factors PMI - log k; Levy, Goldberg & Dagan 2015
(TACL 3), sections 3 and 7: which of word2vec's settings counts profit from, too.
"""

from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array
from sklearn.base import BaseEstimator
from sklearn.utils.extmath import randomized_svd

from tenon import ranges
from tenon.errors import DataError
from tenon.text.corpus import Corpus, Sentences, encoded
from tenon.text.vectors import WordVectors

BLOCK = 1 << 22  # words whose neighbours are counted at a time


class PPMI(BaseEstimator):
    """Vectors of words by singular values of the positive pointwise mutual information of words and their neighbours.

    Parameters
    ----------
    dim : numbers in each vector; at most the words less one are used, the others stay 0.
    window : words on each side; a neighbour d words away counts (window + 1 - d) / window, as on average in word2vec.
    shift : PMI - log shift, where that is positive: the number of words of noise in skip-gram; 1: none.
    smoothing : power of the neighbours' counts in PMI; below 1, rare neighbours weigh less.
    min_count : rarer words are left out.
    power : of the singular values in the vectors; 0.5 and 0 do better than 1, which would give the matrix's own rows.
    random_state : seed of the randomised decomposition (Halko, Martinsson & Tropp 2011).

    Attributes
    ----------
    vectors_ : `WordVectors`, the most frequent word first. ppmi_ : (V, V) sparse float64. counts_ : (V,) int64.
    n_words_ : words of the corpus, with those that were left out.

    Examples
    --------
    >>> PPMI(dim=2, min_count=1).fit([["the", "cat", "sat"], ["the", "dog", "sat"]]).vectors_.words
    ('sat', 'the', 'cat', 'dog')
    """

    def __init__(
        self, dim: int = 100, window: int = 5, shift: float = 1.0, smoothing: float = 0.75, min_count: int = 5,
        power: float = 0.5, random_state: Any = None,
    ):  # fmt: skip
        self.dim, self.window, self.shift, self.smoothing = dim, window, shift, smoothing
        self.min_count, self.power, self.random_state = min_count, power, random_state

    def fit(self, sentences: "Sentences | str | Path", y: Any = None) -> "PPMI":
        """Count in lists of words, or in a file with a sentence a line and blanks between words; read once.

        Raises SettingsError for settings out of range, DataError for what is no corpus, or one without neighbours.
        """
        self._check()
        with encoded(sentences, self.min_count) as corpus:
            self.counts_, self.n_words_ = corpus.vocabulary.counts, corpus.n_read
            together = neighbour_counts(corpus, self.window)
        if not together.nnz:
            raise DataError("no two of the frequent words stand within a window; bring more text, or lower min_count.")
        self.ppmi_ = positive_pmi(together, self.shift, self.smoothing)
        self.vectors_ = WordVectors(corpus.vocabulary.words, self._decomposed())
        return self

    def _check(self) -> None:
        for name in ("dim", "window", "min_count"):
            ranges.whole(name, getattr(self, name), 1)
        ranges.number("shift", self.shift, 1)
        ranges.number("smoothing", self.smoothing, 0, 1)
        ranges.number("power", self.power, 0, 1)

    def _decomposed(self) -> np.ndarray:
        size = self.ppmi_.shape[0]
        matrix = np.zeros((size, self.dim), np.float32)
        if self.ppmi_.nnz:
            n = min(self.dim, max(1, size - 1))
            left, strength, _ = randomized_svd(self.ppmi_, n, random_state=self.random_state)
            matrix[:, :n] = left * strength**self.power * (strength > 0)
        return matrix


def neighbour_counts(corpus: Corpus, window: int) -> csr_array:
    """Return (V, V), how often word and neighbour stand within a window, near ones counting more; symmetric.

    At d words' distance a pair counts (window + 1 - d) / window.
    """
    size = len(corpus.vocabulary)
    total = csr_array((size, size))
    sentence_of = np.repeat(np.arange(len(corpus.bounds) - 1), np.diff(corpus.bounds))
    for start in range(0, len(corpus.tokens), BLOCK):
        for distance in range(1, window + 1):
            left = slice(start, max(start, min(start + BLOCK, len(corpus.tokens) - distance)))
            right = slice(left.start + distance, left.stop + distance)
            is_near = sentence_of[left] == sentence_of[right]
            ids = corpus.tokens[left][is_near], corpus.tokens[right][is_near]
            weight = np.full(len(ids[0]), (window + 1 - distance) / window)
            total = total + coo_array((weight, ids), shape=(size, size)).tocsr()
    return (total + total.T).tocsr()


def positive_pmi(together: csr_array, shift: float = 1.0, smoothing: float = 1.0) -> csr_array:
    """Return max(0, log(p(w, c) / (p(w) · p(c))) - log shift) of counts (V, V) of words w and neighbours c.

    p(c) is as the neighbour's count to the power of smoothing.
    """
    pairs = together.tocoo()
    p_word = together.sum(axis=1) / together.sum()
    of_neighbour = together.sum(axis=0) ** smoothing
    p_neighbour = of_neighbour / of_neighbour.sum()
    row, column = pairs.coords
    pmi = np.log(pairs.data / together.sum() / (p_word[row] * p_neighbour[column])) - np.log(shift)
    found = coo_array((np.maximum(pmi, 0), (row, column)), shape=together.shape).tocsr()
    found.eliminate_zeros()
    return found
