"""Where rows begin and end in a file of tokens: whole sentences of one document together, or pairs of parts.

Pairs as google-research/bert draws them for the question whether one part follows the other (Devlin et al. 2019, section 3.1 and
appendix A.2), but that a part which stands alone in its document makes no pair: there, it would always be one that does not
follow, and a network might learn to tell by that.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from tenon.text.token_file import TokenFile

NEXT, ELSEWHERE = 0, 1  # what a pair is
SHORT_SHARE = 0.1  # of pairs that are shorter than they might be, so that what is read later may be, too


def packed(file: TokenFile, room: int) -> np.ndarray:
    """Return rows of at most `room` tokens (n, 2) int64, from where to where each goes: as many whole sentences as fit.

    No row reaches into another document; a sentence that is longer is cut.
    """
    rows, texts = [], file.texts
    for first, last in pairwise(file.document_bounds.tolist()):
        while first < last:
            end = min(first + room, last)
            whole = int(texts[np.searchsorted(texts, end, "right") - 1])
            end = whole if whole > first else end
            rows.append((first, end))
            first = end
    return np.array(rows, np.int64).reshape(-1, 2)


def pairs(file: TokenFile, room: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of at most `room` tokens (n, 4) int64, from where to where both parts go, and NEXT or ELSEWHERE, (n,) int64.

    The second part is the next in the document, or, half of the time, from a place by chance in another document; in the same,
    where there is but one.
    """
    chance = np.random.default_rng(seed)
    bounds, documents = _pieces(file, max(1, room // 2))
    found = [pair for place in range(len(documents) - 1) for pair in _of_document(bounds, documents, place, room, chance)]
    table = np.array(found, np.int64).reshape(-1, 5)
    return table[:, :4], table[:, 4]


def _pieces(file: TokenFile, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds of sentences in tokens, of longer ones in pieces, and bounds of documents in these."""
    n_pieces = -(-np.diff(file.texts) // longest)
    firsts = np.concatenate([[0], np.cumsum(n_pieces)])
    within = np.arange(firsts[-1]) - np.repeat(firsts[:-1], n_pieces)
    bounds = np.append(np.repeat(file.texts[:-1], n_pieces) + within * longest, file.texts[-1])
    return bounds, firsts[file.documents]


def _of_document(
    bounds: np.ndarray, documents: np.ndarray, place: int, room: int, chance: np.random.Generator
) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield the pairs that begin in a document: both parts, and what they are."""
    first, last = documents[place : place + 2]
    while last - first > 1:
        wanted = int(chance.integers(2, room + 1)) if chance.random() < SHORT_SHARE else room
        stop = _filled(bounds, first, wanted, last, 2)
        middle = chance.integers(first + 1, stop)
        other = (middle, stop)
        is_next = chance.random() < 0.5
        if not is_next:
            start, end = _elsewhere(documents, place, middle, chance)
            other = (start, _filled(bounds, start, wanted - (bounds[middle] - bounds[first]), end, 1))
            stop = middle  # what was not used makes another pair
        yield *_trimmed(bounds[[first, middle, *other]].tolist(), room, chance), NEXT if is_next else ELSEWHERE
        first = stop


def _filled(bounds: np.ndarray, first: int, wanted: int, last: int, fewest: int) -> int:
    """Return where a part ends that begins at `first` and has `wanted` tokens or more, or all up to `last`."""
    return min(max(int(np.searchsorted(bounds, bounds[first] + wanted)), first + fewest), last)


def _elsewhere(documents: np.ndarray, place: int, middle: int, chance: np.random.Generator) -> tuple[int, int]:
    """Return where another part may begin, and where its document ends; in the only document anywhere but at `middle`."""
    if len(documents) == 2:
        start = chance.integers(documents[0], documents[1] - 1)
        return start + (start >= middle), documents[1]
    other = chance.integers(len(documents) - 2)
    other += other >= place
    return chance.integers(documents[other], documents[other + 1]), documents[other + 1]


def _trimmed(pair: list[int], room: int, chance: np.random.Generator) -> tuple[int, int, int, int]:
    """Return both parts without what is too much: token by token from the longer one's front or back, as chance has it."""
    a, b, c, d = pair
    while b - a + d - c > room:
        is_front = chance.random() < 0.5
        if b - a > d - c:
            a, b = (a + 1, b) if is_front else (a, b - 1)
        else:
            c, d = (c + 1, d) if is_front else (c, d - 1)
    return a, b, c, d
