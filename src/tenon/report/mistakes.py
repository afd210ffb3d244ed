"""Where the chosen method errs: classes taken for each other, or numbers missed."""

from typing import Any

from tenon.report.axis import Axis
from tenon.report.chart import Chart, Dot, Field
from tenon.report.figures import decimals, digits, figure, short, short_signed, signed
from tenon.report.tables import Cell, Column, Table

WIDTH = 400  # pixels
ROOM = 0.04  # of what is shown, kept free on every side
MOST_CLASSES = 12  # whose confusions fit into a square on a page
MOST_CONFUSIONS = 20
SHADE = 0.35  # of a cell that holds its whole row
FIGURES = ("precision", "recall", "F1")


def confusion_table(board: dict[str, Any], scores: dict[str, Any]) -> Table | None:
    """Return the chosen method's confusion matrix and the figures of each class; None for numbers.

    The shade is the cell's share of its row, so that a rare class is as visible as a common one. Many classes have their
    figures only: their confusions are in `confusions_table`.
    """
    classes = scores.get("classes", {}).get(board["chosen"])
    if not classes:
        return None
    labels = [str(label) for label in scores["labels"]]
    is_square = len(labels) <= MOST_CLASSES
    rows: list[tuple[str | Cell, ...]] = []
    for i, label in enumerate(labels):
        cells = classes["confusion"][i]
        total = sum(cells)
        square = [_cell(cell, total) for cell in cells] if is_square else []
        rows.append((label, *square, f"{total:,.0f}", *(share(classes[name.lower()][i]) for name in FIGURES)))
    titles = [Column(label, "number", is_name=True) for label in labels] if is_square else []
    return Table((Column("is"), *titles, *(Column(title, "number") for title in ("rows", *FIGURES))), rows, "confusion")


def _cell(count: float, total: float) -> Cell:
    return Cell(f"{count:,.0f}", "number", shade=round(SHADE * count / (total or 1.0), 3))


def confusions_table(board: dict[str, Any], scores: dict[str, Any]) -> Table | None:
    """Return the most frequent confusions of many classes; None for few, whose square shows them all."""
    classes, labels = scores.get("classes", {}).get(board["chosen"]), [str(label) for label in scores.get("labels", ())]
    if not classes or len(labels) <= MOST_CLASSES:
        return None
    found = [
        (count, labels[i], labels[j], count / sum(cells))
        for i, cells in enumerate(classes["confusion"])
        for j, count in enumerate(cells)
        if i != j and count > 0
    ]
    rows = [(a, b, f"{n:,.0f}", f"{100 * part:.0f} %") for n, a, b, part in sorted(found, key=lambda one: (-one[0], *one[1:3]))]
    titles = Column("is"), Column("taken for"), Column("rows", "number"), Column("of the class", "number")
    return Table(titles, rows[:MOST_CONFUSIONS]) if rows else None


def confusion_sentences(board: dict[str, Any], scores: dict[str, Any]) -> list[str]:
    """Return how many rows are called wrongly, and which class is taken for which most often."""
    confusion, labels = scores["classes"][board["chosen"]]["confusion"], [str(label) for label in scores["labels"]]
    total = sum(map(sum, confusion))
    wrong = [(n, -i, -j) for i, cells in enumerate(confusion) for j, n in enumerate(cells) if i != j and n > 0]
    n_wrong = sum(n for n, _, _ in wrong)
    said = [f"{n_wrong:,.0f} of {total:,.0f} rows ({100 * n_wrong / (total or 1.0):.3g} %) are called wrongly."]
    if len(labels) > 2 and wrong:
        n, i, j = max(wrong)  # equals: the first
        said.append(f"Most often {labels[-i]} is taken for {labels[-j]} ({n:,.0f} rows).")
    return said


def share(value: float | None) -> str:
    """Return .93, or a dash where the figure is not defined (a class that is never predicted has no precision)."""
    return "–" if value is None else figure(value, 2, is_bare=True)


def residual_chart(section: dict[str, Any]) -> Chart | None:
    """Return residuals against predictions in bins of equal mass: 5 to 95 %, 25 to 75 %, and their mean; None without any."""
    bins = section["bins"]
    low, high = min(one["q05"] for one in bins), max(one["q95"] for one in bins)
    if _is_exact(section):
        return None
    first, last = bins[0]["from"], bins[-1]["to"]
    aside = ROOM * (last - first) or 1.0
    x_axis = Axis(first - aside, last + aside)
    room = ROOM * (max(high, 0.0) - min(low, 0.0)) or 1.0
    field = Field(x_axis, Axis(min(low, 0.0) - room, max(high, 0.0) + room), width=WIDTH)
    dots, spans, boxes = [], [], []
    for one in bins:
        x, y = field.at(one["prediction"], one["mean"])
        dots.append(Dot("", x, y, "chosen", f"{short(one['prediction'])}: {digits(one['mean'], one['low'], one['high'])}"))
        spans.append(field.span(one["prediction"], one["q05"], one["q95"]))
        boxes.append(field.span(one["prediction"], one["q25"], one["q75"]))
    guide = field.path([(x_axis.low, 0), (x_axis.high, 0)])
    return Chart(
        "Residuals",
        "prediction",
        "truth − prediction",
        field.x_ticks(),
        field.y_ticks(),
        dots=tuple(dots),
        spans=tuple(spans),
        boxes=tuple(boxes),
        guide=guide,
        width=field.width,
    )


def _is_exact(section: dict[str, Any]) -> bool:
    return not (section["worst_over"] or section["worst_under"])


def residual_sentences(section: dict[str, Any]) -> list[str]:
    """Return how far predictions miss, and whether they do so on one side."""
    if _is_exact(section):
        return ["No row is missed by more than rounding."]
    q = {name: short_signed(value) for name, value in section["quantiles"].items()}
    n_decimals = decimals(section["mean"], section["low"], section["high"])
    mean, low, high = (signed(section[name], n_decimals, False) for name in ("mean", "low", "high"))
    side = "too low" if section["low"] > 0 else "too high" if section["high"] < 0 else "on neither side more than by chance"
    return [
        f"Half of the rows miss by {q['0.25']} to {q['0.75']}, nine in ten by {q['0.05']} to {q['0.95']}.",
        f"The largest misses are {short_signed(section['worst_over'])} and {short_signed(section['worst_under'])}.",
        f"In the mean they miss by {mean} ({low} to {high}): {side}.",
    ]
