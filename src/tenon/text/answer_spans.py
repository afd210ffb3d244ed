"""The best answers that a network's logits allow, and when to say that there is none (Devlin et al. 2019, sections 4.2, 4.3)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tenon.data.questions import Span
from tenon.text.answer_windows import Window
from tenon.text.marked import Marked

Weighed = tuple[list[Span], float]  # answers, the best first, with their scores; and the score of none


class Stretch(NamedTuple):
    """Tokens of a context that follow each other there: spans (t, 2) int64; which may begin an answer, (t,) bool; logits.

    logits : (t, 2) float, of each to be the first of the answer, and the last.
    """

    spans: np.ndarray
    may_begin: np.ndarray
    logits: np.ndarray


class ReadRow(NamedTuple):
    """A question with its context, or a part of it, as they are read at once, and what the network says of each token.

    row : its spans are places in the whole question, and in the whole context. logits : (t, 2) float64, to be the first token of
    the answer, and the last. stretches : what the row holds of the context, where answers may be.
    """

    row: Marked
    logits: np.ndarray
    stretches: Sequence[Stretch]


def stretch_of(window: Window, logits: np.ndarray) -> Stretch:
    """Return what a window holds of its context, of which those tokens may begin an answer that it owns. logits : of its row."""
    of_context = slice(window.first, len(window.row.ids) - 1)
    return Stretch(window.row.spans[of_context], window.own[of_context], logits[of_context])


def best_spans(stretch: Stretch, context: str, longest: int, n_best: int) -> list[Span]:
    """Return the n_best pieces of the context that one stretch makes most of, score : sum of both logits.

    A piece begins with a token that may, ends in the stretch, and has at most `longest` tokens.
    """
    spans, may_begin, logits = stretch
    n = len(spans)
    width = min(longest, n)
    ends = np.arange(n)[:, None] + np.arange(width)  # of the pieces that begin at each token: rows of 4,096 have many more
    sums = logits[:, 0][:, None] + logits[:, 1][np.minimum(ends, n - 1)]
    flat = np.where(may_begin[:, None] & (ends < n), sums, -np.inf).ravel()
    n_best = min(n_best, int(np.isfinite(flat).sum()))
    best = np.argpartition(-flat, n_best - 1)[:n_best] if n_best else np.empty(0, np.int64)
    found = []
    for place in best.tolist():
        i, n_more = divmod(place, width)
        start, end = int(spans[i, 0]), int(spans[i + n_more, 1])
        found.append(Span(context[start:end], start, float(flat[place])))
    return in_order(found)


def weighed(stretches: Iterable[Stretch], of_none: Iterable[np.ndarray], context: str, longest: int, n_best: int) -> Weighed:
    """Return the n_best answers over all stretches of a question's context, each text once, and the score of none.

    of_none : (2,) logits of no answer in each row that was read. None is as good as in the row that believes in it least: one
    that does not hold the answer rightly finds none.
    """
    spans = [span for stretch in stretches for span in best_spans(stretch, context, longest, n_best)]
    once: dict[str, Span] = {}
    for span in in_order(spans):
        once.setdefault(span.text, span)
    return list(once.values())[:n_best], min(float(logits.sum()) for logits in of_none)


def in_order(spans: Iterable[Span]) -> list[Span]:
    """Return the best first; of equals the one that stands first, and then the shorter one."""
    return sorted(spans, key=lambda span: (-span.score, span.start, len(span.text)))


def best_threshold(excess: np.ndarray, f1: np.ndarray, f1_of_none: np.ndarray) -> float:
    """Return the excess of none over the best answer from which on to say that there is none, so that mean F1 is largest.

    excess, f1, f1_of_none : (n,) of held-out rows; f1 of the best answer, and of saying none. Of cuts that are as good the one
    next to 0 is taken, half way between the rows beside it.
    """
    order = np.argsort(excess, kind="stable")
    gains = np.concatenate([[0.0], np.cumsum((f1 - f1_of_none)[order])])  # of answering the first k rows
    sorted_excess = excess[order]
    edges = np.concatenate([[sorted_excess[0] - 1.0], (sorted_excess[1:] + sorted_excess[:-1]) / 2, [sorted_excess[-1] + 1.0]])
    may_be = np.concatenate([[True], np.diff(sorted_excess) > 0, [True]])  # equal ones are not parted
    good = np.flatnonzero(may_be & (gains >= gains[may_be].max() - 1e-12))
    return float(edges[good[np.argmin(np.abs(edges[good]))]])
