"""Networks for images as a file of ONNX, by PyTorch's exporter, with what is done to each channel before and the answer behind.

A picture goes in as (height, width, channels) uint8, of the size that the network has learnt from; to bring it to that size is
left to whoever asks, since programs for images do not agree on how to shrink.
"""

import copy
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from tenon.compress.onnx_graph import IR, LABEL, OPSET, PROBA, ROWS, VALUE
from tenon.tasks import Task

if TYPE_CHECKING:
    import onnx
    from torch import Tensor

    from tenon.adapter import EstimatorModel
    from tenon.image.estimators import ImageClassifier, ImageRegressor


def is_of_pictures(model: "EstimatorModel") -> bool:
    """Whether it is a network for images; PyTorch is not loaded to tell that another model is none."""
    return hasattr(model.estimator, "nets_")


def why_not_pictures(model: "EstimatorModel") -> str | None:
    return "would lose the mean over views of a picture" if model.estimator.views else None


def graph_of_pictures(model: "EstimatorModel") -> "onnx.ModelProto":
    """Return the model as a graph of ONNX."""
    import onnx
    import torch
    from torch import nn

    estimator, seen = copy.copy(model.estimator), torch.zeros(2, *model.estimator.shape_, dtype=torch.uint8)
    estimator.nets_ = copy.deepcopy(estimator.nets_)
    _leave_out_idle_pools(estimator, seen)

    class Answering(nn.Module):
        """Pictures (n, H, W, C) uint8 into what is said of them, (n, K), of numbers (n,)."""

        def __init__(self) -> None:
            super().__init__()
            self.nets = estimator.nets_

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            said = estimator.said(pictures.permute(0, 3, 1, 2))
            return said[:, 0] if model.task.is_regression else said

    [column] = model.schema.features("image")
    answer = VALUE if model.task.is_regression else PROBA
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        written = Path(folder) / "model.onnx"
        warnings.simplefilter("ignore")  # of a newer exporter, which needs one more package and takes ten times as long
        torch.onnx.export(
            Answering().eval(), (seen,), written, dynamo=False,
            input_names=[column], output_names=[answer], opset_version=OPSET, dynamic_axes={column: {0: ROWS}, answer: {0: ROWS}},
        )  # fmt: skip
        graph = onnx.load(written)
    graph.ir_version, graph.producer_name = IR, "tenon"
    return graph if model.task.is_regression else _with_labels(graph, model.task)


def _leave_out_idle_pools(estimator: "ImageClassifier | ImageRegressor", seen: "Tensor") -> None:
    """Put nothing where pools to a size get maps of that size: behind padding the exporter does not know the size of a map."""
    from torch import nn

    idle = []

    def look(pool: nn.Module, given: "tuple[Tensor, ...]", output: "Tensor") -> None:
        if given[0].shape == output.shape:
            idle.append(pool)

    pools = [layer for layer in estimator.nets_.modules() if isinstance(layer, nn.AdaptiveAvgPool2d)]
    hooks = [pool.register_forward_hook(look) for pool in pools]
    estimator.said(seen.permute(0, 3, 1, 2))
    for hook in hooks:
        hook.remove()
    for module in list(estimator.nets_.modules()):
        for name, layer in module.named_children():
            if layer in idle:
                setattr(module, name, nn.Identity())


def _with_labels(model: "onnx.ModelProto", task: Task) -> "onnx.ModelProto":
    """Add the likeliest class, as text."""
    from onnx import TensorProto, checker, helper, numpy_helper

    labels = numpy_helper.from_array(np.array([str(label) for label in task.labels], object), "labels")
    model.graph.initializer.append(labels)
    model.graph.node.append(helper.make_node("ArgMax", [PROBA], ["likeliest"], axis=1, keepdims=0))
    model.graph.node.append(helper.make_node("Gather", ["labels", "likeliest"], [LABEL]))
    model.graph.output.append(helper.make_tensor_value_info(LABEL, TensorProto.STRING, [ROWS]))
    checker.check_model(model)
    return model
