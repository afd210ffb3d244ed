"""Sentences of tokens as a BERT reads them: each token is cut into parts of words, and its first part speaks for all of it.

As in Devlin et al. 2019 (arXiv:1810.04805), section 5.3, other parts are read, but not judged. A sentence longer than the network
reads goes in overlapping parts, and each token is judged where it has the most context: where the nearer end is farthest, as the
answers in long texts are there (google-research/bert, run_squad.py).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from tenon.text.marked import Marked, MarkedTokens
from tenon.text.marked_rows import MarkedRows
from tenon.text.tokens import Encoded, SubwordTokens
from tenon.training.rows import Batch

UNJUDGED = -1  # in the place of a tag


class Part(NamedTuple):
    """A row that holds a sentence, or a part of it, and which tokens are judged in it, by the parts of words at these places.

    places, tokens : (m,) int64, in the row and in the sentence.
    """

    row: Marked
    places: np.ndarray
    tokens: np.ndarray


class PieceReader:
    """longest : tokens of a row, the marks among them, at least 3."""

    def __init__(self, tokens: MarkedTokens, longest: int):
        self.tokens, self.longest = tokens, longest

    def parts(self, sentence: Sequence[str]) -> list[Part]:
        """Return the rows of a sentence of one token or more, each token of which is judged in one of them."""
        found = pieces_of(sentence, self.tokens.tokens)
        ids = np.concatenate(found)
        first = np.cumsum([0, *map(len, found[:-1])])
        starts, ends = windows(len(ids), self.longest - 2)
        where = widest(first, starts, ends)
        return [
            Part(self._row(ids[start:end]), first[where == i] - start + 1, np.flatnonzero(where == i))
            for i, (start, end) in enumerate(zip(starts, ends, strict=True))
        ]

    def _row(self, ids: np.ndarray) -> Marked:
        return self.tokens.row(Encoded(ids, np.zeros((len(ids), 2), np.int64)))  # where they stand nobody asks


def pieces_of(sentence: Sequence[str], tokens: SubwordTokens) -> list[np.ndarray]:
    """Return the ids (k,) int64 of the parts of each token of a sentence, one or more.

    A token without any part of a word, such as a control character, is read as an unknown one.
    """
    blank = " " if tokens.are_bytes else ""  # which belongs to the word behind it
    unknown = np.array([tokens.unknown], np.int64)
    found = {word: tokens.encode(blank + word).ids for word in dict.fromkeys(sentence)}
    return [found[word] if len(found[word]) else unknown for word in sentence]


def windows(n: int, room: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where the parts of n begin and end, each of `room` at most: every part begins half a room behind the one before."""
    step = max(1, room // 2)
    starts = np.arange(0, max(1, n - room + step), step)
    return starts, np.minimum(starts + room, n)


def widest(places: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return in which part each place (n,) has its nearer end farthest, (n,) int64; of equal parts the first."""
    nearer = np.minimum(places - starts[:, None], ends[:, None] - 1 - places)
    return nearer.argmax(axis=0)


class PieceRows(MarkedRows):
    """Rows of sentences, and a tag for each place that is judged: targets (n, T) int64, else UNJUDGED."""

    @classmethod
    def of(cls, parts: Sequence[Part], tags: Sequence[np.ndarray], pad: int) -> "PieceRows":
        """tags : of each part's tokens that are judged, (m,) int64."""
        targets = torch.full((len(parts), max((len(part.row.ids) for part in parts), default=0)), UNJUDGED)
        for row, part, own in zip(targets, parts, tags, strict=True):
            row[torch.from_numpy(part.places)] = torch.from_numpy(own)
        return cls([part.row for part in parts], targets, pad)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return what a BERT is called with for rows ids (b,), and their targets (b, T), T the longest of them."""
        inputs, targets = super().batch(ids, device)
        return inputs, targets[:, : inputs[0].shape[1]]
