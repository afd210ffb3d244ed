"""Sentences from templates: `{slot}` is filled with a word drawn from that slot's list, which may hold slots again."""

import random
import re
from collections.abc import Mapping, Sequence

Words = Mapping[str, Sequence[str]]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
FIRST_NAMES = "Ada Bruno Clara Daniel Edith Felix Greta Hugo Irene Jonas Katrin Leo Mira Nils Olga Paul Rosa Simon".split()
STEMS = "Ash Bar Col Dun East Fen Gran Har Il Kirk Lang Mar Nor Old Pem Quin Rad Stan Thorn Wal".split()
_SLOT = re.compile(r"\{(\w+)\}")


def fill(template: str, words: Words, rng: random.Random) -> str:
    """Return the template with every slot filled."""
    return "".join(text for _, text in pieces(template, words, rng))


def pieces(template: str, words: Words, rng: random.Random) -> list[tuple[str, str]]:
    """Return the filled template in pieces (slot, text), with slot "" for what stands between the slots.

    >>> pieces("{who} sleeps.", {"who": ["{size} Tom"], "size": ["big"]}, random.Random(0))
    [('who', 'big Tom'), ('', ' sleeps.')]
    """
    parts = _SLOT.split(template)  # text and slot names by turns
    filled = [("", text) if k % 2 == 0 else (text, fill(rng.choice(words[text]), words, rng)) for k, text in enumerate(parts)]
    return [(slot, text) for slot, text in filled if text]


def weighted(rng: random.Random, chances: Mapping[str, float]) -> str:
    """Draw one key, with chances in proportion to the values."""
    return rng.choices(list(chances), weights=list(chances.values()))[0]
