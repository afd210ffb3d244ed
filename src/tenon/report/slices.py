"""Scores by slice: parts of the rows where the chosen method does worse than on the rest."""

from collections.abc import Sequence
from typing import Any

from tenon.data.wording import enumeration
from tenon.report.axis import Axis, axis_of
from tenon.report.figures import decimals, digits, is_bare, p_value, signed
from tenon.report.leaderboard import bar_view, per_cent, ticks_in_per_cent
from tenon.report.tables import padded, point_column
from tenon.report.words import metric_titles

HIDDEN = {  # what a report without cells says of a slice whose name is a cell, or a number made from cells
    "level": "one value",
    "value": "one value",
    "quartile": "a quartile",
    "year": "a year",
    "month": "a month",
    "group": "a group",
}
Slice = dict[str, Any]


def slices_view(section: dict[str, Any], has_cells: bool) -> dict[str, Any]:
    """Return one row for each slice, the axis that their bars share, and what is said of all of them."""
    shown: list[Slice] = section["shown"]
    axis = axis_of([*_on_the_axis(shown, section), {"score": section["score"]}])
    bare = is_bare(*(one[key] for one in shown for key in ("score", "low", "high")))
    texts = padded([digits(one["score"], one["low"], one["high"], bare) for one in shown])
    gaps = point_column([_gap(one) for one in shown])
    rows = [
        _row(one, section, axis, has_cells) | {"score": score, "half": half, "gap": gap}
        for one, (score, half), gap in zip(shown, texts, gaps, strict=True)
    ]
    return {
        "rows": rows,
        "ticks": ticks_in_per_cent(axis),
        "all_rows": _mark(axis, section["score"]),
        "title": metric_titles(section)[0],
        "is_any_worse": section["n_worse"] > 0,
        "sentence": slices_sentence(section),
        "notes": notes_on_slices(section),
    }


def _row(one: Slice, section: dict[str, Any], axis: Axis | None, has_cells: bool) -> dict[str, Any]:
    """Return what is said of a slice; one that is scored by another metric has no bar but the name of that."""
    is_comparable = _is_comparable(one, section)
    return {
        "column": one["column"],
        "slice": slice_name(one, has_cells),
        "is_words": not has_cells or one["by"] in ("script", "missing", "length"),
        "rows": f"{one['rows']:,}",
        "bar": bar_view(one, axis) if axis and is_comparable else None,
        "metric": "" if is_comparable else one["title"],
        "is_worse": bool(one["verdict"]),
        "said": ("worse, " if one["verdict"] else "") + p_value(one["p_corrected"]),
    }


def _is_comparable(one: Slice, section: dict[str, Any]) -> bool:
    """Tell whether a slice is scored by the metric of the others (classes of the target are not)."""
    return bool(one["metric"] == section["metric"])


def _on_the_axis(shown: Sequence[Slice], section: dict[str, Any]) -> list[Slice]:
    """Return the slices that the axis must hold: no class where there is else, since one hardly ever found would squeeze all."""
    comparable = [one for one in shown if _is_comparable(one, section)]
    return [one for one in comparable if one["by"] != "class"] or comparable


def _mark(axis: Axis | None, score: float) -> float | None:
    return per_cent(axis, score) if axis and axis.low <= score <= axis.high else None


def _gap(one: Slice) -> str:
    """Return how much better than the rest, "−.053", to the digits that the slice's interval bears."""
    gap = one["gap"]
    if gap is None:
        return ""
    return signed(gap, decimals(one["score"], one["low"], one["high"]), is_bare(gap))


def slice_name(one: Slice, has_cells: bool) -> str:
    """Return what the slice holds: "Masters", "17–28", "missing"."""
    by = one["by"]
    if by == "missing":
        return "missing"
    if not has_cells and by in HIDDEN:
        return HIDDEN[by]
    return f"{one['slice']} characters" if by == "length" else str(one["slice"])


def slices_sentence(section: dict[str, Any]) -> str:
    """Return how many slices were looked at and how many are worse than the rest."""
    n = section["n_worse"]
    worse = "none is" if n == 0 else "1 is" if n == 1 else f"{n:,} are"
    return f"{section['looked_at']:,} slices of at least {section['least']:,} rows were looked at; {worse} worse than the rest."


def notes_on_slices(section: dict[str, Any]) -> list[str]:
    """Return what else a reader must know: that the list is cut, the metric, slices that were too small."""
    said = []
    n_shown, n_worse = sum(bool(one["verdict"]) for one in section["shown"]), section["n_worse"]
    if n_shown < n_worse:
        said.append(f"{n_shown:,} of the {n_worse:,} that are worse are shown, of every column those that are most surely so.")
    said += instead_note(section)
    if left := section["too_small"] + section["undefined"]:
        said.append(f"{left:,} more {'was' if left == 1 else 'were'} too small, or of one class only.")
    return said + limits_of(section["limits"])


def instead_note(section: dict[str, Any]) -> list[str]:
    """Return that another metric stands in for the one that was asked for, where it does."""
    if not section["instead_of"]:
        return []
    return [f"Scored by {section['title']}, since {section['instead_of']} cannot be compared between parts of the rows."]


def limits_of(limits: dict[str, Any]) -> list[str]:
    """Return what was left aside for being too much."""
    columns, rows, levels = limits["columns"], limits["rows"], limits["levels"]
    said = []
    if columns["of"] > columns["most"]:
        said.append(f"Only the first {columns['most']} of {columns['of']:,} columns were looked at.")
    if rows["of"] > rows["most"]:
        said.append(f"Only {rows['most']:,} of {rows['of']:,} rows, evenly spaced, were looked at.")
    if levels["columns"]:
        said.append(f"Only {levels['most']} values of {enumeration(levels['columns'])} were looked at, the commonest or latest.")
    return said
