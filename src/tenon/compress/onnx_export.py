"""A network as a graph of ONNX by PyTorch's exporter, with the likeliest class behind its probabilities."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from tenon.compress.onnx_graph import IR, LABEL, OPSET, PROBA, ROWS, VALUE
from tenon.tasks import Task

if TYPE_CHECKING:
    import onnx
    from torch import Tensor, nn


def exported(net: "nn.Module", given: "Mapping[str, Tensor]", free: Mapping[int, str], task: Task) -> "onnx.ModelProto":
    """Return a network that says probabilities (n, K), or numbers (n,), as a graph.

    given : what it is called with in this order, such as it may be, by the names of the inputs. free : names of the axes of
    these, by their place, that are of any length; the rows are the first.
    """
    import onnx
    import torch

    answer = VALUE if task.is_regression else PROBA
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        written = Path(folder) / "model.onnx"
        warnings.simplefilter("ignore")  # of a newer exporter, which needs one more package and takes ten times as long
        torch.onnx.export(
            net.eval(), tuple(given.values()), written, dynamo=False, input_names=list(given), output_names=[answer],
            opset_version=OPSET, dynamic_axes={**dict.fromkeys(given, dict(free)), answer: {0: ROWS}},
        )  # fmt: skip
        graph = onnx.load(written)
    graph.ir_version, graph.producer_name = IR, "tenon"
    if not task.is_regression:
        _add_labels(graph, task)
    onnx.checker.check_model(graph)
    return graph


def _add_labels(model: "onnx.ModelProto", task: Task) -> None:
    """Add the likeliest class, as text."""
    from onnx import TensorProto, helper, numpy_helper

    labels = numpy_helper.from_array(np.array([str(label) for label in task.labels], object), "labels")
    model.graph.initializer.append(labels)
    model.graph.node.append(helper.make_node("ArgMax", [PROBA], ["likeliest"], axis=1, keepdims=0))
    model.graph.node.append(helper.make_node("Gather", ["labels", "likeliest"], [LABEL]))
    model.graph.output.append(helper.make_tensor_value_info(LABEL, TensorProto.STRING, [ROWS]))
