"""Units of Chinese text: characters, pairs of characters, and the words that jieba finds.

A private tokenizer of jieba's is used, with its cache in a folder of the user's own: jieba's default is one file in the
shared temporary folder, which anyone could have put there.
"""

import logging
import os
import warnings
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from tenon.errors import NeedsExtra

BETWEEN = "\0"  # stands in no text that was read from a file
WORD = "w:"  # before each of jieba's words, to tell them from pairs of characters


class CharactersAndWords:
    """Called with a text, returns the list of its units, in lower case; without state, so that a model file can hold it."""

    def __call__(self, text: str) -> list[str]:
        text = text.lower()
        pairs = [text[i : i + 2] for i in range(len(text) - 1)]
        return [*text, *pairs, *(WORD + word for word in words(text))]


def words(text: str) -> list[str]:
    """Return the words of a text in order, punctuation and blanks among them. Raises NeedsExtra without jieba."""
    return _marked(text).split(BETWEEN)


def words_of_long(text: str) -> list[str]:
    """Return the same and keep nothing in memory: of a corpus that is cut once."""
    return list(_tokenizer().lcut(text.replace(BETWEEN, " ")))


@lru_cache(maxsize=100_000)
def _marked(text: str) -> str:
    """The text with marks between its words: every trial of a run cuts the same texts, and cutting is what takes long."""
    return BETWEEN.join(words_of_long(text))


@cache
def _tokenizer() -> Any:
    """Load jieba's dictionary once a process, without its messages."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # jieba 0.42 imports pkg_resources, which warns
            import jieba
    except ImportError as error:
        raise NeedsExtra("this text model splits Chinese into words with jieba: pip install 'tenon[zh]'.") from error
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(cache_folder())
    log = jieba.default_logger
    level = log.level
    log.setLevel(logging.CRITICAL + 1)  # an unwritable cache folder costs a second, no more
    try:
        tokenizer.initialize()
    finally:
        log.setLevel(level)
    return tokenizer


def cache_folder() -> Path:
    """Return the user's own cache folder for Tenon, made readable to nobody else where it can be made."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "tenon"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return base  # read-only home: jieba then works without a cache
    return folder
