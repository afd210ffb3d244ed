"""Single rows to look at: most wrong, with a doubtful label, worth labelling next. Cells of the data stand here alone."""

from collections.abc import Sequence
from typing import Any

from tenon.report.figures import probability, short

WHY: dict[str, str] = {
    "uncertain": "the model is unsure",
    "unlike": "unlike all labelled rows",
    "both": "unsure, and unlike all labelled rows",
}
Row = dict[str, Any]  # of rows.json


def rows_view(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sections that have rows: what they are, a sentence, and a list of rows with cells and pictures."""
    made = [(_most_wrong, "most_wrong"), (_doubtful, "doubtful"), (_label_next, "label_next")]
    return [make(kept[name], kept) for make, name in made if "rows" in kept.get(name, {})]


def _most_wrong(section: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    lead = f"The {len(section['rows'])} of {section['of']:,} rows whose truth the model held for least likely."
    if kept["is_regression"]:
        lead = f"The {len(section['rows'])} of {section['of']:,} rows that the model missed by most."
    return _section("Most wrong rows", lead, section["rows"], kept)


def _doubtful(section: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    if not section["rows"]:
        return _section("Rows with doubtful labels", "No row has a label that the methods agree to doubt.", [], kept)
    what = "agree on a number far away" if kept["is_regression"] else "agree on another label"
    n, n_shown = section["found"], len(section["rows"])
    rows = f"{n:,} {'row' if n == 1 else 'rows'} ({100 * section['share']:.2g} %)"
    shown = f"The clearest {n_shown}" if n_shown < n else "All are shown"
    lead = f"{rows}: {_listed(section['methods'])}, trained without them, {what}. {shown}; look before you correct."
    return _section("Rows with doubtful labels", lead, section["rows"], kept)


def _label_next(section: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    lead = (
        f"Of {section['looked_at']:,} rows without a label, those whose labels would teach most, in this order: "
        "where the model is unsure, or that are unlike all labelled rows."
    )
    return _section("Rows worth labelling next", lead, section["rows"], kept)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _section(title: str, lead: str, rows: Sequence[Row], kept: dict[str, Any]) -> dict[str, Any]:
    n_hidden = kept["n_columns"] - len(kept["columns"])
    shown = [_row(row, kept["is_regression"]) for row in rows]
    return {
        "title": title,
        "lead": lead,
        "rows": shown,
        "has_label": any(row["label"][0] for row in shown),
        "has_about": any(row["about"] for row in shown),
        "has_name": len(kept["columns"]) > 1,
        "more": f"{n_hidden:,} more columns are not shown." if n_hidden else "",
    }


def _row(row: Row, is_number: bool) -> dict[str, Any]:
    proba = row.get("proba") or {}
    return {
        "row": f"{row['row']:,}",
        "label": _value(row.get("label"), proba.get("label"), is_number),
        "prediction": _value(row["prediction"], proba.get("prediction"), is_number),
        "about": _about(row),
        "cells": [(name, cell) for name, cell in row["cells"].items() if name not in _pictures(row)],
        "pictures": list(_pictures(row).items()),
    }


def _pictures(row: Row) -> dict[str, str]:
    return {name: picture for name, picture in (row.get("pictures") or {}).items() if picture}


def _value(value: Any, proba: float | None, is_number: bool) -> tuple[str, str]:
    """Return the label, or the number, and its probability as ".98"."""
    if value is None:
        return "", ""
    return short(value) if is_number else str(value), "" if proba is None else probability(proba)


def _about(row: Row) -> str:
    """Return what is said of a single row: by how much it was missed, who agrees, why it is worth a label."""
    if "why" in row:
        return WHY.get(row["why"], "")
    if row.get("agreement") is not None:
        return f"agreement {100 * row['agreement']:.0f} %"
    if row.get("residual") is not None:
        return f"missed by {short(row['residual'])}"
    return ""
