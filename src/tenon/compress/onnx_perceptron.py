"""The perceptron of several layers as operators of ONNX, with what it does to columns (`tenon.tabular.mlp_columns`).

Batch normalisation, which only scales and raises once it has learnt, is part of the weights before it.
"""

from typing import TYPE_CHECKING

import numpy as np

from tenon.compress.onnx_graph import DOUBLE, FLOAT, Graph

if TYPE_CHECKING:
    import onnx
    from torch import Tensor, nn

    from tenon.adapter import EstimatorModel
    from tenon.nn.activations import Activation
    from tenon.tabular.mlp_columns import NetColumns


def is_perceptron(model: "EstimatorModel") -> bool:
    """Whether it is one; PyTorch is not loaded to tell that another model is none."""
    if not hasattr(model.estimator, "net_"):
        return False
    from tenon.tabular.mlp import MLPClassifier, MLPRegressor

    return isinstance(model.estimator, MLPClassifier | MLPRegressor)


def graph_of_perceptron(model: "EstimatorModel") -> "onnx.ModelProto":
    """Return the model as a graph of ONNX."""
    net, target, read = model.estimator.net_, model.estimator.target_, model.transformer
    graph, columns = Graph(model.schema), model.estimator.columns_
    parts = [_numbers(graph, columns, read.numbers)] if read.numbers else []
    for name, values, vectors in zip(read.categories, columns.values_, net.embeddings, strict=True):
        parts.append(_vectors(graph, name, values, vectors))
    x = graph.add("Concat", *parts, axis=1)
    for linear, norm, *_ in net.body:
        x = _activation(graph, _linear(graph, x, *_merged(linear, norm)), model.estimator.activation)
    x = _linear(graph, x, _array(net.head.weight), _array(net.head.bias))
    if not model.task.is_regression:
        return graph.finished(graph.probabilities(x, target.n_out), model.task)
    scaled = graph.add("Mul", x, graph.constant(np.array([target.deviation])))
    return graph.finished(graph.add("Add", scaled, graph.constant(np.array([target.mean]))), model.task)


def _numbers(graph: Graph, columns: "NetColumns", names: list[str]) -> str:
    """Return numbers, (n, p and marks of gaps) double, filled, standardised, drawn in, and rounded to float32 as there."""
    from tenon.tabular.mlp_columns import MOST_DEVIATIONS

    cells = graph.numbers(names)
    is_gap = graph.add("IsNaN", cells)
    filled = graph.add("Where", is_gap, graph.constant(columns.median_), cells)
    moved = graph.add("Sub", filled, graph.constant(columns.mean_))
    scaled = graph.add("Div", moved, graph.constant(columns.deviation_))
    ends = [graph.constant(np.array(end)) for end in (-MOST_DEVIATIONS, MOST_DEVIATIONS)]
    rounded = graph.add("Cast", graph.add("Cast", graph.add("Clip", scaled, *ends), to=FLOAT), to=DOUBLE)
    marks = graph.add("Gather", is_gap, graph.constant(np.flatnonzero(columns.has_gaps_)), axis=1)
    return graph.add("Concat", rounded, graph.add("Cast", marks, to=DOUBLE), axis=1)


def _vectors(graph: Graph, name: str, values: list[str], vectors: "nn.Embedding") -> str:
    """Return the vector of each cell of a column of categories, (n, width); the first is of what was not known."""
    from tenon.tabular.mlp_columns import MISSING

    table = np.roll(_array(vectors.weight), -1, axis=0)  # in a graph it is the last
    return graph.rows_of(table, graph.codes(name, ["" if value == MISSING else value for value in values]))


def _merged(linear: "nn.Linear", norm: "nn.BatchNorm1d") -> tuple[np.ndarray, np.ndarray]:
    """Return weights (n_out, n_in) and biases of a layer with the norm behind it."""
    learnt = norm.state_dict()
    mean, variance, gain, bias = (_array(learnt[name]) for name in ("running_mean", "running_var", "weight", "bias"))
    factor = gain / np.sqrt(variance + norm.eps)
    return factor[:, None] * _array(linear.weight), factor * (_array(linear.bias) - mean) + bias


def _array(values: "Tensor") -> np.ndarray:
    return values.detach().double().numpy()


def _linear(graph: Graph, x: str, weights: np.ndarray, biases: np.ndarray) -> str:
    return graph.add("Add", graph.add("MatMul", x, graph.constant(weights.T)), graph.constant(biases))


def _activation(graph: Graph, x: str, activation: "Activation") -> str:
    """Return what an activation makes of numbers (`tenon.nn.activations`); few of them are operators for double ones."""

    def times(a: str, b: "str | float") -> str:
        return graph.add("Mul", a, b if isinstance(b, str) else graph.constant(np.array(b)))

    if activation == "leaky_relu":
        return graph.add("Max", x, times(x, 0.01))
    if activation == "mish":
        none, one = graph.add("Sigmoid", graph.add("Neg", x)), graph.constant(np.array(1.0))  # 1 / (1 + exp(x))
        squared = times(none, none)  # tanh(log(1 / z)) = (1 - z²) / (1 + z²)
        return times(x, graph.add("Div", graph.add("Sub", one, squared), graph.add("Add", one, squared)))
    if activation == "gelu":
        erf = graph.add("Cast", graph.add("Erf", graph.add("Cast", times(x, 0.5**0.5), to=FLOAT)), to=DOUBLE)
        return times(times(x, 0.5), graph.add("Add", erf, graph.constant(np.array(1.0))))
    if activation == "gelu_tanh":
        cubed = graph.add("Add", x, times(times(x, times(x, x)), 0.044715))
        return times(x, graph.add("Sigmoid", times(cubed, 2 * (2 / np.pi) ** 0.5)))  # 1 + tanh(z) = 2 / (1 + exp(-2z))
    return graph.add({"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid"}[activation], x)
