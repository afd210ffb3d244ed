"""Trees with their defaults beside scikit-learn's, XGBoost's and LightGBM's with theirs: the same rows, score and CPU seconds.

python benchmarks/tree_quality.py [--only DATA …]   writes benchmarks/results/tree_quality.jsonl and its part of
docs/benchmarks.md; rows of data sets that are not asked for stay as they were

The methods are those of `tenon compare` at the normal budget. Score: accuracy, or R². The difference is ours less theirs, with
its 95 % interval over the test rows (normal law, paired; for R² of the squared errors, over the target's variance).
"""

import argparse
import json
import time
from collections.abc import Callable
from os import environ
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm
import numpy as np
import pandas as pd
import sklearn
import xgboost
from pages import write_part
from sklearn import ensemble, tree
from sklearn.model_selection import train_test_split

import tenon
from tenon.catalogue import find
from tenon.data.dataset import Dataset
from tenon.features.columns import plain
from tenon.features.recipes import native, scaled
from tenon.tasks import Task, infer_task

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "tree_quality.jsonl"
FILES = Path(environ.get("TENON_DATA") or HERE.parents[1] / "shared" / "data")
LEAKS = {"instant": "ignore", "casual": "ignore", "registered": "ignore"}  # of bike_sharing, see the folder's README
Z_95 = 1.96


def split(path: str, target: str, **options: Any) -> tuple[Dataset, Dataset]:
    """Three quarters of the rows to train, by chance; of classes in equal shares."""
    data = tenon.read(FILES / path, target, **options)
    labels = None if infer_task(data.target)[0].is_regression else data.target
    train, test = train_test_split(data.row_ids, random_state=0, stratify=labels)
    return data.rows(np.sort(train)), data.rows(np.sort(test))


def given(folder: str, target: str, **options: Any) -> tuple[Dataset, Dataset]:
    """The split of the source."""
    n_train = len(tenon.read(FILES / folder / "train.csv.gz", target, **options))
    both = tenon.read([FILES / folder / "train.csv.gz", FILES / folder / "test.csv.gz"], target, **options)
    return both.rows(both.row_ids[:n_train]), both.rows(both.row_ids[n_train:])


DATA: dict[str, Callable[[], tuple[Dataset, Dataset]]] = {
    "adult": lambda: given("adult", "income"),
    "bike_sharing": lambda: split("bike_sharing/hour.csv.gz", "cnt", kinds=LEAKS),
    "abalone": lambda: split("abalone/data.csv", "rings"),
    "german_credit": lambda: split("german_credit/data.csv", "risk"),
    "car_evaluation": lambda: split("car_evaluation/data.csv", "class"),
    "sentence_polarity": lambda: given("sentence_polarity", "label"),
}


class Peer(NamedTuple):
    """What a method stands beside."""

    classifier: Callable[[], Any]
    regressor: Callable[[], Any] | None
    features: Callable[..., Any]  # what it can read: `native` columns, or one-hot and filled ones


PEERS = {
    "id3": Peer(lambda: tree.DecisionTreeClassifier(criterion="entropy", random_state=0), None, scaled),
    "c45": Peer(lambda: tree.DecisionTreeClassifier(criterion="entropy", random_state=0), None, scaled),
    "cart": Peer(lambda: tree.DecisionTreeClassifier(random_state=0), lambda: tree.DecisionTreeRegressor(random_state=0), scaled),
    "adaboost": Peer(lambda: ensemble.AdaBoostClassifier(random_state=0), None, scaled),
    "forest": Peer(
        lambda: ensemble.RandomForestClassifier(random_state=0), lambda: ensemble.RandomForestRegressor(random_state=0), scaled
    ),
    "gbdt": Peer(
        lambda: ensemble.GradientBoostingClassifier(random_state=0),
        lambda: ensemble.GradientBoostingRegressor(random_state=0),
        scaled,
    ),
    "boosting": Peer(
        lambda: xgboost.XGBClassifier(n_jobs=1, enable_categorical=True),
        lambda: xgboost.XGBRegressor(n_jobs=1, enable_categorical=True),
        native,
    ),
    "boosting-leafwise": Peer(
        lambda: lightgbm.LGBMClassifier(n_jobs=1, verbose=-1), lambda: lightgbm.LGBMRegressor(n_jobs=1, verbose=-1), native
    ),
}


def ours(name: str, train: Dataset, test: Dataset, task: Task) -> tuple[np.ndarray, float]:
    """Return what the method says of the test rows, and the CPU seconds of its fit with the features."""
    method = find(name)
    started = time.process_time()
    model = method.fit(train, task, params=method.with_defaults({}), seed=0)
    seconds = time.process_time() - started
    return np.asarray(model.predict(test.without_target()).value), seconds


