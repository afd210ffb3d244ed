"""The tree engine beside LightGBM, XGBoost and scikit-learn: time, memory, growth with the rows, and the first fit of all.

python benchmarks/trees.py [--only PART …] [--repeats N]   writes benchmarks/results/trees.jsonl and its part of
docs/benchmarks.md; rows of parts that are not asked for stay as they were. About 12 minutes on two quiet cores.

Engines take turns in one process after a first fit of a few rows (compiling, loading), so that a busy moment hits all alike;
what counts is the median over turns of ours over theirs. Same trees, leaves and bins; a fit is from float32 to a model ready to
predict. AUC is on rows that no engine saw, and its difference the mean over several tables drawn anew: that of one alone swings
by more than what it is judged by. Memory and first fits are taken in a process of their own.
"""

import argparse
import json
import logging
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from os import environ
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm
import numpy as np
import pandas as pd
import sklearn
import xgboost
from pages import results, write_part
from sklearn.ensemble import RandomForestClassifier as TheirForest
from sklearn.metrics import roc_auc_score

from tenon.trees import DecisionTreeClassifier, GradientBoostingClassifier, RandomForestClassifier

RESULTS = Path(__file__).parent / "results" / "trees.jsonl"
ROUNDS = {"n_estimators": 100, "learning_rate": 0.1}
LEAF = {"growth": "leaf", "max_leaf_nodes": 31, "reg_lambda": 0.0, "min_child_weight": 1e-3, "min_samples_leaf": 20}
DRAWS = 5  # tables for the AUC
MOST_AUC_ROWS = 100_000  # of a table that are trained on for the AUC
Row = dict[str, Any]  # part, what, data, threads, beside, ours, theirs, ratio or difference, target
Rows = tuple[Any, np.ndarray]


def numbers(n: int, p: int, draw: int = 0) -> Rows:
    """Rows with interactions, bends and noise."""
    rng = np.random.default_rng(draw)
    X = rng.standard_normal((n, p), np.float32)
    signal = X[:, 0] * X[:, 1] + np.sin(2 * X[:, 2]) + np.abs(X[:, 3]) + X[:, 4 : p // 2].sum(axis=1) / np.sqrt(p)
    return X, (signal + rng.normal(size=n) > np.median(signal)).astype(int)


def mixed(n: int, draw: int = 0) -> Rows:
    """A table of 9 numbers with missing values and 6 columns of categories."""
    X, _ = numbers(n, 9, draw)
    rng = np.random.default_rng(draw + 1)
    X[rng.random(X.shape) < 0.1] = np.nan
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(9)])
    effect = np.zeros(n)
    for i, size in enumerate((2, 5, 9, 16, 40, 120)):
        codes = rng.integers(0, size, n)
        effect += rng.normal(size=size)[codes] / 2
        frame[f"c{i}"] = pd.Categorical.from_codes(codes, [f"v{v}" for v in range(size)])
    signal = np.nan_to_num(X[:, 0]) * np.nan_to_num(X[:, 1]) + effect
    return frame, (signal + rng.normal(size=n) > 0).astype(int)


def one_hot(n: int, draw: int = 0) -> Rows:
    """The same with a column of 0 and 1 for each category, missing numbers as 0."""
    frame, y = mixed(n, draw)
    return pd.get_dummies(frame).fillna(0.0).to_numpy(np.float32), y


class Table(NamedTuple):
    make: Callable[..., Rows]  # (n, draw) -> rows
    n_train: int
    n_held_out: int
    turns: int
    targets: dict[str, float]  # by the peer and what is measured: most that ours may take of theirs

    def rows(self) -> Rows:
        return self.make(self.n_train + self.n_held_out)


WIDE = {"lightgbm fit": 0.5, "xgboost fit": 0.55, "lightgbm predict": 0.1, "xgboost predict": 0.6}
SMALL = WIDE | {"lightgbm fit": 0.65, "xgboost fit": 0.65}
TABLES = {
    "1 M x 28": Table(partial(numbers, p=28), 1_000_000, 100_000, 2, WIDE),
    "200 k x 100": Table(partial(numbers, p=100), 200_000, 50_000, 3, WIDE),
    "50 k mixed": Table(mixed, 50_000, 10_000, 15, SMALL),
    "5 k x 20": Table(partial(numbers, p=20), 5_000, 20_000, 15, SMALL),
}


