"""Texts as lists of words, to learn vectors: in lower case, without marks; of Chinese jieba's, or characters where it lacks.

Sentences that are cut already are words as their taggers name them: see `named`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec

from tenon.data.language import script_of
from tenon.data.unlabelled import Text
from tenon.features.chinese import words as words_of_jieba
from tenon.features.chinese import words_of_long
from tenon.text.units import CUTS, by_words

DIGIT = re.compile(r"\d")


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


def listing(texts: Sequence[Text]) -> Callable[[Text], list[str]]:
    """Return what makes the words of one text: of another text where these are texts, of any sentence where they are cut."""
    if all(isinstance(text, str) for text in texts):
        units = units_of(map(str, texts))
        return lambda text: word_list(str(text), units)
    is_spelled = are_spelled(texts)
    cut = CUTS["words" if is_spelled else "characters"]
    return lambda text: named([unit for unit, _, _ in cut(text)] if isinstance(text, str) else text, is_spelled)


def are_spelled(sentences: Iterable[Sequence[str]]) -> bool:
    """Return whether most tokens of sentences are of more characters than one, so that their spelling says something."""
    lengths = [len(token) for tokens in sentences for token in tokens]
    return sum(n > 1 for n in lengths) > len(lengths) / 2


def named(tokens: Sequence[str], is_spelled: bool) -> list[str]:
    """Return the names by which a tagger knows tokens: words in lower case with digits as 0; single characters as they are."""
    return [DIGIT.sub("0", token.lower()) for token in tokens] if is_spelled else list(tokens)
