"""A run that is ready to be explained, without a run folder behind it."""

from pathlib import Path

import numpy as np

from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.data.splits import Splits
from tenon.explain.held_out import HeldOut, Part
from tenon.method import Model, Predictions
from tenon.tasks import Task
from tenon.trials.folder import RunFolder


class Formula(Model):
    """A model that is a formula of the frame: of a number, or of the probability of the second class."""

    def __init__(self, data: Dataset, task: Task, formula):
        super().__init__(data.schema, task, "formula")
        self.formula = formula

    def predict_rows(self, dataset: Dataset) -> Predictions:
        said = np.asarray(self.formula(dataset.frame), float)
        if self.task.is_regression:
            return Predictions(dataset.row_ids, said)
        proba = np.column_stack([1 - said, said])
        return Predictions(dataset.row_ids, self.task.decode(proba.argmax(axis=1)), proba)

    def save_parts(self, folder: Path) -> None: ...


def held_for(model: Model, data: Dataset, ids: np.ndarray | None = None, per: str = "") -> HeldOut:
    """Return what is explained when the rows `ids` (all by default) are the final ones."""
    ids = data.row_ids if ids is None else ids
    splits = Splits(data.row_ids, np.isin(data.row_ids, ids), np.full((1, len(data)), -1, np.int32))
    run = {"asked": {"seed": 0, "rope": model.task.rope, "per": per, "metric": model.task.metric_name}}
    part = Part(model, conform(data.rows(ids), model.schema))
    return HeldOut(RunFolder(Path()), run, model.method_name, data, splits, model, (part,), len(ids))
