"""Boosting on tables with categories, beside XGBoost's and LightGBM's own search: each with its defaults, 100 rounds.

python benchmarks/categories.py   writes its part of docs/benchmarks.md

Five draws of train rows each, the same for all engines; scored on all other rows by AUC, or R². The last column is the mean of
ours less LightGBM's over the draws, with its 95 % interval by Student's t.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before the packages are loaded

from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

import lightgbm  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import xgboost  # noqa: E402
from pages import write_part  # noqa: E402
from sklearn.metrics import r2_score, roc_auc_score  # noqa: E402
from tree_quality import FILES  # noqa: E402
from trees import mixed  # noqa: E402

from tenon.trees import GradientBoostingClassifier, GradientBoostingRegressor  # noqa: E402

ROUNDS = {"n_estimators": 100, "learning_rate": 0.1, "n_jobs": 1}
LEAF = {"growth": "leaf", "min_samples_leaf": 20, "reg_lambda": 0.0}  # as LightGBM's defaults are
N_DRAWS, T_4 = 5, 2.776
Rows = tuple[pd.DataFrame, np.ndarray]


def adult() -> Rows:
    frame = pd.concat([pd.read_csv(FILES / "adult" / f"{part}.csv.gz") for part in ("train", "test")], ignore_index=True)
    return frame.drop(columns="income"), frame["income"].str.contains(">").to_numpy(int)


def german_credit() -> Rows:
    frame = pd.read_csv(FILES / "german_credit" / "data.csv")
    return frame.drop(columns="risk"), (frame["risk"] == frame["risk"].mode()[0]).to_numpy(int)


def bike_sharing() -> Rows:
    """Without the leaks, hours and days as categories."""
    frame = pd.read_csv(FILES / "bike_sharing" / "hour.csv.gz")
    X = frame.drop(columns=["cnt", "casual", "registered", "instant", "dteday"])
    return X.astype(dict.fromkeys(("season", "mnth", "hr", "weekday", "weathersit"), str)), np.log1p(frame["cnt"].to_numpy())


TABLES: list[tuple[str, Callable[[], Rows], int]] = [
    ("made: 2 to 120 categories", lambda: mixed(50_000), 3_000),
    ("made: 2 to 120 categories", lambda: mixed(50_000), 25_000),
    ("adult", adult, 3_000),
    ("adult", adult, 30_000),
    ("german_credit", german_credit, 700),
    ("bike_sharing, log of cnt", bike_sharing, 3_000),
    ("bike_sharing, log of cnt", bike_sharing, 12_000),
]


def engines(is_regression: bool) -> dict[str, Any]:
    """XGBoost and LightGBM last; ours with and without the price of categories."""
    ours = GradientBoostingRegressor if is_regression else GradientBoostingClassifier
    theirs = "Regressor" if is_regression else "Classifier"
    return {
        "tenon, no penalty": ours(**ROUNDS, cat_penalty=0.0),
        "tenon": ours(**ROUNDS),
        "xgboost": getattr(xgboost, f"XGB{theirs}")(**ROUNDS, max_depth=6, tree_method="hist", enable_categorical=True),
        "tenon, 31 leaves, no penalty": ours(**ROUNDS, **LEAF, cat_penalty=0.0),
        "tenon, 31 leaves": ours(**ROUNDS, **LEAF),
        "lightgbm": getattr(lightgbm, f"LGBM{theirs}")(**ROUNDS, verbose=-1),
    }


def score(engine: Any, X: pd.DataFrame, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    engine.fit(X.iloc[train], y[train])
    if hasattr(engine, "predict_proba"):
        return float(roc_auc_score(y[test], engine.predict_proba(X.iloc[test])[:, 1]))
    return float(r2_score(y[test], engine.predict(X.iloc[test])))


def line_of(name: str, make: Callable[[], Rows], n: int) -> str:
    X, y = make()
    X = X.astype(dict.fromkeys(X.select_dtypes(exclude=["number", "category"]), "category"))
    is_regression = len(np.unique(y)) > 2
    scores: dict[str, list[float]] = {engine: [] for engine in engines(is_regression)}
    for draw in range(N_DRAWS):
        order = np.random.default_rng(draw).permutation(len(y))
        for engine, model in engines(is_regression).items():
            scores[engine].append(score(model, X, y, order[:n], order[n:]))
    difference = np.subtract(scores["tenon, 31 leaves"], scores["lightgbm"])
    half = T_4 * difference.std(ddof=1) / np.sqrt(N_DRAWS)
    cells = " | ".join(f"{np.mean(one):.4f}" for one in scores.values())
    line = f"| {name} | {n:,} | {cells} | {difference.mean():+.4f} ± {half:.4f} |"
    print(line, flush=True)
    return line


def main() -> None:
    names = list(engines(False))
    lines = [
        "## Tables with categories",
        "",
        f"Written by `benchmarks/categories.py`; xgboost {xgboost.__version__}, lightgbm {lightgbm.__version__}. AUC, or R², the",
        f"mean of {N_DRAWS} draws of train rows; *no penalty*: sets of categories need not gain more than they do by chance.",
        "",
        f"| table | train rows | {' | '.join(names)} | 31 leaves less lightgbm |",
        "|---" * (len(names) + 3) + "|",
        *(line_of(*table) for table in TABLES),
    ]
    write_part("categories", lines)


if __name__ == "__main__":
    main()
