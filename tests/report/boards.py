"""Boards as compare writes them, for tests of everything that shows one."""

from typing import Any


def row(method: str, score: float | None, half: float = 0.0, **more: Any) -> dict[str, Any]:
    """A row of leaderboard.json, with what the board test says of it in `more`."""
    known = {"status": "ok", "reason": "", "tied": False, "word": "", "p_value": None, "p_worse": None, "effect": None}
    ends = {"low": None, "high": None} if score is None else {"low": score - half, "high": score + half}
    if "effect" in more:  # how much better than the leader, so below 0
        known |= {"effect_low": more["effect"] - 0.005, "effect_high": more["effect"] + 0.003}
    return {"method": method, "score": score, **ends, **known, "cost_rank": 10, "read_share": 1.0, "trials": 20, **more}


def binary_board() -> dict[str, Any]:
    """Two tied at the top, one slightly and one plainly worse, the baseline far off, and one row of every other status."""
    return {
        "task": "binary",
        "metric": "auc",
        "protocol": "5x4",
        "rows": [
            row("svm-tfidf", 0.9513, 0.0041, tied=True, word=""),
            row("logistic-tfidf", 0.9491, 0.0042, tied=True, word="cannot tell", p_value=0.31, effect=-0.0022),
            row("nb-tfidf", 0.9423, 0.0052, word="small difference", p_value=0.021, effect=-0.009),
            row("最近邻", 0.8971, 0.0083, word="worse", p_value=0.0002, effect=-0.0542),
            row("baseline", 0.5, 0.0, word="worse", p_value=0.0001, effect=-0.4513),
            row(
                "svm-rbf",
                None,
                status="declined",
                reason="grows with the square of the rows; 32,561 rows > 20,000. Try logistic or ridge, or a sample",
                trials=0,
            ),
            row("bert", None, status="needs", reason="needs tenon[deep]: pip install 'tenon[deep]'", trials=0),
            row(
                "mine:Broken",
                None,
                status="failed",
                reason="failed in 2 of 20 trials: ValueError: array must not contain infs",
                trials=20,
            ),
            row("knn-slow", None, status="stopped", reason="no sign of life for 10 minutes", trials=3),
        ],
        "chosen": "logistic-tfidf",
        "leader": "svm-tfidf",
        "sentence": "svm-tfidf and logistic-tfidf cannot be told apart. "
        "Chosen: logistic-tfidf, the cheapest that is probably as good (P 0.93).",
        "final": {"score": 0.9468, "low": 0.9363, "high": 0.9571, "rows": 1553},
        "expected": 0.945,
        "optimism": 0.0041,
        "detectable": 0.0081,
        "rope": 0.01,
        "greater_is_better": True,
        "notes": ["评论.csv: 212 rows have no target and were left out (column 'label')."],
    }


def rmse_board() -> dict[str, Any]:
    """A metric where less is better, without final rows; the linear method has blown up."""
    return {
        "task": "regression",
        "metric": "rmse",
        "protocol": "5x4",
        "rows": [
            row("ridge", 2.2134, 0.0493, tied=True, word=""),
            row("knn", 2.4012, 0.0551, word="worse", p_value=0.001, effect=-0.1878),
            row("baseline", 3.2212, 0.0712, word="worse", p_value=0.0001, effect=-1.0078),
            row("linear", 51234.4, 20000.0, word="worse", p_value=0.0001, effect=-51232.0),
        ],
        "chosen": "ridge",
        "leader": "ridge",
        "sentence": "ridge is best by RMSE: every other method is worse.",
        "final": None,
        "expected": 2.2165,
        "optimism": 0.0031,
        "detectable": None,
        "rope": 0.03,
        "greater_is_better": False,
        "notes": [],
    }


def verdicts(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Every pair of scored rows as verdicts.json has them: the better one first, better but for the tied."""
    scored = [r for r in board["rows"] if r["score"] is not None]
    pairs = [(a, b) for i, a in enumerate(scored) for b in scored[i + 1 :]]
    return [
        {
            "method_a": a["method"],
            "method_b": b["method"],
            "metric": board["metric"],
            "test": "board",
            "effect": abs(a["score"] - b["score"]),
            "low": abs(a["score"] - b["score"]) - 0.003,
            "high": abs(a["score"] - b["score"]) + 0.003,
            "p_value": 0.4 if a["tied"] and b["tied"] else 0.001,
            "p_corrected": 0.4 if a["tied"] and b["tied"] else 0.001,
            "p_better": 0.9,
            "p_same": 0.1,
            "p_worse": 0.0,
            "verdict": "cannot tell" if a["tied"] and b["tied"] else "better",
        }
        for a, b in pairs
    ]
