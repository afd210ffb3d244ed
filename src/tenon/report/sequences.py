"""Rows of sequences as people see them: sentences with entities marked, translations, texts coloured by surprise, answers."""

import math
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from rich.cells import cell_len

from tenon.data.wording import plain as briefly
from tenon.report.explained_row import BY_HEART
from tenon.report.figures import figure, probability, short, signed
from tenon.report.language import Language, language
from tenon.report.looks import looks_view
from tenon.report.readings import UNMARKED, Mark, Piece, by_effect, coloured, in_pieces, kept_pieces, within
from tenon.report.text import GAP, wrapped
from tenon.text.alignment import END, TITLE, Alignment, alignment_svg

DARKEST = math.log(10_000)  # nats of a unit that is as dark as can be
RAREST = math.log(1_000_000)  # nats; of more the power of ten is told alone
MOST_NATS = 700.0  # exp of more leaves float64
MOST_NAMED = 8  # units in a line of the terminal
LEAST_NAMED = 0.005  # effect: of less no digit would be shown
MOST_FOUND = 8  # entities whose tokens are told of
FOUND, OFF = Mark("for", 30), Mark("off")
NO_ANSWER = "(no answer)"
NOTHING_FOUND, NOTHING_THERE = "Nothing is found in it.", "Nothing is there to be found, and nothing is said to be."
NONE_COUNTS = "(no token of it counts for much)"
KEPT = "parts read"
NEAR = 40  # letters beside tokens that do something to an answer which are shown of a context
OF_ENTITIES = (
    "Framed: an entity that was found. In colour: tokens without which it would be less probable; in grey: more probable."
)
OF_ANSWER = "In colour: tokens without which the given answer would be less probable; in grey: more probable."
OF_NONE = "In colour: tokens without which no answer would be less probable; in grey: more probable."
DIFFERENT = "≠"  # in the terminal what OFF is on the page
CAPTIONS = {
    "tagging": "In colour: in both, with the same type and both ends; framed: in one of them only.",
    "translation": "A row is a token of the translation: the darker a field, the more its column's token counted for it.",
    "language": "The darker, the less expected: white is certain, 1 : 10,000 and less as dark as can be.",
    "answer": "In colour: given and right; framed: in one of both only.",
}
WITH_KEPT = (
    "In the context, in colour: given and right; framed: in one of both only. In the parts read: the stronger, the more relevant."
)
Content = dict[str, Any]  # of explain.json


class Effects(NamedTuple):
    """What tokens do to what is predicted: a title, how to read it, and texts in colour by name, "" where one says it."""

    title: str
    says: str
    texts: list[tuple[str, list[Piece]]]


class Shown(NamedTuple):
    """A row: its number, sentences about it, its texts by name, each in pieces, a drawing or None, and how to read it."""

    row: int
    sentences: list[str]
    texts: list[tuple[str, list[Piece]]]
    drawing: str | None
    caption: str
    looks: Content | None = None  # see `tenon.report.looks`
    effects: Effects | None = None


def above(task: str, method: str) -> str:
    """Return what stands above the page of a method for sequences."""
    headlines = {
        "tagging": f"What {method} finds in sentences, and what is there.",
        "translation": f"What {method} translates, and by what.",
        "language": f"What {method} expects, and what surprises it.",
        "answer": f"What {method} answers, and what is right.",
    }
    return headlines[task]


def sequence_view(row: Content, task: str, to: Language) -> Shown:
    """Return what is shown of a row of explain.json; its drawing is in the language of the page."""
    make: dict[str, Callable[[Content], Shown]] = {
        "tagging": _tagging, "translation": partial(_translation, to), "language": _language, "answer": partial(_answer, to)
    }  # fmt: skip
    shown = make[task](row)._replace(looks=looks_view(row.get("looks")))
    return shown if row.get("is_final", True) else shown._replace(sentences=[*shown.sentences, BY_HEART])


def lead_of(content: Content) -> str:
    """Return which rows are shown, and of how many."""
    section, n = content["sequences"], content["rows"]
    k, wrong = len(section["rows"]), section["n_wrong"]
    if content["task"] == "language":
        return f"Of {n:,} texts {k:,}, from the one whose units are least expected to the most expected, in even steps."
    if content["task"] == "answer":
        return (
            f"Of {n:,} rows {wrong:,} were not got wholly right; {k:,} of all, from the worst answer to the best in even steps."
        )
    if not wrong:
        return f"None of {n:,} rows was predicted wrongly."
    return f"Of {n:,} rows {wrong:,} were not got wholly right; {k:,} of these, from the worst to the best in even steps."


