"""What estimators share that are a network for texts: how it is trained, what it says, what each token does to that, files."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from torch import Tensor

from tenon import ranges
from tenon.errors import DataError
from tenon.text.looks import Looks
from tenon.text.readers import Reader
from tenon.text.token_rows import UnequalRows, of_like_length
from tenon.training.device import lent
from tenon.training.held_out import held_out_by_chance
from tenon.training.history import History
from tenon.training.loop import Loss
from tenon.training.losses import with_weights_of_rows
from tenon.training.net_file import put_weights, read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.targets import Target, target_from
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

WORDS, NUMBERS = "text.json", "text.safetensors"


class Effects(NamedTuple):
    """What each token of a text does to its answer: spans (t, 2) int64, its place; effects (t,) float64."""

    spans: np.ndarray
    effects: np.ndarray


class NetOfTexts(BaseEstimator):
    """Says of texts what its network does. A family sets reader_, net_ and target_, and adds what stands in its files."""

    tokens_at_once: ClassVar[int] = 32_768  # of prediction, with padding
    not_kept: ClassVar[dict[str, Any]] = {}  # settings that a file has in another way, since weights hold what they gave
    watch: Watch = SILENT  # told how far training is

    reader_: Reader
    net_: Any  # nn.Module
    target_: Target
    n_jobs: int | None
    random_state: Any

    @staticmethod
    @abstractmethod
    def _kinds() -> Sequence[type["NetOfTexts"]]:
        """Return the estimators of the family, any of which may be in a file."""

    @abstractmethod
    def _words(self) -> dict[str, Any]:
        """Return what `_build` needs to know, ready for JSON."""

    @abstractmethod
    def _build(self, words: dict[str, Any]) -> None:
        """Set reader_ and net_, without its weights, from what `_words` told. target_ is there."""

    def _answers(self, X: Any) -> np.ndarray:
        """Return what is said of texts X, (n, n_out) float64."""
        return self.target_.said(self._outputs(self.reader_.all_read(self.reader_.texts(X)))).numpy()

    def read_share(self, X: Any) -> float:
        """Return which share of the tokens of texts X is read."""
        return self.reader_.share(self.reader_.texts(X))

    def judged(self, X: Any, y: Any) -> tuple[UnequalRows, Loss]:
        """Return what is read of texts X with targets y, as `fit` takes both, and what the network is judged by."""
        texts = self.reader_.texts(X)
        return self.reader_.rows(self.reader_.all_read(texts), weighted(self.target_, np.asarray(y), None)), self.target_.loss()

    @torch.no_grad()
    def _outputs(self, read: Sequence[Any], width: int | None = None) -> Tensor:
        """Return what the network gives for what was read of texts, (n, width); width : None: what target_ has."""
        rows = self.reader_.rows(read, torch.zeros(len(read)))
        outputs = torch.zeros(len(read), self.target_.n_out if width is None else width)
        with threads(self.n_jobs), lent(self.net_, len(rows)) as device:
            for places in of_like_length(rows.lengths, self.tokens_at_once):
                outputs[places] = self.net_(*rows.inputs(places, device)).to(outputs.device)
        return outputs

    def effects_in(self, X: Any, places: np.ndarray) -> list[Effects]:
        """Return for each text by how much each token raises its answer: that with it, less that without it.

        places : (n,) of the classes in classes_ that are asked about, whose log odds are compared; of numbers it is not read.
        """
        return [self._effects(one, int(place)) for one, place in zip(self.reader_.texts(X), places, strict=True)]

    def _effects(self, one: Any, place: int) -> Effects:
        spans, versions = self.reader_.without_each(one)
        said = self.target_.strength(self._outputs(versions), place).numpy()
        return Effects(spans, said[0] - said[1:])

    def gates_in(self, X: Any) -> list[dict[str, np.ndarray]]:
        """Return for each text how far each gate is open at each token, (t,) by name; networks without gates have none."""
        return [{} for _ in X]

    def looks_in(self, X: Any) -> list[Looks]:
        """Return for each text whom its tokens look at; nothing of networks in which they look at no one."""
        return []

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        settings = self.get_params(deep=False) | self.not_kept
        words = {"estimator": type(self).__name__, "settings": settings, "target": self.target_.to_json(), **self._words()}
        write_net(folder, (WORDS, NUMBERS), words, self.net_)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "text network", cls._made)

    @classmethod
    def _made(cls, words: dict[str, Any], weights: dict[str, Tensor]) -> Any:
        model = {kind.__name__: kind for kind in cls._kinds()}[words["estimator"]](**words["settings"])
        model.target_ = target_from(words["target"])
        with own_chance(0):  # of weights that are then read
            model._build(words)
        put_weights(model.net_, words, weights)
        return model


class TrainedOnTexts(NetOfTexts):
    """A network whose weights are learnt epoch by epoch."""

    cut_share_: float  # of the train texts, that is not read to its end
    history_: History

    def fit(self, X: Any, y: Any, sample_weight: Any = None, held_out: Any = None) -> Self:
        """X: (n,) str, or what else the estimator reads; y: (n,), or labels (n, K); sample_weight: (n,) from 0 on.

        held_out : (n,) bool, rows that choose the epoch and are not trained on; by default a tenth by chance, from 200 rows on.
        Raises SettingsError for settings out of range, and where training finds no finite loss; DataError for other X and y.
        """
        self._check()
        check_one_each(X, y)
        y, seed = np.asarray(y), ranges.seed_of(self.random_state)
        self.target_ = self.target_of(y)  # of classes, labels or numbers, as the other base has it
        is_out = held_out_by_chance(self.target_.strata(y), seed) if held_out is None else np.asarray(held_out, bool)
        targets = weighted(self.target_, y, sample_weight)
        with threads(self.n_jobs), own_chance(seed):
            texts = self._start(X, y, is_out)
            read, self.cut_share_ = self.reader_.told(texts, self.watch)
            trained, judged = (self._part(read, targets, np.flatnonzero(rows)) for rows in (~is_out, is_out))
            self.history_ = self._trained(trained, judged.sorted() if len(judged) else None, seed)
        return self

    @abstractmethod
    def _check(self) -> None:
        """Raise SettingsError for settings out of range."""

    @abstractmethod
    def _start(self, X: Any, y: np.ndarray, is_out: np.ndarray) -> list[Any]:
        """Set reader_ and net_, and return X as a list. is_out : (n,) bool, rows that nothing may be learnt from."""

    @abstractmethod
    def _trained(self, rows: UnequalRows, held_out: UnequalRows | None, seed: int) -> History:
        """Train net_."""

    def _part(self, read: Sequence[Any], targets: Tensor, rows: np.ndarray) -> UnequalRows:
        return self.reader_.rows([read[i] for i in rows], targets[torch.from_numpy(rows)])


def check_one_each(X: Any, y: Any) -> None:
    """Raise DataError unless y has one target for each text, and for one at least. X that has no length is refused elsewhere."""
    n_targets = len(y) if np.ndim(y) else 0
    n_texts = len(X) if hasattr(X, "__len__") and np.ndim(X) else n_targets
    if not n_targets or n_texts != n_targets:
        raise DataError(f"y holds one target for each text, and one at least; got {n_texts:,} texts and {n_targets:,} targets.")


def weighted(target: Target, y: np.ndarray, sample_weight: Any) -> Tensor:
    """Return targets as losses of `tenon.training` take them; sample_weight : (n,), None: all alike."""
    weight = np.ones(len(y)) if sample_weight is None else np.array(sample_weight, np.float64)  # that can be written to
    return with_weights_of_rows(torch.from_numpy(target.coded(y)), torch.from_numpy(weight))
