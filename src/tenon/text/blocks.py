"""A document in blocks of few tokens, cut where it pauses: CogLTX (Ding et al. 2020, NeurIPS 33, section 3.1).

A cut costs little at the end of a line, more at the end of a sentence, more still within one; every block costs, too, so that
there are few. The cheapest way is found by dynamic programming over the places where a text pauses; where it does not for longer
than a block may be, it is cut at a block's length. A full stop within a word, as in 3.14, is no pause.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np

from tenon import ranges
from tenon.text.tokens import Encoded

LONGEST = 63  # tokens of a block
BLOCK, LINE, SENTENCE, CLAUSE, FORCED, NEVER = 4.0, 0.0, 1.0, 2.0, 8.0, np.inf  # costs, of official code (Sleepychord/CogLTX)
MARKS = {**dict.fromkeys(".?!。！？；：…", SENTENCE), **dict.fromkeys(",，、", CLAUSE)}


def cut_costs(text: str, encoded: Encoded) -> np.ndarray:
    """Return what a cut behind each token of a text costs, (t,) float64; NEVER where it does not pause."""
    ends = encoded.spans[:, 1]
    following = np.append(encoded.spans[:, 0], len(text))[1:]
    costs = np.full(len(ends), NEVER)
    for i, (start, end, after) in enumerate(zip(encoded.spans[:, 0].tolist(), ends.tolist(), following.tolist(), strict=True)):
        if "\n" in text[end:after]:
            costs[i] = LINE
        elif (cost := MARKS.get(text[start:end])) is not None and _is_pause(text, end):
            costs[i] = cost
    return costs


def word_cut_costs(words: Sequence[str], n_pieces: Sequence[int]) -> np.ndarray:
    """Return what a cut behind each piece of words costs, (t,) float64: NEVER within a word.

    n_pieces : of each word. Between words that do not pause a cut costs what one does that is forced.
    """
    costs = np.full(sum(n_pieces), NEVER)
    costs[np.cumsum(n_pieces, dtype=np.int64) - 1] = [MARKS.get(word, FORCED) for word in words]
    return costs


def _is_pause(text: str, end: int) -> bool:
    """Return whether a mark that ends there is followed by a space, the end, or letters of a script that knows no spaces."""
    return end >= len(text) or text[end].isspace() or ord(text[end - 1]) > 127 or not text[end].isalnum()


def block_ends(costs: np.ndarray, longest: int = LONGEST) -> np.ndarray:
    """Return behind how many tokens each block ends, (n_blocks,) int64, so that cuts cost the least in all.

    costs : (t,), what a cut behind each token costs, `cut_costs`; the end of the text costs no more than its
    pause. Of ways that cost the same, the one whose last block is shorter. Time grows with the number of tokens.
    """
    ranges.whole("longest", longest, 1)
    if len(costs) == 0:
        return np.zeros(0, np.int64)
    places, prices = _candidates(costs, longest)
    cheapest, before = np.zeros(len(places)), np.zeros(len(places), np.int64)
    near = deque([0])  # of candidates a block's length back: dearer ones stand behind cheaper ones, and farther ones fall out
    for i in range(1, len(places)):
        while places[i] - places[near[0]] > longest:
            near.popleft()
        before[i] = near[0]
        cheapest[i] = cheapest[near[0]] + prices[i] + BLOCK
        while near and cheapest[near[-1]] >= cheapest[i]:
            near.pop()
        near.append(i)
    ends, i = [], len(places) - 1
    while i:
        ends.append(places[i])
        i = int(before[i])
    return np.array(ends[::-1], np.int64)


def _candidates(costs: np.ndarray, longest: int) -> tuple[list[int], list[float]]:
    """Return places where a block may end, from 0, no two further apart than a block is long, and what that costs."""
    places, prices = [0], [0.0]
    pauses = np.flatnonzero(costs < NEVER) + 1
    for pause in np.unique(np.append(pauses, len(costs))).tolist():
        while pause - places[-1] > longest:
            places.append(places[-1] + longest)
            prices.append(FORCED)
        places.append(pause)
        prices.append(costs[pause - 1] if costs[pause - 1] < NEVER else 0.0)
    return places, prices
