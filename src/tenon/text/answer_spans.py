"""The best answers that a network's logits allow, and when to say that there is none (Devlin et al. 2019, sections 4.2, 4.3)."""

from collections.abc import Iterable

import numpy as np

from tenon.data.questions import Span
from tenon.text.answer_windows import Window

Weighed = tuple[list[Span], float]  # answers, the best first, with their scores; and the score of none


def best_spans(window: Window, logits: np.ndarray, context: str, longest: int, n_best: int) -> list[Span]:
    """Return the n_best pieces of the context that one window makes most of, score : sum of both logits.

    logits : (t, 2) float, of each token of the row to be the first, and the last. A piece begins with a token that the window
    owns, ends in the window, and has at most `longest` tokens.
    """
    first, last = window.first, len(window.row.ids) - 1  # of the context in the row, the last exclusive
    n = last - first
    width = min(longest, n)
    ends = np.arange(n)[:, None] + np.arange(width)  # of the pieces that begin at each token: rows of 4,096 have many more
    may_be = window.own[first:last, None] & (ends < n)
    sums = logits[first:last, 0][:, None] + logits[first:last, 1][np.minimum(ends, n - 1)]
    flat = np.where(may_be, sums, -np.inf).ravel()
    n_best = min(n_best, int(np.isfinite(flat).sum()))
    best = np.argpartition(-flat, n_best - 1)[:n_best] if n_best else np.empty(0, np.int64)
    spans = window.row.spans[first:last]
    found = []
    for place in best.tolist():
        i, n_more = divmod(place, width)
        start, end = int(spans[i, 0]), int(spans[i + n_more, 1])
        found.append(Span(context[start:end], start, float(flat[place])))
    return in_order(found)


def weighed(parts: Iterable[tuple[Window, np.ndarray]], context: str, longest: int, n_best: int) -> Weighed:
    """Return the n_best answers over all windows of a question, each text once, and the score of none.

    None is as good as in the window that believes in it least: one that does not hold the answer rightly finds none.
    """
    spans, none = [], np.inf
    for window, logits in parts:
        spans += best_spans(window, logits, context, longest, n_best)
        none = min(none, float(logits[0].sum()))
    once: dict[str, Span] = {}
    for span in in_order(spans):
        once.setdefault(span.text, span)
    return list(once.values())[:n_best], none


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
