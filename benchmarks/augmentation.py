"""What changed copies of texts are worth on few train rows, beside unchanged copies, which tell what repetition alone does.

python benchmarks/augmentation.py run trec naive-bayes 200 5      a data set, a method, train rows, seeds
python benchmarks/augmentation.py page                            what results/augmentation.jsonl holds into docs/benchmarks.md

Accuracy on all test rows. A seed draws the train rows, the changes and the weights of a network, and all columns of a line share
them, so differences are taken seed by seed. Each seed is a line of results/augmentation.jsonl. The data are read from TENON_DATA,
or shared/data beside the repository.
"""

import os
import platform
import sys
import time
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pages import add_result, results, write_part

import tenon
from tenon.catalogue import find
from tenon.data.dataset import Dataset
from tenon.inner.augment import augmented
from tenon.tasks import infer_task

RESULTS = Path(__file__).parent / "results" / "augmentation.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
WAYS = ("eda", "eda-synonyms")


def rows(name: str, part: str) -> Dataset:
    table = pd.read_csv(DATA / name / f"{part}.csv.gz", keep_default_na=False)
    return tenon.read(table[["text", "label"]], target="label")


def ready(train: Dataset, how: str, seed: int) -> Dataset:
    """Return the train rows as they are (plain), with changed copies, or with as many unchanged ones (repeated)."""
    if how == "plain":
        return train
    made = augmented(train, WAYS[0] if how == "repeated" else how, seed)
    if how == "repeated":
        texts = train.frame["text"].loc[made.made_of].to_numpy()
        made = replace(made, frame=made.frame.assign(text=pd.Series(texts, made.frame.index, dtype="str")))
    return made


def run(name: str, method_name: str, n_rows: int, seed: int, data: Dataset, test: Dataset) -> None:
    method, (task, _) = find(method_name), infer_task(data.target)
    drawn = np.random.default_rng(seed).choice(len(data), n_rows, replace=False)
    train = data.rows(data.row_ids[np.sort(drawn)])
    found: dict[str, Any] = {"data": name, "method": method_name, "rows": n_rows, "seed": seed, "test_rows": len(test)}
    start = time.process_time()
    for how in ("plain", "repeated", *WAYS):
        fitted = method.fit(ready(train, how, seed), task, params=method.with_defaults({}), seed=seed)
        found[how] = float(np.mean(fitted.predict(test.without_target()).value == test.target.to_numpy()))
    found |= {"cpu_seconds": round(time.process_time() - start, 1), "machine": platform.machine()}
    add_result(RESULTS, found)


def page() -> None:
    lines = [
        *("## Changed copies of texts", ""),
        "Written by `benchmarks/augmentation.py`: accuracy, and what copies add to it: with words swapped or left out (eda), or",
        "in all four ways (eda-synonyms); ± twice the standard error over draws of the rows. *eda less repeated* is what is left",
        "beside as many unchanged copies, which make a penalty weigh less and a training longer, and so gain or lose alone.",
        "",
        "| data | method | rows | draws | plain | eda | eda-synonyms | eda less repeated | eda-synonyms less eda |",
        "|---|---|---|---|---|---|---|---|---|",
    ]

    def of_line(one: dict[str, Any]) -> tuple[Any, ...]:
        return one["data"], one["method"], one["rows"]

    for key, group in groupby(sorted(results(RESULTS), key=of_line), key=of_line):
        of = pd.DataFrame(list(group))
        pairs = (("eda", "plain"), ("eda-synonyms", "plain"), ("eda", "repeated"), ("eda-synonyms", "eda"))
        cells = [_mean(of[one] - of[other]) for one, other in pairs]
        lines.append(f"| {' | '.join(map(str, key))} | {len(of)} | {of['plain'].mean():.3f} | {' | '.join(cells)} |")
    write_part("augmentation", lines)


def _mean(differences: pd.Series) -> str:
    return f"{differences.mean():+.3f} ± {2 * differences.sem():.3f}"


if __name__ == "__main__":
    if sys.argv[1] == "page":
        page()
    else:
        name, method_name, n_rows, n_seeds = sys.argv[2:]
        data, test = rows(name, "train"), rows(name, "test")
        for seed in range(int(n_seeds)):
            run(name, method_name, int(n_rows), seed, data, test)
