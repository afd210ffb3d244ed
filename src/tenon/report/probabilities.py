"""How the probabilities hold: ROC, precision against recall, and whether promises are kept."""

from collections.abc import Sequence
from typing import Any

from tenon.report.axis import Axis
from tenon.report.chart import MOST_LINES, Chart, Dot, Field, Line
from tenon.report.figures import figure
from tenon.report.tables import Column, Table, point_column

SQUARE = Field(Axis(0.0, 1.0), Axis(0.0, 1.0))
PLACES = 3  # decimals of errors of calibration
WORTH_MENDING = 0.01  # a smaller error is not seen in probabilities of two decimals


def roc_chart(board: dict[str, Any], scores: dict[str, Any]) -> Chart | None:
    """Return one line for each method that is tied with the best (at most six), the chosen one first; None without any."""
    curves = scores.get("roc", {})
    tied = [row["method"] for row in board["rows"] if row.get("tied") and row["method"] in curves]
    names = sorted(tied, key=lambda name: name != board["chosen"])[:MOST_LINES]
    if not names:
        return None
    lines = [_line(name, [i / (len(curves[name]) - 1) for i in range(len(curves[name]))], curves[name]) for name in names]
    return _square("ROC", "false positives", "true positives", lines, guide=SQUARE.path([(0, 0), (1, 1)]))


def pr_view(section: dict[str, Any]) -> dict[str, Any]:
    """Return the chart, the table and how to read them."""
    lead = "How many called positive are so, against how many positives are found, as the threshold falls; mean over folds."
    if not _is_binary(section):
        lead = "The chosen method, each class against all others: share of those called so that are so, against the share found."
        n = len(section["curves"])
        lead += f" Of {n} classes {MOST_LINES} are drawn." if n > MOST_LINES else ""
    return {"chart": pr_chart(section), "table": precision_table(section), "lead": lead}


def pr_chart(section: dict[str, Any]) -> Chart:
    """Return precision against recall, one line for each method (two classes) or class (several)."""
    shown = section["curves"][:MOST_LINES]
    names = [curve["method"] if _is_binary(section) else str(curve["label"]) for curve in shown]
    lines = [_line(name, section["recall"], curve["precision"]) for name, curve in zip(names, shown, strict=True)]
    base = shown[0]["base_rate"]
    guide = SQUARE.path([(0, base), (1, base)]) if _is_binary(section) else ""
    return _square("Precision and recall", "recall", "precision", lines, guide=guide)


def precision_table(section: dict[str, Any]) -> Table:
    """Return the mean precision of each curve beside that of guessing."""
    curves, is_binary = section["curves"], _is_binary(section)
    names = [curve["method"] if is_binary else str(curve["label"]) for curve in curves]
    columns = [point_column([_share(curve[key]) for curve in curves]) for key in ("average_precision", "base_rate")]
    titles = Column("Method" if is_binary else "Class"), Column("Average precision", "figure"), Column("By guessing", "figure")
    return Table(titles, list(zip(names, *columns, strict=True)))


def _is_binary(section: dict[str, Any]) -> bool:
    """Tell whether all curves are of one class, so that they differ by method."""
    return len({str(curve["label"]) for curve in section["curves"]}) == 1


def calibration_view(section: dict[str, Any]) -> dict[str, Any]:
    """Return the chart, how to read it, and what it says in words."""
    of = f"that a row is {section['label']}" if section["of"] == "positive" else "of the predicted class"
    lead = f"Probability {of}, in groups of equally many rows, and the share of rows for which it came true, with 95 % intervals."
    return {"chart": calibration_chart(section), "lead": lead, "sentences": calibration_sentences(section)}


def calibration_chart(section: dict[str, Any]) -> Chart:
    """Return the share of rows that kept the promise against the probability promised, with Wilson's intervals."""
    dots, spans = [], []
    for one in section["bins"]:
        x, y = SQUARE.at(one["proba"], one["share"])
        hint = f"{_share(one['proba'])} → {_share(one['share'])} ({_share(one['low'])}–{_share(one['high'])})"
        dots.append(Dot("", x, y, "chosen", hint))
        spans.append(SQUARE.span(one["proba"], one["low"], one["high"]))
    guide = SQUARE.path([(0, 0), (1, 1)])
    return _square("Calibration", "probability said", "share that came true", dots=tuple(dots), spans=tuple(spans), guide=guide)


def calibration_sentences(section: dict[str, Any]) -> list[str]:
    """Return what the calibration curve says in words; `is_off` and WORTH_MENDING decide, not the eye."""
    ece, high = _exact(section["ece"]), _exact(section["ece_by_chance"]["high"])
    miss, brier = f"Probabilities miss by {ece} in the mean", f"Brier score {_exact(section['brier'])}."
    if not section["is_off"]:
        return [f"{miss}, no more than those of a perfect model would by chance ({high}).", brier]
    if section["ece"] < WORTH_MENDING:
        return [f"{miss}: more than by chance ({high}), but well calibrated.", brier]
    said = [f"{miss}; those of a perfect model would miss by {high} at most on as many rows."]
    if round(section["bias"], PLACES):
        side = "too much" if section["bias"] > 0 else "too little"
        said.append(f"Over all rows they promise {_exact(abs(section['bias']))} {side}.")
    return [*said, "To mend it: --set all.calibrate=isotonic.", brier]


def _line(name: str, x: Sequence[float], y: Sequence[float]) -> Line:
    return Line(name, tuple(SQUARE.at(*point) for point in zip(x, y, strict=True)))


def _square(about: str, x_title: str, y_title: str, lines: Sequence[Line] = (), **more: Any) -> Chart:
    return Chart(about, x_title, y_title, SQUARE.x_ticks(), SQUARE.y_ticks(), tuple(lines), **more)


def _share(value: float) -> str:
    return figure(value, 2, is_bare=True)


def _exact(value: float) -> str:
    return figure(value, PLACES, is_bare=True)