def _tagging(row: Content) -> Shown:
    found = [("", _effect(row["text"], **one)) for one in row.get("effects", ())[:MOST_FOUND]]
    effects = Effects("What its entities hang on", _of_entities(_run(row)), found) if found else None
    said = {tuple(one) for one in row["prediction"]}
    if "label" not in row:
        texts = [("predicted", _entities(row, "prediction", said))]
        return Shown(row["row"], [f"Found: {len(said):,}." if said else NOTHING_FOUND], texts, None, "", effects=effects)
    truth = {tuple(one) for one in row["label"]}
    texts = [("truth", _entities(row, "label", said)), ("predicted", _entities(row, "prediction", truth))]
    hits = len(truth & said)
    sentence = f"There: {len(truth):,}; found: {hits:,}; said, but not there: {len(said) - hits:,}."
    if not truth and not said:
        sentence = NOTHING_THERE
    return Shown(row["row"], [sentence], texts, None, CAPTIONS["tagging"], effects=effects)


def _entities(row: Content, of: str, both: Collection[tuple[Any, ...]]) -> list[Piece]:
    """Return the text with the entities of the label or the prediction, framed where they are not in both."""
    return in_pieces(row["text"], [(start, end, _of(kind, (kind, start, end) in both)) for kind, start, end in row[of]])


def _run(row: Content) -> int:
    """Return how many tokens of a sentence were masked together to see what they do to its entities."""
    return max((one["run"] for one in row.get("effects", ())), default=1)


def _of_entities(run: int) -> str:
    """Return how to read the colours of sentences of which so many tokens were masked together."""
    if run == 1:
        return OF_ENTITIES
    return (
        f"Framed: an entity that was found. In colour: runs of {run:,} tokens, masked together as the sentence is long, without "
        "which it would be less probable; in grey: more probable."
    )


def _effect(text: str, entity: Sequence[Any], tokens: Sequence[tuple[int, int, float]], run: int) -> list[Piece]:
    kind, start, end = entity
    return [(text[start:end], OFF._replace(kind=kind)), (" ", UNMARKED), *by_effect(text, tokens)]


def _of(kind: str, is_in_both: bool) -> Mark:
    return (FOUND if is_in_both else OFF)._replace(kind=kind)


def _translation(to: Language, row: Content) -> Shown:
    named = (("source", "text"), ("truth", "label"), ("predicted", "prediction"))
    texts = [(name, in_pieces(row[key], [])) for name, key in named if key in row]
    if row["alignment"] is None:
        return Shown(row["row"], [], texts, None, "")
    found = row["alignment"]
    alignment = Alignment(found["source"], found["target"], np.array(found["weights"]))
    drawing = alignment_svg(alignment, to(END), to(TITLE))
    return Shown(row["row"], [], texts, drawing, CAPTIONS["translation"])


def _language(row: Content) -> Shown:
    nats, length = row["prediction"], row["label"] if "label" in row else len(row["units"] or [0])
    perplexity = math.exp(min(nats / length, MOST_NATS))
    sentences = [f"Perplexity {short(perplexity)}: {short(nats)} nats over {length:,} units, the end being one."]
    if row["units"] is None:
        return Shown(row["row"], sentences, [("the text", in_pieces(row["text"], []))], None, "")
    marks = [(start, end, coloured("for", min(cost / DARKEST, 1.0), _odds(cost))) for start, end, cost in row["units"]]
    texts = [("the text", in_pieces(row["text"][: row["units"][-1][1]], marks))]
    if len(row["units"]) < length:
        sentences.append(f"Its first {len(row['units']):,} units are shown.")
    return Shown(row["row"], sentences, texts, None, CAPTIONS["language"])


def _answer(to: Language, row: Content) -> Shown:
    context, said = row["text"], row["prediction"]
    texts = [("question", row["question"]), ("predicted", row["answer"] or to(NO_ANSWER))]
    if "label" in row:
        right = " / ".join(dict.fromkeys(context[start:end] for start, end in row["label"]))
        texts.insert(1, ("truth", right or to(NO_ANSWER)))
    if row["candidates"]:
        weighed = (f"{text or to(NO_ANSWER)} {probability(score)}" for text, score in row["candidates"])
        texts.append(("weighed", " · ".join(weighed)))
    shown = [(name, in_pieces(text, [])) for name, text in texts]
    shown += (kept := _kept(row))
    if "label" not in row:
        shown.append(("context", in_pieces(context, [(start, end, FOUND) for start, end in said])))
        return Shown(row["row"], [], shown, None, "", effects=_on_answer(row, to))
    sentence = f"F1 {figure(row['f1'], 2, is_bare=True)}; {'an exact match' if row['is_match'] else 'no exact match'}."
    shown.append(("context", _in_both(context, row["label"], said, to)))
    return Shown(row["row"], [sentence], shown, None, WITH_KEPT if kept else CAPTIONS["answer"], effects=_on_answer(row, to))


def _on_answer(row: Content, to: Language) -> Effects | None:
    """Return what tokens of question and context do to the answer that is given, or to none; None where none is told of.

    Of a text none of whose tokens has a colour beside those of the other, that is said.
    """
    asked = _asked(row)
    most = max((abs(effect) for _, _, tokens in asked for _, _, effect in tokens), default=0.0)
    drawn = [(name, by_effect(text, tokens, most)) for name, text, tokens in asked]
    none = in_pieces(to(NONE_COUNTS), [])
    texts = [(name, within(pieces, NEAR) if any(mark.side for _, mark in pieces) else none) for name, pieces in drawn]
    return Effects("What its answer hangs on", OF_ANSWER if row["answer"] else OF_NONE, texts) if texts else None


