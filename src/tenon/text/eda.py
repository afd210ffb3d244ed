"""EDA: copies of a text in which words are swapped, left out, replaced or added by chance (Wei & Zou 2019, arXiv:1901.11196).

In all four ways max(1, ⌊share · words⌋) words are drawn; the paper leaves each word out with the probability of the share.
Marks and blanks stay where they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from tenon.text.units import CLOSE, Cut

Synonyms = Mapping[str, Sequence[str]]  # a word in lower case -> words that may stand in its place


class Parted(NamedTuple):
    """A text as gaps[0] + words[0] + gaps[1] + … + words[-1] + gaps[-1]; without a word it is gaps[0]."""

    words: list[str]
    gaps: list[str]  # marks and blanks, one more than words

    @classmethod
    def of(cls, text: str, cut: Cut) -> "Parted":
        """Part a text; units without a letter or a digit are no words."""
        spans = [(start, end) for unit, start, end in cut(text) if any(map(str.isalnum, unit))]
        edges = [0, *(edge for span in spans for edge in span), len(text)]
        pieces = [text[start:end] for start, end in pairwise(edges)]
        return cls(pieces[1::2], pieces[::2])

    def __str__(self) -> str:
        return self.gaps[0] + "".join(word + gap for word, gap in zip(self.words, self.gaps[1:], strict=True))


@dataclass(frozen=True)
class Eda:
    """How texts are changed. share : of their words, in (0, 1]. Without synonyms no word is replaced or added."""

    share: float
    synonyms: Synonyms = field(default_factory=dict)

    def changed(self, text: Parted, rng: np.random.Generator) -> Parted:
        """Return the text changed in one way, drawn from those that it allows; a lone word without synonyms stays."""
        n = max(1, int(self.share * len(text.words)))
        known = [i for i, word in enumerate(text.words) if word.lower() in self.synonyms]
        match _drawn(["swap", "delete"] * (len(text.words) > 1) + ["replace", "insert"] * bool(known) or [""], rng):
            case "swap":
                return swapped(text, n, rng)
            case "delete":
                return shortened(text, n, rng)
            case "replace":
                return replaced(text, n, known, self.synonyms, rng)
            case "insert":
                return lengthened(text, n, known, self.synonyms, rng)
        return text


def swapped(text: Parted, n: int, rng: np.random.Generator) -> Parted:
    """Return the text after n swaps of two words, which it must have."""
    words = list(text.words)
    for _ in range(n):
        i, j = rng.choice(len(words), 2, replace=False)
        words[i], words[j] = words[j], words[i]
    return Parted(words, text.gaps)


def shortened(text: Parted, n: int, rng: np.random.Generator) -> Parted:
    """Return the text without n of its words; one stays."""
    out = set(rng.choice(len(text.words), min(n, len(text.words) - 1), replace=False).tolist())
    words: list[str] = []
    gaps = text.gaps[:1]
    for i, (word, gap) in enumerate(zip(text.words, text.gaps[1:], strict=True)):
        if i in out:
            gaps[-1] = _closed(gaps[-1], gap)
        else:
            words.append(word)
            gaps.append(gap)
    if 0 in out:
        gaps[0] = gaps[0].lstrip()
    if len(text.words) - 1 in out:
        gaps[-1] = gaps[-1].rstrip()
    return Parted(words, gaps)


def replaced(text: Parted, n: int, known: Sequence[int], synonyms: Synonyms, rng: np.random.Generator) -> Parted:
    """Return the text with synonyms in the places of n of its words. known : places of words with synonyms."""
    words = list(text.words)
    for i in rng.choice(known, min(n, len(known)), replace=False):
        words[i] = _drawn(synonyms[words[i].lower()], rng)
    return Parted(words, text.gaps)


def lengthened(text: Parted, n: int, known: Sequence[int], synonyms: Synonyms, rng: np.random.Generator) -> Parted:
    """Return the text with n synonyms of its words before other words. known : places of words with synonyms."""
    words, gaps = list(text.words), list(text.gaps)
    for _ in range(n):
        word = _drawn(synonyms[text.words[known[int(rng.integers(len(known)))]].lower()], rng)
        i = int(rng.integers(len(words)))
        gaps.insert(i + 1, "" if CLOSE.match(word) or CLOSE.match(words[i]) else " ")
        words.insert(i, word)
    return Parted(words, gaps)


def _drawn(words: Sequence[str], rng: np.random.Generator) -> str:
    return words[int(rng.integers(len(words)))]


def _closed(before: str, after: str) -> str:
    """Return what stands where a word stood between these two: neither two blanks nor the same mark twice."""
    if before.strip() in ("", after.strip()):
        return after or before
    return before + (after.lstrip() if before[-1].isspace() else after)
