"""Boosted trees beside LightGBM and XGBoost: fit from float32 and predict, interleaved, on 1 and 2 threads.

python benchmarks/trees.py [--only NAME] [--repeats N]   writes its part of docs/benchmarks.md and benchmarks/results/trees.jsonl

Each engine fits once untimed (compiling, caches); then all take turns, so that a busy moment hits all alike. What counts is the
median of the ratios within a turn. Same trees, leaves and bins; AUC is on rows that no engine saw.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from pages import write_part
from sklearn.metrics import roc_auc_score

from tenon.trees import GradientBoostingClassifier

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "trees.jsonl"
ROUNDS = {"n_estimators": 100, "learning_rate": 0.1}


def numbers(n: int, p: int) -> tuple[Any, np.ndarray]:
    """Rows with interactions, bends and noise."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p)).astype(np.float32)
    signal = X[:, 0] * X[:, 1] + np.sin(2 * X[:, 2]) + np.abs(X[:, 3]) + X[:, 4 : p // 2].sum(axis=1) / np.sqrt(p)
    return X, (signal + rng.normal(size=n) > np.median(signal)).astype(int)


def mixed(n: int) -> tuple[Any, np.ndarray]:
    """A table of 9 numbers with missing values and 6 columns of categories."""
    X, _ = numbers(n, 9)
    rng = np.random.default_rng(1)
    X[rng.random(X.shape) < 0.1] = np.nan
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(9)])
    effect = np.zeros(n)
    for i, size in enumerate((2, 5, 9, 16, 40, 120)):
        codes = rng.integers(0, size, n)
        effect += rng.normal(size=size)[codes] / 2
        frame[f"c{i}"] = pd.Categorical.from_codes(codes, [f"v{v}" for v in range(size)])
    signal = np.nan_to_num(X[:, 0]) * np.nan_to_num(X[:, 1]) + effect
    return frame, (signal + rng.normal(size=n) > 0).astype(int)


DATA: dict[str, Callable[[], tuple[Any, np.ndarray]]] = {
    "1 M x 28": lambda: numbers(1_100_000, 28),
    "200 k x 100": lambda: numbers(250_000, 100),
    "50 k mixed": lambda: mixed(60_000),
    "5 k x 20": lambda: numbers(10_000, 20),
}
HELD_OUT = {"1 M x 28": 100_000, "200 k x 100": 50_000, "50 k mixed": 10_000, "5 k x 20": 5_000}

LIGHTGBM = {"num_leaves": 31, "verbose": -1, **ROUNDS}
XGBOOST = {"max_depth": 6, "tree_method": "hist", "enable_categorical": True, **ROUNDS}
LEAF = {"growth": "leaf", "max_leaf_nodes": 31, "reg_lambda": 0.0, "min_child_weight": 1e-3, "min_samples_leaf": 20, **ROUNDS}
ENGINES: dict[str, Callable[[int], Any]] = {
    "tenon, 31 leaves": lambda jobs: GradientBoostingClassifier(n_jobs=jobs, **LEAF),
    "lightgbm, by rows": lambda jobs: lightgbm.LGBMClassifier(n_jobs=jobs, force_row_wise=True, **LIGHTGBM),
    "lightgbm, by columns": lambda jobs: lightgbm.LGBMClassifier(n_jobs=jobs, force_col_wise=True, **LIGHTGBM),
    "tenon, depth 6": lambda jobs: GradientBoostingClassifier(n_jobs=jobs, **ROUNDS),
    "xgboost hist, depth 6": lambda jobs: xgboost.XGBClassifier(n_jobs=jobs, **XGBOOST),
}
OURS = {
    "lightgbm, by rows": "tenon, 31 leaves",
    "lightgbm, by columns": "tenon, 31 leaves",
    "xgboost hist, depth 6": "tenon, depth 6",
}


def run_once(engine: str, jobs: int, X: Any, y: np.ndarray, n_train: int) -> dict[str, float]:
    """Fit, then predict the rows held out; seconds and AUC."""
    model = ENGINES[engine](jobs)
    started = time.perf_counter()
    model.fit(X[:n_train], y[:n_train])
    fitted = time.perf_counter()
    proba = model.predict_proba(X[n_train:])[:, 1]
    done = time.perf_counter()
    return {"fit": fitted - started, "predict": done - fitted, "auc": float(roc_auc_score(y[n_train:], proba))}


def measure(data: str, jobs: int, repeats: int) -> list[dict[str, Any]]:
    """Return a row per engine: medians, and the median of our time over theirs in the same turn."""
    X, y = DATA[data]()
    n_train = len(y) - HELD_OUT[data]
    turns: dict[str, list[dict[str, float]]] = {engine: [] for engine in ENGINES}
    for turn in range(repeats + 1):
        for engine in ENGINES:
            run = run_once(engine, jobs, X, y, n_train)
            if turn:  # the first is not counted
                turns[engine].append(run)
    rows = []
    for engine, runs in turns.items():
        row: dict[str, Any] = {"data": data, "threads": jobs, "engine": engine}
        row |= {key: statistics.median(run[key] for run in runs) for key in ("fit", "predict", "auc")}
        if engine in OURS:
            ours = turns[OURS[engine]]
            for key in ("fit", "predict"):
                row[f"{key} ratio"] = statistics.median(o[key] / t[key] for o, t in zip(ours, runs, strict=True))
        rows.append(row)
    return rows


def write_page(rows: list[dict[str, Any]]) -> None:
    """Write this part of docs/benchmarks.md; a ratio is ours over theirs, so below 1 ours is faster."""
    versions = f"lightgbm {lightgbm.__version__}, xgboost {xgboost.__version__}, numpy {np.__version__}"
    machine = platform.processor() or platform.machine()
    lines = [
        "## Speed of boosted trees",
        "",
        f"Written by `benchmarks/trees.py` on {machine}, Python {platform.python_version()}, {versions}.",
        "Medians; fit from float32 to a model ready to predict; ratio = ours / theirs in the same turn.",
        "",
        "| data | threads | engine | fit s | predict ms | AUC | fit ratio | predict ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratios = " | ".join(f"{row[key]:.2f}" if key in row else "" for key in ("fit ratio", "predict ratio"))
        figures = f"{row['fit']:.3f} | {1000 * row['predict']:.1f} | {row['auc']:.5f}"
        lines.append(f"| {row['data']} | {row['threads']} | {row['engine']} | {figures} | {ratios} |")
    write_part("trees", lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=DATA)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    rows = []
    for data in [asked.only] if asked.only else DATA:
        for jobs in (1, 2):
            rows += measure(data, jobs, asked.repeats)
            print("\n".join(json.dumps(row) for row in rows[-len(ENGINES) :]), flush=True)
    if not asked.only:
        RESULTS.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        write_page(rows)


if __name__ == "__main__":
    main()
