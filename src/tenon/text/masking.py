"""Which tokens of a row a network shall foretell, and what it reads in their places (Devlin et al. 2019, section 3.1).

Of what is picked, 80 % is read as [MASK], 10 % as a token by chance, and 10 % as it is. Picked are 15 % of the tokens: single
ones, whole words (google-research/bert; in Chinese those of Cui et al. 2019, arXiv:1906.08101), or spans of words, whose lengths
are geometric (p = 0.2) up to 10 words and whose tokens share one fate (SpanBERT, Joshi et al. 2020, arXiv:1907.10529, section
3.1). All is a function of seed, epoch and row alone: the same for a training that goes on, and in whatever batch a row stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

import numpy as np

from tenon import ranges
from tenon.text.subwords import ROBERTA

Masks = Literal["tokens", "words", "spans"]
AS_MASK, AS_OTHER = 0.8, 0.9  # below the first a token is read as [MASK], from there to the second as any other
LONGEST_SPAN = 10  # words
_GEOMETRIC = 0.2 * 0.8 ** np.arange(LONGEST_SPAN)
SPAN_LENGTHS = _GEOMETRIC / _GEOMETRIC.sum()  # how likely 1, 2, … words are
Places = list[np.ndarray]  # groups of places in a row, each (k,) int64


class Masked(NamedTuple):
    """A row of t tokens: read (t,) int64, what the network is given; places (t,) bool, where it is asked what stood there."""

    read: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class Masking:
    """Settings of it. Raises SettingsError for a value that is out of its range.

    mask : id of [MASK]; others : (n,) ids that may stand in its place, those of no mark. masks : what is picked; share : of the
    tokens that are no marks. is_redrawn : anew in each epoch (Liu et al. 2019, section 4.1), else once for each row.
    """

    mask: int
    others: np.ndarray = field(compare=False)
    masks: Masks = "tokens"
    share: float = 0.15
    is_redrawn: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        ranges.one_of("masks", self.masks, get_args(Masks))
        ranges.number("share", self.share, 0, 1, open_low=True)

    def budget(self, n_free: int) -> int:
        """Return how many of n_free tokens are picked: one at least, where there is any."""
        return min(n_free, max(1, round(self.share * n_free)))

    def masked(self, ids: np.ndarray, is_free: np.ndarray, is_start: np.ndarray, row: int, epoch: int) -> Masked:
        """Mask a row in an epoch. ids: (t,) int64; is_free: (t,) bool, no marks; is_start: (t,) bool, where words begin.

        Where each word is longer than the budget, the shortest one is picked.
        """
        chance = np.random.default_rng((self.seed, epoch if self.is_redrawn else 0, row))
        read, places = ids.copy(), np.zeros(len(ids), bool)
        free = np.flatnonzero(is_free)
        if not len(free):
            return Masked(read, places)
        groups = self._groups(free, is_start, chance)
        picked, sizes = np.concatenate(groups), [len(group) for group in groups]
        fate = np.repeat(chance.random(len(groups)), sizes)
        is_other = (fate >= AS_MASK) & (fate < AS_OTHER)
        read[picked[fate < AS_MASK]] = self.mask
        read[picked[is_other]] = chance.choice(self.others, int(is_other.sum()))
        places[picked] = True
        return Masked(read, places)

    def _groups(self, free: np.ndarray, is_start: np.ndarray, chance: np.random.Generator) -> Places:
        """Return the places picked of the free ones, those that share a fate together."""
        n = self.budget(len(free))
        if self.masks == "tokens":
            return list(chance.permutation(free)[:n, None])
        begins = np.flatnonzero(is_start[free])
        words = np.split(free, begins[begins > 0])
        if self.masks == "spans":
            return spans(words, n, chance) or [min(words, key=len)]
        chosen = _whole(words, n, chance) or [min(words, key=len)]
        return list(np.concatenate(chosen)[:, None])


def spans(words: Places, n: int, chance: np.random.Generator) -> Places:
    """Return spans of words that are n places at most in all; each ends before a word that is taken, or would be too much."""
    found, left, is_taken = [], n, np.zeros(len(words), bool)
    sizes = np.array([len(word) for word in words])
    while len(starts := np.flatnonzero(~is_taken & (sizes <= left))):
        first = chance.choice(starts)
        last = first + 1 + chance.choice(LONGEST_SPAN, p=SPAN_LENGTHS)
        span: Places = []
        for i in range(first, min(last, len(words))):
            is_apart = bool(span) and words[i][0] != span[-1][-1] + 1  # a mark stands between
            if is_taken[i] or sizes[i] > left or is_apart:
                break
            span.append(words[i])
            is_taken[i] = True
            left -= sizes[i]
        found.append(np.concatenate(span))
    return found


def _whole(words: Places, n: int, chance: np.random.Generator) -> Places:
    """Return words by chance that are n places at most in all; one that would be too much is passed over."""
    found, left = [], n
    for i in chance.permutation(len(words)):
        if len(words[i]) <= left:
            found.append(words[i])
            left -= len(words[i])
    return found


def is_no_mark(words: Sequence[str]) -> np.ndarray:
    """Return which tokens of a vocabulary stand for something said, (V,) bool: all but [PAD], [MASK], [unused1] and the like."""
    is_mark = [word in ROBERTA or (word.startswith("[") and word.endswith("]") and len(word) > 2) for word in words]
    return ~np.array(is_mark, bool)
