"""Learning curves, and the score that the chosen method may be expected to reach at twice the labels."""

from typing import Any

from tenon.report.axis import Axis, LogAxis
from tenon.report.chart import MOST_LINES, Chart, Dot, Field, Line
from tenon.report.figures import decimals, digits, figure, is_bare, span
from tenon.report.tables import Column, Table
from tenon.report.words import metric_title, metric_titles

WIDTH = 400
ROOM = 0.04  # of the range of scores, kept free above and below
Curves = dict[str, list[dict[str, Any]]]  # content of curve.json


def shown_curves(board: dict[str, Any], curves: Curves) -> Curves:
    """Return the curves of the methods tied with the best, the chosen one first, at most six."""
    tied = [row["method"] for row in board["rows"] if row.get("tied") and curves.get(row["method"])]
    names = sorted(tied, key=lambda name: name != board["chosen"])[:MOST_LINES]
    return {name: curves[name] for name in names}


def curve_chart(board: dict[str, Any], curves: Curves, twice: dict[str, Any] | None) -> Chart | None:
    """Return the learning curves with the interval of the chosen one; `twice` draws its fitted curve, dashed, beyond them."""
    shown = shown_curves(board, curves)
    field = _field(shown, twice)
    if field is None:
        return None
    lines, spans = [], []
    for name, points in shown.items():
        places = tuple(field.at(point["rows"], point["score"]) for point in points)
        hints = tuple(f"{name}: {point['rows']:,} → {digits(point['score'], point['low'], point['high'])}" for point in points)
        lines.append(Line(name, places, has_marks=True, hints=hints))
    for point in next(iter(shown.values()), ()):
        if point["low"] is not None:
            spans.append(field.span(point["rows"], point["low"], point["high"]))
    dots, steps = tuple[Dot, ...](), ""
    if twice is not None:
        spans.append(field.span(twice["rows_then"], twice["low"], twice["high"]))
        hint = digits(twice["expected"], twice["low"], twice["high"])
        dots = (Dot("", *field.at(twice["rows_then"], twice["expected"]), hint=hint),)
        steps = field.path([(p["rows"], p["score"]) for p in twice["line"] if p["rows"] >= twice["rows"]])
    return Chart(
        "Learning curves",
        "train rows",
        metric_titles(board)[0],
        _row_ticks(field, shown, twice),
        field.y_ticks(),
        tuple(lines),
        dots=dots,
        spans=tuple(spans),
        steps=steps,
        width=WIDTH,
    )


def _field(shown: Curves, twice: dict[str, Any] | None) -> Field | None:
    """Return a field that holds every point, rows on a logarithmic axis; None without points."""
    points = [point for line in shown.values() for point in line]
    if not points:
        return None
    chosen = next(iter(shown.values()))
    scores = [point["score"] for point in points] + [p[end] for p in chosen for end in ("low", "high") if p[end] is not None]
    scores += [] if twice is None else [twice["low"], twice["high"]]
    low, high = min(scores), max(scores)
    room = ROOM * (high - low) or 0.5
    rows = [point["rows"] for point in points] + ([] if twice is None else [twice["rows_then"]])
    return Field(LogAxis(min(rows) / 1.15, max(rows) * 1.15), Axis(low - room, high + room), WIDTH)


def _row_ticks(field: Field, shown: Curves, twice: dict[str, Any] | None) -> tuple[tuple[float, str], ...]:
    rows = [point["rows"] for point in max(shown.values(), key=len)] + ([] if twice is None else [twice["rows_then"]])
    return tuple((field.at(n, 0)[0], f"{n:,}") for n in rows)


def curve_table(board: dict[str, Any], curves: Curves) -> Table | None:
    """Return the scores behind the lines, one column for each number of rows; "" where a method has no point."""
    shown = shown_curves(board, curves)
    if not shown:
        return None
    sizes = [point["rows"] for point in max(shown.values(), key=len)]
    scores = {name: {p["rows"]: digits(p["score"], p["low"], p["high"]) for p in points} for name, points in shown.items()}
    rows = [(name, *(scores[name].get(n, "") for n in sizes)) for name in shown]
    return Table((Column("Method"), *(Column(f"{n:,} rows", "figure") for n in sizes)), rows, "scores")


def no_twice_sentence(reason: str) -> str:
    """Return why it is not said what twice the labels would bring."""
    return f"What twice the labels would bring cannot be said: {reason}."


def twice_sentence(twice: dict[str, Any], board: dict[str, Any]) -> str:
    """Return what the chosen method may be expected to score at twice the labels, with its interval, and what it scores now."""
    n_decimals = decimals(twice["expected"], twice["low"], twice["high"])
    bare = is_bare(twice["expected"], twice["low"], twice["high"])
    expected, now = figure(twice["expected"], n_decimals, bare), figure(twice["score"], n_decimals, bare)
    interval = span(twice["low"], twice["high"], n_decimals, bare)
    then = f"With twice the labels ({twice['rows_then']:,} train rows) {twice['method']} may be expected to score {expected}"
    return f"{then} {interval} by {metric_title(board['metric'])}; now it scores {now}."
