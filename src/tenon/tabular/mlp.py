"""MLPClassifier and MLPRegressor: a perceptron of several layers as scikit-learn estimators, trained by `tenon.training`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator

from tenon import ranges
from tenon.nn.activations import Activation
from tenon.tabular.mlp_columns import NetColumns
from tenon.tabular.mlp_net import TableNet
from tenon.training.adversary import uphill
from tenon.training.estimators import NetClassifier, NetRegressor
from tenon.training.held_out import held_out_by_chance
from tenon.training.history import History
from tenon.training.loop import train
from tenon.training.losses import with_weights_of_rows
from tenon.training.net_file import put_weights, read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.pretraining import pretrain
from tenon.training.recipe import Recipe
from tenon.training.rows import TensorRows
from tenon.training.targets import target_from
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

SMALLEST_BATCH, LARGEST_BATCH = 32, 256  # rows
BATCHES = 40  # of an epoch, where that gives a batch between these sizes
ROWS_AT_ONCE = 8192  # of prediction
WORDS, NUMBERS = "mlp.json", "mlp.safetensors"
LEARNT = ("median_", "mean_", "deviation_", "has_gaps_", "is_category_")  # arrays of the columns


class _MLP(BaseEstimator):
    """What both share: columns, training, answers, files."""

    watch: Watch = SILENT  # told how far training is

    def fit(self, X: Any, y: Any, sample_weight: Any = None, held_out: Any = None) -> Self:
        """X: (n, p) frame of numbers (NaN where missing) and categories, or array; y: (n,); sample_weight: (n,) from 0 on.

        held_out : (n,) bool, rows that choose the epoch and are not trained on; by default a tenth by chance, from 200 rows on.
        Raises SettingsError for settings out of range, and where training finds no finite loss.
        """
        self.columns_ = NetColumns().fit(X)
        self.target_ = self.target_of(np.asarray(y))
        target = self.target_.coded(np.asarray(y))
        weight = np.ones(len(target)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        seed = ranges.seed_of(self.random_state)
        is_out = held_out_by_chance(self.target_.strata(np.asarray(y)), seed) if held_out is None else np.asarray(held_out, bool)
        numbers, codes = (torch.from_numpy(part) for part in self.columns_.transform(X))
        targets = with_weights_of_rows(torch.from_numpy(target), torch.from_numpy(weight))
        trained, judged = (
            TensorRows(numbers[rows], codes[rows], targets=targets[rows]) for rows in map(torch.from_numpy, (~is_out, is_out))
        )
        with threads(self.n_jobs), own_chance(seed):
            self.net_, recipe = self._net(), self._recipe(len(trained))
            before = self._pretrain(trained, recipe, seed)
            self.history_ = train(
                self.net_, trained, self.target_.loss(self.smoothing), recipe, seed=seed,
                held_out=judged if len(judged) else None, watch=self.watch, folder=self.watch.folder,
            )  # fmt: skip
            self.history_.before = before
        self.net_.double()  # in single precision an answer would depend on the rows beside it in the seventh digit
        return self

    def _pretrain(self, rows: TensorRows, recipe: Recipe, seed: int) -> dict[str, History]:
        ranges.whole("pretraining", self.pretraining, 0)
        if not self.pretraining:
            return {}
        with torch.no_grad():
            inputs = self.net_.joined(*rows.inputs)
        again = replace(recipe, epochs=self.pretraining)
        return pretrain(self.net_.body, inputs, again, seed=seed, watch=self.watch, folder=self.watch.folder)

    def _recipe(self, n_rows: int) -> Recipe:
        batch_size = min(LARGEST_BATCH, max(SMALLEST_BATCH, n_rows // BATCHES)) if self.batch_size is None else self.batch_size
        return Recipe(
            epochs=self.epochs, batch_size=batch_size, rate=self.rate, decay=self.decay, schedule="cosine", warmup=0.05, clip=1.0,
            patience=self.patience, input_noise=self.input_noise, weight_noise=self.weight_noise, average=self.average,
        )  # fmt: skip

    def _net(self) -> TableNet:
        columns = self.columns_
        return TableNet(columns.n_numbers, columns.n_values, self.hidden, self.target_.n_out, self.dropout, self.activation)

    @torch.no_grad()
    def _answers(self, X: Any) -> np.ndarray:
        """Return the net's answers (n, n_out) float64."""
        numbers, codes = (torch.from_numpy(part) for part in self.columns_.transform(X))
        parts = zip(numbers.double().split(ROWS_AT_ONCE), codes.split(ROWS_AT_ONCE), strict=True)
        with threads(self.n_jobs):
            return torch.cat([self.target_.said(self.net_(*part)) for part in parts]).numpy()

    def uphill(self, X: Any, y: Any) -> np.ndarray:
        """Return -1, 0 or 1 for each number of X, (n, p_numbers), marks of gaps left out: the way that raises the row's loss."""
        numbers, codes = (torch.from_numpy(part) for part in self.columns_.transform(X))
        targets = with_weights_of_rows(torch.from_numpy(self.target_.coded(np.asarray(y))), torch.ones(len(codes)))
        with threads(self.n_jobs):
            signs = uphill(lambda moved: self.net_(moved, codes), self.target_.loss(), numbers.double(), targets)
        return signs[:, : int((~self.columns_.is_category_).sum())].numpy()

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights and columns as safetensors, names as JSON."""
        learnt = {f"columns.{name}": torch.from_numpy(getattr(self.columns_, name)) for name in LEARNT}
        words = {"estimator": type(self).__name__, "settings": self.get_params(deep=False), "columns": self.columns_.names_,
                 "values": self.columns_.values_, "target": self.target_.to_json()}  # fmt: skip
        write_net(folder, (WORDS, NUMBERS), words, self.net_, learnt)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "network", _made)


class MLPClassifier(NetClassifier, _MLP):
    """A perceptron of several layers for two or more classes, by cross-entropy.

    Parameters
    ----------
    hidden : width of each hidden layer. dropout : share of each layer's outputs that is left out while training.
    epochs, rate, decay : see `tenon.training.Recipe`; AdamW, the rate falls as half a cosine after a warm-up.
    batch_size : None: a fortieth of the rows, from 32 to 256. input_noise, weight_noise : see Recipe, too.
    activation : of each layer, see `tenon.nn.activations`. average : see Recipe.
    patience : epochs without a better loss on the held-out rows until training stops.
    smoothing : label smoothing. pretraining : epochs in which each layer first learns to give back what it reads.
    n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the weights, the order of rows, dropout, noise.

    Attributes
    ----------
    net_ : `tenon.tabular.mlp_net.TableNet`; history_ : `tenon.training.History`, in `before` one for each layer, where there was
    pretraining; columns_; target_; classes_ (K,)
    """

    def __init__(
        self, hidden: Sequence[int] = (256, 128), dropout: float = 0.1, epochs: int = 40, batch_size: int | None = None,
        rate: float = 3e-3, decay: float = 0.01, patience: int | None = 8, input_noise: float = 0.0, weight_noise: float = 0.0,
        smoothing: float = 0.0, pretraining: int = 0, activation: Activation = "relu", average: float = 0.0,
        n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.hidden, self.dropout, self.epochs, self.batch_size = hidden, dropout, epochs, batch_size
        self.rate, self.decay, self.patience = rate, decay, patience
        self.input_noise, self.weight_noise, self.smoothing = input_noise, weight_noise, smoothing
        self.pretraining, self.activation, self.average = pretraining, activation, average
        self.n_jobs, self.random_state = n_jobs, random_state


class MLPRegressor(NetRegressor, _MLP):
    """The same for numbers, by squared error of the standardised target. Parameters and attributes as for MLPClassifier."""

    def __init__(
        self, hidden: Sequence[int] = (256, 128), dropout: float = 0.1, epochs: int = 40, batch_size: int | None = None,
        rate: float = 3e-3, decay: float = 0.01, patience: int | None = 8, input_noise: float = 0.0, weight_noise: float = 0.0,
        pretraining: int = 0, activation: Activation = "relu", average: float = 0.0,
        n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.hidden, self.dropout, self.epochs, self.batch_size = hidden, dropout, epochs, batch_size
        self.rate, self.decay, self.patience = rate, decay, patience
        self.input_noise, self.weight_noise, self.pretraining = input_noise, weight_noise, pretraining
        self.activation, self.average = activation, average
        self.n_jobs, self.random_state = n_jobs, random_state


def _made(words: dict[str, Any], tensors: dict[str, torch.Tensor]) -> MLPClassifier | MLPRegressor:
    kind = {kind.__name__: kind for kind in (MLPClassifier, MLPRegressor)}[words["estimator"]]
    model = kind(**words["settings"])
    model.columns_ = columns = NetColumns()
    columns.names_, columns.values_ = words["columns"], words["values"]
    for name in LEARNT:
        setattr(columns, name, tensors[f"columns.{name}"].numpy())
    model.target_ = target_from(words["target"])
    model.net_ = model._net()
    weights = {name.removeprefix("net."): one for name, one in tensors.items() if name.startswith("net.")}
    put_weights(model.net_, words, weights)
    model.net_.double()
    return model
