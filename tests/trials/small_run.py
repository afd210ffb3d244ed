"""A small run whose trials are made in this process, for tests of what is read from them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tests.datasets import dataset

from tenon.data.dataset import Dataset
from tenon.trials.ask import Ask
from tenon.trials.folder import RunFolder
from tenon.trials.guesses import Guesses
from tenon.trials.job import Job, Outcome, run_job, seed_of
from tenon.trials.prepare import Prepared, prepare
from tenon.watch import SILENT


def rows(kind: str, n: int, seed: int = 0, strength: float = 1.0, final: int = 0) -> Dataset:
    """Two numbers and a category of no use; the target follows the first number. The last `final` rows are final ones."""
    rng = np.random.default_rng(seed)
    x, other = rng.normal(size=n), rng.normal(size=n)
    signal = strength * x + rng.normal(size=n)
    y = {
        "binary": lambda: np.where(signal > 0.3, "yes", "no"),
        "multiclass": lambda: np.array(["a", "b", "c"])[np.digitize(signal, [-0.8, 0.9])],
        "regression": lambda: 10 + 3 * signal,
    }[kind]()
    columns = {"x": x, "other": other, "colour": rng.choice(["red", "blue"], n), "y": y}
    kinds = {"x": "number", "other": "number", "y": "number" if kind == "regression" else "category"}
    made = dataset(columns, kinds)
    return Dataset(made.frame, made.schema, name="small.csv", final_ids=np.arange(n - final, n))


def ready_for(data: Dataset, ask: Ask, out: Path) -> Prepared:
    """Return the prepared run, its splits in the folder."""
    ready = prepare(data, ask, out)
    RunFolder(out).keep_splits(ready.bench.splits)
    return ready


def trials(ready: Prepared) -> list[Job]:
    """Every trial of every method, with seeds as a run of seed 0 gives them."""
    return [
        Job(method.name, repeat, fold, {}, seed_of(0, method.name, repeat, fold), "normal")
        for repeat in range(ready.protocol.n_repeats)
        for fold in range(ready.bench.splits.n_folds)
        for method in ready.running
    ]


def run_here(ready: Prepared, jobs: Iterable[Job]) -> list[Outcome]:
    """Run these jobs one after another, leaving their folders."""
    return [run_job(job, ready.by_name[job.method], ready.bench, SILENT) for job in jobs]


def guesses_of(ready: Prepared) -> Guesses:
    """Return the saved predictions of a run whose trials are done."""
    return Guesses(ready.bench.run, ready.bench.splits, ready.bench.task, ready.y)
