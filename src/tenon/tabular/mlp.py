"""MLPClassifier and MLPRegressor: a perceptron of several layers as scikit-learn estimators, trained by `tenon.training`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from torch import Tensor

from tenon.errors import ModelFileError, failure_reason
from tenon.tabular.mlp_columns import NetColumns
from tenon.tabular.mlp_net import TableNet
from tenon.training.loop import train
from tenon.training.losses import cross_entropy, squared_error, with_weights_of_rows
from tenon.training.noise import own_chance
from tenon.training.recipe import Recipe
from tenon.training.rows import TensorRows
from tenon.watch import SILENT, Watch

FEWEST_TO_HOLD_OUT = 200  # rows; with fewer none are held out, and the last weights are taken
ROWS_AT_ONCE = 8192  # of prediction
WORDS, NUMBERS = "mlp.json", "mlp.safetensors"
LEARNT = ("median_", "mean_", "deviation_", "has_gaps_", "is_category_")  # arrays of the columns


class _MLP(BaseEstimator):
    """What both share: columns, training, answers, files."""

    watch: Watch = SILENT  # told how far training is

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """X: (n, p) frame of numbers (NaN where missing) and categories, or array; y: (n,); sample_weight: (n,) > 0.

        Raises SettingsError for settings out of range, and where training finds no finite loss.
        """
        recipe = Recipe(
            epochs=self.epochs, batch_size=self.batch_size, rate=self.rate, decay=self.decay, schedule="cosine", warmup=0.05,
            clip=1.0, patience=self.patience,
        )  # fmt: skip
        self.columns_ = NetColumns().fit(X)
        target = self._learn_target(np.asarray(y))
        weight = np.ones(len(target)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        kept, out = self._held_out(target, seed)
        numbers, codes = (torch.from_numpy(part) for part in self.columns_.transform(X))
        targets = with_weights_of_rows(torch.from_numpy(target), torch.from_numpy(weight))
        with own_chance(seed):
            self.net_ = self._net()
        self.history_ = train(
            self.net_,
            TensorRows(numbers[kept], codes[kept], targets=targets[kept]),
            self._loss(),
            recipe,
            seed=seed,
            held_out=TensorRows(numbers[out], codes[out], targets=targets[out]) if len(out) else None,
            watch=self.watch,
        )
        return self

    def _held_out(self, target: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows to train on and those that choose the epoch, a tenth."""
        rows = np.arange(len(target))
        if len(rows) < FEWEST_TO_HOLD_OUT:
            return rows, rows[:0]
        is_class = hasattr(self, "classes_") and np.bincount(target.astype(np.int64)).min() >= 10
        kept, out = train_test_split(rows, test_size=0.1, random_state=seed, stratify=target if is_class else None)
        return np.sort(kept), np.sort(out)

    def _net(self) -> TableNet:
        columns = self.columns_
        return TableNet(columns.n_numbers, columns.n_values, self.hidden, self._n_out(), self.dropout)

    @torch.no_grad()
    def _answers(self, X: Any) -> np.ndarray:
        """Return the net's answers (n, n_out) float64."""
        numbers, codes = (torch.from_numpy(part) for part in self.columns_.transform(X))
        parts = zip(numbers.split(ROWS_AT_ONCE), codes.split(ROWS_AT_ONCE), strict=True)
        return torch.cat([self._on_scale(self.net_(*part)) for part in parts]).double().numpy()

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights and columns as safetensors, names as JSON."""
        tensors = {f"net.{name}": tensor for name, tensor in self.net_.state_dict().items()}
        tensors |= {f"columns.{name}": torch.from_numpy(getattr(self.columns_, name)) for name in LEARNT}
        tensors |= {f"target.{name}": torch.tensor(value, dtype=torch.float64) for name, value in self._scale().items()}
        words = {"estimator": type(self).__name__, "settings": self.get_params(deep=False), "columns": self.columns_.names_,
                 "values": self.columns_.values_, "classes": getattr(self, "classes_", np.empty(0)).tolist()}  # fmt: skip
        (folder / WORDS).write_text(json.dumps(words, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8")
        save_file(tensors, folder / NUMBERS)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        try:
            words = json.loads((folder / WORDS).read_text(encoding="utf-8"))
            kind = {kind.__name__: kind for kind in (MLPClassifier, MLPRegressor)}[words["estimator"]]
            model, tensors = kind(**words["settings"]), load_file(folder / NUMBERS)
            model.columns_ = columns = NetColumns()
            columns.names_, columns.values_ = words["columns"], words["values"]
            for name in LEARNT:
                setattr(columns, name, tensors[f"columns.{name}"].numpy())
            model._take_scale(words["classes"], tensors)
            model.net_ = model._net()
            weights = {name.removeprefix("net."): tensor for name, tensor in tensors.items() if name.startswith("net.")}
            model.net_.load_state_dict(weights)
        except Exception as error:
            raise ModelFileError(f"{folder} holds no network that can be read ({failure_reason(error)}).") from error
        model.net_.eval()
        return model


class MLPClassifier(ClassifierMixin, _MLP):
    """A perceptron of several layers for two or more classes, by cross-entropy.

    Parameters
    ----------
    hidden : width of each hidden layer. dropout : share of each layer's outputs that is left out while training.
    epochs, batch_size, rate, decay : see `tenon.training.Recipe`; AdamW, the rate falls as half a cosine after a warm-up.
    patience : epochs without a better loss on a tenth of the rows (from 200 rows on) until training stops.
    smoothing : label smoothing. random_state : seed of the weights, the order of rows, dropout.

    Attributes
    ----------
    net_ : `tenon.tabular.mlp_net.TableNet`; history_ : `tenon.training.History`; columns_; classes_ (K,)
    """

    def __init__(
        self, hidden: Sequence[int] = (256, 128), dropout: float = 0.1, epochs: int = 40, batch_size: int = 256,
        rate: float = 1e-3, decay: float = 0.01, patience: int | None = 8, smoothing: float = 0.0, random_state: Any = None,
    ):  # fmt: skip
        self.hidden, self.dropout, self.epochs, self.batch_size = hidden, dropout, epochs, batch_size
        self.rate, self.decay, self.patience, self.smoothing = rate, decay, patience, smoothing
        self.random_state = random_state

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return (n, K) float64, in the order of classes_."""
        return self._answers(X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the class (n,) of each row."""
        return self.classes_[self._answers(X).argmax(axis=1)]

    def _learn_target(self, y: np.ndarray) -> np.ndarray:
        self.classes_, codes = np.unique(y, return_inverse=True)
        return codes

    def _n_out(self) -> int:
        return len(self.classes_)

    def _loss(self) -> Any:
        return cross_entropy(self.smoothing)

    def _on_scale(self, output: Tensor) -> Tensor:
        return output.double().softmax(dim=1)

    def _scale(self) -> dict[str, float]:
        return {}

    def _take_scale(self, classes: list, tensors: dict[str, Tensor]) -> None:
        self.classes_ = np.array(classes)


class MLPRegressor(RegressorMixin, _MLP):
    """The same for numbers, by squared error of the standardised target. Parameters and attributes as for MLPClassifier."""

    def __init__(
        self, hidden: Sequence[int] = (256, 128), dropout: float = 0.1, epochs: int = 40, batch_size: int = 256,
        rate: float = 1e-3, decay: float = 0.01, patience: int | None = 8, random_state: Any = None,
    ):  # fmt: skip
        self.hidden, self.dropout, self.epochs, self.batch_size = hidden, dropout, epochs, batch_size
        self.rate, self.decay, self.patience, self.random_state = rate, decay, patience, random_state

    def predict(self, X: Any) -> np.ndarray:
        """Return (n,) float64."""
        return self._answers(X)[:, 0]

    def _learn_target(self, y: np.ndarray) -> np.ndarray:
        self.mean_, deviation = float(np.mean(y)), float(np.std(y))
        self.deviation_ = deviation or 1.0
        return (y.astype(np.float64) - self.mean_) / self.deviation_

    def _n_out(self) -> int:
        return 1

    def _loss(self) -> Any:
        return squared_error

    def _on_scale(self, output: Tensor) -> Tensor:
        return output.double() * self.deviation_ + self.mean_

    def _scale(self) -> dict[str, float]:
        return {"mean": self.mean_, "deviation": self.deviation_}

    def _take_scale(self, classes: list, tensors: dict[str, Tensor]) -> None:
        self.mean_, self.deviation_ = (float(tensors[f"target.{name}"]) for name in ("mean", "deviation"))
