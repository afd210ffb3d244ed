"""insights.json and rows.json as a run leaves them, for tests of what shows them: every section complete, cells in Chinese."""

import math
from typing import Any

import numpy as np

from tenon.insight.gather import FORMAT
from tenon.training.history import History

PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SECRET = "王小明，电话 13800000000"  # a cell that a report without cells must not show


def insights(board: dict[str, Any]) -> dict[str, Any]:
    """Every section that fits the task of the board."""
    is_number = board["task"] == "regression"
    about = {"metric": board["metric"], "title": board["metric"].upper(), "greater_is_better": board["greater_is_better"]}
    left_out = {"code": "classes", "reason": "the target is a class", "values": {}}
    return {
        "format": FORMAT,
        "chosen": board["chosen"],
        **about,
        "cost": cost(board),
        "lengths": lengths(about, board),
        "calibration": {"code": "no_classes", "reason": "the target is a number", "values": {}} if is_number else calibration(),
        "pr": {"code": "no_classes", "reason": "the target is a number", "values": {}} if is_number else precision_recall(board),
        "residuals": residuals() if is_number else left_out,
        "slices": slices(about, board),
        "twice": twice(board),
    }


def cost(board: dict[str, Any]) -> dict[str, Any]:
    scored = [row for row in board["rows"] if row["score"] is not None]
    rows = [
        {
            **{key: row[key] for key in ("method", "score", "low", "high")},
            "is_chosen": row["method"] == board["chosen"],
            "is_tied": row["tied"],
            "fit_seconds": 40.0 / 3.1**i,
            "predict_seconds": 0.002 * 2.7**i if i % 2 else 0.9 / 1.7**i,
            "held_bytes": 3.1e8 - 1e7 * i,
            "read_share": 1.0,
            "on_front": {"fit_seconds": True, "predict_seconds": i < 2, "held_bytes": i == 0},
        }
        for i, row in enumerate(scored)
    ]
    return {"rows": rows, "untimed": []}


def lengths(about: dict[str, Any], board: dict[str, Any]) -> dict[str, Any]:
    scored = [row for row in board["rows"] if row["score"] is not None]
    parts = [{"from": 80.0 * 5**i, "to": 80.0 * 5 ** (i + 1), "rows": 9768} for i in range(4)]

    def score(row: dict[str, Any], part: int) -> dict[str, Any] | None:
        value = row["score"] * (1 - 0.03 * part)
        return None if row is scored[-1] and part == 3 else {"score": value, "low": value - 0.01, "high": value + 0.01}

    rows = [
        {"method": row["method"], "read_share": 1 - 0.1 * i, "scores": [score(row, part) for part in range(4)]}
        for i, row in enumerate(scored)
    ]
    return {"column": "评论", "unit": "characters", "instead_of": None, "n_rows": 39074, "parts": parts, "rows": rows, **about}


def calibration(is_off: bool = True) -> dict[str, Any]:
    bins = [
        {
            "rows": 3907,
            "proba": (i + 0.5) / 10,
            "share": ((i + 0.5) / 10) ** 1.2,
            "low": max(0.0, ((i + 0.5) / 10) ** 1.2 - 0.03),
            "high": min(1.0, ((i + 0.5) / 10) ** 1.2 + 0.03),
            "from": i / 10,
            "to": (i + 1) / 10,
        }
        for i in range(10)
    ]
    chance = {"mean": 0.004, "high": 0.007 if is_off else 0.07}
    return {
        **{"of": "positive", "label": "差评", "rows": 39074, "bins": bins, "brier": 0.098, "ece": 0.031},
        **{"ece_by_chance": chance, "bias": 0.021, "is_off": is_off},
    }


def precision_recall(board: dict[str, Any]) -> dict[str, Any]:
    recall = [i / 100 for i in range(101)]
    tied = sorted((row["method"] for row in board["rows"] if row["tied"]), key=lambda name: name != board["chosen"])
    curves = [
        {
            "method": name,
            "label": "差评",
            "precision": [1 - 0.76 * x ** (5 - i / 3) for x in recall],
            "average_precision": 0.861 - 0.01 * i,
            "base_rate": 0.24,
            "folds": 20,
        }
        for i, name in enumerate(tied)
    ]
    return {"recall": recall, "curves": curves}


def classes_precision_recall(labels: list[str], method: str) -> dict[str, Any]:
    """One curve a class, as several classes have it."""
    made = precision_recall({"rows": [{"method": str(label), "tied": True} for label in labels], "chosen": ""})
    for curve in made["curves"]:
        curve["label"], curve["method"] = curve["method"], method
    return made


def residuals() -> dict[str, Any]:
    bins = [
        {
            **{"rows": 1390, "prediction": 5.0 + 10 * i, "from": 10.0 * i, "to": 10.0 * (i + 1)},
            **{"mean": 1.2 - 0.4 * i, "low": 0.8 - 0.4 * i, "high": 1.6 - 0.4 * i},
            **{"q05": -5.0 - 2 * i, "q25": -2.0 - 0.7 * i, "median": 0.1, "q75": 2.0 + 0.5 * i, "q95": 6.0 + 2 * i},
        }
        for i in range(10)
    ]
    quantiles = dict(
        zip(("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"), (-31.0, -14.2, -5.3, 0.2, 5.9, 15.1, 33.0), strict=True)
    )
    return {
        **{"rows": 13903, "bins": bins, "quantiles": quantiles, "mean": -0.6, "low": -0.8, "high": -0.4},
        **{"worst_over": -112.0, "worst_under": 623.4},
    }


