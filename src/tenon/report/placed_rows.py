"""Rows that a network did not see, on the page of an explanation: where in its image, or by which words, it answers each."""

from typing import Any

from tenon.report.explained_row import UNITS, said_and_true
from tenon.report.figures import probability
from tenon.report.readings import Piece, kept_view, reading_view, within

LONG, NEAR = 1500, 80  # letters of a text that is shown whole; of a longer one those beside a mark
Content = dict[str, Any]  # of explain.json


def placed_view(content: Content) -> Content | None:
    """Return {lead, says, rows}: how the rows were drawn, how to read them, and each; None where there are none."""
    section = content.get("placed")
    if not section:
        return None
    rows = [_row(row, content) for row in section["rows"]]
    return {"lead": lead(content), "says": list(dict.fromkeys(text for row in rows for text in row["says"])), "rows": rows}


def lead(content: Content) -> list[str]:
    """Return the sentences on how many rows are called wrongly, and on which of them are shown."""
    n, n_wrong = content["rows"], content["placed"]["n_wrong"]
    if n_wrong is None:
        return [f"Rows of {n:,}, from the worst to the best in even steps."]
    if not n_wrong:
        return [f"None of {n:,} rows is called wrongly; those shown go from the least sure to the surest in even steps."]
    return [
        f"Of {n:,} rows {n_wrong:,} {'is' if n_wrong == 1 else 'are'} called wrongly.",
        "Wrong ones are shown first, then right ones, each from the worst to the best in even steps.",
    ]


def placed_lines(content: Content) -> list[str]:
    """Return a sentence for each row, and what the page shows of them; none where there are none."""
    section = content.get("placed")
    if not section:
        return []
    return [" ".join(lead(content)), *(f"Row {row['row']:,}: {_sentence(row, content)}" for row in section["rows"])]


def _row(row: Content, content: Content) -> Content:
    method, said = content["method"], UNITS["number"] if content["task"] == "regression" else "its answer"
    reading, kept = reading_view(row.get("reading"), method, said), kept_view(row.get("kept"), method)
    sight, pictures = row.get("sight"), list(row["pictures"].values())
    says = [f"In colour: where {method} sees {said} (Grad-CAM)."] if sight else []
    return {
        "title": f"Row {row['row']:,}",
        "sentence": _sentence(row, content),
        "pictures": [*pictures, sight["picture"]] if sight else pictures,
        "texts": [_brief(view["pieces"], bool(kept)) for view in (kept, reading) if view],
        "says": says + [view["says"] for view in (kept, reading) if view],
    }


def _sentence(row: Content, content: Content) -> str:
    is_class = row["proba"] and content["task"] != "multilabel"
    return said_and_true(row, content, f" ({probability(max(p for _, p in row['proba']))})" if is_class else "")


def _brief(pieces: list[Piece], is_kept: bool) -> list[Piece]:
    """Return the pieces, of a long text, or one of which only parts are read, those beside marks."""
    is_long = sum(len(text) for text, _ in pieces) > LONG
    return within(pieces, NEAR) if is_kept or is_long else pieces
