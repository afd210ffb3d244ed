"""The words of a corpus, the most frequent first, with their counts: word <-> id."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from tenon.errors import DataError

MORE = "bring more text, or lower min_count (tenon pretrain … --set word2vec.min_count=1)"  # what to do where words are too rare


class Vocabulary:
    """Words and how often each stands in the corpus; a word's id is its place.

    words : of falling counts; among equals the order of the alphabet, so that it depends on no order of the texts.
    counts : (V,) int64.
    """

    def __init__(self, words: Sequence[str], counts: np.ndarray):
        self.words, self.counts = tuple(words), np.asarray(counts, np.int64)

    @classmethod
    def from_counts(cls, counts: Mapping[str, int], min_count: int = 1) -> "Vocabulary":
        """Return the vocabulary of all words that stand min_count times or more. Raises DataError if there is none."""
        kept = sorted((-count, word) for word, count in counts.items() if count >= min_count)
        if not counts:
            raise DataError("there is no word at all; bring text with words.")
        if not kept:
            raise DataError(f"no word stands {min_count} times or more (the most frequent one {max(counts.values())}); {MORE}.")
        return cls([word for _, word in kept], np.array([-count for count, _ in kept]))

    @cached_property
    def ids(self) -> dict[str, int]:
        """Word -> id."""
        return {word: i for i, word in enumerate(self.words)}

    def encode(self, tokens: Iterable[str]) -> np.ndarray:
        """Return the ids of those tokens that are known, in order, int32."""
        known = self.ids.get
        return np.array([i for i in map(known, tokens) if i is not None], np.int32)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.ids
