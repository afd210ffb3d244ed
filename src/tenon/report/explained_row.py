"""A single row on the page of an explanation: what is predicted of it, and a bar for each column and word that drove it."""

from collections.abc import Sequence
from typing import Any

from tenon.report.figures import probability, short, signed
from tenon.report.language import CUT
from tenon.report.looks import looks_view
from tenon.report.readings import kept_view, reading_view, within
from tenon.report.tables import point_column

MOST_DRIVERS = 15
BY_HEART = "The model was trained on this row, so it may know it by heart."
Content = dict[str, Any]  # of explain.json
UNITS = {  # what contributions and coefficients add up to
    "share": "the share of trees and leaves that say {}",
    "vote": "the mean vote for {}",
    "score": "the log odds of {}",
    "log odds": "the log odds of {}",
    "margin": "the margin for {}, before it becomes a probability",
    "probability": "the probability of {}",
    "number": "the predicted number",
}


def row_view(row: Content, content: Content, has_cells: bool) -> Content:
    """Return what is said of one row: the prediction, its probabilities, and one bar for each driver."""
    drivers = drivers_of(row, content)[:MOST_DRIVERS]
    longest = max((abs(one["effect"]) for one in drivers), default=1.0)
    effects = point_column([signed(one["effect"], _decimals_for(longest), longest < 1) for one in drivers])
    return {
        "sentences": row_sentences(row, content),
        "lead": driver_lead(row, content) if drivers else "",
        "is_told": row["drivers"] == [],
        "note": row.get("note", ""),  # why there are no drivers
        "proba": [(str(label), probability(p), round(100 * p, 1)) for label, p in row["proba"] or []],
        "drivers": [
            {
                "name": one["column"],
                "cell": _shown_cell(one["cell"], has_cells),
                "effect": effect,
                **_sides(one["effect"] / longest),
            }
            for one, effect in zip(drivers, effects, strict=True)
        ],
        "n_more": len(drivers_of(row, content)) - len(drivers),
        "words": [] if not has_cells else _row_words(row["words"]),
        "words_lead": f"What each word of the row adds to {words_unit(row, content)}, or takes from it." if row["words"] else "",
        "pictures": list(row["pictures"].items()) if has_cells else [],
        "sight": _sight(row, content) if has_cells else None,
        "kept": kept_view(row.get("kept"), content["method"]) if has_cells else None,
        "reading": _reading(row, content) if has_cells else None,
        "looks": looks_view(row.get("looks")) if has_cells else None,
    }


def drivers_of(row: Content, content: Content) -> list[Content]:
    """Return the columns that drove a prediction; none where there is but one, of which the row tells places or words."""
    is_alone = len(content["kinds"]) == 1 and (row.get("sight") or row.get("reading") or row["words"])
    return [] if is_alone else row["drivers"] or []


def _sight(row: Content, content: Content) -> Content | None:
    sight = row.get("sight")
    if not sight:
        return None
    of = _answer_of(sight, content)
    layers = [(f"layer {one['number']} of {one['of']}", one["maps"]) for one in sight.get("layers", ())]
    says = f"In colour: where {content['method']} sees {of} (Grad-CAM)."
    return {"picture": sight["picture"], "says": says, "layers": layers}


def _reading(row: Content, content: Content) -> Content | None:
    reading = row.get("reading")
    view = reading_view(reading, content["method"], _answer_of(reading, content)) if reading else None
    return view | {"pieces": within(view["pieces"])} if view and row.get("kept") else view


def _answer_of(section: Content, content: Content) -> str:
    return UNITS["number"] if content["task"] == "regression" else called(section["answer"], content)


def row_sentences(row: Content, content: Content) -> list[str]:
    """Return what is predicted, what is true, and whether the model was trained on the row."""
    sentences = [said_and_true(row, content)]
    if not row.get("is_final", True):
        sentences.append(BY_HEART)
    return sentences


def said_and_true(row: Content, content: Content, how_sure: str = "") -> str:
    """Return what is predicted and, where it is known, what is true; how_sure : beside what is predicted."""
    is_number = content["task"] == "regression"
    said = f"{short(row['prediction'], 4) if is_number else row['prediction']}{how_sure}"
    if "label" not in row:
        return f"{content['method']} predicts {said}."
    return f"{content['method']} predicts {said}; it is {short(row['label'], 4) if is_number else row['label']}."


def driver_lead(row: Content, content: Content) -> str:
    """Return what the bars show."""
    unit = unit_of(row["unit"], row["of"], content)
    base, answer = short(row["base"]), short(row["answer"])
    how = "exact Shapley values" if row["how"] == "contributions" else "Shapley values, sampled"
    return f"From the mean answer {base} to {answer}, column by column: contributions to {unit} ({how})."


def _decimals_for(longest: float) -> int:
    """Return the decimals with which the largest effect has three digits."""
    return min(6, n_decimals(longest) if longest else 2)


def _shown_cell(cell: str | None, has_cells: bool) -> str:
    return CUT if not has_cells else "–" if cell is None else cell


def _sides(share: float) -> Content:
    """Return where a signed bar starts and how long it is, in per cent; 0 is in the middle."""
    length = round(48 * abs(share), 1)
    return {"start": 50 if share > 0 else round(50 - length, 1), "length": length, "is_for": share > 0}


def _row_words(pairs: Sequence[tuple[str, float]]) -> list[Content]:
    longest = max((abs(effect) for _, effect in pairs), default=1.0)
    effects = point_column([signed(effect, _decimals_for(longest), longest < 1) for _, effect in pairs])
    return [
        {"name": word, "effect": text, **_sides(effect / longest)} for (word, effect), text in zip(pairs, effects, strict=True)
    ]


def words_unit(row: Content, content: Content) -> str:
    """Return in words what the words of a row add to."""
    return unit_of(row["word_scale"]["unit"], row["word_scale"]["of"], content)


def unit_of(unit: str, answer: Any, content: Content) -> str:
    """Return in words what contributions or coefficients add up to; answer : None where each class has its own."""
    if content["task"] == "regression":
        return "the logarithm of the predicted number" if unit == "score" else UNITS["number"]
    return UNITS[unit].format("each class" if answer is None else called(answer, content))


def called(answer: Any, content: Content) -> str:
    """Return a label that says what it is: "spam", but "label = 1"."""
    is_bare_number = str(answer).lstrip("-").isdigit() or isinstance(answer, bool)
    return f"{content['target']} = {answer}" if is_bare_number else str(answer)


def n_decimals(number: float) -> int:
    """Return the decimals with which the number has three digits."""
    _, _, after = short(number).partition(".")
    return len(after)
