"""All insights of a run in two calls: figures, and rows with their cells."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tenon.errors import failure_reason
from tenon.insight.calibration import calibration
from tenon.insight.cost import cost
from tenon.insight.doubtful import doubtful
from tenon.insight.label_next import label_next
from tenon.insight.lengths import lengths
from tenon.insight.most_wrong import most_wrong
from tenon.insight.precision_recall import precision_recall
from tenon.insight.residuals import residuals
from tenon.insight.seen import Section, Seen, left_out
from tenon.insight.shown import CUT, Cells, shown_columns
from tenon.insight.slices import slices
from tenon.insight.twice import Curve, twice
from tenon.method import Model

FORMAT = 5  # of both files; raised when their readers change: files of another format are made again


def all_insights(
    seen: Seen, of_all: Seen, board: Mapping[str, Any], timings: Mapping[str, Mapping[str, float]], rows_per_fold: float,
    curve: Curve | None,
) -> Section:  # fmt: skip
    """Return the content of insights.json.

    of_all : the same with splits whose rows all methods predicted.
    board, timings : content of leaderboard.json and timings.json. rows_per_fold : rows that one trial predicts, median.
    curve : scores of the chosen method on fewer train rows, None where the run has none.
    """
    metric = seen.task.metric if seen.per is None else seen.per.metric(seen.task.metric)
    return {
        "format": FORMAT,
        "chosen": seen.chosen,
        "metric": metric.name,
        "title": metric.title,
        "greater_is_better": metric.greater_is_better,
        "cost": _made(lambda: cost(board, timings, rows_per_fold)),
        "lengths": _made(lambda: lengths(of_all, board["rows"])),
        "calibration": _made(lambda: calibration(seen)),
        "pr": _made(lambda: precision_recall(seen)),
        "residuals": _made(lambda: residuals(seen)),
        "slices": _made(lambda: slices(seen)),
        "twice": _made(lambda: twice(curve, metric)),
    }


def telling_rows(seen: Seen, load: Callable[[], Model | None]) -> Section:
    """Return the content of rows.json; load : gives the chosen model, fitted again, None where there is none."""
    cells, data = Cells.of(seen), seen.data
    return {
        "format": FORMAT,
        "cut": CUT,
        "columns": shown_columns(data),
        "n_columns": sum(column.role != "target" for column in data.schema.columns),
        "target": seen.task.target,
        "is_regression": seen.task.is_regression,
        "is_counted": seen.task.is_counted,
        "most_wrong": _made(lambda: most_wrong(seen, cells)),
        "doubtful": _made(lambda: doubtful(seen, cells)),
        "label_next": _made(lambda: label_next(seen, None if data.unlabelled is None else load())),
    }


def _made(make: Callable[[], Section]) -> Section:
    """Return the section, or why it is left out: trials that took hours must not be lost because a picture cannot be drawn."""
    try:
        section = make()
        json.dumps(section, allow_nan=False)  # what the file can hold
        return section
    except Exception as error:
        return left_out("failed", f"it could not be made: {failure_reason(error)}", error=failure_reason(error))
