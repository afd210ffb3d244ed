"""What a linear tagger knows of a token: the word, its parts and shape, and the words around it, as names of features.

The set of Ratnaparkhi 1996 ("A maximum entropy model for part-of-speech tagging", table 1), for rare and frequent words alike,
and pairs of neighbours, by which Chinese characters are known.
"""

from collections.abc import Sequence
from functools import cache

AFFIX = 4  # characters of the longest prefix and suffix
NOWHERE = "\n"  # stands before and behind a sentence; no token is a line end


def features_of(tokens: Sequence[str]) -> list[list[str]]:
    """Return the names of each token's features."""
    own, shape = cache(_own), cache(_shape)
    edge = [NOWHERE, NOWHERE]
    padded = [*edge, *tokens, *edge]
    shapes = list(map(shape, padded))
    lower = [token.lower() for token in padded]
    return [[*own(tokens[i]), *_around(lower[i : i + 5], shapes[i + 1 : i + 4])] for i in range(len(tokens))]


def _own(token: str) -> list[str]:
    """Return what a token says of itself wherever it stands."""
    affixes = range(1, min(AFFIX, len(token) - 1) + 1)
    return [
        "bias", f"w={token}", f"l={token.lower()}",
        *(f"p={token[:n]}" for n in affixes), *(f"s={token[-n:]}" for n in affixes),
    ]  # fmt: skip


def _around(words: Sequence[str], shapes: Sequence[str]) -> list[str]:
    """Return what five words in lower case and three shapes, those of the token in their middle, say of it."""
    a, b, c, d, e = words
    before, here, after = shapes
    return [
        f"-2={a}", f"-1={b}", f"+1={d}", f"+2={e}", f"-2-1={a}\t{b}", f"-1+0={b}\t{c}", f"+0+1={c}\t{d}", f"+1+2={d}\t{e}",
        f"-1+1={b}\t{d}", f"-1+0+1={b}\t{c}\t{d}", f"x={here}", f"x-1={before}", f"x+1={after}", f"xxx={before}\t{here}\t{after}",
    ]  # fmt: skip


def _shape(token: str) -> str:
    """Return the kinds of a token's characters, of a kind that repeats one: "McDonald's" is XxXx'x, "3.14" is 0.0.

    X and x are letters of two cases, a is any other, such as a Chinese character.
    """
    kinds: list[str] = []
    for character in token:
        kind = _kind(character)
        if not kinds or kinds[-1] != kind:
            kinds.append(kind)
    return "".join(kinds)


def _kind(character: str) -> str:
    if character.isupper():
        return "X"
    if character.islower():
        return "x"
    if character.isdigit():
        return "0"
    return "a" if character.isalpha() else character
