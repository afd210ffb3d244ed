"""Fitted trees as two files that cannot run code: trees.json (settings, names, classes) and trees.safetensors (all numbers).

Equal fits give equal bytes. What a file holds is checked before anything follows it: compiled code believes the node numbers of
a tree, so one that points out of the tree, or in a circle, is refused (packed.py).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from tenon.errors import ModelFileError, SettingsError
from tenon.files import changed, new_folder, reading, seal
from tenon.trees.multiway import MultiwayTree
from tenon.trees.packed import check_multiway, check_trees, pack_multiway, pack_trees, unpack_multiway, unpack_trees
from tenon.trees.tree import Tree

FORMAT = 1  # of trees.json; raised when an old reader could misread a new file
WORDS, NUMBERS = "trees.json", "trees.safetensors"
AGAIN = "Save the model again, or take its folder from a copy."
CODE = "a function, which no file holds"  # in the place of a loss of one's own: the loaded model predicts, and cannot be fitted

# What fitting may set; no other attribute is read from a file.
FITTED = frozenset({
    "alpha_", "categories_", "ccp_alpha_", "classes_", "coef_", "cuts_", "estimator_errors_", "estimator_weights_",
    "feature_names_in_", "has_missing_", "intercept_", "n_features_in_", "n_iter_", "n_train_", "oob_prediction_", "oob_proba_",
    "oob_score_", "reads_presence_", "seeds_", "start_", "tree_", "trees_", "validation_losses_",
})  # fmt: skip


class Stored:
    """What every estimator of this room can do: write itself into a folder and read itself from there."""

    def save(self, folder: "Path | str") -> None:
        """Write the fitted estimator to a folder, whole or not at all; an older one is replaced.

        Raises ModelFileError where the folder holds other things, OutputError where it cannot be written.
        """
        folder = Path(folder)
        if folder.exists() and not (folder / WORDS).is_file() and not (folder.is_dir() and not any(folder.iterdir())):
            raise ModelFileError(f"{folder} exists already and holds no trees; name another folder to save these in.")
        with new_folder(folder) as unfinished:
            self.write_files(unfinished)
            seal(unfinished)

    @classmethod
    def load(cls, folder: "Path | str") -> Self:
        """Return the estimator in a folder that `save` wrote.

        Raises ModelFileError where it is damaged, was changed, or holds an estimator of another class.
        """
        if names := changed(Path(folder)):
            raise ModelFileError(f"{Path(folder) / names[0]} is damaged or was changed; nothing of it is loaded. {AGAIN}")
        return cls.read_files(Path(folder))

    def write_files(self, folder: Path) -> None:
        """Write the two files into a folder that exists."""
        from safetensors.numpy import save_file

        check_is_fitted(self)
        arrays: dict[str, np.ndarray] = {}
        settings = {name: _plain_setting(name, value) for name, value in self.get_params(deep=False).items()}  # type: ignore[attr-defined]
        fitted = {name: _encoded(value, name, arrays) for name, value in sorted(vars(self).items()) if name in FITTED}
        content = {"format": FORMAT, "estimator": type(self).__name__, "settings": settings, "fitted": fitted}
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / WORDS).write_bytes(text.encode("utf-8", "surrogatepass"))  # a name may hold half a character of UTF-16
        save_file(arrays, folder / NUMBERS)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote; of any class where called on Stored itself."""
        from safetensors.numpy import load_file

        with reading(f"{folder} holds no trees that can be read", f". {AGAIN}"):
            content = json.loads((folder / WORDS).read_bytes().decode("utf-8", "surrogatepass"))
            if content["format"] > FORMAT:
                raise ModelFileError(f"{folder} was written by a later Tenon (format {content['format']}); update Tenon.")
            kind = _kind_of(content["estimator"])
            if not issubclass(kind, cls):
                raise ModelFileError(f"{folder} holds a {kind.__name__}, no {cls.__name__}; load it with {kind.__name__}.load.")
            arrays = load_file(folder / NUMBERS)
            model = kind(**content["settings"])
            fitted = content["fitted"]
            if not set(fitted) <= FITTED:
                raise ValueError(f"no fitted estimator has {min(set(fitted) - FITTED)!r}")
            for name, raw in fitted.items():
                setattr(model, name, _decoded(raw, arrays))
            _check(model)
            model._made_ready()
        return model

    def _made_ready(self) -> None:
        """Make what is only kept in memory."""


def _kind_of(name: Any) -> Any:
    from tenon import trees

    if name not in trees.__all__ or name == "METHODS":
        raise ValueError(f"no estimator of trees is called {name!r}")
    return getattr(trees, name)


def _plain_setting(name: str, value: Any) -> Any:
    """Return a setting as JSON has it; a source of random numbers is left out, for nothing is drawn after fitting."""
    if isinstance(value, np.random.RandomState | np.random.Generator):
        return None
    if callable(value):
        return CODE
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain_setting(name, one) for key, one in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain_setting(name, one) for one in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise SettingsError(f"{name} is a {type(value).__name__}, which no file of trees can hold; got {value!r}.")


