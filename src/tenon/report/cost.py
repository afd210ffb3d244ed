"""Score against cost: what each method takes in time and memory, and which are worth it (the Pareto front)."""

from collections.abc import Sequence
from typing import Any

from tenon.report.axis import Axis, axis_of, log_axis_of
from tenon.report.chart import Chart, Dot, Field, labelled
from tenon.report.figures import digits, short
from tenon.report.tables import Cell, Column, Table, number_column, score_column
from tenon.report.words import NO_VERDICT, is_lower_better, metric_titles

WIDTH, HEIGHT = 360, 240
MOST_NAMES = 10  # methods; more are numbered, as in the leaderboard
ROOM = 0.06  # of the range of scores, kept free above and below
COSTS = {"predict_seconds": "seconds to predict 1,000 rows", "fit_seconds": "seconds to fit"}
HEADINGS = {"fit_seconds": "Fit, s", "predict_seconds": "Predict 1,000 rows, s", "held_bytes": "Memory, MB"}
LEAST = 1e-4  # seconds; less is not measured
Row = dict[str, Any]  # of the section `cost` of insights.json


def cost_charts(section: dict[str, Any], board: dict[str, Any]) -> list[Chart]:
    """Return the score against each cost in COSTS, with a line through the methods on the front."""
    return [_chart(section["rows"], board, cost) for cost in COSTS] if len(section["rows"]) > 1 else []


def _chart(rows: Sequence[Row], board: dict[str, Any], cost: str) -> Chart:
    axis = axis_of(rows)
    assert axis is not None  # every row here has a score
    room = ROOM * (axis.high - axis.low)
    field = Field(log_axis_of([_cost(row, cost) for row in rows]), Axis(axis.low - room, axis.high + room), WIDTH, HEIGHT)
    names = [row["method"] if len(rows) <= MOST_NAMES else str(place) for place, row in enumerate(rows, start=1)]
    dots = [_dot(row, f"{name}{_arrow(row, axis)}", field, cost) for row, name in zip(rows, names, strict=True)]
    steps = _staircase(sorted((_cost(row, cost), row["score"]) for row in rows if row["on_front"][cost]))
    return Chart(
        "Score against cost",
        COSTS[cost],
        metric_titles(board)[0],
        field.x_ticks(),
        field.y_ticks(),
        dots=labelled(dots, WIDTH, HEIGHT, [field.at(*corner) for corner in steps]),
        steps=field.path(steps),
        width=WIDTH,
        height=HEIGHT,
    )


def _cost(row: Row, cost: str) -> float:
    return max(LEAST, float(row[cost]))


def _arrow(row: Row, axis: Axis) -> str:
    """Return which way a method lies that stands off the axis, and so at its end."""
    return "" if axis.holds(row) else " ↓" if row["score"] < axis.low else " ↑"


def _dot(row: Row, name: str, field: Field, cost: str) -> Dot:
    kind = " ".join(["chosen"] * row["is_chosen"] + ["front"] * row["on_front"][cost])
    hint = f"{row['method']}: {digits(row['score'], row['low'], row['high'])}, {short(_cost(row, cost), 2)} s"
    return Dot(name, *field.at(_cost(row, cost), row["score"]), kind, hint)


def _staircase(front: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners of the line below which nothing is better and cheaper: each step begins at a method."""
    corners: list[tuple[float, float]] = []
    for cost, score in front:
        if corners:
            corners.append((cost, corners[-1][1]))
        corners.append((cost, score))
    return corners


def cost_table(section: dict[str, Any], board: dict[str, Any]) -> Table:
    """Return what each method costs, best first; a cost by which it stands on the front is set in bold."""
    rows = section["rows"]
    columns: list[Sequence[str | Cell]] = [score_column([(row["score"], row["low"], row["high"]) for row in rows])]
    for cost in HEADINGS:
        values = [row[cost] / 1e6 if cost == "held_bytes" and row[cost] else row[cost] or None for row in rows]
        texts = number_column(values, 3 if cost == "held_bytes" else 2)
        is_bold = [cost in COSTS and row["on_front"][cost] for row in rows]  # of memory most is the interpreter's own
        columns.append([Cell(text, "front" if bold else "") for text, bold in zip(texts, is_bold, strict=True)])
    names = [f"{i}\u00a0{row['method']}" for i, row in enumerate(rows, start=1)]
    titles = (
        Column("Method"),
        Column(metric_titles(board)[0], "figure"),
        *(Column(title, "figure") for title in HEADINGS.values()),
    )
    return Table(titles, list(zip(names, *columns, strict=True)), "scores")


def cost_sentence(section: dict[str, Any], board: dict[str, Any]) -> str:
    """Return which of the methods tied with the best is the fastest to predict, and which the slowest."""
    unjudged = [row["method"] for row in board["rows"] if row["word"] == NO_VERDICT]
    tied = [row for row in section["rows"] if row["is_tied"] and row["method"] not in unjudged]
    tied.sort(key=lambda row: row["predict_seconds"])
    chosen = [row for row in section["rows"] if row["is_chosen"]]
    if len(tied) < 2:
        return f"{chosen[0]['method']} predicts 1,000 rows in {_seconds(chosen[0])} s." if chosen else ""
    fast, slow = tied[0], tied[-1]
    said = f"Of the methods tied with the best, {fast['method']} predicts fastest (1,000 rows in {_seconds(fast)} s)"
    return f"{said}, {slow['method']} slowest ({_seconds(slow)} s)."


def _seconds(row: Row) -> str:
    return short(_cost(row, "predict_seconds"), 2)


def cost_lead(board: dict[str, Any]) -> str:
    """Return how to read the pictures: where the good and cheap methods stand."""
    side = "lower" if is_lower_better(board["metric"]) else "higher"
    return f"Further left is cheaper, {side} is better. The line joins the methods that no other beats in score and cost at once."
