"""Texts as lists of words, to learn vectors: in lower case, without marks; of Chinese jieba's, or characters where it lacks."""

from collections.abc import Iterable
from importlib.util import find_spec

from tenon.data.language import script_of
from tenon.features.chinese import words as words_of_jieba
from tenon.features.chinese import words_of_long
from tenon.text.units import by_words


def units_of(texts: Iterable[str]) -> str:
    """Return what such texts are cut into, "jieba" or "words", as their first 1,000 decide."""
    return "jieba" if script_of(texts) == "chinese" and find_spec("jieba") is not None else "words"


def word_list(text: str, units: str, is_seen_again: bool = True) -> list[str]:
    """Return the words of a text. is_seen_again : keep how jieba cut it in memory. Raises NeedsExtra without jieba."""
    if units == "jieba":
        cut = words_of_jieba if is_seen_again else words_of_long
        words = cut(text.lower())
    else:
        words = [word.lower() for word, _, _ in by_words(text)]
    return [word for word in words if any(map(str.isalnum, word))]
