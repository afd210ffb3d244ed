"""Single rows to look at: most wrong, with a label in doubt, worth labelling next. Cells of the data stand here alone."""

from collections.abc import Sequence
from typing import Any

from tenon.data.wording import enumeration
from tenon.report.figures import figure, probability, short, short_signed
from tenon.report.tables import Column

WHY: dict[str, str] = {
    "uncertain": "the model is unsure",
    "unlike": "unlike all labelled rows",
    "both": "unsure, and unlike all labelled rows",
}
F1 = "F1"  # of an answer, a heading
Row = dict[str, Any]  # of rows.json


def rows_view(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sections that have rows: what they are, a sentence, and a list of rows with cells and pictures."""
    made = [(_most_wrong, "most_wrong"), (_doubtful, "doubtful"), (_label_next, "label_next")]
    return [make(kept[name], kept) for make, name in made if "rows" in kept.get(name, {})]


def lead_of(kept: dict[str, Any]) -> str:
    """Return how to read the rows of every section."""
    small = "" if kept["is_regression"] or kept["is_counted"] else "; small figures are probabilities"
    n_hidden = kept["n_columns"] - len(kept["columns"])
    hidden = f" {n_hidden:,} {'column is' if n_hidden == 1 else 'columns are'} not shown." if n_hidden else ""
    return f"Rows are counted from 1 in the order of the data, the header not counted{small}.{hidden}"


def _most_wrong(section: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    if not section["rows"]:
        return _section("Most wrong rows", f"None of {section['of']:,} rows was predicted wrongly.", [], kept, "")
    what = "missed by most" if kept["is_regression"] or kept["is_counted"] else "was surest to be of another class"
    lead = f"Of {section['of']:,} rows those that the model, trained without them, {what}; the worst first."
    about = "truth − prediction" if kept["is_regression"] else F1 if "f1" in section["rows"][0] else ""
    return _section("Most wrong rows", lead, section["rows"], kept, about)


def _doubtful(section: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    title, n, methods = "Labels worth a second look", section["found"], section["methods"]
    if not section["rows"]:
        return _section(title, "No row has a label that the methods agree to doubt.", [], kept, "")
    one, many = ("says a number", "say numbers") if kept["is_regression"] else ("says another label", "say another label")
    verb = f"{many if len(methods) > 1 else one}{' far away' if kept['is_regression'] else ''}"
    rows, them = ("row", "it") if n == 1 else ("rows", "them")
    found = f"{n:,} {rows} ({100 * section['share']:.2g} %), of which {enumeration(methods)}, trained without {them}, {verb}."
    lead = f"{found} {'It need not be wrong.' if n == 1 else 'They need not be wrong; the clearest come first.'}"
    return _section(title, lead, section["rows"], kept, "Agreement")


def _label_next(section: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    lead = (
        f"Of {section['looked_at']:,} rows without a label, those whose labels would teach most, in this order: "
        "where the model is unsure, or that are unlike all labelled rows."
    )
    return _section("Rows worth labelling next", lead, section["rows"], kept, "Why")


def _section(title: str, lead: str, rows: Sequence[Row], kept: dict[str, Any], about: str) -> dict[str, Any]:
    """about : heading of what is said of each row; "" where nothing is."""
    has_label = any(row.get("label") is not None for row in rows)
    return {
        "title": title,
        "lead": lead,
        "rows": [_row(row, kept["is_regression"]) for row in rows],
        "columns": [
            Column("Row"),
            *[Column("is")] * has_label,
            Column("predicted"),
            *[Column(about)] * bool(about),
            Column("Cells"),
        ],
        "has_label": has_label,
        "about": about,
        "has_name": len(kept["columns"]) > 1,
        "is_counted": kept["is_counted"],
    }


def _row(row: Row, is_number: bool) -> dict[str, Any]:
    proba = row.get("proba") or {}
    return {
        "row": f"{row['row']:,}",
        "label": _value(row.get("label"), proba.get("label"), is_number),
        "prediction": _value(row["prediction"], proba.get("prediction"), is_number),
        "about": _about(row),
        "cells": [(name, cell) for name, cell in row["cells"].items() if cell is not None or name not in _pictures(row)],
        "pictures": list(_pictures(row).items()),
    }


def _pictures(row: Row) -> dict[str, str]:
    return {name: picture for name, picture in (row.get("pictures") or {}).items() if picture}


def _value(value: Any, proba: float | None, is_number: bool) -> tuple[str, str]:
    """Return the label, or the number, and its probability as ".98"."""
    if value is None:
        return "", ""
    if is_number:
        return f"{value:.0f}" if float(value).is_integer() else short(value), ""
    return str(value), "" if proba is None else probability(proba)


def _about(row: Row) -> str:
    """Return what is said of a single row: by how much it was missed, what methods agree on, why it is worth a label."""
    if "why" in row:
        return WHY.get(row["why"], "")
    if row.get("agreement") is not None:
        share, suggested = f"{100 * row['agreement']:.0f} %", row["suggested"]
        return share if suggested is None else f"{share} say {suggested}"
    if "f1" in row:
        return figure(row["f1"], 2, is_bare=True)
    if row.get("residual") is not None:
        return short_signed(row["residual"])
    return ""
