"""Words with their vectors: which are near, and what completes an analogy."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from tenon import ranges
from tenon.errors import DataError, SettingsError

BATCH = 1 << 25  # similarities held at a time


class WordVectors:
    """Words and a vector for each; the more similar two words, the larger the cosine of their vectors.

    words : V different ones. matrix : (V, dim), kept as float32.
    """

    def __init__(self, words: Sequence[str], matrix: np.ndarray):
        self.words, self.matrix = tuple(words), np.ascontiguousarray(matrix, np.float32)
        if self.matrix.ndim != 2 or len(self.words) != len(self.matrix):
            raise SettingsError(f"{len(self.words)} words need a matrix of as many rows; its shape is {self.matrix.shape}.")
        if len(self.ids) < len(self.words):
            twice = next(word for place, word in enumerate(self.words) if self.ids[word] != place)
            raise SettingsError(f"the word {twice!r} has two vectors; give each word one.")

    @cached_property
    def ids(self) -> dict[str, int]:
        """Word -> its row."""
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def unit(self) -> np.ndarray:
        """The vectors at length 1, (V, dim) float32; one of zeros stays."""
        length = np.linalg.norm(self.matrix, axis=1, keepdims=True)
        return self.matrix / np.where(length == 0, 1, length)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.ids

    def __getitem__(self, word: str) -> np.ndarray:
        """Return the vector of a word, (dim,). Raises DataError for a word without one."""
        return self.matrix[self._row(word)]

    def similarity(self, a: str, b: str) -> float:
        """Return the cosine of two words' vectors, in [-1, 1]. Raises DataError for a word without one."""
        return float(self.unit[self._row(a)] @ self.unit[self._row(b)])

    def nearest(self, word: str | np.ndarray, n: int = 10) -> list[tuple[str, float]]:
        """Return the n words nearest to a word, which is not among them, or to a vector (dim,): (word, cosine), best first."""
        ranges.whole("n", n, 1)
        if isinstance(word, str):
            row = self._row(word)
            return self._best(self.unit[row], (row,), n)
        length = np.linalg.norm(word)
        return self._best(np.asarray(word, np.float32) / (length or 1), (), n)

    def analogy(self, a: str, b: str, c: str, n: int = 1) -> list[tuple[str, float]]:
        """Return what stands to c as b to a: the n words nearest to b - a + c, but for these three: (word, cosine).

        3CosAdd (Mikolov, Yih & Zweig 2013; Levy & Goldberg 2014): the sum is of vectors of length 1.
        """
        ranges.whole("n", n, 1)
        rows = self._row(a), self._row(b), self._row(c)
        wanted = self._completed(np.array([rows]))[0]
        return self._best(wanted, rows, n)

    def analogies(self, questions: Iterable[tuple[str, str, str]]) -> list[str]:
        """Return the first answer to each question (a, b, c), as `analogy` gives it, many in one product of matrices."""
        rows = np.array([[self._row(word) for word in question] for question in questions], np.int64).reshape(-1, 3)
        answers: list[str] = []
        for some in np.array_split(rows, max(1, len(rows) * len(self) // BATCH)):
            cosine = self._completed(some) @ self.unit.T
            np.put_along_axis(cosine, some, -np.inf, axis=1)
            answers += [self.words[row] for row in cosine.argmax(axis=1)]
        return answers

    def mean(self, tokens: Iterable[str]) -> np.ndarray:
        """Return the mean vector of a text's words, (dim,); words without a vector are passed over, and none gives zeros."""
        rows = [self.ids[token] for token in tokens if token in self.ids]
        return self.matrix[rows].mean(axis=0) if rows else np.zeros(self.matrix.shape[1], np.float32)

    def _row(self, word: str) -> int:
        if word not in self.ids:
            raise DataError(f"{word!r} has no vector: it stood never, or too rarely, in the corpus.")
        return self.ids[word]

    def _completed(self, rows: np.ndarray) -> np.ndarray:
        """Return b - a + c at length 1 for rows (n, 3) of a, b, c."""
        wanted = self.unit[rows[:, 1]] - self.unit[rows[:, 0]] + self.unit[rows[:, 2]]
        length = np.linalg.norm(wanted, axis=1, keepdims=True)
        return wanted / np.where(length == 0, 1, length)

    def _best(self, unit: np.ndarray, without: Sequence[int], n: int) -> list[tuple[str, float]]:
        cosine = self.unit @ unit
        cosine[list(without)] = -np.inf
        n = min(n, len(self) - len(set(without)))
        best = np.argpartition(-cosine, n - 1)[:n] if n else np.zeros(0, int)
        return [(self.words[row], float(cosine[row])) for row in best[np.lexsort((best, -cosine[best]))]]