def slices(about: dict[str, Any], board: dict[str, Any]) -> dict[str, Any]:
    score = next(row["score"] for row in board["rows"] if row["method"] == board["chosen"])
    up = 1 if about["greater_is_better"] else -1
    kinds = [
        {"column": "学历", "by": "level", "slice": "博士研究生", "gap": -0.051, "verdict": "worse than the rest"},
        {"column": "顾客", "by": "group", "slice": SECRET, "gap": -0.032, "verdict": "worse than the rest"},
        {"column": "年龄", "by": "quartile", "slice": "17–28", "from": 17.0, "to": 28.0, "gap": -0.012},
        {"column": "评论", "by": "length", "slice": "2–38", "from": 2.0, "to": 38.0, "gap": 0.008},
        {"column": "评论", "by": "script", "slice": "Chinese", "gap": 0.002},
        {"column": "收入", "by": "missing", "slice": "", "gap": -0.004},
        {"column": "日期", "by": "year", "slice": "2011", "gap": -0.001},
        {"column": "标签", "by": "class", "slice": "差评", "metric": "accuracy", "title": "accuracy", "gap": -0.11},
    ]
    shown = []
    for i, kind in enumerate(kinds):
        value = score + up * kind["gap"]
        known = {"from": None, "to": None, "verdict": "", "rows": 1723 - 200 * i, **{k: about[k] for k in ("metric", "title")}}
        p = min(1.0, 1e-5 * 7**i)
        shown.append(
            {**known, "score": value, "low": value - 0.02, "high": value + 0.02, "rest": score, "p": p, "p_corrected": p, **kind}
        )
    return {
        **{
            "looked_at": 87,
            "too_small": 12,
            "undefined": 3,
            "least": 30,
            "limits": limits(),
            "n_worse": 2,
            "rope": board["rope"],
            **about,
        },
        **{"instead_of": None, "score": score, "shown": shown},
    }


def limits() -> dict[str, Any]:
    """Nothing was left aside."""
    return {"columns": {"most": 100, "of": 8}, "rows": {"most": 100_000, "of": 39_074}, "levels": {"most": 20, "columns": []}}


def curve(board: dict[str, Any]) -> dict[str, Any]:
    """curve.json: every scored method on growing shares of the train rows."""
    up = 1 if board["greater_is_better"] else -1
    return {
        row["method"]: [
            {"share": share, "rows": round(4969 * share), "score": score, "low": score - 0.004, "high": score + 0.004}
            for share in (0.125, 0.25, 0.5, 1.0)
            for score in [row["score"] - up * 0.02 * (share**-0.5 - 1)]
        ]
        for row in board["rows"]
        if row["score"] is not None
    }


def history(n_epochs: int = 12, n_steps: int = 50, best: int = 7) -> dict:
    """A loss that falls and a held-out loss that turns at the best epoch."""
    steps = np.arange(1, n_epochs * n_steps + 1)
    held_out = [0.4 + 0.01 * abs(epoch - best) for epoch in range(n_epochs)]
    rate = (0.01 * np.cos(steps / steps[-1] * math.pi / 2)).tolist()
    stopped = "no better loss of the held-out rows in 4 epochs"
    return History((0.3 + 1 / steps).tolist(), (2 / steps).tolist(), rate, held_out, best, stopped).to_json()


def twice(board: dict[str, Any]) -> dict[str, Any]:
    up = 1 if board["greater_is_better"] else -1
    score = next(row["score"] for row in board["rows"] if row["method"] == board["chosen"])
    line = [
        {"share": share, "rows": round(4969 * share), "score": score - up * 0.02 * (share**-0.5 - 1)}
        for share in [0.125 * 2 ** (i / 5) for i in range(21)]
    ]
    expected = line[-1]["score"]
    gain = abs(expected - score)
    return {
        **{"method": board["chosen"], "rows": 4969, "rows_then": 9938, "score": score, "expected": expected},
        **{"low": expected - 0.002, "high": expected + 0.002, "gain": gain, "gain_low": gain - 0.002, "gain_high": gain + 0.002},
        **{"law": {"floor": 0.05, "factor": 0.02, "exponent": 0.5}, "line": line},
    }


def rows(board: dict[str, Any]) -> dict[str, Any]:
    """rows.json; a number target has residuals in the place of probabilities."""
    is_number = board["task"] == "regression"
    made = [_row(i, is_number) for i in range(3)]
    doubtful = [{**row, "suggested": None if is_number else "差评", "agreement": 0.95} for row in made]
    next_ones = [
        {**{key: row[key] for key in row if key not in ("label", "residual")}, "why": why, "uncertainty": 0.98, "distance": 0.7}
        for row, why in zip(made, ("uncertain", "unlike", "both"), strict=True)
    ]
    return {
        **{
            "format": FORMAT,
            "cut": 160,
            "columns": ["评论", "城市", "图片"],
            "n_columns": 5,
            "target": "label",
            "is_regression": is_number,
            "is_counted": False,
        },
        "most_wrong": {"rows": [{**row, "loss": 4.1} for row in made], "of": 39074},
        "doubtful": {"rows": doubtful, "found": 212, "share": 0.0054, "methods": ["logistic", "svm"], "repeats": 4},
        "label_next": {"rows": next_ones, "unlabelled": 432, "looked_at": 432},
    }


def _row(i: int, is_number: bool) -> dict[str, Any]:
    cells = {"评论": f"{SECRET}，房间很小，早餐一般，但是位置不错。" * 2, "城市": None if i == 1 else "上海", "图片": "a/b.png"}
    known = {"row": 1204 + i, "cells": cells, "pictures": {"图片": PICTURE}}
    if is_number:
        return {**known, "label": 512.0, "prediction": 100.5 + math.pi * i, "proba": None, "residual": 411.5 - math.pi * i}
    return {**known, "label": "好评", "prediction": "差评", "proba": {"label": 0.02, "prediction": 0.97}}