def lightgbm_by(layout: str, jobs: int, **settings: Any) -> Any:
    return lightgbm.LGBMClassifier(n_jobs=jobs, num_leaves=31, verbose=-1, **{f"force_{layout}_wise": True}, **ROUNDS | settings)


BOOSTING: dict[str, Callable[[int], Any]] = {
    "tenon, 31 leaves": lambda jobs: GradientBoostingClassifier(n_jobs=jobs, **LEAF, **ROUNDS),
    "lightgbm, by rows": lambda jobs: lightgbm_by("row", jobs),
    "lightgbm, by columns": lambda jobs: lightgbm_by("col", jobs),
    "tenon, depth 6": lambda jobs: GradientBoostingClassifier(n_jobs=jobs, **ROUNDS),
    "xgboost": lambda jobs: xgboost.XGBClassifier(
        n_jobs=jobs, max_depth=6, tree_method="hist", enable_categorical=True, **ROUNDS
    ),
}
EXACT: dict[str, Callable[[int], Any]] = {
    "tenon": lambda jobs: GradientBoostingClassifier(n_jobs=jobs, search="exact", **ROUNDS),
    "xgboost": lambda jobs: xgboost.XGBClassifier(n_jobs=jobs, max_depth=6, tree_method="exact", **ROUNDS),
}
FOREST: dict[str, Callable[[int], Any]] = {
    "tenon": lambda jobs: RandomForestClassifier(30, n_jobs=jobs, random_state=0),
    "scikit-learn": lambda jobs: TheirForest(30, n_jobs=jobs, random_state=0),
}


def turns_of(engines: dict[str, Callable[[int], Any]], rows: Rows, n_out: int, jobs: int, turns: int) -> dict[str, np.ndarray]:
    """Return for each engine (turns, 2): seconds of fit and predict."""
    X, y = rows
    n, runs = len(y) - n_out, {engine: [] for engine in engines}
    for turn in range(turns + 1):
        for engine, make in engines.items():
            used = n if turn else 1000  # turn 0 compiles and loads, and is not counted
            model, started = make(jobs), time.perf_counter()
            model.fit(X[:used], y[:used])
            fitted = time.perf_counter()
            model.predict_proba(X[n:])
            if turn:
                runs[engine].append((fitted - started, time.perf_counter() - fitted))
    return {engine: np.array(run) for engine, run in runs.items()}


def beside(part: str, what: str, data: str, jobs: int, peer: str, ours: np.ndarray, theirs: np.ndarray, target: float) -> Row:
    """A row of medians; ours, theirs : (turns,) seconds."""
    row = {"part": part, "what": what, "data": data, "threads": jobs, "beside": peer}
    return row | {"ours": np.median(ours), "theirs": np.median(theirs), "ratio": np.median(ours / theirs), "target": target}


def auc_beside(
    part: str, data: str, make: Callable[..., Rows], n_train: int, n_out: int, engines: dict[str, Callable[[int], Any]],
    pairs: dict[str, tuple[str, str]],
) -> Iterator[Row]:  # fmt: skip
    """Yield a row for each peer, by whose name `pairs` holds our engine and theirs; the same tables for all."""
    n_train, found = min(n_train, MOST_AUC_ROWS), {engine: [] for pair in pairs.values() for engine in pair}
    for draw in range(DRAWS):
        X, y = make(n_train + n_out, draw=draw)
        for engine, aucs in found.items():
            model = engines[engine](2).fit(X[:n_train], y[:n_train])
            aucs.append(roc_auc_score(y[n_train:], model.predict_proba(X[n_train:])[:, 1]))
    for peer, pair in pairs.items():
        ours, theirs = (np.array(found[engine]) for engine in pair)
        error = (ours - theirs).std(ddof=1) / np.sqrt(DRAWS)
        row = {"part": part, "what": f"AUC, {n_train // 1000} k train rows", "data": data, "threads": 2, "beside": peer}
        yield row | {
            "ours": ours.mean(), "theirs": theirs.mean(), "difference": (ours - theirs).mean(), "error": error, "target": -0.002,
        }  # fmt: skip


