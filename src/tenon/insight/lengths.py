"""How each method scores from short texts to long ones: whether it pays to read on.

{column, unit, metric, title, greater_is_better, instead_of, n_rows, parts: [{from, to, rows}],
rows: [{method, read_share, scores: [{score, low, high}, None where the part cannot be scored]}]}

Rows are those that every method on the board predicted, in parts of one size by the length of their texts: four, or fewer, so
that each has 30 rows at least. Methods stand in the order of the board. Scores and their intervals, each by itself, come from the
same evidence as the board's; as between slices, accuracy takes the place of macro-F1 and RMSE that of R².
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tenon.data.long_texts import FEWEST_LONG
from tenon.errors import DataError
from tenon.insight.partitions import LEAST_ROWS, by_length
from tenon.insight.points import evenly
from tenon.insight.seen import Section, Seen, few_rows, left_out
from tenon.insight.slices import INSTEAD, MOST_ROWS, Said
from tenon.metrics.intervals import method_intervals

UNITS = {"text": "characters", "tokens": "tokens"}  # kind of column -> what its lengths are counted in
MOST_PARTS = 4


def lengths(seen: Seen, board: Sequence[Mapping[str, Any]]) -> Section:
    """Return the section; left out where no column has long texts, or rows are too few for two parts.

    seen : with splits whose rows all methods predicted. board : rows of leaderboard.json.
    """
    long = [column for column in seen.data.schema.columns if column.kind in UNITS and column.role != "target"]
    column = max(long, key=lambda one: one.long_share, default=None)
    if column is None or column.long_share < FEWEST_LONG:
        return left_out("no_long_texts", "hardly any text is too long to be read at once")
    rows = evenly(seen.rows, MOST_ROWS)
    if len(rows) < 2 * LEAST_ROWS:
        return few_rows(len(rows), 2 * LEAST_ROWS)
    cut = by_length(seen.data.frame.iloc[rows][column.name], min(MOST_PARTS, len(rows) // LEAST_ROWS))
    scored = [row for row in board if row["score"] is not None]
    said = Said(seen, rows, [row["method"] for row in scored])
    parts = [(one, np.flatnonzero(cut.code == s)) for s, one in enumerate(cut.slices) if one.by == "length"]
    scores = [_scores(said, at) for _, at in parts]
    return {
        "column": column.name,
        "unit": UNITS[column.kind],
        "metric": said.metric.name,
        "title": said.metric.title,
        "greater_is_better": said.metric.greater_is_better,
        "instead_of": seen.task.metric.title if seen.task.metric_name in INSTEAD else None,
        "n_rows": len(rows),
        "parts": [{"from": one.low, "to": one.high, "rows": len(at)} for one, at in parts],
        "rows": [
            {"method": row["method"], "read_share": row["read_share"], "scores": [of_part[i] for of_part in scores]}
            for i, row in enumerate(scored)
        ],
    }


def _scores(said: Said, at: np.ndarray) -> Sequence[Section | None]:
    """Return score and interval of each method on these rows, None of each where the metric says nothing there."""
    if not said.is_enough(said.metric, at):
        return [None] * len(said.names)
    try:
        evidence = said.evidence(said.metric, at)
    except DataError:  # undefined here, or all rows of one group
        return [None] * len(said.names)
    return [
        {
            "score": evidence.metric.from_level(float(level)),
            **{name: float(end) if np.isfinite(end) else None for name, end in zip(("low", "high"), ends, strict=True)},
        }
        for level, ends in zip(evidence.level, method_intervals(evidence), strict=True)
    ]
