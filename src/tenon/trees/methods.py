"""Trees and their ensembles on the board, simplest first; the engine is loaded only when one is fitted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenon.adapter import Build, from_estimator
from tenon.data.dataset import Schema
from tenon.features.recipes import native
from tenon.method import Method, Param
from tenon.tasks import CLASSES, SETS, Task

Params = Mapping[str, Any]

COLUMNS: dict[str, str | float | None] = {"sqrt": "sqrt", "third": 1 / 3, "all": None}  # tried in each node of a forest
AUTO = {False: "sqrt", True: "all"}  # of a forest of classes, and of numbers, as in scikit-learn
PRUNING: dict[str, str | float] = {"cv": "cv", "cv-1se": "cv-1se", "none": 0.0}  # prices of a leaf
PRUNED = Param("cv", choices=tuple(PRUNING))
STEP = Param(0.1, 0.02, 0.5, log=True, is_positive=True)
MOST_TEXTS, MOST_IMAGES = 200_000, 20_000  # rows
ROUNDS = {"n_estimators": (50, 200, 500)}


def _id3(task: Task, params: Params, seed: int) -> Any:
    from tenon.trees.id3 import ID3Classifier

    return ID3Classifier(
        bins=round(params["bins"]), min_gain=params["min_gain"], alpha=PRUNING[params["pruning"]], random_state=seed
    )


def _c45(task: Task, params: Params, seed: int) -> Any:
    from tenon.trees.c45 import C45Classifier

    return C45Classifier(min_samples_leaf=round(params["min_samples_leaf"]), alpha=PRUNING[params["pruning"]], random_state=seed)


def _cart(task: Task, params: Params, seed: int) -> Any:
    from tenon.trees.cart import DecisionTreeClassifier, DecisionTreeRegressor

    kind = DecisionTreeRegressor if task.is_regression else DecisionTreeClassifier
    return kind(min_samples_leaf=round(params["min_samples_leaf"]), ccp_alpha=PRUNING[params["pruning"]], random_state=seed)


def _adaboost(task: Task, params: Params, seed: int) -> Any:
    from tenon.trees.adaboost import AdaBoostClassifier

    return AdaBoostClassifier(
        n_estimators=params["n_estimators"], learning_rate=params["learning_rate"], max_depth=round(params["max_depth"])
    )


def _forest(task: Task, params: Params, seed: int) -> Any:
    from tenon.trees.forest import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestRegressor if task.is_regression else RandomForestClassifier
    return kind(
        n_estimators=params["n_estimators"],
        max_features=COLUMNS[params["max_features"] if params["max_features"] != "auto" else AUTO[task.is_regression]],
        min_samples_leaf=round(params["min_samples_leaf"]),
        n_jobs=1,
        random_state=seed,
    )


def _gbdt(task: Task, params: Params, seed: int) -> Any:
    return _boosted(task, params, order=1, growth="depth", max_depth=round(params["max_depth"]))


def _boosting(task: Task, params: Params, seed: int) -> Any:
    return _boosted(task, params, growth="depth", max_depth=round(params["max_depth"]), reg_lambda=params["reg_lambda"])


def _boosting_leafwise(task: Task, params: Params, seed: int) -> Any:
    return _boosted(
        task, params, growth="leaf", max_leaf_nodes=round(params["max_leaf_nodes"]), reg_lambda=params["reg_lambda"],
        min_child_weight=1e-3,
    )  # fmt: skip


def _boosted(task: Task, params: Params, **kind: Any) -> Any:
    from tenon.trees.gradient_boosting import GradientBoostingClassifier, GradientBoostingRegressor

    estimator = GradientBoostingRegressor if task.is_regression else GradientBoostingClassifier
    return estimator(
        n_estimators=params["n_estimators"],
        learning_rate=params["learning_rate"],
        min_samples_leaf=round(params["min_samples_leaf"]),
        n_jobs=1,
        **kind,
    )


def _read(folder: Path) -> Any:
    from tenon.trees.stored import Stored

    return Stored.read_files(folder)


def _tree(name: str, build: Build, sorts: bool = False, **options: Any) -> dict[str, Any]:
    """Return a method's parts. sorts: it keeps every cell of a column in order, which takes 24 bytes a pixel."""
    parts = from_estimator(name, build, features=native, read=_read, **options)

    def accepts(schema: Schema, task: Task) -> str | None:
        n = schema.n_rows
        if schema.features("text") and n > MOST_TEXTS:
            return f"keeps all words of all texts in memory; {n:,} rows > {MOST_TEXTS:,}. Try logistic or ridge, or a sample"
        if sorts and schema.features("image") and n > MOST_IMAGES:
            return f"sorts each pixel over all images; {n:,} rows > {MOST_IMAGES:,}. Try forest or boosting, or a sample"
        return parts["accepts"](schema, task)

    return {**parts, "accepts": accepts}


