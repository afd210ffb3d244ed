"""The part of explain.html on how the answers change with a column: a picture for each of a few columns."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size

from tenon.report.axis import Axis
from tenon.report.chart import Chart, Dot, Field, Line
from tenon.report.explained_row import called
from tenon.report.figures import digits, short

WIDTH, BROAD, HEIGHT = 300, 560, 180  # pixels
ROOM = 0.04  # of the range, kept free on every side
CHARACTER = 6.6  # pixels of a Latin letter below the axis
Content = dict[str, Any]  # of explain.json


def dependence_view(content: Content) -> Content | None:
    """Return the pictures; None where no column was varied."""
    found = content.get("dependence")
    if not found:
        return None
    is_single = len(found[0]["answers"]) == 1
    bars = "; the bars are 95 % intervals of the change, smaller than the mark where none is seen" if is_single else ""
    return {
        "lead": f"The mean answer of {content['method']} on these rows when every cell of a column is set to a value and all "
        f"others stay{bars}.",
        "caution": "Where columns hang together, such rows need not exist.",
        "charts": sorted((_chart(one, content) for one in found), key=lambda chart: chart.width),  # broad ones last
    }


def _chart(one: Content, content: Content) -> Chart:
    answers, is_number = one["answers"], one["kind"] == "number"
    places = one["values"] if is_number else list(range(len(one["values"])))
    names = [short(value) for value in one["values"]] if is_number else [str(value) for value in one["values"]]
    is_single = len(answers) == 1
    keys = ("mean", "low", "high") if is_single else ("mean",)
    heights = [value for answer in answers for key in keys for value in answer[key]]
    field = Field(_axis(places), _axis(heights), WIDTH if is_number else _width(names), HEIGHT)
    said = _called(answers[0], content) if is_single else "probability"
    lines, dots = _lines(answers, places, names, field, content), tuple[Dot, ...]()
    if is_single and not is_number:  # nothing lies between two categories
        dots = tuple(Dot("", x, y, hint=hint) for (x, y), hint in zip(lines[0].points, lines[0].hints, strict=True))
        lines = ()
    return Chart(
        f"How the answer changes with {one['column']}", one["column"], said,
        field.x_ticks() if is_number else _ticks(field, names), field.y_ticks(),
        lines=lines, dots=dots, width=field.width, height=HEIGHT,
        spans=tuple(
            field.span(x, low, high) for x, low, high in zip(places, answers[0]["low"], answers[0]["high"], strict=True)
        ) if is_single else (),
    )  # fmt: skip


def _called(answer: Content, content: Content) -> str:
    return f"P({called(answer['answer'], content)})" if answer["answer"] else str(content["target"])


def _axis(values: Sequence[float]) -> Axis:
    low, high = min(values), max(values)
    room = ROOM * (high - low) or 0.5
    return Axis(low - room, high + room)


def _width(names: Sequence[str]) -> int:
    """Return the width of a picture of categories: broad where their names would be cut otherwise."""
    return WIDTH if max(map(cell_len, names)) < _room(WIDTH, names) else BROAD


def _room(width: int, names: Sequence[str]) -> int:
    """Return how many cells wide a name may be below an axis that all stand on."""
    return int(width / len(names) / CHARACTER)


def _ticks(field: Field, names: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """Return where categories stand, their names cut to what stands between two."""
    most = _room(field.width, names)
    cut = [name if cell_len(name) <= most else set_cell_size(name, most - 1).rstrip() + "…" for name in names]
    return tuple((field.at(i, 0)[0], name) for i, name in enumerate(cut))


def _lines(
    answers: Sequence[Content], places: Sequence[float], names: Sequence[str], field: Field, content: Content
) -> tuple[Line, ...]:
    """Return a line for each answer; one alone has no name."""
    lines = []
    for answer in answers:
        points = tuple(field.at(x, y) for x, y in zip(places, answer["mean"], strict=True))
        figures = zip(names, answer["mean"], answer["low"], answer["high"], strict=True)
        hints = tuple(f"{value}: {digits(mean, low, high)}" for value, mean, low, high in figures)
        lines.append(Line(called(answer["answer"], content) if len(answers) > 1 else "", points, True, hints))
    return tuple(lines)
