"""Trees as a dozen flat arrays, for a file; and whether arrays from a file are trees."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np

from tenon.trees.multiway import MultiwayTree
from tenon.trees.tree import LEAF, Tree

_TYPES = {
    "feature": np.int32, "threshold": np.float64, "left": np.int32, "right": np.int32, "default_left": np.bool_,
    "value": np.float64, "gain": np.float64, "cover": np.float64, "impurity": np.float64,
    "n_nodes": np.int64, "split": np.int64, "codes": np.int32,
}  # fmt: skip
_MULTIWAY_TYPES = {
    "feature": np.int32, "threshold": np.float64, "first_child": np.int32, "n_children": np.int32, "code": np.int32,
    "counts": np.float64, "gain": np.float64,
}  # fmt: skip
_ARRAYS = tuple(name for name in _TYPES if name not in ("impurity", "n_nodes", "split", "codes"))
MOST_CODES = 1 << 24  # a table of sides has so many entries at most (predict.py)


def pack_trees(trees: Sequence[Tree]) -> dict[str, np.ndarray]:
    """Return all trees in flat arrays, tree after tree; `unpack_trees` makes them trees again."""
    arrays = {name: np.concatenate([getattr(tree, name) for tree in trees]) for name in _ARRAYS}
    if all(tree.impurity is not None for tree in trees):
        arrays["impurity"] = np.concatenate([tree.impurity for tree in trees if tree.impurity is not None])
    splits = [(i, node, codes) for i, tree in enumerate(trees) for node, codes in sorted(tree.categories.items())]
    arrays |= {
        "n_nodes": np.array([len(tree) for tree in trees]),
        "split": np.array([(i, node, len(codes)) for i, node, codes in splits], np.int64).reshape(-1, 3),
        "codes": np.concatenate([np.empty(0, np.int32), *(codes for _, _, codes in splits)]),
    }
    return {name: values.astype(_TYPES[name]) for name, values in arrays.items()}


def unpack_trees(arrays: dict[str, np.ndarray]) -> list[Tree]:
    """Return the trees that `pack_trees` packed. Raises ValueError or KeyError where the arrays are of other types or lengths."""
    _check_types(arrays, _TYPES, optional="impurity")
    n_nodes, (trees_of_splits, nodes_of_splits, n_codes) = arrays["n_nodes"], arrays["split"].reshape(-1, 3).T
    names = [name for name in (*_ARRAYS, "impurity") if name in arrays]
    if any(arrays[name].ndim != 1 for name in (*names, "n_nodes", "codes") if name != "value"):
        raise ValueError("an array of its trees has too many dimensions")
    if len(n_nodes) == 0 or n_nodes.min() < 1 or any(len(arrays[name]) != n_nodes.sum() for name in names):
        raise ValueError("its trees are not as long as it says")
    if len(n_codes) and (n_codes.min() < 0 or trees_of_splits.min() < 0):
        raise ValueError("its categories are not counted")
    if n_codes.sum() != len(arrays["codes"]):
        raise ValueError("its categories are not as many as it says")
    ends = np.cumsum(n_nodes)[:-1]
    parts = {name: np.split(arrays[name], ends) for name in names}
    categories: list[dict[int, np.ndarray]] = [{} for _ in n_nodes]
    split_codes = np.split(arrays["codes"], np.cumsum(n_codes)[:-1]) if len(n_codes) else []
    for i, node, codes in zip(trees_of_splits, nodes_of_splits, split_codes, strict=True):
        categories[i][int(node)] = codes
    return [Tree(**{name: parts[name][i] for name in names}, categories=own) for i, own in enumerate(categories)]


def pack_multiway(tree: MultiwayTree) -> dict[str, np.ndarray]:
    return {field.name: getattr(tree, field.name) for field in fields(tree)}


def unpack_multiway(arrays: dict[str, np.ndarray]) -> MultiwayTree:
    """Return the tree that `pack_multiway` packed. Raises ValueError where the arrays are of other types."""
    _check_types(arrays, _MULTIWAY_TYPES)
    return MultiwayTree(**arrays)


def check_trees(trees: Sequence[Tree], n_features: int) -> None:
    """Raise ValueError unless each is a tree: every node but the root is the child of one node before it, and asks for a column
    that there is.
    """
    for tree in trees:
        inner = np.flatnonzero(tree.left != LEAF)
        children = np.concatenate([tree.left[inner], tree.right[inner]])
        _check_children(children, np.tile(inner, 2), len(tree))
        asks_wrong = (tree.feature[inner] < 0) | (tree.feature[inner] >= n_features)
        ends_wrong = (tree.feature[tree.is_leaf] != LEAF) | (tree.right[tree.is_leaf] != LEAF)
        if asks_wrong.any() or ends_wrong.any():
            raise ValueError("a node of a tree asks for no column")
        if tree.value.ndim != 2 or tree.value.shape[1] != trees[0].value.shape[1]:
            raise ValueError("its trees do not all answer with as many numbers")
        for node, codes in tree.categories.items():
            if not 0 <= node < len(tree) or (len(codes) and (codes.min() < 0 or codes.max() >= MOST_CODES)):
                raise ValueError("a node of a tree parts no categories")


def check_multiway(tree: MultiwayTree, n_features: int, n_classes: int) -> None:
    """Raise ValueError unless it is a tree, as for `check_trees`."""
    if any(getattr(tree, field.name).shape[: 1 + (field.name != "counts")] != (len(tree),) for field in fields(tree)):
        raise ValueError("the parts of its tree are not of one length")
    inner = np.flatnonzero(tree.first_child != LEAF)
    first, n = tree.first_child[inner].astype(np.int64), tree.n_children[inner].astype(np.int64)
    if (n < 1).any() or n.sum() != len(tree) - 1:
        raise ValueError("the children of its nodes are not counted")
    children = np.repeat(first - np.cumsum(n) + n, n) + np.arange(n.sum())
    _check_children(children, np.repeat(inner, n), len(tree))
    asks_wrong = (tree.feature[inner] < 0) | (tree.feature[inner] >= n_features)
    if asks_wrong.any() or (tree.feature[tree.is_leaf] != LEAF).any():
        raise ValueError("a node of a tree asks for no column")
    if (n[~np.isnan(tree.threshold[inner])] != 2).any():
        raise ValueError("a node of a tree cuts numbers into other than two sides")
    if tree.counts.shape != (len(tree), n_classes) or not (tree.counts.sum(axis=1) > 0).all():
        raise ValueError("its classes are not counted")


def _check_children(children: np.ndarray, parents: np.ndarray, n_nodes: int) -> None:
    if (children <= parents).any() or (children >= n_nodes).any() or not np.array_equal(np.sort(children), np.arange(1, n_nodes)):
        raise ValueError("its nodes make no tree")


def _check_types(arrays: dict[str, np.ndarray], types: Mapping[str, type], optional: str = "") -> None:
    for name, kind in types.items():
        if (name in arrays or name != optional) and arrays[name].dtype != kind:
            raise ValueError(f"its {name} is of type {arrays[name].dtype}")
    if strange := set(arrays) - set(types):
        raise ValueError(f"no tree has {min(strange)!r}")