def _asked(row: Content) -> list[tuple[str, str, list[Any]]]:
    """Return question and context, by name, with the effects of their tokens, of those that have any."""
    told = row.get("effects") or {"question": [], "context": []}
    both = (("question", row["question"], told["question"]), ("context", row["text"], told["context"]))
    return [one for one in both if one[2]]


def _kept(row: Content) -> list[tuple[str, list[Piece]]]:
    """Return what the judge of a model kept of the text to be read, where there is any."""
    kept = row.get("kept")
    return [(KEPT, within(kept_pieces(kept)))] if kept and kept["blocks"] else []


def _in_both(context: str, truth: Sequence[list[int]], said: Sequence[list[int]], to: Language) -> list[Piece]:
    """Return the context with what is in true answers, in the one that is given, or in both of them."""
    marks: list[tuple[int, int, Mark]] = []
    for start, end in pairwise(sorted({end for span in (*truth, *said) for end in span})):
        is_true, is_said = (any(first <= start < last for first, last in spans) for spans in (truth, said))
        if not is_true and not is_said:
            continue
        mark = (
            FOUND._replace(kind=to("right"))
            if is_true and is_said
            else OFF._replace(kind=to("truth" if is_true else "predicted"))
        )
        if marks and marks[-1][1:] == (start, mark):
            start = marks.pop()[0]
        marks.append((start, end, mark))
    return in_pieces(context, marks)


def _odds(nats: float) -> str:
    """Return how probable a unit was: "1 : 240", or "1 : 10^9"."""
    return f"1 : {short(math.exp(nats), 2)}" if nats < RAREST else f"1 : 10^{nats / math.log(10):.0f}"


def sequence_lines(row: Content, task: str, width: int) -> list[str]:
    """Return the row for the terminal: its texts with what is marked in brackets, and what a drawing or colours would tell."""
    shown = sequence_view(row, task, language("en"))
    name_width = max(cell_len(name) for name, _ in shown.texts)
    lines = wrapped(" ".join([f"Row {shown.row:,}:", *shown.sentences]), width)
    for name, pieces in shown.texts:
        lines += _beside(f"{name:<{name_width}}", "".join(_bracketed(text, mark) for text, mark in pieces), width)
    return lines + [line for told in _told(row, task) for line in _beside("", told, width)]


def _beside(name: str, text: str, width: int) -> list[str]:
    """Return the text in lines beside its name."""
    start = f"{GAP}{name}{GAP if name else ''}"
    broken = wrapped(text, width - len(start)) or [""]
    return [(start if i == 0 else " " * len(start)) + line for i, line in enumerate(broken)]


def _bracketed(text: str, mark: Mark) -> str:
    return f"[{text} {mark.kind}{'' if mark.side == FOUND.side else f' {DIFFERENT}'}]" if mark.kind else text


def _because(text: str, entity: Sequence[Any], tokens: Sequence[tuple[int, int, float]], run: int) -> str:
    """Return an entity, and which tokens speak most for it, or against it."""
    kind, start, end = entity
    return f"{text[start:end]} {kind}".rstrip() + f": {_most(text, tokens)}"


def _most(text: str, tokens: Sequence[tuple[int, int, float]]) -> str:
    """Return the tokens that do most, or the beginnings of runs of them, with what they do."""
    first, *others = sorted(tokens, key=lambda one: -abs(one[2]))[:MOST_NAMED]
    most = [first, *(one for one in others if abs(one[2]) >= LEAST_NAMED)]
    return ", ".join(f"{briefly(' '.join(text[i:j].split()))} {signed(by, 2, abs(by) < 1)}" for i, j, by in most)


def _told(row: Content, task: str) -> list[str]:
    if task == "tagging":
        differs = [] if row["label"] == row["prediction"] else [f"{DIFFERENT} in one of them only"]
        runs = [f"runs of {_run(row):,} tokens, masked together as the sentence is long:"] if _run(row) > 1 else []
        return [*differs, *runs, *(_because(row["text"], **one) for one in row.get("effects", ())[:MOST_FOUND])]
    if task == "language":
        units = sorted(row["units"] or [], key=lambda one: -one[2])[:MOST_NAMED]
        words = [f"{row['text'][start:end] or END} {_odds(nats)}" for start, end, nats in units]
        return [f"least expected: {', '.join(words)}"] if words else []
    if task == "answer":
        return [f"because of the {name}: {_most(text, tokens)}" for name, text, tokens in _asked(row)]
    if row["alignment"] is None:
        return []
    source, weights = row["alignment"]["source"], np.array(row["alignment"]["weights"])
    pairs = zip(row["alignment"]["target"], weights.argmax(axis=1), weights.max(axis=1), strict=False)  # the end is none
    return ["said by: " + ", ".join(f"{word} ← {source[i]} {probability(p)}" for word, i, p in pairs)]
