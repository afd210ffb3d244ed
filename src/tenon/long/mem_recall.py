"""MemRecall: of a long document's blocks those that matter for a question, as many as an encoder reads at once.

Ding et al. 2020 (CogLTX, NeurIPS 33, section 3.2 and algorithm 1). Step by step, (1) all blocks compete: they are packed beside
what is kept, and a judge scores each; (2) the best fill one row, in the document's order, up to the first that does not fit;
(3) in this row all are scored again, with each other in sight (rehearsal); (4) but for the last step few are kept (decay), so
that in the next step blocks are found that matter beside these: evidence in several hops. What is kept competes no second time,
unlike in the official code, where it stands twice in a row. Documents go forward together, so that a judge has many rows at once.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tenon import ranges
from tenon.errors import SettingsError
from tenon.text.selected import Row, fill

KEPT = (3,)  # blocks that each step but the last keeps beside those before; the last keeps all that fits (Sleepychord/CogLTX)


class Recalled(NamedTuple):
    """blocks : places of the blocks that are left, in the document's order; scores : (len(blocks),) of the last rehearsal."""

    blocks: Row
    scores: np.ndarray


Judge = Callable[[list[tuple[int, Row]]], list[np.ndarray]]  # rows of documents, by their places -> a score for each block


def recall_all(documents: Sequence[np.ndarray], rooms: Sequence[int], judge: Judge, kept: Sequence[int] = KEPT) -> list[Recalled]:
    """Return what is recalled of each document, the judge being asked about rows of all of them at once.

    documents : for each how many tokens its blocks have, (n_blocks,) int; rooms : tokens of its rows, beside the question's.
    kept : by each step but the last, see KEPT; () for one step. Raises SettingsError where a block does not fit beside that.
    """
    found: dict[int, Recalled] = {}
    at_work = {i: recall(sizes, room, kept) for i, (sizes, room) in enumerate(zip(documents, rooms, strict=True))}
    heard: dict[int, Any] = dict.fromkeys(at_work)  # None starts a generator
    while heard:
        asked: dict[int, list[Row]] = {}
        for i, scores in heard.items():
            try:
                asked[i] = at_work[i].send(scores)
            except StopIteration as end:
                found[i] = end.value
        said = iter(judge([(i, row) for i, rows in asked.items() for row in rows]) if asked else ())
        heard = {i: [next(said) for _ in rows] for i, rows in asked.items()}
    return [found[i] for i in range(len(documents))]


def recall(sizes: np.ndarray, room: int, kept: Sequence[int] = KEPT) -> Generator[list[Row], list[np.ndarray], Recalled]:
    """Ask for scores of the blocks in rows of one document, and return what is recalled in the end. See `recall_all`."""
    for n in kept:
        ranges.whole("kept", n, 1)
    if not len(sizes):
        return Recalled((), np.zeros(0))
    stays: Row = ()
    for more in (*kept, None):
        rows = list(packed(sizes, stays, room))
        heard = yield rows
        scores = np.zeros(len(sizes))
        for row, of_row in zip(rows, heard, strict=True):
            scores[list(row[len(stays) :])] = of_row[len(stays) :]
        chosen = fill(sizes, stays, scores, room)
        [again] = heard if rows == [chosen] else (yield [chosen])
        if more is None or len(chosen) <= len(stays) + more:
            break
        best = np.argsort(-again, kind="stable")[: len(stays) + more]
        stays = tuple(chosen[i] for i in sorted(best.tolist()))
    return Recalled(chosen, np.asarray(again))


def packed(sizes: np.ndarray, kept: Row, room: int) -> Iterator[Row]:
    """Return rows in which each block that is not kept stands once, in order, behind those that are, as many as fit."""
    left = room - int(sizes[list(kept)].sum())
    row, taken = list(kept), 0
    for i in sorted(set(range(len(sizes))) - set(kept)):
        if sizes[i] > left:
            raise SettingsError(f"a block of {sizes[i]} tokens does not fit into {left}; take shorter blocks, or keep fewer.")
        if taken + sizes[i] > left:
            yield tuple(row)
            row, taken = list(kept), 0
        row.append(i)
        taken += int(sizes[i])
    yield tuple(row)
