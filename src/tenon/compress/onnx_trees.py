"""Trees and their ensembles as operators of ONNX, with the columns that they read.

ONNX splits on numbers alone. Of a column of categories the graph makes a column for each set of them that some node sends to the
left: 0 within the set, 1 outside, NaN where the value is missing or was never seen, which goes where the node says.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.compress.onnx_graph import DOUBLE, KNOWN, ML, Graph

if TYPE_CHECKING:
    import onnx

    from tenon.adapter import EstimatorModel
    from tenon.features.native import NativeColumns
    from tenon.trees.tree import Tree


def why_not_native(model: "EstimatorModel") -> str | None:
    """Tell why columns are none that a graph reads as they are; None where they are."""
    from tenon.features.native import NativeColumns

    columns = model.transformer
    is_plain = isinstance(columns, NativeColumns) and not (columns.dates or columns.images)
    return None if is_plain else "reads columns of numbers and categories"


def why_not_trees(model: "EstimatorModel") -> str | None:
    if reason := why_not_native(model):
        return reason
    from tenon.trees.cart import DecisionTreeClassifier, DecisionTreeRegressor
    from tenon.trees.forest import RandomForest
    from tenon.trees.gradient_boosting import _GradientBoosting

    known = isinstance(model.estimator, DecisionTreeClassifier | DecisionTreeRegressor | RandomForest | _GradientBoosting)
    return None if known and hasattr(model.estimator, "categories_") else KNOWN


def graph_of_trees(model: "EstimatorModel") -> "onnx.ModelProto":
    """Return the model as a graph of ONNX."""
    estimator, columns, task = model.estimator, model.transformer, model.task
    graph = Graph(model.schema)
    trees, is_boosted = _trees(estimator)
    cells, column_of = _cells(graph, columns, estimator.categories_, [tree for tree, _ in trees])
    base = estimator.start_ if is_boosted else np.zeros(trees[0][0].value.shape[1])
    factor = 1.0 if is_boosted else 1 / len(trees)
    sums = graph.add("TreeEnsembleRegressor", cells, domain=ML, **_attributes(trees, column_of, base, factor))
    scores = graph.add("Cast", sums, to=DOUBLE)
    return graph.finished(graph.probabilities(scores, len(base)) if is_boosted and not task.is_regression else scores, task)


def _trees(estimator: Any) -> "tuple[list[tuple[Tree, int | None]], bool]":
    """Return each tree with the score that it adds to, None: to all; and whether these are scores of boosting."""
    if hasattr(estimator, "start_"):
        return [(tree, k) for trees in estimator.trees_ for k, tree in enumerate(trees)], True
    return [(tree, None) for tree in getattr(estimator, "trees_", None) or [estimator.tree_]], False


def _cells(
    graph: Graph, columns: "NativeColumns", categories: dict[int, np.ndarray], trees: "Sequence[Tree]"
) -> tuple[str, dict[tuple[int, bytes], int]]:
    """Return what trees split on, (n, m) double, and the column of each set of categories, by its column and codes."""
    n_numbers, column_of = len(columns.numbers), dict[tuple[int, bytes], int]()
    sets: dict[int, list[np.ndarray]] = {}
    for tree in trees:
        for node, codes in tree.categories.items():
            sets.setdefault(int(tree.feature[node]), []).append(codes)
    parts = [graph.numbers(columns.numbers)] if columns.numbers else []
    for feature, found in sorted(sets.items()):
        different = {codes.tobytes(): codes for codes in found}
        table = np.ones((len(categories[feature]) + 1, len(different)))
        for j, (key, codes) in enumerate(different.items()):
            column_of[feature, key] = n_numbers + j
            table[codes, j] = 0.0
        table[-1] = np.nan
        n_numbers += len(different)
        name = columns.categories[feature - len(columns.numbers)]
        parts.append(graph.rows_of(table, graph.codes(name, [str(value) for value in categories[feature]])))
    return graph.add("Concat", *parts, axis=1), column_of


def _attributes(
    trees: "Sequence[tuple[Tree, int | None]]", column_of: dict[tuple[int, bytes], int], base: np.ndarray, factor: float
) -> dict[str, Any]:
    """Return what a TreeEnsembleRegressor is told of its nodes and leaves."""
    from onnx import numpy_helper

    nodes: dict[str, list[Any]] = {name: [] for name in ("treeids", "nodeids", "featureids", "modes", "truenodeids",
                                                         "falsenodeids", "missing_value_tracks_true")}  # fmt: skip
    leaves: dict[str, list[Any]] = {name: [] for name in ("treeids", "nodeids", "ids")}
    values, weights = list[float](), list[float]()
    for t, (tree, score) in enumerate(trees):
        for node in range(len(tree)):
            is_leaf, codes = bool(tree.is_leaf[node]), tree.categories.get(node)
            feature = int(tree.feature[node]) if codes is None else column_of[int(tree.feature[node]), codes.tobytes()]
            threshold = 0.5 if codes is not None else float(tree.threshold[node])
            said = (t, node, 0 if is_leaf else feature, "LEAF" if is_leaf else "BRANCH_LEQ",
                    0 if is_leaf else int(tree.left[node]), 0 if is_leaf else int(tree.right[node]),
                    int(tree.default_left[node]))  # fmt: skip
            for name, one in zip(nodes, said, strict=True):
                nodes[name].append(one)
            values.append(0.0 if is_leaf else threshold)
            for k, value in enumerate(tree.value[node]) if is_leaf else ():
                for name, one in zip(leaves, (t, node, k if score is None else score), strict=True):
                    leaves[name].append(one)
                weights.append(factor * float(value))
    return {
        **{f"nodes_{name}": of_all for name, of_all in nodes.items()},
        **{f"target_{name}": of_all for name, of_all in leaves.items()},
        "nodes_values_as_tensor": numpy_helper.from_array(np.array(values)),
        "target_weights_as_tensor": numpy_helper.from_array(np.array(weights)),
        "base_values_as_tensor": numpy_helper.from_array(np.array(base, np.float64)),
        "n_targets": len(base),
    }
