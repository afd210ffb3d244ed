"""Methods whose right answer is known, and one that writes down every row it is shown."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset, Schema
from tenon.method import Method, Model, Param, Predictions
from tenon.tasks import Task
from tenon.watch import SILENT, Watch

Fit = Callable[..., Model]


class Toy(Model):
    """Numbers: x + shift. Classes: the probability of the last class rises with x, the others share the rest."""

    def __init__(self, schema: Schema, task: Task, params: Mapping[str, Any]):
        super().__init__(schema, task, "toy")
        self.params = dict(params)

    def predict_rows(self, dataset: Dataset) -> Predictions:
        x = dataset.frame["x"].to_numpy()
        if self.task.is_regression:
            return Predictions(dataset.row_ids, x + self.params["shift"])
        last = 1 / (1 + np.exp(-self.params["sharpness"] * x))
        others = len(self.task.labels) - 1
        proba = np.column_stack([*[(1 - last) / others] * others, last])
        return Predictions(dataset.row_ids, self.task.decode(proba.argmax(axis=1)), proba)

    def save_parts(self, folder: Path) -> None:
        (folder / "toy.json").write_text(json.dumps(self.params))


def toy(params: Mapping[str, Param], shown: list[tuple[str, Dataset]] | None = None) -> Method:
    """Return a method that fits nothing: its settings are its model. What it is shown is appended to `shown`."""

    class Spying(Toy):
        def predict(self, data: Dataset) -> Predictions:
            if shown is not None:
                shown.append(("predict", data))
            return super().predict(data)

    def fit(
        train: Dataset, task: Task, *, params: Mapping[str, Any], seed: int, budget: str = "normal", watch: Watch = SILENT
    ) -> Model:
        if params.get("fails"):
            raise ZeroDivisionError("as asked for\nand more")
        if shown is not None:
            shown.append(("fit", train))
        watch.note("heard only where it is the fit that is kept")
        watch.progress(1, 2)
        return Spying(train.schema, task, params)

    def load(folder: Path, schema: Schema, task: Task) -> Model:
        return Toy(schema, task, json.loads((folder / "toy.json").read_text()))

    return Method("toy", "", 1, lambda schema, task: None, fit, load, params=params)
