"""How likely each next event is after the few before it, from counts of n-grams; every order falls back on the one below.

P_k(w | context) = share(context, w) + back(context) P_{k-1}(w | context without its first event), P_0 = 1 / n_events, and after a
context that was never seen P_k = P_{k-1}. By interpolated modified Kneser-Ney (Chen & Goodman 1999, section 4.1; Kneser & Ney
1995) share takes D1, D2 or D3 from a count, and a lower order counts in how many contexts an n-gram stood, not how often (but
those that begin a text, which nothing stands before); or by Witten & Bell (1991, method C), whose back is the share of kinds of
events, T / (N + T).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

PLAIN_DISCOUNTS = (0.5, 1.0, 1.5)  # where counts of counts give none
LAST = np.iinfo(np.int64).max  # a key behind all others
Smoothing = Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Order:
    """All n-grams of one length. Each array has one number more, which -1 finds: no such n-gram, no such context.

    keys : sorted, context · n_ids + event, where a context is the place of its n-gram among those of the order below.
    share : of each n-gram; back : of each context.
    """

    keys: np.ndarray
    share: np.ndarray
    back: np.ndarray


@dataclass(frozen=True)
class NGrams:
    """n_events : events 0 … n_events-1, of which each is possible anywhere; orders : from single events up."""

    n_events: int
    orders: tuple[Order, ...]

    @classmethod
    def learnt(cls, texts: Sequence[np.ndarray], n_events: int, n: int, smoothing: str) -> "NGrams":
        """texts : each (t,) int64 of events. smoothing : kneser-ney or witten-bell."""
        words, is_first = _laid_out(texts, n_events)
        found, before = [], np.zeros(len(words), np.int64)
        for _ in range(n):
            keys, at, inverse, counts = np.unique(
                (before * (n_events + 1) + words)[before >= 0], return_index=True, return_inverse=True, return_counts=True
            )
            places = np.flatnonzero(before >= 0)
            grams = np.full(len(words), -1)
            grams[places] = inverse
            found.append((keys, counts, places[at], grams))
            before = _before(grams, is_first)
        if smoothing == "kneser-ney":
            counts_of = [_continued(*pair) for pair in zip(found, found[1:], strict=False)] + [found[-1][1]]
        else:
            counts_of = [counts for _, counts, _, _ in found]
        counts_of[0] = np.where(found[0][0] == n_events, 0, counts_of[0])  # nothing foretells a beginning
        sizes = [1, *(len(keys) for keys, *_ in found)]
        pairs = zip(found, counts_of, sizes, strict=False)
        return cls(
            n_events,
            tuple(_order(one[0], counts, size, n_events, SMOOTHINGS[smoothing]) for one, counts, size in pairs),
        )

    def probabilities(self, texts: Sequence[np.ndarray]) -> np.ndarray:
        """Return the probability of each event of texts (t,) in their order, one behind the other, float64."""
        words, is_first = _laid_out(texts, self.n_events)
        p, before = np.full(len(words), 1 / self.n_events), np.zeros(len(words), np.int64)
        for order in self.orders:
            key = before * (self.n_events + 1) + words
            at = np.searchsorted(order.keys, key)
            grams = np.where((before >= 0) & (order.keys[at] == key), at, -1)
            p = order.share[grams] + order.back[before] * p
            before = _before(grams, is_first)
        return p[~is_first]


def kneser_ney(counts: np.ndarray, context: np.ndarray, n_contexts: int) -> tuple[np.ndarray, np.ndarray]:
    """Return share (g,) and back (n_contexts,) for counts (g,) of n-grams in their contexts (g,)."""
    taken = np.minimum(counts, np.array([0.0, *discounts(counts)])[np.minimum(counts, 3)])
    total = np.bincount(context, counts, n_contexts)
    return (counts - taken) / total[context], _over(np.bincount(context, taken, n_contexts), total)


def discounts(counts: np.ndarray) -> tuple[float, ...]:
    """Return D1, D2 and D3 from how many counts are 1, 2, 3 and 4 (Chen & Goodman 1999, eq. 17)."""
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(float)
    found = []
    for i, plain in enumerate(PLAIN_DISCOUNTS, 1):
        d = i - (i + 1) * n[1] / (n[1] + 2 * n[2]) * n[i + 1] / n[i] if n[1] and n[i] else plain
        found.append(d if 0 < d < i else plain)
    return tuple(found)


def witten_bell(counts: np.ndarray, context: np.ndarray, n_contexts: int) -> tuple[np.ndarray, np.ndarray]:
    """The same."""
    kinds = np.bincount(context, counts > 0, n_contexts)
    total = kinds + np.bincount(context, counts, n_contexts)
    return counts / total[context], _over(kinds, total)


SMOOTHINGS: dict[str, Smoothing] = {"kneser-ney": kneser_ney, "witten-bell": witten_bell}


def _over(part: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return the quotient, 1 where nothing was seen."""
    return np.divide(part, total, out=np.ones(len(total)), where=total > 0)


def _order(keys: np.ndarray, counts: np.ndarray, n_contexts: int, n_events: int, smoothing: Smoothing) -> Order:
    share, back = smoothing(counts, keys // (n_events + 1), n_contexts)
    return Order(np.append(keys, LAST), np.append(share, 0.0), np.append(back, 1.0))


def _continued(shorter: tuple[np.ndarray, ...], longer: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return for each n-gram how many different events stood before it; how often it was seen, where it begins a text."""
    keys, counts, _, grams = shorter
    contexts = np.bincount(grams[longer[2]], minlength=len(keys))
    return np.where(contexts == 0, counts, contexts)


def _laid_out(texts: Sequence[np.ndarray], begin: int) -> tuple[np.ndarray, np.ndarray]:
    """Return all events, each text behind the mark `begin`, and which are these marks."""
    words = np.concatenate([np.append(begin, text) for text in texts] or [np.empty(0)]).astype(np.int64)
    return words, words == begin


def _before(grams: np.ndarray, is_first: np.ndarray) -> np.ndarray:
    """Return the n-gram that ends before each place, -1 where there is none within its text."""
    return np.where(is_first, -1, np.append(-1, grams[:-1]))
