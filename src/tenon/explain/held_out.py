"""The rows that an explanation is made on, and for each of them a model that did not see it.

The data are read again from where they were, and must be the same. Where rows were put aside, they are explained by the chosen
model; else the chosen method is fitted once more on each fold of the first repeat, as in its trials, and explained on the rows
that this fold held out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.catalogue import METHODS
from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.data.unlabelled import CALLED, Source
from tenon.method import Method, Model
from tenon.tasks import Task
from tenon.trials.again import FinishedRun, data_of, read_run
from tenon.trials.folder import RunFolder
from tenon.trials.job import Bench, Job, fitted, place_of
from tenon.trials.shared import prepare_again
from tenon.trials.weights import check_weights
from tenon.variant import method_of
from tenon.watch import SILENT, Watch, in_turn

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 2000  # that are explained; of more, so many are drawn


@dataclass(frozen=True)
class Part:
    """A model and rows that it did not see, in the kinds that it reads."""

    model: Model
    rows: Dataset


@dataclass(frozen=True)
class HeldOut(FinishedRun):
    """A finished run, its data, and what is explained."""

    parts: tuple[Part, ...]  # the final rows, or one part for each fold
    n_all: int  # rows of which those of `parts` were drawn

    @property
    def is_final(self) -> bool:
        """Are these the final rows? Else each part has a model of its own."""
        return bool(self.splits.is_final.any())

    @property
    def task(self) -> Task:
        return self.model.task

    @property
    def frame(self) -> "pd.DataFrame":
        """All columns of the rows of all parts, part after part."""
        return self.data.frame.loc[np.concatenate([part.rows.row_ids for part in self.parts])]

    @property
    def fold(self) -> np.ndarray:
        """Return the part of each of these rows, (n,) int."""
        return np.repeat(np.arange(len(self.parts)), [len(part.rows) for part in self.parts])


def held_out(path: Path, given: Any, methods: Sequence[Method], seed: int, watch: Watch = SILENT) -> HeldOut:
    """Read the run and its data again, and return what is explained. Arguments and errors as of `read_run`; seed : of draws."""
    found = read_run(path, given, methods)
    run, chosen, data, splits, model = found.run, found.chosen, found.data, found.splits, found.model
    if splits.is_final.any():
        pairs = [(model, splits.final())]
    else:
        told = {option: run.get("data", {}).get(option) for option in CALLED}
        texts = {option: Source(of["source"], run["asked"][option], option) for option, of in told.items() if of}
        bench = Bench(data, splits, model.task, path, texts)
        pairs = list(_fold_models(bench, chosen, methods, run["asked"].get("weights", {}), watch))
    n_all = sum(len(ids) for _, ids in pairs)
    parts = tuple(Part(of, conform(data.rows(_drawn(ids, n_all, seed)), of.schema)) for of, ids in pairs)
    return HeldOut(**vars(found), parts=parts, n_all=n_all)


def rows_beside(path: Path, given: Any, model: Model, most: int = 100) -> Dataset:
    """Return some of the run's rows, as the model reads them, for new rows to be compared with. Raises as `held_out` does."""
    run = RunFolder(path).read("run.json")
    data = data_of(path, run, model, given)
    ids = np.sort(np.random.default_rng([run["asked"]["seed"], 4]).permutation(data.row_ids)[:most])
    return conform(data.rows(ids), model.schema)


def _fold_models(
    bench: Bench, name: str, methods: Sequence[Method], weights: Mapping[str, str], watch: Watch
) -> "list[tuple[Model, np.ndarray]]":
    """Fit the method on each fold again; weights : what methods began with, by the checksums of that time."""
    method = next(method for method in (*methods, *METHODS) if method.name == method_of(name))  # it loaded the model
    places = [place_of(name, 0, fold) for fold in range(bench.splits.n_folds)]
    results = [RunFolder(bench.run / place).read("result.json") for place in places if (bench.run / place).exists()]
    pairs = []
    for result in results[:1]:  # the settings are those of all
        check_weights(bench.run, result["job"]["params"], weights)
    for i, result in enumerate(in_turn(results, "fold", watch)):
        job = Job(**result["job"])
        prepare_again(job, method, bench, watch)
        made = fitted(job, method, bench, watch.of_step("fold", i, len(results)))
        pairs.append((made.model, bench.splits.held_out(job.repeat, job.fold)))
    return pairs


def _drawn(ids: np.ndarray, n_all: int, seed: int) -> np.ndarray:
    if n_all <= MOST_ROWS:
        return ids
    n = max(1, MOST_ROWS * len(ids) // n_all)
    return np.sort(np.random.default_rng([seed, 1]).choice(ids, n, replace=False))
