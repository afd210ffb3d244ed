"""Questions about texts: rows whose target is the pieces of a context that answer a question, each with its place there.

An answer is {text, start, script}: start in characters of the context, script that of the context (`language.script_of`), which
decides how answers are compared. No answers means that the context holds none. A place that is not the text's is mended where the
text stands elsewhere in the context. All questions on one context make a group, which no split parts.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenon.data.language import script_of
from tenon.data.wording import listed, row_numbers, shown, where
from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from tenon.data.sources import Source

QUESTION, CONTEXT, ANSWER = "question", "context", "answer"  # columns
ANSWERS = "answers"  # what others call the last one
PASSAGE = "passage"  # the column of groups: the number of the context
START = ("start", "answer_start")  # names of an answer's place
Answer = dict[str, Any]  # text, start, script
Questions = Sequence[tuple[str, str]]  # each with its context
LAYOUT = "a list of answers, each a text, or an object with 'text' and 'start'"


class Span(NamedTuple):
    """An answer that a method gives: a piece of the context, from which character on, and how sure it is, in its own measure."""

    text: str
    start: int
    score: float = 0.0


NO_ANSWER = Span("", -1)


def are_questions(source: "Source", target: str | None) -> bool:
    """Say whether a source holds questions, their contexts and lists of answers under just these names."""
    import pyarrow as pa

    name = next((name for name in (ANSWER, ANSWERS) if name in source.columns), None)
    if name is None or target not in (None, ANSWER, ANSWERS) or not {QUESTION, CONTEXT} <= set(source.columns):
        return False
    kind = source.columns[name].type
    return pa.types.is_nested(kind) or pa.types.is_null(kind)


def kinds_of(source: "Source") -> dict[str, str]:
    """Return the kinds of the columns of questions, which are not to be guessed; a column `id` tells questions apart."""
    return {QUESTION: "text", CONTEXT: "text"} | {name: name for name in source.columns if name == "id"}


def with_places(source: "Source", target: str | None, has_groups: bool) -> "Source":
    """Return the source with every answer at its place in its context, and with groups, where the rows have none of their own.

    target : the column of answers, None: `answer`, as `answers` is called from then on. Raises DataError where a column is
    missing, the answers of a row stand nowhere in its context, or a context stands among the final rows and the others.
    """
    if target in (None, ANSWER, ANSWERS) and not (target == ANSWERS and {ANSWER, ANSWERS} <= set(source.columns)):
        target = ANSWER
        source = replace(source, columns=_renamed(source.columns), final=source.final and _renamed(source.final))
    passages: dict[str, int] = {}
    columns, notes = _placed(source.columns, source.name, target, passages, has_groups)
    if source.final is None:
        return replace(source, columns=columns, notes=(*source.notes, *notes), target=target)
    known = set(passages)
    final, more = _placed(source.final, source.final_name, target, passages, has_groups)
    if both := [context for context in dict.fromkeys(source.final[CONTEXT].to_pylist()) if context in known]:
        raise DataError(
            f"{source.final_name}, the final rows: {len(both):,} of their contexts stand among the other rows, too (the first "
            f"begins {shown(both[0])}); take their questions out of one of the files."
        )
    return replace(source, columns=columns, final=final, notes=(*source.notes, *notes, *more), target=target)


def _renamed(columns: "dict[str, pa.ChunkedArray]") -> "dict[str, pa.ChunkedArray]":
    """Return the columns with `answers` called `answer`, where none is."""
    return columns if ANSWER in columns else {ANSWER if name == ANSWERS else name: cells for name, cells in columns.items()}


def _placed(
    columns: "dict[str, pa.ChunkedArray]", file: str, target: str, passages: dict[str, int], has_groups: bool
) -> "tuple[dict[str, pa.ChunkedArray], list[str]]":
    """Return the columns as `with_places` does, and what to tell; passages : number of each context, which grows.

    A row without a question or a context has no answers either, so that it is left out as others that have no target.
    """
    import pyarrow as pa

    for name in (QUESTION, CONTEXT, target):
        if name not in columns:
            raise DataError(
                f"{file} has no column {name!r}: questions take the columns {QUESTION!r}, {CONTEXT!r} and one of answers. "
                f"Columns: {listed(columns)}."
            )
    questions, contexts = (columns[name].to_pylist() for name in (QUESTION, CONTEXT))
    notes, bare = _without_text(file, questions, contexts)
    search = _Search(file, target)
    cells = [None if row in bare else cell for row, cell in enumerate(columns[target].to_pylist())]
    placed = [search.answers(row, *one) for row, one in enumerate(zip(cells, questions, contexts, strict=True))]
    kind = pa.list_(pa.struct([("text", pa.string()), ("start", pa.int64()), ("script", pa.string())]))
    made: dict[str, pa.Array] = {target: pa.array(placed, kind)}
    numbers = [str(passages.setdefault(context, len(passages) + 1)) for context in contexts]
    if not has_groups:
        made[PASSAGE] = pa.array(numbers, pa.string())
    return columns | {name: pa.chunked_array([cells]) for name, cells in made.items()}, [*notes, *search.notes()]


def _without_text(file: str, questions: list[Any], contexts: list[Any]) -> tuple[list[str], set[int]]:
    """Return what to tell of rows without a question or a context, and which they are."""
    notes, bare = [], set()
    for name, cells in ((QUESTION, questions), (CONTEXT, contexts)):
        rows = [row for row, cell in enumerate(cells) if not isinstance(cell, str) or not cell.strip()]
        if rows:
            which = f"{len(rows):,} row{'s' * (len(rows) > 1)} without a {name} ({row_numbers(np.array(rows), file)})"
            notes.append(f"{file}: {which}, whose answers were not read.")
        bare |= set(rows)
    return notes, bare


@dataclass
class _Search:
    """Finds answers in contexts, and remembers what had to be done for it."""

    file: str
    column: str
    moved: list[int] = field(default_factory=list)  # rows, once an answer
    lost: list[int] = field(default_factory=list)

    def answers(self, row: int, cell: Any, question: str, context: str) -> list[Answer] | None:
        """Return the answers of a cell at their places, None where it is empty. Raises DataError where none of them has one."""
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return None
        script, found, said = script_of([context]), [], self._said(row, cell)
        for text, start in said:
            place = place_of(text, start, context)
            if place is None:
                self.lost.append(row)
                continue
            self.moved += [row] * (start is not None and place != start)
            found.append({"text": text, "start": place, "script": script})
        if said and not found:
            raise self._nowhere(row, *said[0], question, context)
        return [answer for i, answer in enumerate(found) if answer not in found[:i]]

    def _said(self, row: int, cell: Any) -> list[tuple[str, int | None]]:
        """Return text and place of the answers that a cell holds, empty texts left out; None: a place that it does not tell."""
        if isinstance(cell, str):
            cell = self._parsed(row, cell)
        ones = _one_by_one(cell) if isinstance(cell, Mapping) else cell
        said = [_text_and_start(one) for one in ones] if isinstance(ones, list) else [None]
        if None in said:
            raise DataError(f"{where(self.file, row)}, column {self.column!r}: {shown(cell)} is not {LAYOUT}.")
        return [one for one in said if one and one[0]]

    def _parsed(self, row: int, cell: str) -> Any:
        """Return what a cell of text says: JSON, or the answer itself."""
        if not cell.lstrip().startswith(("[", "{")):
            return [cell]
        try:
            return json.loads(cell)
        except ValueError:
            return [cell]

    def _nowhere(self, row: int, text: str, start: int | None, question: str, context: str) -> DataError:
        there = f" At its place, {start:,}, stands {shown(context[start : start + len(text)])}." if start is not None else ""
        return DataError(
            f"{where(self.file, row)}, column {self.column!r}: the answer {shown(text)} to {shown(question)} does not stand in "
            f"its context.{there} "
            "Correct it, or write [] where the context holds no answer."
        )

    def notes(self) -> list[str]:
        said = []
        if self.moved:
            said.append(f"{self._of(self.moved)} stood elsewhere in the context than said; places mended.")
        if self.lost:
            said.append(f"{self._of(self.lost)} not found in the context and left out; others are.")
        return said

    def _of(self, rows: list[int]) -> str:
        of_file = row_numbers(np.unique(rows), self.file)
        return f"{self.file}, column {self.column!r}: {len(rows):,} answer{'s' * (len(rows) > 1)} (row {of_file})"


def place_of(text: str, start: int | None, context: str) -> int | None:
    """Return where a text stands in a context: at `start`, or as near to it as can be; None where it does not.

    >>> place_of("a", 0, "bab a"), place_of("a", 3, "bab a"), place_of("c", 0, "bab a")
    (1, 4, None)
    """
    if start is not None and start >= 0 and context.startswith(text, start):
        return start
    places = [i for i in range(len(context) - len(text) + 1) if context.startswith(text, i)]
    return min(places, key=lambda place: abs(place - (start or 0)), default=None)


def _one_by_one(lists: Mapping[str, Any]) -> list[Answer] | None:
    """Return the answers of {"text": […], "answer_start": […]}, another layout of the same; None where it is not that."""
    texts, starts = lists.get("text"), next((lists[name] for name in START if lists.get(name) is not None), None)
    if not isinstance(texts, list) or (starts is not None and (not isinstance(starts, list) or len(starts) != len(texts))):
        return None
    return [{"text": text, "start": start} for text, start in zip(texts, starts or [None] * len(texts), strict=True)]


def _text_and_start(one: Any) -> tuple[str, int | None] | None:
    """Return an answer's text without blanks around it, and its place; None where it is no answer."""
    if isinstance(one, str):
        one = {"text": one}
    if not isinstance(one, Mapping) or not isinstance(text := one.get("text"), str):
        return None
    start = next((one[name] for name in START if one.get(name) is not None), None)
    if start is None:
        return text.strip(), None
    if isinstance(start, bool) or not isinstance(start, int | float) or start != int(start):
        return None
    return text.strip(), int(start) + len(text) - len(text.lstrip())
