"""Units of a text with their places in it: words and marks between blanks, jieba's words, or characters.

A place is (start, end) in characters of the text as it was given, so that whatever is found of a unit can be shown in the text.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec

import numpy as np

from tenon.data.language import script_of
from tenon.features.chinese import words as words_of_jieba

Unit = tuple[str, int, int]  # what it says, as it is written, where it starts, where it ends
Cut = Callable[[str], Iterator[Unit]]

UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # as data.language.is_cjk: no blanks between words
CONTROL = r"\x00-\x1f\x7f-\x9f"
LETTER = rf"(?:(?![{UNSPACED}])\w)"
MIDST = re.compile(rf"{LETTER}{{2}}")  # a letter of a word and the one behind it
CLOSE = re.compile(rf"[{UNSPACED}\u3000-\u303f\uff00-\uffef]")  # characters and marks of scripts without blanks
SOLID = re.compile(r"[^\w\s]")  # stands against the word before it
HALF = re.compile("[\ud800-\udfff]")  # half a character, which no file and no other library takes


def pattern_of_words(letters: str, blanks: str) -> str:
    """Return what finds words, marks and characters alone, in a language of patterns that calls such kinds of characters so."""
    word = rf"(?:(?![{UNSPACED}])[{letters}])+"
    return rf"[{UNSPACED}]|{word}(?:['’]{word})*|[^{letters}{blanks}]"


def pattern_of_characters(letters: str, blanks: str) -> str:
    """Return the same of what finds every character."""
    return rf"[^{blanks}]"


PATTERNS = {"words": pattern_of_words, "characters": pattern_of_characters}
WORD, CHARACTER = (re.compile(PATTERNS[units](r"\w", rf"\s{CONTROL}")) for units in ("words", "characters"))


def plain(text: str) -> str:
    """Return the text with a mark of the same length in the place of halves of characters."""
    return HALF.sub("\ufffd", text)


def units_of(texts: Iterable[str]) -> str:
    """Return which of CUTS fits the script of texts: words; in Chinese jieba's where jieba is installed, else characters."""
    return "words" if script_of(texts) != "chinese" else "jieba" if find_spec("jieba") else "characters"


def by_words(text: str) -> Iterator[Unit]:
    """Yield words, with what an apostrophe holds together in one, single marks, and single Chinese characters and kana."""
    return _matches(WORD, text)


def by_characters(text: str) -> Iterator[Unit]:
    """Yield every character but blanks and controls."""
    return _matches(CHARACTER, text)


def by_jieba(text: str) -> Iterator[Unit]:
    """Yield the words that jieba finds. Raises NeedsExtra without it."""
    start = 0
    for word in words_of_jieba(text):
        end = start + len(word)
        if CHARACTER.search(word):
            yield word, start, end
        start = end


def joined(words: Iterable[str]) -> str:
    """Return words as a text, without blanks before marks and beside characters of scripts that have none."""
    text = ""
    for word in filter(None, words):
        is_close = not text or SOLID.fullmatch(word) or CLOSE.match(word) or CLOSE.match(text[-1])
        text += word if is_close else f" {word}"
    return text


def words_of(text: str, spans: np.ndarray) -> np.ndarray:
    """Return which word each part of a text is of, (t,) int64, counted from 0; spans : (t, 2) int64, their places, in order.

    Parts without anything between them are of one word where letters meet, and so are bytes of one character; characters of
    scripts without blanks are words by themselves, as marks are.
    """
    starts, before = spans[1:, 0], spans[:-1, 1]
    meet = [start < end or (start == end and MIDST.match(text, start - 1)) for start, end in zip(starts, before, strict=True)]
    return np.cumsum([0, *(not one for one in meet)])[: len(spans)]


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Unit]:
    return ((match[0], match.start(), match.end()) for match in pattern.finditer(text))


CUTS: dict[str, Cut] = {"words": by_words, "jieba": by_jieba, "characters": by_characters}
