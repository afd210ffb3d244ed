"""What a network learns to say: classes by cross-entropy, labels of which a row has any number by binary cross-entropy, or
numbers by squared error of the standardised target.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from tenon.data.label_sets import rarest_labels
from tenon.errors import DataError
from tenon.training.losses import binary_cross_entropy, cross_entropy, squared_error

Loss = Callable[..., Tensor]


@dataclass(frozen=True)
class Classes:
    """values : (K,) the labels, sorted."""

    values: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray) -> "Classes":
        """Raises DataError where a label is missing."""
        _refuse(pd.isna(y), "holds no class")
        return cls(np.unique(y))

    @property
    def n_out(self) -> int:
        return len(self.values)

    def coded(self, y: np.ndarray) -> np.ndarray:
        """Return the place of each label in values, (n,) int64."""
        return np.searchsorted(self.values, y)

    def columns(self, y: np.ndarray) -> np.ndarray:
        """Return (n, K) float64, 1 for the class of each row."""
        return np.eye(self.n_out)[self.coded(y)]

    def strata(self, y: np.ndarray) -> np.ndarray:
        """Return codes (n,) int64 whose shares held-out rows keep."""
        return self.coded(y)

    def loss(self, smoothing: float = 0.0) -> Loss:
        return cross_entropy(smoothing)

    def said(self, output: Tensor) -> Tensor:
        """Return probabilities (n, K) of what the network gives."""
        return output.double().softmax(dim=1)

    def chosen(self, proba: np.ndarray) -> np.ndarray:
        """Return the likeliest class (n,) by probabilities (n, K)."""
        return self.values[proba.argmax(axis=1)]

    def strength(self, output: Tensor, place: int) -> Tensor:
        """Return the log odds (n,) of the class at this place of values, in what the network gives."""
        others = [k for k in range(self.n_out) if k != place]
        return output[:, place].double() - output[:, others].double().logsumexp(dim=1)

    def to_json(self) -> dict[str, Any]:
        return {"classes": self.values.tolist()}


@dataclass(frozen=True)
class Labels:
    """K labels, each of which a row has or has not; y is an indicator matrix (n, K)."""

    n_out: int

    @classmethod
    def of(cls, y: np.ndarray) -> "Labels":
        """Raises DataError where a cell is neither 0 nor 1."""
        _refuse(np.any(~np.isin(y, (0, 1)), axis=1), "holds other cells than 0 and 1, has a label or not,")
        return cls(y.shape[1])

    @property
    def values(self) -> np.ndarray:
        """(K,) what the labels are called: their places."""
        return np.arange(self.n_out)

    def coded(self, y: np.ndarray) -> np.ndarray:
        """Return the matrix as (n, K) int64."""
        return y.astype(np.int64)

    def columns(self, y: np.ndarray) -> np.ndarray:
        """Return the same as float64."""
        return y.astype(np.float64)

    def strata(self, y: np.ndarray) -> np.ndarray:
        """Return codes (n,) int64 whose shares held-out rows keep: the rarest label of each row."""
        return rarest_labels(y.astype(bool))

    def loss(self, smoothing: float = 0.0) -> Loss:
        return binary_cross_entropy(smoothing)

    def said(self, output: Tensor) -> Tensor:
        """Return the probability of each label by itself, (n, K), of what the network gives."""
        return output.double().sigmoid()

    def chosen(self, proba: np.ndarray) -> np.ndarray:
        """Return (n, K) int64: labels that are more probable than not."""
        return (proba > 0.5).astype(np.int64)

    def strength(self, output: Tensor, place: int) -> Tensor:
        """Return the log odds (n,) of the label at this place, in what the network gives."""
        return output[:, place].double()

    def to_json(self) -> dict[str, Any]:
        return {"labels": self.n_out}


@dataclass(frozen=True)
class Numbers:
    """The mean of the train rows' target and its standard deviation, 0 where all are alike."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, y: np.ndarray) -> "Numbers":
        """Raises DataError where a target is no finite number."""
        _refuse(~np.isfinite(pd.to_numeric(y, errors="coerce")), "holds no finite number")
        return cls(float(np.mean(y)), float(np.std(y)))

    @property
    def n_out(self) -> int:
        return 1

    def coded(self, y: np.ndarray) -> np.ndarray:
        """Return the standardised target, (n,) float64."""
        return (y.astype(np.float64) - self.mean) / (self.deviation or 1.0)

    def columns(self, y: np.ndarray) -> np.ndarray:
        """Return the same as (n, 1)."""
        return self.coded(y)[:, None]

    def strata(self, y: np.ndarray) -> np.ndarray:
        """Return codes (n,) int64 whose shares held-out rows keep: all rows are of one kind."""
        return np.zeros(len(y), np.int64)

    def loss(self, smoothing: float = 0.0) -> Loss:
        return squared_error

    def said(self, output: Tensor) -> Tensor:
        """Return numbers (n, 1) of what the network gives."""
        return output.double() * self.deviation + self.mean

    def strength(self, output: Tensor, place: int) -> Tensor:
        """Return the number (n,)."""
        return self.said(output)[:, 0]

    def to_json(self) -> dict[str, Any]:
        return {"mean": self.mean, "deviation": self.deviation}


def _refuse(is_bad: np.ndarray, what: str) -> None:
    if is_bad.any():
        raise DataError(f"y {what} in {is_bad.sum():,} of {len(is_bad):,} rows; leave them out.")


Target = Classes | Labels | Numbers


def classes_or_labels(y: np.ndarray) -> Classes | Labels:
    """Return what y holds: an indicator matrix (n, K) labels, (n,) classes. Raises DataError as these do."""
    return Labels.of(y) if y.ndim == 2 else Classes.of(y)


def target_from(words: dict[str, Any]) -> Target:
    """Return the target that `to_json` told of."""
    if "labels" in words:
        return Labels(words["labels"])
    return Classes(np.array(words["classes"])) if "classes" in words else Numbers(words["mean"], words["deviation"])
