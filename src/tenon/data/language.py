"""Which script a text is written in: decides between words and characters as its units."""

from collections.abc import Iterable
from itertools import islice

SAMPLE = 1000  # texts looked at
HEAD = 500  # characters of each
CHINESE_SHARE = 0.3  # of the letters; Chinese texts with many Latin names still hold more, other texts next to none


def script_of(texts: Iterable[object]) -> str:
    """Return "chinese" where at least 30 % of the letters are Chinese characters or kana, else "other".

    Looks at the first 500 characters of the first 1,000 texts; cells that are no str (missing ones) are passed over.
    """
    n_letters = n_cjk = 0
    for text in islice((t for t in texts if isinstance(t, str)), SAMPLE):
        for character in text[:HEAD]:
            if character.isalpha():
                n_letters += 1
                n_cjk += is_cjk(character)
    return "chinese" if n_cjk and n_cjk >= CHINESE_SHARE * n_letters else "other"


def is_cjk(character: str) -> bool:
    """Say whether a character is Han (with extensions) or kana: scripts written without blanks between words."""
    code = ord(character)
    return 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF
