"""A finished run's folder as compare leaves it, but for the report; for tests of what reads one."""

import json
from pathlib import Path
from typing import Any

from tests.report.boards import verdicts


def write_run(folder: Path, board: dict[str, Any], target: str = "label") -> Path:
    """Write leaderboard.json, run.json, verdicts.json, timings.json and model/model.json, and return the folder."""
    scored = [row["method"] for row in board["rows"] if row["score"] is not None]
    columns = [
        {"name": "评论", "kind": "text", "role": "feature", "reason": "Chinese texts", "missing": ["n.v.t."]},
        {"name": "zip code", "kind": "category", "role": "feature", "reason": "given by --kind"},
        {"name": "order", "kind": "ignore", "role": "feature", "reason": "counts the rows"},
        {"name": "user", "kind": "category", "role": "group", "reason": "given by --group"},
        {"name": target, "kind": "category", "role": "target", "reason": "the target"},
    ]
    asked = {
        "fingerprint": "0123456789abcdef" * 4,
        "task": board["task"],
        "target": target,
        "metric": board["metric"],
        "methods": [row["method"] for row in board["rows"]],
        "settings": {"knn": {"n_neighbors": 7}},
        "seed": 0,
        "budget": "normal",
        "protocol": board["protocol"],
        "versions": {"python": "3.11.2", "numpy": "2.4.0", "tenon": "0.1.0"},
    }
    contents = {
        "leaderboard.json": board,
        "run.json": {"format": 1, "asked": asked, "data": {"name": "评论.csv"}},
        "verdicts.json": verdicts(board),
        "timings.json": {name: {"fit_seconds": 1.25, "predict_seconds": 0.1, "held_bytes": 120_000_000} for name in scored},
        "scores.json": {"metrics": {"accuracy": _scores(board, 0.1), board["metric"]: _scores(board, 0.0)}},
        "model/model.json": {"schema": {"columns": columns, "n_rows": 6212}},
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def _scores(board: dict[str, Any], shift: float) -> dict[str, dict[str, float]]:
    scored = [row for row in board["rows"] if row["score"] is not None]
    return {row["method"]: {key: row[key] - shift for key in ("score", "low", "high")} for row in scored}
