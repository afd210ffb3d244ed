"""Networks for images on the board, cheapest first; PyTorch is loaded only when one is fitted."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.adapter import AVERAGE, Build, from_estimator
from tenon.data.dataset import Dataset, Schema
from tenon.image.kinds import KINDS, PUBLISHED
from tenon.method import Method, Param
from tenon.nn.activations import ACTIVATIONS
from tenon.tasks import Task

if TYPE_CHECKING:
    from tenon.features.pixels import Pictures

Params = Mapping[str, Any]

OWN = "own"  # activation, of the network as it was published
MIRROR = {"auto": None, "yes": True, "no": False}
SETTINGS = {
    "longest_side": Param(64, 8, 512, log=True),
    "mirror": Param("auto", choices=tuple(MIRROR)),
    "rotation": Param(0.0, 0.0, 30.0, most=180.0),
    "lighting": Param(0.0, 0.0, 0.5, most=1.0),
    "erasing": Param(0.0, 0.0, 0.5, most=1.0),
    "smoothing": Param(0.0, 0.0, 0.2, most=1.0),
    "folds": Param(1, 1, 10),
    "views": Param("no", choices=("no", "yes")),
    "activation": Param(OWN, choices=(OWN, *ACTIVATIONS)),
    "average": AVERAGE,
}
AUGMENTATION = ("shift", "rotation", "lighting", "erasing")
TRANSFER = {
    "checkpoint": Param(None, is_required=True),
    "net": Param("resnet18", choices=tuple(PUBLISHED), is_tuned=False),  # the file is of one
    "learns": Param("gradual", choices=("head", "gradual", "all")),
    "rate": Param(1e-3, 1e-5, 1e-2, log=True, is_positive=True),
    "shift": Param(0.1, 0.0, 0.3, most=1.0),
    **SETTINGS,
    "longest_side": Param(128, 8, 512, log=True),
}


def _pictures(schema: Schema, params: Params) -> "Pictures":
    from tenon.features.pixels import Pictures

    return Pictures(schema.features("image")[0], round(params["longest_side"]), as_published="checkpoint" in params)


def _read(folder: Path) -> Any:
    from tenon.image.estimators import ImageClassifier

    return ImageClassifier.read_files(folder)


def _net(name: str, **sizes: Param) -> dict[str, Any]:
    """Return the parts of the method of a network. sizes : settings of its constructor that the method has, too."""

    def build(task: Task, params: Params, seed: int) -> Any:
        return _estimator(task, params, seed, net=name, settings={key: round(params[key]) for key in sizes})

    rate = KINDS[name].recipe.rate
    own = {
        "rate": Param(rate, rate / 30, rate * 10, log=True, is_positive=True),
        "shift": Param(KINDS[name].shift, 0.0, 0.3, most=1.0),
    }
    return _parts(name, build, {**sizes, **own, **SETTINGS}, KINDS[name].epochs)


def _transfer(task: Task, params: Params, seed: int) -> Any:
    net, settings = PUBLISHED[params["net"]]
    started = {"checkpoint": str(params["checkpoint"]), "learns": params["learns"]}
    return _estimator(task, params, seed, net=net, settings=settings, **started)


def _check_weights(data: Dataset, params: Params) -> None:
    from tenon.features.columns import plain
    from tenon.image.transfer import check_weights

    pictures = _pictures(data.schema, params).fit(plain(data))
    width, height = pictures.size_
    check_weights(params["checkpoint"], params["net"], (height, width, pictures.n_channels_))


def _estimator(task: Task, params: Params, seed: int, **kind: Any) -> Any:
    from tenon.image.augment import Augmentation
    from tenon.image.estimators import ImageClassifier, ImageRegressor

    changes = Augmentation(mirror=MIRROR[params["mirror"]], **{key: params[key] for key in AUGMENTATION})
    common = {
        **kind, "epochs": params["epochs"], "rate": params["rate"], "augmentation": changes, "views": params["views"] == "yes",
        "folds": round(params["folds"]), "average": params["average"], "random_state": seed,
        "activation": None if params["activation"] == OWN else params["activation"],
    }  # fmt: skip
    return ImageRegressor(**common) if task.is_regression else ImageClassifier(**common, smoothing=params["smoothing"])


def _parts(name: str, build: Build, params: dict[str, Param], epochs: tuple[int, int, int]) -> dict[str, Any]:
    """Return what the methods of all networks have alike."""
    return from_estimator(name, build, features=_pictures, read=_read, work={"epochs": epochs}) | {
        "accepts": _accepts, "params": params, "needs": "deep", "is_seeded": True, "cost": "dear",
        "image_side": params["longest_side"].default,
    }  # fmt: skip


def _accepts(schema: Schema, task: Task) -> str | None:
    if task.is_of_sequences:
        return "predicts classes and numbers only"
    images, others = schema.features("image"), [name for name in schema.features() if schema[name].kind != "image"]
    if len(images) != 1:
        return f"reads one column of images; there {'is none' if not images else f'are {len(images)}'}"
    if others:
        return f"reads images alone, and would leave out {others[0]!r}; to let it, give --kind {others[0]}=ignore"
    return None


METHODS = (
    Method(card="lenet.md", cost_rank=80, pace=2.0, **_net("lenet")),
    Method(
        card="resnet.md",
        cost_rank=81,
        pace=35.0,
        **_net("resnet", depth=Param(20, choices=(18, 20, 32, 34, 44, 50, 56, 101, 110, 152))),
    ),
    Method(card="efficientnet.md", cost_rank=82, pace=50.0, **_net("efficientnet", scale=Param(0, 0, 7, most=7))),
    Method(card="alexnet.md", cost_rank=83, pace=60.0, **_net("alexnet")),
    Method(card="vgg.md", cost_rank=84, pace=50.0, **_net("vgg", depth=Param(11, choices=(11, 13, 16, 19)))),
    Method(card="googlenet.md", cost_rank=85, pace=75.0, **_net("googlenet")),
    Method(
        card="transfer.md", cost_rank=86, pace=30.0, check=_check_weights, **_parts("transfer", _transfer, TRANSFER, (3, 10, 30))
    ),
)
