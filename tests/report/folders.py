"""A finished run's folder as compare leaves it, but for the report; for tests of what reads one."""

import json
from pathlib import Path
from typing import Any

from tests.report.boards import verdicts
from tests.report.insights import curve, history, insights, rows


def write_full_run(folder: Path, board: dict[str, Any]) -> Path:
    """Write a run with everything that a report can show."""
    write_run(folder, board)
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    contents = {"insights.json": insights(board), "rows.json": rows(board), "curve.json": curve(board)}
    if board["task"] != "regression":
        contents["scores.json"] = scores | of_classes(board, ["好评", "差评"])
    for name, content in contents.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    trained = folder / "trials" / board["chosen"] / "0-0" / "history.json"
    trained.parent.mkdir(parents=True)
    trained.write_text(json.dumps(history()), encoding="utf-8")
    return folder


def of_classes(board: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    """The parts of scores.json that only classes have."""
    k = len(labels)
    confusion = [[900.0 if i == j else 30.0 + i for j in range(k)] for i in range(k)]
    figures = {"confusion": confusion, **{name: [0.9, *[None] * (k - 1)] for name in ("precision", "recall", "f1")}}
    scored = [row["method"] for row in board["rows"] if row["score"] is not None]
    roc = {name: [(i / 100) ** 0.2 for i in range(101)] for name in scored} if k == 2 else {}
    return {"labels": labels, "classes": dict.fromkeys(scored, figures), "roc": roc}


def write_run(folder: Path, board: dict[str, Any], target: str = "label") -> Path:
    """Write leaderboard.json, run.json, verdicts.json, timings.json and model/model.json, and return the folder."""
    scored = [row["method"] for row in board["rows"] if row["score"] is not None]
    columns = [
        {"name": "评论", "kind": "text", "role": "feature", "reason": "Chinese texts, all different", "missing": ["n.v.t."]},
        {"name": "zip code", "kind": "category", "role": "feature", "reason": "given by --kind"},
        {"name": "order", "kind": "ignore", "role": "feature", "reason": "counts the rows from 1 on"},
        {"name": "user", "kind": "category", "role": "group", "reason": "given by --group"},
        {"name": target, "kind": "category", "role": "target", "reason": ""},
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
        "versions": {"python": "3.11.2", "numpy": "2.4.0", "scikit-learn": "1.9.1", "tenon": "0.1.0"},
    }
    contents = {
        "leaderboard.json": board,
        "run.json": {"format": 1, "asked": asked, "data": {"name": "评论.csv"}, "given": {"metric": board["metric"], "seed": 3}},
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