def _encoded(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """Return a fitted value as JSON, its numbers put into arrays under names that begin with this one."""
    if isinstance(value, MultiwayTree):
        return {"multiway": _put(pack_multiway(value), name, arrays)}
    if isinstance(value, Tree):
        return {"tree": _put(pack_trees([value]), name, arrays)}
    if isinstance(value, list) and value and isinstance(value[0], Tree):
        return {"trees": _put(pack_trees(value), name, arrays)}
    if isinstance(value, list) and value and isinstance(value[0], list):
        flat = [tree for trees in value for tree in trees]
        return {"rounds": len(value), "trees": _put(pack_trees(flat), name, arrays)}
    if isinstance(value, Mapping):
        return {"columns": {str(key): _encoded(one, f"{name}{key}", arrays) for key, one in value.items()}}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return {"array": _put({"": value}, name, arrays)}
    if isinstance(value, np.ndarray):
        is_plain = value.dtype.kind == "O" and all(isinstance(one, str | bool | int | float) for one in value)
        # Neither text nor number, a date say, is kept as its text, which is how frames are then looked up (inputs.py).
        return {"words": value.tolist() if is_plain else value.astype(str).tolist(), "dtype": "object" if is_plain else "str"}
    return value.item() if isinstance(value, np.generic) else value


def _put(parts: dict[str, np.ndarray], name: str, arrays: dict[str, np.ndarray]) -> str:
    for part, values in parts.items():
        arrays[f"{name}.{part}" if part else name] = np.ascontiguousarray(values)
    return name


def _decoded(raw: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if not isinstance(raw, dict):
        return raw
    if "columns" in raw:
        return {int(key): _decoded(one, arrays) for key, one in raw["columns"].items()}
    if "words" in raw:
        return np.array(raw["words"], np.str_ if raw["dtype"] == "str" else object)
    if "array" in raw:
        return arrays[raw["array"]]
    if "multiway" in raw:
        return unpack_multiway(_taken(arrays, raw["multiway"]))
    trees = unpack_trees(_taken(arrays, raw["tree" if "tree" in raw else "trees"]))
    if "rounds" in raw:
        n_scores = len(trees) // raw["rounds"]
        return [trees[i * n_scores : (i + 1) * n_scores] for i in range(raw["rounds"])]
    return trees[0] if "tree" in raw else trees


def _taken(arrays: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    return {key.removeprefix(f"{name}."): values for key, values in arrays.items() if key.startswith(f"{name}.")}


def _check(model: Any) -> None:
    """Raise ValueError where the parts do not make one model."""
    trees = [model.tree_] if hasattr(model, "tree_") else []
    trees += [tree for some in getattr(model, "trees_", []) for tree in (some if isinstance(some, list) else [some])]
    if not trees and not hasattr(model, "coef_"):
        raise ValueError("it has no trees at all")
    _check_columns(model)
    n_classes = _check_answers(model, trees)
    for tree in trees:
        if isinstance(tree, MultiwayTree):
            check_multiway(tree, model.n_features_in_, n_classes)
    check_trees([tree for tree in trees if not isinstance(tree, MultiwayTree)], model.n_features_in_)


def _check_columns(model: Any) -> None:
    n_features, categories = model.n_features_in_, model.categories_
    cuts = model.cuts_ if hasattr(model, "reads_presence_") else {}
    if type(n_features) is not int or not all(0 <= column < n_features for column in [*categories, *cuts]):
        raise ValueError("its columns are not counted")
    if any(values.ndim != 1 or len(set(values.tolist())) < len(values) for values in categories.values()):
        raise ValueError("the categories of a column are not all different")
    if not all(_is_list(values, "f") and (np.diff(values) > 0).all() for values in cuts.values()):
        raise ValueError("the cuts of a column do not rise")
    if getattr(model, "reads_presence_", None) is False and len(categories.keys() | cuts.keys()) < n_features:
        raise ValueError("a column has neither categories nor cuts")
    has_names = hasattr(model, "feature_names_in_")
    if not _is_list(model.has_missing_, "b", n_features) or (
        has_names and not _is_list(model.feature_names_in_, "OU", n_features)
    ):
        raise ValueError("what it says of its columns is not one a column")


def _check_answers(model: Any, trees: list[Any]) -> int:
    """Return the number of classes, 0 of a regressor."""
    from sklearn.base import is_classifier

    n_classes = 0
    if is_classifier(model):
        if not _is_list(model.classes_, "biufOU") or len(model.classes_) == 0:
            raise ValueError("its classes are no list")
        n_classes = len(model.classes_)
    booster = "linear" if hasattr(model, "coef_") else "tree"
    if getattr(model, "booster", booster) != booster:
        raise ValueError("its booster is another than it was fitted with")
    if hasattr(model, "booster"):
        _check_scores(model, n_classes)
    elif n_classes and any(tree.value.shape[1:] != (n_classes,) for tree in trees if not isinstance(tree, MultiwayTree)):
        raise ValueError("its trees do not answer with one number a class")
    if hasattr(model, "estimator_weights_"):
        votes = model.estimator_weights_
        if not _is_floats(votes, (len(model.trees_),)):
            raise ValueError("its votes are not one a tree")
        if not (np.isfinite(votes).all() and votes.min() >= 0 and votes.sum() > 0):
            raise ValueError("its votes are not shares of a whole")
    return n_classes


def _check_scores(model: Any, n_classes: int) -> None:
    """Raise ValueError where a boosted model does not have one score, or one a class where these are more than two."""
    n_scores = n_classes if n_classes > 2 else 1
    if not _is_floats(model.start_, (n_scores,)):
        raise ValueError("its first scores are not one a class")
    if hasattr(model, "coef_"):
        if not _is_floats(model.coef_, (n_scores, model.n_features_in_)) or not _is_floats(model.intercept_, (n_scores,)):
            raise ValueError("its weights are not one a column")
    elif type(model.n_iter_) is not int or any(len(trees) != n_scores for trees in model.trees_):
        raise ValueError("its rounds do not hold one tree a score")


def _is_floats(values: Any, shape: tuple[int, ...]) -> bool:
    """Whether this is an array of float64 of this shape."""
    return isinstance(values, np.ndarray) and values.dtype == np.float64 and values.shape == shape


def _is_list(values: Any, kinds: str, length: int | None = None) -> bool:
    """Whether this is an array of one dimension, of one of NumPy's kinds of types, and of this length."""
    return isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in kinds and length in (None, len(values))
