"""Scores of each method from short texts to long ones: which way of reading pays on which texts."""

from typing import Any

from tenon.report.leaderboard import share_read
from tenon.report.slices import instead_note
from tenon.report.tables import Column, Table, score_column
from tenon.report.words import metric_titles


def lengths_view(section: dict[str, Any]) -> dict[str, Any]:
    """Return the table, and on which rows it stands and by what."""
    sentence = (
        f"By {metric_titles(section)[0]}, on the {section['n_rows']:,} rows that all of these methods predicted, in "
        f"{len(section['parts'])} parts of one size by the length of {section['column']}, counted in {section['unit']}."
    )
    return {"sentence": sentence, "notes": instead_note(section), "table": _table(section)}


def _table(section: dict[str, Any]) -> Table:
    """Return for each method the share of the texts that it reads, and its score in each part."""
    rows = section["rows"]
    columns = [[row["method"] for row in rows], [share_read(row["read_share"]) for row in rows]]
    for part in range(len(section["parts"])):
        scores = [row["scores"][part] or {} for row in rows]
        columns.append(score_column([(one.get("score"), one.get("low"), one.get("high")) for one in scores]))
    ranges = [Column(f"{part['from']:,.0f}–{part['to']:,.0f}", "figure", is_name=True) for part in section["parts"]]
    return Table((Column("Method"), Column("Reads", "figure"), *ranges), list(zip(*columns, strict=True)), "scores")
