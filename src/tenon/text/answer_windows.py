"""Questions with contexts as rows that a BERT reads: [CLS] question [SEP] part of the context [SEP], a pair of texts.

A context that is too long is read in windows that overlap (Devlin et al. 2019, google-research/bert, run_squad.py). A token that
stands in several windows is an answer's first only in the one that sees most on its narrower side: the max-context rule.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tenon import ranges
from tenon.text.marked import Marked, MarkedTokens
from tenon.text.tokens import Encoded

NO_PLACE = (0, 0)  # of an answer that is not in the window: [CLS] stands for it
FOR_LENGTH = 0.01  # what a token of a window's length counts in the max-context rule


class Window(NamedTuple):
    """A row with a part of a context, which begins at place `first` of it; its spans are places in the whole context.

    own : (t,) bool, the tokens of the context that this window of all sees best; question : which one it is of.
    """

    row: Marked
    first: int
    own: np.ndarray
    question: int = 0


class Windows:
    """Cuts questions and contexts into windows.

    longest : tokens of a row, marks among them; stride : tokens from one window to the next; longest_question : tokens read of a
    question, of which half a row must be left for the context. Raises SettingsError for settings out of range.
    """

    def __init__(self, tokens: MarkedTokens, longest: int, stride: int, longest_question: int):
        ranges.whole("longest", longest, 8)
        ranges.whole("stride", stride, 1)
        ranges.whole("longest_question", longest_question, 1)
        self.tokens, self.longest, self.stride = tokens, longest, stride
        self.n_marks = tokens.n_marks(2)
        self.longest_question = room_of_question(longest - self.n_marks, longest_question)

    def of(self, question: str, context: str, number: int = 0) -> list[Window]:
        """Return the windows of a question, one at least."""
        asked, read = (self.tokens.tokens.encode(text) for text in (question, context))
        asked = Encoded(*(part[: self.longest_question] for part in asked))
        first = len(asked.ids) + self.n_marks - 1
        room = self.longest - first - 1
        parts = window_ends(len(read.ids), room, self.stride)
        owners = owner_of_each(len(read.ids), parts)
        windows = []
        for i, (start, end) in enumerate(parts):
            row = self.tokens.row(asked, Encoded(*(part[start:end] for part in read)))
            own = np.zeros(len(row.ids), bool)
            own[first : first + end - start] = owners[start:end] == i
            windows.append(Window(row, first, own, number))
        return windows


def room_of_question(room: int, longest_question: int) -> int:
    """Return how many tokens are read of a question in rows with so much room beside marks: half is left for the context.

    >>> room_of_question(381, 64), room_of_question(8, 64)
    (64, 4)
    """
    return min(longest_question, room // 2)


def window_ends(n_tokens: int, room: int, stride: int) -> list[tuple[int, int]]:
    """Return first token, and token after the last, of each window over n_tokens; the last one ends with the context.

    >>> window_ends(10, 6, 3), window_ends(6, 6, 3), window_ends(0, 6, 3)
    ([(0, 6), (3, 9), (6, 10)], [(0, 6)], [(0, 0)])
    """
    ends = [(0, min(room, n_tokens))]
    while ends[-1][1] < n_tokens:
        start = ends[-1][0] + min(stride, room)
        ends.append((start, min(start + room, n_tokens)))
    return ends


def owner_of_each(n_tokens: int, windows: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return which window (n_tokens,) int64 sees each token best: by the lesser of what it sees before and behind it.

    >>> owner_of_each(10, [(0, 6), (3, 9), (6, 10)])
    array([0, 0, 0, 0, 0, 1, 1, 1, 2, 2])
    """
    places = np.arange(n_tokens)
    seen = [
        np.where((places >= start) & (places < end), np.minimum(places - start, end - 1 - places), -np.inf)
        + FOR_LENGTH * (end - start)
        for start, end in windows
    ]
    return np.argmax(seen, axis=0).astype(np.int64)


def places_in(window: Window, start: int, end: int) -> tuple[int, int]:
    """Return the places in a window's row of the first and the last token of what stands from start to end in the context.

    NO_PLACE where the window does not hold all of it, or no token of it.
    """
    inside = window.first + whole_in(window.row.spans[window.first :], start, end)
    return (int(inside[0]), int(inside[-1])) if len(inside) else NO_PLACE


def whole_in(spans: np.ndarray, start: int, end: int) -> np.ndarray:
    """Return the places of the tokens of what stands from start to end, (m,) int64; none where its first or last is missing.

    spans : (t, 2) int64, where tokens stand in the context; marks, 0 to 0, are nowhere.
    """
    inside = np.flatnonzero((spans[:, 1] > start) & (spans[:, 0] < end))
    is_whole = len(inside) and spans[inside[0], 0] <= start and spans[inside[-1], 1] >= end
    return inside if is_whole else inside[:0]
