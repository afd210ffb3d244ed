"""word2vec: vectors of words, learnt from the words around them (Mikolov et al. 2013, arXiv:1301.3781 and arXiv:1310.4546)."""

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from tenon import ranges
from tenon.errors import DataError
from tenon.kernels import tell_if_cold
from tenon.team import Team, threads
from tenon.text.corpus import Corpus, Sentences, encoded
from tenon.text.draws import law
from tenon.text.huffman import NO_PATHS, huffman_paths
from tenon.text.vectors import WordVectors
from tenon.text.vocabulary import MORE
from tenon.text.windows import Rules, Vectors, keep_thresholds, learn
from tenon.watch import SILENT, Watch

NOISE_POWER = 0.75  # of counts, in the law of noise
LAST_RATE = 0.004  # of the first rate: .025 falls to .0001
BLOCK = 50_000  # words that a thread learns from in one go
BLOCKS_BETWEEN_TALK = 8  # of each thread
REGISTER = 16  # float32 of the widest registers


class Word2Vec(BaseEstimator):
    """Vectors of words from the words around them: skip-gram or CBOW, by negative sampling or hierarchical soft-max.

    Parameters
    ----------
    dim : numbers in each vector.
    window : most words on each side; before each word a width from 1 to it is drawn.
    negative : words of noise in each window, from 1 on.
    min_count : rarer words are left out.
    sample : words with a larger share of the corpus than about this are thinned out; 0: none.
    epochs : passes over the corpus. sg : skip-gram; False: CBOW, which is faster and knows rare words less well.
    random_state : seed. threads : None: all cores. One gives the same vectors for the same seed; with more, threads
        write without waiting for one another, and the last digits differ from run to run.
    hs : hierarchical soft-max in the place of words of noise.
    learning_rate : of the first step; it falls linearly to a 250th.

    Attributes
    ----------
    vectors_ : `WordVectors`, the most frequent word first. counts_ : (V,) int64, how often each word stands in the corpus.
    n_words_ : words of the corpus, with those that were left out.

    Examples
    --------
    >>> model = Word2Vec(dim=8, min_count=1, random_state=0).fit([["the", "cat", "sat"], ["the", "dog", "sat"]])
    >>> model.vectors_.words, model.vectors_.matrix.shape
    (('sat', 'the', 'cat', 'dog'), (4, 8))
    """

    watch: Watch = SILENT  # told how far training is

    def __init__(
        self, dim: int = 100, window: int = 5, negative: int = 5, min_count: int = 5, sample: float = 1e-3, epochs: int = 5,
        sg: bool = True, random_state: Any = None, threads: int | None = 1, hs: bool = False, learning_rate: float = 0.025,
    ):  # fmt: skip
        self.dim, self.window, self.negative, self.min_count, self.sample = dim, window, negative, min_count, sample
        self.epochs, self.sg, self.random_state, self.threads = epochs, sg, random_state, threads
        self.hs, self.learning_rate = hs, learning_rate

    def fit(self, sentences: "Sentences | str | Path", y: Any = None) -> "Word2Vec":
        """Learn from lists of words, or from a file with a sentence a line and blanks between words.

        The corpus is read once and may be larger than memory. Raises SettingsError for settings out of range, DataError for
        what is no corpus and for one in which fewer than two words stand min_count times.
        """
        self._check()
        with encoded(sentences, self.min_count) as corpus:
            if len(corpus.vocabulary) == 1:
                word = corpus.vocabulary.words[0]
                raise DataError(
                    f"only {word!r} stands {self.min_count} times or more, and a vector says what sets words apart; {MORE}."
                )
            self.counts_, self.n_words_ = corpus.vocabulary.counts, corpus.n_read
            random = ranges.generator_of(self.random_state)
            vectors = self._first_vectors(random)
            self._learn(corpus, vectors, random)
            self.vectors_ = WordVectors(corpus.vocabulary.words, vectors.inputs[:, : self.dim])
        return self

    def _check(self) -> None:
        for name, low in (("dim", 1), ("window", 1), ("negative", 1), ("min_count", 1), ("epochs", 1)):
            ranges.whole(name, getattr(self, name), low)
        ranges.whole("threads", self.threads, 1, or_none=True)
        ranges.number("sample", self.sample, 0, 1)
        ranges.number("learning_rate", self.learning_rate, 0, open_low=True)

    def _first_vectors(self, random: np.random.RandomState) -> Vectors:
        """Return small random vectors of words and zeros for outputs, as wide as whole registers."""
        shape = len(self.counts_), -(-self.dim // REGISTER) * REGISTER
        inputs = np.zeros(shape, np.float32)
        inputs[:, : self.dim] = (random.random_sample((shape[0], self.dim)) - 0.5) / self.dim
        return Vectors(inputs, np.zeros(shape, np.float32))

    def _rules(self) -> Rules:
        """Return what is learnt from each window."""
        negative, paths = (0, huffman_paths(self.counts_)) if self.hs else (self.negative, NO_PATHS)
        keep, noise = keep_thresholds(self.counts_, self.sample), law(self.counts_**NOISE_POWER)
        return Rules(bool(self.sg), self.window, negative, keep, noise, paths)

    def _learn(self, corpus: Corpus, vectors: Vectors, random: np.random.RandomState) -> None:
        """Go through the corpus; what is drawn, and at which rate it is learnt, is fixed by the place and not by the thread."""
        tell_if_cold(learn)
        rules, blocks, n = self._rules(), _blocks(corpus.bounds), len(corpus.tokens)
        per_word = (1 - LAST_RATE) / (self.epochs * n)
        started = time.monotonic()
        with Team(threads(self.threads)) as team:
            for epoch in range(self.epochs):

                def learn_from(block: np.ndarray, seed: np.uint64, epoch: int = epoch) -> None:
                    first, last = (self.learning_rate * (1 - per_word * (epoch * n + block[end])) for end in (0, -1))
                    learn(corpus.tokens, block, rules, vectors, (first, last), seed)

                seeds = random.randint(1, 2**63 - 1, len(blocks), dtype=np.int64).astype(np.uint64)
                size = team.size * BLOCKS_BETWEEN_TALK
                for start in range(0, len(blocks), size):
                    some = slice(start, start + size)
                    team.map(lambda task: learn_from(*task), zip(blocks[some], seeds[some], strict=True))
                    done = (epoch + blocks[some][-1][-1] / n) * corpus.n_read
                    speed = done / (time.monotonic() - started)
                    self.watch.progress(done, self.epochs * corpus.n_read, words_per_second=speed)


def _blocks(bounds: np.ndarray) -> list[np.ndarray]:
    """Part the sentences into blocks of about BLOCK words; each is the bounds of its sentences."""
    cuts = np.unique(np.searchsorted(bounds, np.arange(BLOCK, bounds[-1], BLOCK)))
    ends = [0, *cuts[cuts < len(bounds) - 1].tolist(), len(bounds) - 1]
    return [bounds[a : b + 1] for a, b in pairwise(ends)]
