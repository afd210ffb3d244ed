"""A closer look: where the chosen method errs, how it ranks, what more rows would bring, which settings were found."""

from collections.abc import Sequence
from typing import Any

from tenon.report.axis import Axis
from tenon.report.figures import digits, figure

SIDE = 260  # pixels of a square picture
WIDE = 520
COLOURS = ("#0b6b6f", "#c2571a", "#5b4a9e", "#7a7a7a", "#2f7d32", "#a03060")  # the first is the page's accent


def confusion_view(board: dict[str, Any], scores: dict[str, Any]) -> dict[str, Any] | None:
    """Return the chosen method's confusion matrix with a shade in [0, 1] for each cell, and the figures of each class.

    None for numbers. The shade is the cell's share of its row, so that a rare class is as visible as a common one.
    """
    classes = scores.get("classes", {}).get(board["chosen"])
    if not classes:
        return None
    labels = [str(label) for label in scores["labels"]]
    rows = []
    for label, cells, precision, recall, f1 in zip(
        labels, classes["confusion"], classes["precision"], classes["recall"], classes["f1"], strict=True
    ):
        total = sum(cells) or 1.0
        shaded = [(f"{cell:,.0f}", round(cell / total, 3)) for cell in cells]
        shares = [share(value) for value in (precision, recall, f1)]
        rows.append({"label": label, "cells": shaded, "shares": shares, "n": f"{total:,.0f}"})
    return {"labels": labels, "rows": rows}


def share(value: float | None) -> str:
    """Return .93, or a dash where the figure is not defined (a class that is never predicted has no precision)."""
    return "–" if value is None else figure(value, 2, is_bare=True)


def roc_view(board: dict[str, Any], scores: dict[str, Any]) -> list[dict[str, str]]:
    """Return one polyline a method that is tied with the best (at most six), the chosen one first."""
    curves = scores.get("roc", {})
    tied = [row["method"] for row in board["rows"] if row.get("tied") and row["method"] in curves]
    names = sorted(tied, key=lambda name: name != board["chosen"])[: len(COLOURS)]
    return [
        {"method": name, "colour": colour, "points": _points(curves[name])} for name, colour in zip(names, COLOURS, strict=False)
    ]


def _points(rates: Sequence[float]) -> str:
    last = len(rates) - 1
    return " ".join(f"{SIDE * i / last:.1f},{SIDE * (1 - rate):.1f}" for i, rate in enumerate(rates))


def curve_view(board: dict[str, Any], curves: dict[str, list[dict[str, Any]]]) -> dict[str, Any] | None:
    """Return the learning curves of the methods tied with the best: lines, ticks, and a table."""
    shown = [row["method"] for row in board["rows"] if row.get("tied")]
    lines = {name: curves[name] for name in shown if curves.get(name)}
    points = [point for line in lines.values() for point in line]
    if not points:
        return None
    low, high = min(p["score"] for p in points), max(p["score"] for p in points)
    axis = Axis(low, high) if high > low else Axis(low - 0.5, high + 0.5)
    most = max(point["rows"] for point in points)
    drawn = [
        {
            "method": name,
            "colour": COLOURS[i % len(COLOURS)],
            "points": " ".join(f"{WIDE * p['rows'] / most:.1f},{SIDE * (1 - axis.place(p['score'])):.1f}" for p in line),
        }
        for i, (name, line) in enumerate(lines.items())
    ]
    table = [(name, [(f"{p['rows']:,}", digits(p["score"], p["low"], p["high"])) for p in line]) for name, line in lines.items()]
    ticks = [(SIDE * (1 - axis.place(value)), label) for value, label in axis.ticks(5)]
    return {"lines": drawn, "ticks": ticks, "table": table, "most": f"{most:,}"}


def inside_sentences(board: dict[str, Any]) -> list[str]:
    """Return what was found inside the train rows for the chosen model: settings tried, threshold, calibration."""
    inside, said = board.get("inside") or {}, []
    if "tuned" in inside:
        settings = ", ".join(f"{name} {_short(value)}" for name, value in inside["tuned"].items())
        said.append(f"Settings found among {len(inside['tries'])} tried inside the train rows ({inside['search']}): {settings}.")
    if "balance" in inside:
        said.append(f"Classes were balanced inside the train rows: {inside['balance']}.")
    if "calibrate" in inside:
        said.append(f"Probabilities are calibrated on held-out train rows: {inside['calibrate']}.")
    if "threshold" in inside:
        threshold = inside["threshold"]
        said.append(
            f"It says {threshold['positive']} from a probability of {threshold['value']:.3g} on, where mistakes cost least."
        )
    return said


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
