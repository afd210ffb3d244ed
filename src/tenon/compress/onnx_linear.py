"""Linear models of scaled columns as operators of ONNX, with the scaling, the filled gaps and the categories.

What a category adds to each score is a row of a table: its one-hot column times the coefficients.
"""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.compress.onnx_graph import DOUBLE, KNOWN, Graph

if TYPE_CHECKING:
    import onnx

    from tenon.adapter import EstimatorModel

NUMBERS, CATEGORIES = "numbers", "categories"  # parts of `features.recipes.scaled`
UNSEEN = "\0unseen"  # a value that no column holds


def why_not_linear(model: "EstimatorModel") -> str | None:
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import Normalizer

    linear = linear_of(model.estimator)
    if linear is None or not isinstance(model.transformer, ColumnTransformer):
        return KNOWN
    parts = {name: part for name, part, _ in model.transformer.transformers_ if part not in ("drop", "passthrough")}
    if set(parts) - {NUMBERS, CATEGORIES}:
        return "reads columns of numbers and categories"
    if NUMBERS in parts and isinstance(parts[NUMBERS][-1], Normalizer):
        return "knows the scalings standard and minmax"
    return None


def graph_of_linear(model: "EstimatorModel") -> "onnx.ModelProto":
    """Return the model as a graph of ONNX."""
    linear, scale, mean = linear_of(model.estimator)
    graph, columns = Graph(model.schema), model.transformer
    weights = np.atleast_2d(linear.coef_).T  # (features, K)
    scores = graph.constant(np.atleast_2d(np.zeros(weights.shape[1]) + linear.intercept_))
    for name, part, names in columns.transformers_:
        mine = weights[columns.output_indices_[name]]
        if name == NUMBERS:
            scores = graph.add("Add", scores, _of_numbers(graph, part, list(names), mine))
        elif name == CATEGORIES:
            for j, column in enumerate(names):
                values, table = _of_values(part, list(names), j, mine)
                scores = graph.add("Add", scores, graph.rows_of(table, graph.codes(column, values)))
    if model.task.is_regression:
        answer = graph.add("Add", graph.add("Mul", scores, graph.constant(scale)), graph.constant(mean))
        return graph.finished(answer, model.task)
    return graph.finished(graph.probabilities(scores, weights.shape[1]), model.task)


def linear_of(estimator: Any) -> Any:
    """Return what has the coefficients, and by what its numbers are multiplied and then raised; None where nothing has."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge

    one = np.ones(1), np.zeros(1)
    if isinstance(estimator, TransformedTargetRegressor) and isinstance(estimator.regressor_, Lasso | ElasticNet | Ridge):
        return estimator.regressor_, estimator.transformer_.scale_, estimator.transformer_.mean_
    return (estimator, *one) if isinstance(estimator, LogisticRegression | LinearRegression | Ridge | Lasso) else None


def _of_numbers(graph: Graph, pipeline: Any, names: list[str], weights: np.ndarray) -> str:
    """Return what numbers add to scores, (n, K): scaled, gaps filled, and the marks of gaps. weights: (p + marks, K)."""
    scaler, filler = pipeline[0], pipeline[1]
    is_minmax = hasattr(scaler, "data_min_")
    factor, shift = (scaler.scale_, scaler.min_) if is_minmax else (1 / scaler.scale_, -scaler.mean_ / scaler.scale_)
    of_gap = np.zeros((len(names), weights.shape[1]))
    of_gap[filler.indicator_.features_] = weights[len(names) :]
    cells = graph.numbers(names)
    is_gap = graph.add("IsNaN", cells)
    scaled = graph.add("Add", graph.add("Mul", cells, graph.constant(factor)), graph.constant(shift))
    filled = graph.add("Where", is_gap, graph.constant(filler.statistics_.astype(np.float64)), scaled)
    marks = graph.add("Cast", is_gap, to=DOUBLE)
    sums = (graph.add("MatMul", one, graph.constant(of)) for one, of in ((filled, weights[: len(names)]), (marks, of_gap)))
    return graph.add("Add", *sums)


def _of_values(encoder: Any, names: list[str], j: int, weights: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return the values of a column, "" where it may be missing, and what each, and last any other, adds to scores, (m + 1, K).

    The first column adds what all others add where their values were never seen, too.
    """
    import pandas as pd

    known = [value for value in encoder.categories_[j] if isinstance(value, str)]
    cells: dict[str, list[Any]] = {name: [UNSEEN] * (len(known) + 2) for name in names}
    cells[names[j]] = [*known, np.nan, UNSEEN]
    asked = pd.DataFrame(cells, dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unseen values, which are asked about here
        said = np.asarray(encoder.transform(asked) @ weights)
    return [*known, ""], said - (said[-1] if j else 0.0)
