"""Rows of sequences: a translation with what its tokens were said by, entities that are there and that are found, surprises,
answers in their contexts.

Of the rows that a model did not see and did not get wholly right (`metrics.sequences.missed`) a few are shown, from the worst to
the best in even steps: the worst alone would be odd ones. Of answers those that are right are among them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.data.questions import CONTEXT, QUESTION, place_of
from tenon.explain.held_out import HeldOut, Part
from tenon.explain.known import kept_section
from tenon.method import Model, Predictions
from tenon.metrics.answers import answer_scores
from tenon.metrics.entities import OUTSIDE, entities
from tenon.metrics.sequences import missed
from tenon.tasks import Task
from tenon.text.units import joined
from tenon.watch import SILENT, Watch, in_turn

MOST_SHOWN = 8  # rows
MOST_UNITS = 400  # of a text whose surprises are shown
MOST_WEIGHED = 5  # answers
Section = dict[str, Any]


def sequence_rows(held: HeldOut, watch: Watch = SILENT) -> Section:
    """Return {rows, n_wrong}: some of the rows, each as `sequence_row` gives it, and how many were not got wholly right."""
    loss = np.concatenate([_loss(part, held) for part in in_turn(held.parts, "predictions", watch)])
    ids, fold = np.concatenate([part.rows.row_ids for part in held.parts]), held.fold
    n_wrong = int(np.count_nonzero(loss))
    rows = np.argsort(-loss, kind="stable")[: None if held.task.kind == "answer" else n_wrong]
    steps = np.unique(np.linspace(0, max(len(rows) - 1, 0), MOST_SHOWN).astype(int))[: len(rows)]
    shown = [sequence_row(held, held.parts[fold[i]].model, int(ids[i])) for i in in_turn(rows[steps].tolist(), "rows", watch)]
    return {"rows": shown, "n_wrong": n_wrong}


def _loss(part: Part, held: HeldOut) -> np.ndarray:
    reads, truth = held.task.metric.reads, held.data.frame.loc[part.rows.row_ids, held.task.target]
    said = part.model.predict_rows(part.rows).value
    return missed(held.task.counted(held.task.encode(truth), said, reads), reads)


def sequence_row(held: HeldOut, model: Model, row_id: int) -> Section:
    """Return {row, text, label, prediction} and what the task and the model know beside it.

    tagging: label and prediction are entities [type, start, end], in characters of the text; where tags are of none, every token
    with its tag. translation: alignment, {source, target, weights} or None. language: label is the length in units, prediction
    the nats that it costs; units : [start, end, nats], the first of them, None where the model tells of the whole alone. answer:
    text is the context; question; label and prediction are answers [start, end] in it, all that are true, and the one that is
    given or none; answer : its text; f1, is_match; candidates : [text, score] of answers weighed, the best first; kept : which
    parts of the context are read, where the model tells, see `known.kept_section`.
    """
    row = conform(held.data.rows(np.array([row_id])), model.schema)
    truth: Any = held.data.frame.at[row_id, held.task.target]
    said = said_of_sequence(model, row)
    return {"row": row_id + 1, **said, **_beside_truth(held.task, said, row, truth)}


def said_of_sequence(model: Model, row: Dataset) -> Section:
    """Return what `sequence_row` does of the one row of a data set, less its number and what hangs on the truth."""
    said, kind = model.predict_rows(row), model.task.kind
    if kind == "answer":
        return _answered(model, row, said)
    source: Any = row.frame[model.schema.features()[0]].iloc[0]
    if kind == "tagging":
        text, spans = _laid_out(source)
        return {"text": text, "prediction": _marked(said.value[0], spans)}
    text = source if isinstance(source, str) else ""
    if kind == "translation":
        return {"text": text, "prediction": said.value[0], "alignment": _alignment(model.explain_rows(row, ("alignments",)))}
    return {"text": text, "prediction": float(said.value[0]), "units": _units(model.explain_rows(row, ("surprises",)))}


def _beside_truth(task: Task, said: Section, row: Dataset, truth: Any) -> Section:
    """Return the label, of answers also how right the one is that is given."""
    if task.kind == "answer":
        f1, match = answer_scores([truth], [said["answer"]])[0].tolist()
        label = sorted([one["start"], one["start"] + len(one["text"])] for one in truth)
        return {"label": label, "f1": f1, "is_match": bool(match)}
    if task.kind == "tagging":
        return {"label": _marked(truth, _laid_out(row.frame[row.schema.features()[0]].iloc[0])[1])}
    return {"label": int(truth) if task.kind == "language" else truth}


def answer_effects_section(known: Section) -> Section | None:
    """Return {question, context}: what each token of them does to the answer that is given, or to none, [start, end, effect].

    Of a context those that stand in the row which holds the answer, and of a long one runs of tokens. None where the model does
    not tell.
    """
    if "answer_effects" not in known:
        return None
    table = known["answer_effects"]
    return {
        name: [
            [int(start), int(end), round(float(effect), 4)]
            for start, end, effect in table.loc[table["of"] == name, ["start", "end", "effect"]].to_numpy()
        ]
        for name in (QUESTION, CONTEXT)
    }


def entity_effects_section(known: Section, tokens: Sequence[str]) -> list[Section]:
    """Return {entity, tokens, run} of each entity found in a sentence of tokens: what each of them does to it.

    entity : [type, start, end]; tokens : [start, end, effect] of each, of a long sentence of each run of tokens; places are in
    characters of the text. run : how many tokens the longest run has.
    """
    if "entity_effects" not in known:
        return []
    _, spans = _laid_out(tokens)
    return [
        {
            "entity": [kind, spans[first][0], spans[behind - 1][1]],
            "tokens": [
                [spans[left][0], spans[right - 1][1], round(effect, 4)]
                for left, right, effect in of[["first", "behind", "effect"]].itertuples(index=False)
            ],
            "run": int((of["behind"] - of["first"]).max()),
        }
        for (_, kind, first, behind), of in known["entity_effects"].groupby(["entity", "type", "start", "end"])
    ]


def _answered(model: Model, row: Dataset, predictions: Predictions) -> Section:
    question, context = (str(row.frame[name].iloc[0]) for name in (QUESTION, CONTEXT))
    said = predictions.value[0]
    start = place_of(said, _start(predictions), context) if said else None
    known = model.explain_rows(row, ("candidates", "kept"))
    return {
        "text": context,
        "question": question,
        "answer": said,
        "prediction": [] if start is None else [[start, start + len(said)]],
        "candidates": _candidates(known)[:MOST_WEIGHED],
        "kept": kept_section(known, context),
    }


def _start(predictions: Predictions) -> int | None:
    """Return where the answer of the one row begins, None where the model does not say."""
    if predictions.details is None:
        return None
    return int(predictions.details["start"].iloc[0])


def _candidates(known: Section) -> list[list[Any]]:
    if "candidates" not in known:
        return []
    table = known["candidates"]
    return [[text, round(float(score), 4)] for text, score in zip(table["text"], table["score"], strict=True)]


def _laid_out(tokens: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return the text that tokens make up, and from where to where each stands in it."""
    text, spans, start = joined(tokens), [], 0
    for token in tokens:
        start = text.index(token, start)
        spans.append((start, start + len(token)))
        start += len(token)
    return text, spans


def _marked(tags: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[list[Any]]:
    found = entities(tags)
    if not found and set(tags) != {OUTSIDE}:
        found = [(tag, i, i + 1) for i, tag in enumerate(tags)]
    return [[kind, spans[first][0], spans[behind - 1][1]] for kind, first, behind in found]


def _alignment(known: Section) -> Section | None:
    if "alignments" not in known:
        return None
    [one] = known["alignments"]
    return {"source": one.source, "target": one.target, "weights": np.round(one.weights.astype(float), 4).tolist()}


def _units(known: Section) -> list[list[Any]] | None:
    if "surprises" not in known:
        return None
    table = known["surprises"][["start", "end", "nats"]]
    return [[int(start), int(end), round(float(nats), 4)] for start, end, nats in table.to_numpy()[:MOST_UNITS]]
