"""ImageClassifier and ImageRegressor: the networks of this room as scikit-learn estimators, trained by `tenon.training`."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from torch import Tensor, nn

from tenon import ranges
from tenon.errors import DataError
from tenon.image.augment import NONE, Augmentation, in_unit
from tenon.image.feature_maps import LayerMaps, feature_maps
from tenon.image.googlenet import with_auxiliary
from tenon.image.grad_cam import grad_cam
from tenon.image.kinds import FINE, KINDS, LARGEST_BATCH
from tenon.image.rows import Channels, PictureRows, channels_first, views
from tenon.image.transfer import LEARNS, Learns, trainings
from tenon.image.weights import load_weights
from tenon.nn.activations import Activation, replace_activations
from tenon.training.adversary import uphill
from tenon.training.device import lent
from tenon.training.estimators import NetClassifier, NetRegressor
from tenon.training.held_out import parts_by_chance
from tenon.training.in_turn import train_in_turn
from tenon.training.losses import with_weights_of_rows
from tenon.training.net_file import put_weights, read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.recipe import Recipe
from tenon.training.targets import target_from
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

SMALLEST_BATCH = 16  # rows
BATCHES = 80  # of an epoch, where that gives a batch between the smallest and the largest
ROWS_AT_ONCE = 256  # of prediction
WORDS, NUMBERS = "image.json", "image.safetensors"


class _Image(BaseEstimator):
    """What both share: training, answers, files."""

    watch: Watch = SILENT  # told how far training is

    def fit(self, X: np.ndarray, y: Any, sample_weight: Any = None, parts: Any = None) -> Self:
        """X: (n, H, W, C) uint8, sides of 8 pixels or more; y: (n,); sample_weight: (n,) from 0 on.

        parts : (n,) int64, which network leaves the row out and chooses its epoch by it, 0 … folds - 1, or -1, none; by default
        they are dealt by chance. A network whose part is empty learns all rows and keeps its last epoch.
        Raises SettingsError for settings out of range, and where training finds no finite loss; DataError for other X.
        """
        self._check(len(X))
        pictures, y, seed = _pictures(X), np.asarray(y), ranges.seed_of(self.random_state)
        self.channels_, self.target_, self.shape_ = Channels.of(X), self.target_of(y), list(X.shape[1:])
        self.augmentation_ = self.augmentation or Augmentation(shift=KINDS[self.net].shift)
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        targets = with_weights_of_rows(torch.from_numpy(self.target_.coded(y)), torch.from_numpy(weight))
        parts = parts_by_chance(self.target_.strata(y), self.folds, seed) if parts is None else np.asarray(parts)
        self.nets_ = nn.ModuleList()
        with threads(self.n_jobs), own_chance(seed):
            for k in range(self.folds):
                kept, out = (
                    PictureRows(pictures, targets, self.channels_, changes, torch.from_numpy(np.flatnonzero(is_in)))
                    for is_in, changes in ((parts != k, self.augmentation_), (parts == k, NONE))
                )
                self.nets_.append(self._trained(kept, out if len(out) else None, seed))
        return self

    @property
    def net_(self) -> nn.Module:
        """The network, or the first of several."""
        return self.nets_[0]

    def _check(self, n_rows: int) -> None:
        ranges.one_of("net", self.net, KINDS)
        ranges.one_of("learns", self.learns, LEARNS)
        ranges.whole("folds", self.folds, 1, max(1, n_rows))
        ranges.whole("batch_size", self.batch_size, 2, or_none=True)  # normalisation by batches needs two

    def _trained(self, rows: PictureRows, held_out: PictureRows | None, seed: int) -> nn.Module:
        """Return a network that has learnt from the rows; of several the first one's history is kept."""
        net, recipe = self._net(), self._recipe(len(rows))
        recipes = {"everything": recipe}
        if self.checkpoint is not None:
            load_weights(net, self.checkpoint)
            recipes = trainings(net, recipe, self.learns)
        loss, k = with_auxiliary(self.target_.loss(self.smoothing)), len(self.nets_)  # of which GoogLeNet alone has heads
        folder = self.watch.folder and self.watch.folder / f"network-{k}"
        watch = self.watch.part(k, self.folds)
        history = train_in_turn(net, rows, loss, recipes, seed=seed, held_out=held_out, watch=watch, folder=folder)
        if not k:
            self.history_ = history
        return net

    def _recipe(self, n_rows: int) -> Recipe:
        """Return the network's own recipe, with what was asked for; a smaller batch takes smaller steps."""
        own, wanted = KINDS[self.net].recipe if self.checkpoint is None else FINE, self.batch_size
        epochs = KINDS[self.net].epochs[1] if self.epochs is None else self.epochs
        size = min(LARGEST_BATCH, max(SMALLEST_BATCH, n_rows // BATCHES)) if wanted is None else wanted
        rate = own.rate * (size / LARGEST_BATCH) ** 0.5 if self.rate is None else self.rate
        decay = own.decay if self.decay is None else self.decay
        return replace(own, epochs=epochs, batch_size=size, rate=rate, decay=decay, average=self.average)

    def _net(self) -> nn.Module:
        net = KINDS[self.net].build(self.target_.n_out, self.shape_, self.settings or {})
        if self.activation is not None:
            replace_activations(net, self.activation)
        return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # its stubs leave this out

    @torch.no_grad()
    def _answers(self, X: np.ndarray) -> np.ndarray:
        """Return what is said of pictures X, (n, n_out) float64."""
        with threads(self.n_jobs), lent(self.nets_, len(X)) as device:
            said = [self.said(channels_first(part).to(device)).cpu() for part in _pictures(X).split(ROWS_AT_ONCE)]
        return torch.cat(said).numpy()

    def said(self, images: Tensor) -> Tensor:
        """Return the mean over networks, and views of images (b, C, H, W) uint8, of what is said of them."""
        seen = views(images, self.augmentation_) if self.views else [images]
        inputs = (self.channels_.standardised(in_unit(view)) for view in seen)
        return torch.stack([self.target_.said(net(view)) for view in inputs for net in self.nets_]).mean(dim=0)

    def uphill(self, X: np.ndarray, y: Any) -> np.ndarray:
        """Return -1, 0 or 1 for each value of pictures X (n, H, W, C) uint8: the way that raises the picture's loss."""
        targets = torch.from_numpy(self.target_.coded(np.asarray(y)))
        targets = with_weights_of_rows(targets, torch.ones(len(targets)))
        parts = zip(_pictures(X).split(ROWS_AT_ONCE), targets.split(ROWS_AT_ONCE), strict=True)
        with threads(self.n_jobs):
            signs = [
                uphill(self._mean_output, self.target_.loss(), in_unit(channels_first(part)), asked) for part, asked in parts
            ]
        return torch.cat(signs).permute(0, 2, 3, 1).numpy()

    def _mean_output(self, images: Tensor) -> Tensor:
        seen = self.channels_.standardised(images)
        return torch.stack([net(seen) for net in self.nets_]).mean(dim=0)

    def seen_in(self, X: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return where in pictures X (n, H, W, C) uint8 the network sees the classes at these places of classes_, (n, H, W).

        0 is nowhere, 1 the place that speaks most for the class (Grad-CAM, mean over the networks).
        """
        images, classes = self.channels_.standardised(in_unit(channels_first(_pictures(X)))), torch.from_numpy(places)
        with threads(self.n_jobs):
            maps = torch.stack([grad_cam(net, images, classes) for net in self.nets_]).mean(dim=0)
        most = maps.amax(dim=(1, 2), keepdim=True)
        return (maps / most.clamp_min(torch.finfo(maps.dtype).tiny)).numpy()

    def maps_in(self, X: np.ndarray, most: int) -> list[list[LayerMaps]]:
        """Return for each of pictures X (n, H, W, C) uint8 what layers of the first network make of it, see `feature_maps`."""
        images = self.channels_.standardised(in_unit(channels_first(_pictures(X))))
        with threads(self.n_jobs):
            return [feature_maps(self.net_, image, most) for image in images]

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        settings = self.get_params(deep=False) | {"augmentation": asdict(self.augmentation_)}
        words = {
            "estimator": type(self).__name__, "settings": settings, "shape": self.shape_, "channels": asdict(self.channels_),
            "target": self.target_.to_json(),
        }  # fmt: skip
        write_net(folder, (WORDS, NUMBERS), words, self.nets_)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "image network", _made)


class ImageClassifier(NetClassifier, _Image):
    """A network of `tenon.image` for two or more classes of pictures, by cross-entropy.

    Parameters
    ----------
    net : lenet, alexnet, vgg, googlenet, resnet or efficientnet; settings : of its constructor, such as {"depth": 32}.
    epochs, batch_size, rate, decay : see `tenon.training.Recipe`; None: the network's own; batches are an eightieth of the rows,
        from 16 to 128.
    smoothing : label smoothing. augmentation : how pictures change while training; None: the network's own.
    folds : networks whose mean is the answer; each is trained without one part of the rows, which chooses its epoch.
    views : whether a prediction is the mean over pictures moved and mirrored as in training.
    activation : in the place of the network's own, see `tenon.nn.activations`. average : see Recipe.
    checkpoint : a file of weights to start from, as `tenon.image.load_weights` reads it; learns : what then learns, head, all or
        gradual, see `tenon.image.transfer`.
    n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the weights, the order of rows, augmentation, dropout.

    Attributes
    ----------
    net_, nets_ : the network, and all of them; history_ : `tenon.training.History`; channels_; target_; classes_ (K,)
    """

    def __init__(
        self, net: str = "resnet", settings: Mapping[str, Any] | None = None, epochs: int | None = None,
        batch_size: int | None = None, rate: float | None = None, decay: float | None = None, smoothing: float = 0.0,
        augmentation: Augmentation | None = None, folds: int = 1, views: bool = False,
        activation: Activation | None = None, average: float = 0.0,
        checkpoint: str | None = None, learns: Learns = "gradual", n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.net, self.settings, self.epochs, self.batch_size = net, settings, epochs, batch_size
        self.rate, self.decay, self.smoothing, self.augmentation = rate, decay, smoothing, augmentation
        self.folds, self.views, self.checkpoint, self.learns = folds, views, checkpoint, learns
        self.activation, self.average = activation, average
        self.n_jobs, self.random_state = n_jobs, random_state


class ImageRegressor(NetRegressor, _Image):
    """The same for numbers, by squared error of the standardised target. Parameters and attributes as for ImageClassifier."""

    def __init__(
        self, net: str = "resnet", settings: Mapping[str, Any] | None = None, epochs: int | None = None,
        batch_size: int | None = None, rate: float | None = None, decay: float | None = None,
        augmentation: Augmentation | None = None, folds: int = 1, views: bool = False,
        activation: Activation | None = None, average: float = 0.0,
        checkpoint: str | None = None, learns: Learns = "gradual", n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.net, self.settings, self.epochs, self.batch_size = net, settings, epochs, batch_size
        self.rate, self.decay, self.augmentation = rate, decay, augmentation
        self.folds, self.views, self.checkpoint, self.learns = folds, views, checkpoint, learns
        self.activation, self.average = activation, average
        self.n_jobs, self.random_state = n_jobs, random_state


def _pictures(X: Any) -> Tensor:
    """Return X as a tensor. Raises DataError where it is no array of pictures."""
    if not isinstance(X, np.ndarray) or X.ndim != 4 or X.dtype != np.uint8:
        what = f"{X.dtype} of shape {X.shape}" if isinstance(X, np.ndarray) else type(X).__name__
        raise DataError(f"pictures are (n, height, width, channels) uint8; got {what}.")
    return torch.from_numpy(
        np.require(X, requirements=["C", "W"])
    )  # torch takes no mirrored views, and warns of what is read only


def _made(words: dict[str, Any], weights: dict[str, Tensor]) -> ImageClassifier | ImageRegressor:
    kind = {kind.__name__: kind for kind in (ImageClassifier, ImageRegressor)}[words["estimator"]]
    model = kind(**words["settings"] | {"augmentation": Augmentation(**words["settings"]["augmentation"])})
    model.augmentation_ = model.augmentation
    model.shape_, model.target_ = words["shape"], target_from(words["target"])
    model.channels_ = Channels(**{name: tuple(values) for name, values in words["channels"].items()})
    model.nets_ = nn.ModuleList(model._net() for _ in range(model.folds))
    put_weights(model.nets_, words, weights)
    return model
