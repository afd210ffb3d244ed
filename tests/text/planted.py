"""Documents with planted evidence: sentences of common words, and among them, at any depth, those that tell the class."""

from typing import NamedTuple

import numpy as np

CLASSES = ("amber", "cobalt", "scarlet")
SYLLABLES = ("ba", "di", "fo", "gu", "ke", "lo", "mi", "nu", "pa", "ro", "se", "ti")
COMMON = tuple(f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in ("l", "n", "s"))
KEYS = tuple(f"k{a}{b}" for a in SYLLABLES[:4] for b in SYLLABLES[:4])
N_DECOYS = 6


class Planted(NamedTuple):
    """texts, classes : (n,) object; evidence : for each text the places (start, end) of the sentences that tell its class."""

    texts: np.ndarray
    classes: np.ndarray
    evidence: list[list[tuple[int, int]]]


def planted(n: int, words: tuple[int, int], kind: str, seed: int, depth: float | None = None, common=COMMON) -> Planted:
    """Return n documents of so many words, fewest and most.

    kind : word, the name of the class stands in one sentence and nowhere else; cue, names of classes stand in others, too, and
    that of the document's own behind "verdict"; hops, one sentence names a note, and of many notes that one names the class.
    depth : share of the document before the evidence; None: by chance.
    """
    chance = np.random.default_rng(seed)
    texts, classes, places = [], [], []
    for _ in range(n):
        own = str(chance.choice(CLASSES))
        evidence, others = {"word": _word, "cue": _cue, "hops": _hops}[kind](own, chance)
        n_words = int(chance.integers(*words, endpoint=True))
        lines: list[list[str]] = []
        while sum(map(len, lines)) < n_words:
            lines.append(_filler(chance, common))
        for line in others:
            lines.insert(int(chance.integers(len(lines) + 1)), line)
        marked = list(range(len(lines)))
        for line in evidence:
            at = int(chance.integers(len(marked) + 1)) if depth is None else round(depth * len(marked))
            lines.insert(at, line)
            marked.insert(at, -1)
        text, found = "", []
        for line, number in zip(lines, marked, strict=True):
            said = " ".join(line) + ". "
            if number < 0:
                found.append((len(text), len(text) + len(said) - 1))
            text += said
        texts.append(text)
        classes.append(own)
        places.append(found)
    return Planted(np.array(texts, object), np.array(classes, object), places)


def _filler(chance, common):
    return [str(word) for word in chance.choice(common, int(chance.integers(6, 14)))]


def _among(chance, words):
    """Return words within a sentence of common ones."""
    line = _filler(chance, COMMON)
    at = int(chance.integers(len(line) + 1))
    return [*line[:at], *words, *line[at:]]


def _word(own, chance):
    return [_among(chance, [own])], []


def _cue(own, chance):
    return [_among(chance, ["verdict", own])], [_among(chance, [str(chance.choice(CLASSES))]) for _ in range(N_DECOYS)]


def _hops(own, chance):
    keys = [str(key) for key in chance.permutation(KEYS)[:N_DECOYS]]
    notes = [_among(chance, ["note", key, str(chance.choice(CLASSES))]) for key in keys[1:]]
    return [_among(chance, ["see", keys[0]]), _among(chance, ["note", keys[0], own])], notes
