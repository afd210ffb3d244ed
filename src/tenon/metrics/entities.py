"""Named entities from the tags of a sentence, and what entity F1 counts (Tjong Kim Sang & De Meulder 2003, CoNLL-2003).

`B-` opens an entity, `I-` (`M-` in BMES) goes on with it, `O` is outside; `E-` closes one and `S-` is one of a single token
(IOBES). An `I-` that nothing of its type stands before opens an entity all the same, as conlleval reads it. Marks without a type
are entities of the type "", such as words in the segmentation of Chinese.
"""

from collections.abc import Iterable, Sequence

import numpy as np

OUTSIDE = "O"
OPENING, INSIDE, CLOSING = ("B", "S"), ("I", "M", "E"), ("E", "S")  # marks
Entity = tuple[str, int, int]  # type, first token, token after the last


def entities(tags: Sequence[str]) -> list[Entity]:
    """Return the entities of a sentence in order.

    >>> entities(["B-PER", "I-PER", "O", "I-LOC", "B-LOC"])
    [('PER', 0, 2), ('LOC', 3, 4), ('LOC', 4, 5)]
    """
    found: list[Entity] = []
    kind, start = None, 0  # of the entity that is open; None is none
    for i, tag in enumerate(tags):
        mark, _, name = tag.partition("-")
        goes_on = mark in INSIDE and name == kind
        if kind is not None and not goes_on:
            found.append((kind, start, i))
            kind = None
        if not goes_on and mark in (*OPENING, *INSIDE):
            kind, start = name, i
        if kind is not None and mark in CLOSING:
            found.append((kind, start, i + 1))
            kind = None
    return found if kind is None else [*found, (kind, start, len(tags))]


def entity_counts(true: Iterable[Sequence[str]], said: Iterable[Sequence[str]]) -> np.ndarray:
    """Return (n, 3) float64: entities found with their type and both ends, true entities, entities said, of each sentence."""
    counts = []
    for of_truth, of_guess in zip(true, said, strict=True):
        wanted, found = set(entities(of_truth)), set(entities(of_guess))
        counts.append((len(wanted & found), len(wanted), len(found)))
    return np.array(counts, np.float64).reshape(-1, 3)


def tag_counts(true: Iterable[Sequence[str]], said: Iterable[Sequence[str]]) -> np.ndarray:
    """Return (n, 2) float64: tokens with the right tag, and tokens, of each sentence."""
    counts = [
        (sum(a == b for a, b in zip(of_truth, of_guess, strict=True)), len(of_truth))
        for of_truth, of_guess in zip(true, said, strict=True)
    ]
    return np.array(counts, np.float64).reshape(-1, 2)
