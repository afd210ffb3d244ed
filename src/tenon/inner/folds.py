"""What a method says about train rows that it did not see: inner folds, which honour groups, time and copies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.errors import DataError
from tenon.inner.augment import augmented
from tenon.inner.balance import balanced
from tenon.method import Method, Model, Predictions
from tenon.tasks import Task
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.data.splits import Splits


@dataclass(frozen=True)
class Recipe:
    """Everything that makes a model of some rows; the same rows give the same model."""

    method: Method
    task: Task
    params: Mapping[str, Any]  # all settings of the method
    balance: str
    augment: str
    seed: int
    budget: str

    def model(self, rows: Dataset, watch: Watch) -> Model:
        """Balance the rows, add changed copies of them, and fit the method to all."""
        ready = augmented(balanced(rows, self.task, self.balance, self.seed), self.augment, self.seed)
        model = self.method.fit(ready, self.task, params=self.params, seed=self.seed, budget=self.budget, watch=watch)
        model.schema = rows.schema  # of the rows as they were before
        return model


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions for the m train rows that some inner fold held out; in time order the first block is in none."""

    y: np.ndarray  # (m,) truth, as task.encode gives it
    folds: np.ndarray  # (m,) int64, the fold that held the row out
    value: np.ndarray  # (m,) int64 positions in task.labels, or float64
    proba: np.ndarray | None  # (m, K) float64, None where the method gives none
    weights: np.ndarray | None  # (m,) float64, the weight column as it came

    def sure_proba(self, name: str, wish: str) -> np.ndarray:
        """Return proba. Raises DataError where the method of this name gives none."""
        if self.proba is None:
            raise DataError(f"{name} gives no probabilities, which {wish} needs.")
        return self.proba


class Steps:
    """Progress of several inner fits: what each tells is a sign of life of the whole; its notes stay inside."""

    def __init__(self, watch: Watch, total: int):
        self._outer, self._done, self._share, self._total = watch, 0, 0.0, total
        self.watch = Watch(self._hear)

    def next(self) -> None:
        """One fit is over."""
        self._done, self._share = self._done + 1, 0.0
        self._outer.progress(self._done, self._total)

    def _hear(self, event: dict[str, Any]) -> None:
        if event["event"] == "progress" and event["total"] > 0:
            self._share = min(event["done"] / event["total"], 1.0)
        self._outer.progress(self._done + self._share, self._total)


def inner_splits(train: Dataset, task: Task, n_folds: int, seed: int) -> "Splits":
    """Return one repeat of folds of the train rows, as the run itself makes them, none kept for the end.

    With fewer groups or times than asked for there are fewer folds. Raises DataError where there is nothing to split.
    """
    from tenon.data.splits import make_splits

    assert train.target is not None, "train rows have a target"
    if time := train.schema.with_role("time"):
        n_folds = max(1, min(n_folds, train.frame[time.name].nunique() - 1))
    rows = replace(train, final_ids=np.empty(0, np.int64))
    strata = task.strata(task.encode(train.target))
    return make_splits(rows, strata, n_folds=n_folds, n_repeats=1, final_share=0.0, seed=seed)


def out_of_fold(recipe: Recipe, train: Dataset, splits: "Splits", steps: Steps) -> OutOfFold:
    """Fit the recipe to the other rows of each inner fold and predict the fold's.

    Raises DataError for a prediction that is missing or infinite, and whatever the method raises.
    """
    held_out = [splits.held_out(0, fold) for fold in range(splits.n_folds)]
    said = []
    for fold, ids in enumerate(held_out):
        model = recipe.model(train.rows(splits.train(0, fold)), steps.watch)
        said.append(model.predict(train.rows(ids).without_target()).checked(recipe.task, ids))
        steps.next()
    folds = np.repeat(np.arange(len(held_out)), [len(ids) for ids in held_out])
    return _joined(train.rows(np.concatenate(held_out)), recipe.task, folds, said)


def _joined(rows: Dataset, task: Task, folds: np.ndarray, said: list[Predictions]) -> OutOfFold:
    import pandas as pd

    assert rows.target is not None, "train rows have a target"
    weight = rows.schema.with_role("weight")
    probas = [predictions.proba for predictions in said if predictions.proba is not None]
    return OutOfFold(
        y=task.encode(rows.target),
        folds=folds,
        value=np.concatenate([task.encode(pd.Series(predictions.value)) for predictions in said]),
        proba=np.concatenate(probas) if len(probas) == len(said) else None,
        weights=None if weight is None else rows.frame[weight.name].to_numpy(np.float64),
    )
