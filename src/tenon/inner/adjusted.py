"""A model whose probabilities are calibrated, or whose label is decided by a threshold, or both."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.errors import ModelFileError
from tenon.inner.calibrate import Calibration
from tenon.inner.threshold import Threshold
from tenon.method import Model, Predictions

NAME = "adjust.json"  # beside the parts of the model that it adjusts


@dataclass(frozen=True)
class Adjustment:
    """What is done to the probabilities of a model, in this order."""

    calibration: Calibration | None = None
    threshold: Threshold | None = None

    def proba(self, raw: np.ndarray) -> np.ndarray:
        """Return (n, K) probabilities of raw ones (n, K)."""
        return raw if self.calibration is None else self.calibration(raw)

    def decide(self, proba: np.ndarray) -> np.ndarray:
        """Return (n,) positions in task.labels of adjusted probabilities; without a threshold the likeliest class."""
        return proba.argmax(axis=1) if self.threshold is None else self.threshold.decide(proba)

    def to_json(self) -> dict[str, Any]:
        return {
            "calibration": None if self.calibration is None else self.calibration.to_json(),
            "threshold": None if self.threshold is None else asdict(self.threshold),
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Adjustment":
        calibration, threshold = raw["calibration"], raw["threshold"]
        return cls(
            None if calibration is None else Calibration.from_json(calibration),
            None if threshold is None else Threshold(**threshold),
        )


class AdjustedModel(Model):
    """A model of classes and what is done to its probabilities; in a folder it is that model and one more file."""

    def __init__(self, model: Model, adjustment: Adjustment):
        super().__init__(model.schema, model.task, model.method_name)
        self.model, self.adjustment = model, adjustment

    def predict_rows(self, dataset: Dataset) -> Predictions:
        said = self.model.predict_rows(dataset)
        assert said.proba is not None, "only models with probabilities are adjusted"
        proba = self.adjustment.proba(said.proba)
        return replace(said, value=self.task.decode(self.adjustment.decide(proba)), proba=proba)

    def save_parts(self, folder: Path) -> None:
        self.model.save_parts(folder)
        text = json.dumps(self.adjustment.to_json(), indent=1, sort_keys=True)
        (folder / NAME).write_text(text, encoding="utf-8")

    def moved_against(self, dataset: Dataset, y: np.ndarray, size: float) -> Dataset | None:
        return self.model.moved_against(dataset, y, size)

    def history(self) -> dict[str, Any] | None:
        return self.model.history()

    def explain_rows(self, dataset: Dataset, only: Collection[str] = ()) -> dict[str, Any]:
        return self.model.explain_rows(dataset, only)


def adjusted_or_plain(model: Model, folder: Path) -> Model:
    """Return the model with what its folder says is done to its probabilities; a folder that says nothing: the model.

    Raises ModelFileError where the file is damaged.
    """
    path = folder / NAME
    if not path.exists():
        return model
    try:
        adjustment = Adjustment.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(f"{path} is damaged; the run has to be made again.") from error
    return AdjustedModel(model, adjustment)
