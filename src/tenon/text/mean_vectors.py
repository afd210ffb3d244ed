"""Texts as the mean of the vectors of their words (Wieting et al. 2016, arXiv:1511.08198)."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from tenon.features.tfidf import TEXT_LENGTH
from tenon.text.vectors import WordVectors
from tenon.text.word_lists import units_of, word_list

BETWEEN = "\n"  # words, of which none holds one


class MeanVectors(TransformerMixin, BaseEstimator):
    """Turn a column of texts ("" where missing) into (n, dim) float64.

    Each number has mean 0 and the same deviation in the train rows, so that the texts there have a length of TEXT_LENGTH in the
    root mean square, as those of TF-IDF. A text without a known word becomes zeros, as if it were the mean of all.
    words : with BETWEEN between them, which a model file keeps as one text; matrix : (V, dim), their vectors.
    """

    feature_kind = "vector"  # see `features.origins`

    def __init__(self, words: str, matrix: np.ndarray):
        self.words, self.matrix = words, matrix

    @classmethod
    def of(cls, vectors: WordVectors) -> Self:
        return cls(BETWEEN.join(word.replace(BETWEEN, " ") for word in vectors.words), vectors.matrix)

    def fit(self, X: pd.Series, y: Any = None) -> Self:
        """Learn what a word is, and where and how far apart the means of texts lie."""
        self.units_ = units_of(X)
        means, is_known = self._means(X)
        known = means[is_known] if is_known.any() else means
        spread = known.std(axis=0)
        self.centre_ = known.mean(axis=0)
        self.scale_ = TEXT_LENGTH / np.sqrt(max(1, means.shape[1])) / np.where(spread == 0, 1, spread)
        return self

    def transform(self, X: pd.Series) -> np.ndarray:
        means, is_known = self._means(X)
        return np.where(is_known[:, None], (means - self.centre_) * self.scale_, 0.0)

    def get_feature_names_out(self, input_features: Any = None) -> list[str]:
        return [f"number {i + 1}" for i in range(self.matrix.shape[1])]

    def _means(self, X: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean vector of each text, (n, dim), and whether it has a known word, (n,)."""
        vectors = WordVectors(self.words.split(BETWEEN) if self.words else [], self.matrix)
        lists = [word_list(text, self.units_) for text in X]
        means = np.array([vectors.mean(words) for words in lists], np.float64).reshape(-1, self.matrix.shape[1])
        return means, np.array([any(word in vectors for word in words) for words in lists], bool)
