"""What each token of a question and of its context does to the answer: how sure a network is with the token, and without.

Sure: how probable it is that the answer begins and ends where it does, by a softmax over all tokens of the row that holds it.
Without: the token for what is masked in its place (occlusion, Zeiler & Fergus 2014, arXiv:1311.2901, section 4.2), so that all
others stay where they are. Of long contexts that is done with runs of tokens, not with each.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from tenon.data.questions import Span
from tenon.text.answer_spans import ReadRow
from tenon.text.answer_windows import NO_PLACE
from tenon.text.entity_effects import log_odds
from tenon.text.marked import Marked
from tenon.text.marked_reader import longest_part, parts_of, places_of_text, spans_of
from tenon.text.net_of_texts import Effects

Place = tuple[int, int]  # in a row, of the first token of an answer and of its last


class AnswerEffects(NamedTuple):
    """By how much tokens, or runs of them, raise the log odds of an answer: those of its question, and of its context.

    Of the context there are those that stand in the row which holds the answer.
    """

    question: Effects
    context: Effects


def row_of_answer(rows: Sequence[ReadRow], answer: Span) -> tuple[Marked, Place]:
    """Return the row in which an answer was found with its score, the sum of two logits, and where it stands there."""
    return next((one.row, place) for one in rows for place in _places_of(one, answer))


def _places_of(one: ReadRow, answer: Span) -> Iterator[Place]:
    """Return where in a row an answer stands that has its score there; of tokens that are parts of a letter several begin it."""
    places, end = places_of_text(one.row, 1), answer.start + len(answer.text)
    spans = one.row.spans[places]
    ends = product(places[spans[:, 0] == answer.start].tolist(), places[spans[:, 1] == end].tolist())
    return ((first, last) for first, last in ends if one.logits[first, 0] + one.logits[last, 1] == answer.score)


def row_of_none(rows: Sequence[ReadRow]) -> tuple[Marked, Place]:
    """Return the row that believes least in no answer, by which it is weighed, and where that stands in it."""
    return min(rows, key=lambda one: one.logits[0].sum()).row, NO_PLACE


def answer_effects(
    row: Marked, place: Place, texts: tuple[str, str], logits_of: Callable[[Sequence[Marked]], list[np.ndarray]], mask: int
) -> AnswerEffects:
    """Return this of the answer at a place of a row of a question and its context.

    logits_of : gives the logits (t, 2) of rows. mask : id of the token for what is masked.
    """
    parts = [_parts(text, row, number) for number, text in enumerate(texts)]
    versions = [row, *(_without(row, part, mask) for of_text in parts for part in of_text)]
    odds = log_odds(np.array([_sureness(logits, place) for logits in logits_of(versions)]))
    effects = np.split(odds[0] - odds[1:], [len(parts[0])])
    return AnswerEffects(*(Effects(spans_of(row.spans, of_text), does) for of_text, does in zip(parts, effects, strict=True)))


def _parts(text: str, row: Marked, number: int) -> list[np.ndarray]:
    """Return the places in a row of each token of one of its texts; of a long one, of its parts."""
    places = places_of_text(row, number)
    return parts_of(text, row, places, longest_part(len(places)))


def _without(row: Marked, part: np.ndarray, mask: int) -> Marked:
    ids = row.ids.copy()
    ids[part] = mask
    return row._replace(ids=ids)


def _sureness(logits: np.ndarray, place: Place) -> float:
    shares = logits - np.logaddexp.reduce(logits, axis=0)
    return float(np.exp(shares[place[0], 0] + shares[place[1], 1]))
