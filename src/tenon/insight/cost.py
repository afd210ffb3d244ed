"""What a method scores against what it costs, and who is on the Pareto front; the only measured times among the insights.

{"rows": [{method, score, low, high, is_chosen, is_tied, fit_seconds, predict_seconds, held_bytes, read_share, on_front}],
"untimed": [method]}. Rows are in the order of the leaderboard. fit_seconds: of one trial, the median. predict_seconds: per
1,000 rows. held_bytes: what the process held after the fit. on_front: {cost: bool}. untimed: models that were brought.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tenon.insight.seen import Section

COSTS = ("fit_seconds", "predict_seconds", "held_bytes")


def cost(board: Mapping[str, Any], timings: Mapping[str, Mapping[str, float]], rows_per_fold: float) -> Section:
    """Return the section.

    board : content of leaderboard.json. timings : content of timings.json. rows_per_fold : that one trial predicts, median.
    """
    scored = [row for row in board["rows"] if row["score"] is not None]
    rows = [_row(row, board, timings[row["method"]], rows_per_fold) for row in scored if row["method"] in timings]
    gains = np.array([row["score"] if board["greater_is_better"] else -row["score"] for row in rows])
    for name in COSTS:
        fronts = pareto(gains, np.array([row[name] for row in rows]))
        for row, is_on_front in zip(rows, fronts.tolist(), strict=True):
            row["on_front"][name] = is_on_front
    return {"rows": rows, "untimed": [row["method"] for row in scored if row["method"] not in timings]}


def _row(row: Mapping[str, Any], board: Mapping[str, Any], timing: Mapping[str, float], rows_per_fold: float) -> Section:
    return {
        **{key: row[key] for key in ("method", "score", "low", "high")},
        "is_chosen": row["method"] == board["chosen"],
        "is_tied": row["tied"],
        "fit_seconds": timing["fit_seconds"],
        "predict_seconds": 1000 * timing["predict_seconds"] / rows_per_fold,
        "held_bytes": timing["held_bytes"],
        "read_share": row["read_share"],
        "on_front": {},
    }


def pareto(gains: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """Return (m,) bool: no other is at least as good and at least as cheap, and better in one of the two.

    >>> pareto(np.array([0.9, 0.8, 0.8]), np.array([5.0, 1.0, 2.0])).tolist()
    [True, True, False]
    """
    is_as_good = (gains[:, None] >= gains) & (costs[:, None] <= costs)
    is_better = (gains[:, None] > gains) | (costs[:, None] < costs)
    return np.logical_not(np.any(is_as_good & is_better, axis=0))