METHODS = (
    Method(
        card="id3.md",
        cost_rank=34,
        pace=6.0,
        params={"pruning": PRUNED, "min_gain": Param(0.0), "bins": Param(8, 2, 64, log=True)},
        is_seeded=True,
        **_tree("id3", _id3, kinds_of_task=CLASSES + SETS),
    ),
    Method(
        card="c45.md",
        cost_rank=35,
        pace=20.0,
        params={"pruning": PRUNED, "min_samples_leaf": Param(2, 1, 100, log=True)},
        is_seeded=True,
        **_tree("c45", _c45, sorts=True, kinds_of_task=CLASSES + SETS),
    ),
    Method(
        card="cart.md",
        cost_rank=36,
        pace=6.0,
        params={"pruning": PRUNED, "min_samples_leaf": Param(2, 1, 100, log=True)},
        is_seeded=True,
        **_tree("cart", _cart, sorts=True),
    ),
    Method(
        card="adaboost.md",
        cost_rank=60,
        pace=10.0,
        params={"learning_rate": Param(0.5, 0.05, 2.0, log=True, is_positive=True), "max_depth": Param(3, 1, 6)},
        **_tree("adaboost", _adaboost, sorts=True, kinds_of_task=CLASSES + SETS, work={"n_estimators": (50, 200, 1_000)}),
    ),
    Method(
        card="forest.md",
        cost_rank=61,
        pace=20.0,
        params={"max_features": Param("auto", choices=("auto", *COLUMNS)), "min_samples_leaf": Param(1, 1, 50, log=True)},
        is_seeded=True,
        **_tree("forest", _forest, work={"n_estimators": (50, 200, 1_000)}),
    ),
    Method(
        card="gbdt.md",
        cost_rank=62,
        pace=5.0,
        grows_with_classes=True,
        params={"learning_rate": STEP, "max_depth": Param(3, 1, 10), "min_samples_leaf": Param(1, 1, 100, log=True)},
        **_tree("gbdt", _gbdt, work=ROUNDS),
    ),
    Method(
        card="boosting.md",
        cost_rank=63,
        pace=5.0,
        grows_with_classes=True,
        params={
            "learning_rate": STEP,
            "max_depth": Param(6, 1, 10),
            "min_samples_leaf": Param(1, 1, 100, log=True),
            "reg_lambda": Param(1.0, 1e-3, 100.0, log=True),
        },
        **_tree("boosting", _boosting, work=ROUNDS),
    ),
    Method(
        card="boosting-leafwise.md",
        cost_rank=64,
        pace=5.0,
        grows_with_classes=True,
        params={
            "learning_rate": STEP,
            "max_leaf_nodes": Param(31, 2, 256, log=True),
            "min_samples_leaf": Param(20, 1, 100, log=True),
            "reg_lambda": Param(0.0),
        },
        **_tree("boosting-leafwise", _boosting_leafwise, work=ROUNDS),
    ),
)