def boosting(repeats: int) -> Iterator[Row]:
    return _boosting("boosting", ("1 M x 28", "200 k x 100"), repeats)


def boosting_small(repeats: int) -> Iterator[Row]:
    return _boosting("boosting_small", ("50 k mixed", "5 k x 20"), repeats)


def _boosting(part: str, names: Sequence[str], repeats: int) -> Iterator[Row]:
    pairs = {"lightgbm": ("tenon, 31 leaves", "lightgbm, by rows"), "xgboost": ("tenon, depth 6", "xgboost")}
    for data in names:
        table = TABLES[data]
        rows = table.rows()
        for jobs in (1, 2):
            runs = turns_of(BOOSTING, rows, table.n_held_out, jobs, repeats or table.turns)
            theirs_of = {
                "lightgbm": np.minimum(runs["lightgbm, by rows"], runs["lightgbm, by columns"]),
                "xgboost": runs["xgboost"],
            }
            for peer, theirs in theirs_of.items():
                mine = runs[pairs[peer][0]]
                for column, what in enumerate(("fit", "predict")):
                    target = table.targets[f"{peer} {what}"]
                    yield beside(part, what, data, jobs, peer, mine[:, column], theirs[:, column], target)
        yield from auc_beside(part, data, table.make, table.n_train, table.n_held_out, BOOSTING, pairs)


def exact(repeats: int) -> Iterator[Row]:
    make = partial(numbers, p=15)
    rows = make(60_000)
    for jobs in (1, 2):
        runs = turns_of(EXACT, rows, 10_000, jobs, repeats or 3)
        yield beside("exact", "fit", "50 k x 15", jobs, "xgboost", runs["tenon"][:, 0], runs["xgboost"][:, 0], 1.0)
    yield from auc_beside("exact", "50 k x 15", make, 50_000, 10_000, EXACT, {"xgboost": ("tenon", "xgboost")})


def forest(repeats: int) -> Iterator[Row]:
    for data, make in (("30 k x 20", partial(numbers, p=20)), ("30 k one-hot", one_hot)):
        rows = make(40_000)
        for jobs in (1, 2):
            runs = turns_of(FOREST, rows, 10_000, jobs, repeats or 3)
            yield beside("forest", "fit", data, jobs, "scikit-learn", runs["tenon"][:, 0], runs["scikit-learn"][:, 0], 0.5)
        yield from auc_beside("forest", data, make, 30_000, 10_000, FOREST, {"scikit-learn": ("tenon", "scikit-learn")})


