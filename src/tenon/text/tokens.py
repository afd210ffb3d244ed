"""Texts as ids of a vocabulary, and the place of each token in the text: learnt from train rows, or read from a file.

One way in, `learnt_tokens`; one interface, `Tokens`; to and from JSON.
"""

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tenon import ranges
from tenon.errors import DataError, shortened
from tenon.text import subwords
from tenon.text.subwords import BLANK, INSIDE, PAD, ROBERTA, UNKNOWN
from tenon.text.units import CUTS, Unit, joined, plain, units_of

SUBWORDS = {"wordpiece": subwords.learnt_wordpiece, "bpe": subwords.learnt_bpe}
MOST_SHOWN = 40  # characters of what is no text
UNITS = ("auto", *CUTS, *SUBWORDS)
APOSTROPHE = re.compile(r"(?<=\w) (['’]) (?=\w)")  # between parts of "it's" and "l'eau"; a possessive of many loses its blank
MOST, FEWEST = 30_000, 2  # tokens of a vocabulary; times that one stands in the train rows


class Encoded(NamedTuple):
    """A text: ids (t,) int64 and spans (t, 2) int64, from where to where each token stands in it."""

    ids: np.ndarray
    spans: np.ndarray


class Tokens(ABC):
    """A vocabulary and a way to cut texts. words : what each id says; pad, unknown : ids of what fills up, what is not known."""

    words: Sequence[str]
    pad: int
    unknown: int

    def __len__(self) -> int:
        return len(self.words)

    @abstractmethod
    def encode(self, text: str) -> Encoded:
        """Return the tokens of a text in order; a text may have none."""

    @abstractmethod
    def decode(self, ids: Iterable[int]) -> str:
        """Return a text that reads so, with blanks where its script has them; between byte pairs, too."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return what `tokens_from` makes the same tokens of."""


class WordTokens(Tokens):
    """Tokens that are whole units: words, jieba's words, characters. words : [PAD], [UNK], then the most frequent first."""

    pad, unknown = 0, 1

    def __init__(self, units: str, is_cased: bool, words: Sequence[str] = ()):
        self.units, self.is_cased, self.words = units, is_cased, tuple(words)
        self._ids = {word: i for i, word in enumerate(self.words)}

    @classmethod
    def learnt(cls, texts: Iterable[str], units: str, is_cased: bool, most: int, fewest: int) -> "WordTokens":
        """Of equally frequent units the first in the order of characters comes first."""
        cut = cls(units, is_cased)._cut
        counts = Counter(unit for text in texts for unit, _, _ in cut(text))
        kept = sorted((-count, unit) for unit, count in counts.items() if count >= fewest)
        return cls(units, is_cased, (PAD, UNKNOWN, *(unit for _, unit in kept[: most - 2])))

    def _cut(self, text: str) -> Iterator[Unit]:
        for unit, start, end in CUTS[self.units](plain(text)):
            yield unit if self.is_cased else unit.lower(), start, end

    def encode(self, text: str) -> Encoded:
        found = [(self._ids.get(unit, self.unknown), start, end) for unit, start, end in self._cut(text)]
        table = np.array(found, np.int64).reshape(-1, 3)
        return Encoded(table[:, 0], table[:, 1:])

    def decode(self, ids: Iterable[int]) -> str:
        words = (self.words[i] for i in ids)
        return "".join(words) if self.units == "characters" else joined(words)

    def to_json(self) -> dict[str, Any]:
        return {"units": self.units, "is_cased": self.is_cased, "words": list(self.words)}


class SubwordTokens(Tokens):
    """Tokens that are parts of words; tokenizer : of the package `tokenizers`. marks : what its marks are called."""

    def __init__(self, tokenizer: Any):
        self._tokenizer = tokenizer
        self.words = [tokenizer.id_to_token(i) or "" for i in range(tokenizer.get_vocab_size())]
        self.marks = subwords.marks_of(tokenizer)
        self.pad, self.unknown = tokenizer.token_to_id(self.marks.pad), tokenizer.token_to_id(self.marks.unknown)

    def encode(self, text: str) -> Encoded:
        if not isinstance(text, str):
            raise DataError(f"a text is a str, '' where one is missing; got {shortened(repr(text), MOST_SHOWN)}.")
        found = self._tokenizer.encode(plain(text), add_special_tokens=False)
        spans = np.array(found.offsets, np.int64).reshape(-1, 2)
        spans[spans[:, 1] == 0, 1] = min(1, len(text))  # a blank that is put before the text; only marks stand nowhere
        return Encoded(np.array(found.ids, np.int64), spans)

    @property
    def are_bytes(self) -> bool:
        """Whether its parts are pairs of bytes, as RoBERTa's, and blanks belong to them."""
        return self.marks == ROBERTA

    @cached_property
    def begins(self) -> np.ndarray:
        """Which tokens begin a word wherever they stand, (V,) bool."""
        return np.array([word.startswith(BLANK) if self.are_bytes else not word.startswith(INSIDE) for word in self.words], bool)

    def decode(self, ids: Iterable[int]) -> str:
        if self.are_bytes:
            return self._tokenizer.decode(list(ids), skip_special_tokens=False).strip()
        parts = " ".join(self.words[i] for i in ids)
        return joined(APOSTROPHE.sub(r"\1", parts.replace(f" {INSIDE}", "")).split())

    def to_json(self) -> dict[str, Any]:
        return {"tokenizer": subwords.to_json(self._tokenizer)}


def learnt_tokens(
    texts: Sequence[str], units: str = "auto", most: int = MOST, fewest: int = FEWEST, file: "Path | str | None" = None,
    is_cased: bool = False,
) -> Tokens:  # fmt: skip
    """Return tokens of these units with a vocabulary of the texts, or that of a file.

    units : auto (Chinese: jieba's words where jieba is installed, else characters; other texts: words), words, jieba,
    characters, wordpiece or bpe. most : tokens of the vocabulary; fewest : times that each stands in the texts. is_cased : are
    capitals, and accents on parts of words, told apart? That of a file tells so itself.
    Raises SettingsError for other units, DataError for a file that cannot be read, NeedsExtra.
    """
    ranges.one_of("units", units, UNITS)
    ranges.whole("most", most, 2)
    ranges.whole("fewest", fewest, 1)
    if file is not None:
        return SubwordTokens(subwords.from_file(Path(file)))
    if units == "auto":
        units = units_of(texts)
    if units in SUBWORDS:
        return SubwordTokens(SUBWORDS[units](texts, most, fewest, is_cased))
    return WordTokens.learnt(texts, units, is_cased, most, fewest)


def tokens_from(words: dict[str, Any]) -> Tokens:
    """Return the tokens that `to_json` told of."""
    if "tokenizer" in words:
        return SubwordTokens(subwords.from_json(words["tokenizer"]))
    return WordTokens(**words)