def theirs(peer: Peer, train: Dataset, test: Dataset, task: Task) -> tuple[np.ndarray, float]:
    started = time.process_time()
    transformer = peer.features(train.schema, {})
    X = transformer.fit_transform(plain(train))
    model = (peer.regressor if task.is_regression else peer.classifier)()
    model.fit(numbered(X), task.encode(train.target))
    seconds = time.process_time() - started
    said = np.asarray(model.predict(like(X, numbered(transformer.transform(plain(test))))))
    return said if task.is_regression else task.decode(said.astype(int)), seconds


def numbered(X: Any) -> Any:
    """Columns of a frame as numbers: XGBoost refuses some signs in names, LightGBM others."""
    return X.set_axis([f"f{i}" for i in range(X.shape[1])], axis=1) if isinstance(X, pd.DataFrame) else X


def like(X: Any, new: Any) -> Any:
    """New rows whose categories are those of X; any other value is missing."""
    if not isinstance(X, pd.DataFrame):
        return new
    known = numbered(X)
    return new.assign(**{n: pd.Categorical(new[n], known[n].cat.categories) for n in known if known[n].dtype == "category"})


def figures(said: np.ndarray, test: Dataset, task: Task) -> np.ndarray:
    """A number a row whose mean is the score."""
    if not task.is_regression:
        return (said == np.asarray(test.target)).astype(float)
    truth = np.asarray(test.target, float)
    return 1 - (said - truth) ** 2 / truth.var()


def compared(data: str, peers: dict[str, Peer]) -> list[dict[str, Any]]:
    """Return a row for each of these methods that takes this data set."""
    train, test = DATA[data]()
    task, _ = infer_task(train.target)
    rows = []
    for name, peer in peers.items():
        if find(name).accepts(train.schema, task) or (task.is_regression and peer.regressor is None):
            continue
        (said, seconds), (their_said, their_seconds) = ours(name, train, test, task), theirs(peer, train, test, task)
        mine, others = figures(said, test, task), figures(their_said, test, task)
        package = (peer.regressor if task.is_regression else peer.classifier)()
        package = getattr(package, "regressor", package)  # of a target that is scaled
        rows.append({
            "data": data, "method": name, "score": mine.mean(), "seconds": seconds,
            "beside": f"{type(package).__module__.partition('.')[0]} {type(package).__name__}",
            "their score": others.mean(), "their seconds": their_seconds,
            "half width": Z_95 * (mine - others).std(ddof=1) / np.sqrt(len(test)),
        })  # fmt: skip
        print(line_of(rows[-1]), flush=True)
    return rows


def line_of(row: dict[str, Any]) -> str:
    difference = f"{row['score'] - row['their score']:+.4f} ± {row['half width']:.4f}"
    scores = f"{row['score']:.4f} | {row['beside']} | {row['their score']:.4f}"
    return f"| {row['data']} | {row['method']} | {scores} | {difference} | {row['seconds']:.2f} | {row['their seconds']:.2f} |"


def again(results: Path, asked: list[str], measure: Callable[[str], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Measure the data sets asked for, keep what is known of the others, and return and write all rows, one JSON line each."""
    kept = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    by_data = {data: [row for row in kept if row["data"] == data] for data in DATA}
    for data in asked:
        by_data[data] = measure(data)
        rows = [row for of_data in by_data.values() for row in of_data]
        results.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return [row for of_data in by_data.values() for row in of_data]


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Return the lines of the table."""
    heads = ["data", "method", "score", "beside", "score", "difference", "CPU s", "CPU s"]
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *map(line_of, rows)]


def compile_kernels(data: str) -> None:
    """Fit every method once on a tenth of the rows: compiling is no part of what is measured."""
    train, test = DATA[data]()
    task, _ = infer_task(train.target)
    for method in PEERS:
        if find(method).accepts(train.schema, task) is None:
            ours(method, train.rows(train.row_ids[::10]), test, task)


def measured(data: str) -> list[dict[str, Any]]:
    compile_kernels(data)
    return compared(data, PEERS)


def write_page(rows: list[dict[str, Any]]) -> None:
    versions = f"scikit-learn {sklearn.__version__}, xgboost {xgboost.__version__}, lightgbm {lightgbm.__version__}"
    lines = [
        "## Trees with their defaults",
        "",
        f"Written by `benchmarks/tree_quality.py`; {versions}. Accuracy, or R²; the difference is ours less theirs with its 95 %",
        "interval; CPU seconds of the fit with the features, kernels compiled before.",
        "",
        *table(rows),
    ]
    write_part("tree_quality", lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=DATA, default=list(DATA))
    write_page(again(RESULTS, parser.parse_args().only, measured))


if __name__ == "__main__":
    main()