def linear(repeats: int) -> Iterator[Row]:
    """Twice the rows may take twice the time, and a tenth more."""
    X, y = numbers(1_000_000, 28)
    model = GradientBoostingClassifier(n_jobs=1, **ROUNDS).fit(X[:1000], y[:1000])
    seconds = {}
    for n in (250_000, 500_000, 1_000_000):
        times = []
        for _ in range(repeats or 2):
            started = time.perf_counter()
            model.fit(X[:n], y[:n])
            times.append(time.perf_counter() - started)
        seconds[n] = np.array(times)
    for n in (500_000, 1_000_000):
        yield beside("linear", "fit", f"{n // 1000} k x 28", 1, f"ours, {n // 2000} k", seconds[n], seconds[n // 2], 2.2)


def memory(repeats: int) -> Iterator[Row]:
    for data in ("1 M x 28", "200 k x 100"):
        ours, theirs = (probe("memory", engine, data) for engine in ("tenon", "lightgbm"))
        yield beside("memory", "peak MB", data, 2, "lightgbm", np.array([ours["MB"]]), np.array([theirs["MB"]]), 1.5)


def cold(repeats: int) -> Iterator[Row]:
    """The first fit on a machine, its folder of compiled kernels empty."""
    for engine in ("boosting", "exact", "forest", "cart"):
        found = [probe("cold", engine, "1 k x 8") for _ in range(repeats or 1)]
        row = {"part": "cold", "what": "first fit", "data": "1 k x 8", "threads": 1, "beside": engine, "target": 10.0}
        yield row | {"ours": statistics.median(f["s"] for f in found), "is_told": all(f["is_told"] for f in found)}


def probe(what: str, engine: str, data: str) -> dict[str, Any]:
    """Run probe_memory or probe_cold in a process of its own, with an empty folder of kernels for the latter."""
    with tempfile.TemporaryDirectory() as folder:
        place = environ | ({"NUMBA_CACHE_DIR": folder} if what == "cold" else {})
        line = [sys.executable, __file__, "--probe", what, engine, data]
        return json.loads(subprocess.run(line, env=place, check=True, stdout=subprocess.PIPE).stdout)


def probe_memory(engine: str, data: str) -> dict[str, Any]:
    """Return the MB that a fit of 20 rounds needs at its peak, above what the process holds with the rows read (Linux)."""
    if engine == "tenon":
        model = GradientBoostingClassifier(n_jobs=2, **LEAF, **ROUNDS | {"n_estimators": 20})
    else:
        model = lightgbm_by("row", 2, n_estimators=20)
    X, y = TABLES[data].rows()
    model.fit(X[:1000], y[:1000])
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here on
    before = status_mb("VmRSS")
    model.fit(X, y)
    return {"MB": status_mb("VmHWM") - before}


def status_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def probe_cold(engine: str, data: str) -> dict[str, Any]:
    """Return the seconds of a first fit and whether it said that kernels are being compiled."""
    told = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: told.append("compiling" in record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("tenon").addHandler(handler)
    X, y = numbers(1000, 8)
    model = {
        "boosting": GradientBoostingClassifier(n_jobs=1),
        "exact": GradientBoostingClassifier(n_jobs=1, search="exact"),
        "forest": RandomForestClassifier(n_jobs=1),
        "cart": DecisionTreeClassifier(),
    }[engine]
    started = time.perf_counter()
    model.fit(X, y)
    return {"s": time.perf_counter() - started, "is_told": any(told)}


PARTS = {part.__name__: part for part in (boosting, boosting_small, exact, forest, linear, memory, cold)}


def page(rows: list[Row]) -> list[str]:
    versions = ", ".join(f"{peer.__name__} {peer.__version__}" for peer in (lightgbm, xgboost, sklearn, np))
    lines = [
        "## Speed of the trees",
        "",
        f"Written by `benchmarks/trees.py` on {platform.processor() or platform.machine()}, Python {platform.python_version()};",
        f"{versions}. Seconds, or MB; ratio: ours over theirs in the same turn, median.",
        f"AUC: the mean over {DRAWS} tables drawn anew, of at most {MOST_AUC_ROWS:,} train rows; ours less theirs ± the standard",
        "error of that mean.",
        "LightGBM's is the better of its two layouts in each turn. A target that is missed is marked ✗.",
        "",
        "| part | data | threads | what | beside | ours | theirs | ratio | target | |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        theirs = f"{row['theirs']:.4g}" if "theirs" in row else ""
        found = (
            f"{row['ratio']:.2f}"
            if "ratio" in row
            else f"{row['difference']:+.4f} ± {row['error']:.4f}"
            if "difference" in row
            else ""
        )
        target = f"≥ {row['target']}" if "difference" in row else f"≤ {row['target']:g}"
        cells = [
            *(row[key] for key in ("part", "data", "threads", "what", "beside")),
            f"{row['ours']:.4g}",
            theirs,
            found,
            target,
        ]
        lines.append(f"| {' | '.join(map(str, cells))} | {'' if holds(row) else '✗'} |")
    return lines


def holds(row: Row) -> bool:
    if "difference" in row:
        return row["difference"] >= row["target"]
    return row.get("ratio", row["ours"]) <= row["target"] and row.get("is_told", True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--repeats", type=int, default=0, help="turns of each measurement, instead of its own number")
    parser.add_argument("--probe", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.probe:
        what, engine, data = asked.probe
        print(json.dumps((probe_memory if what == "memory" else probe_cold)(engine, data)))
        return
    kept = results(RESULTS)
    rows = [row for row in kept if row["part"] not in asked.only]
    for part in asked.only:
        for row in PARTS[part](asked.repeats):
            print(json.dumps(row), flush=True)
            rows.append(row)
    rows.sort(key=lambda row: list(PARTS).index(row["part"]))
    RESULTS.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    write_part("trees", page(rows))


if __name__ == "__main__":
    main()
