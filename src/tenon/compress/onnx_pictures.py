"""Networks for images as a file of ONNX, by PyTorch's exporter, with what is done to each channel before and the answer behind.

A picture goes in as (height, width, channels) uint8, of the size that the network has learnt from; to bring it to that size is
left to whoever asks, since programs for images do not agree on how to shrink.
"""

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tenon.compress.onnx_export import exported
from tenon.compress.onnx_graph import ROWS

if TYPE_CHECKING:
    import onnx
    from torch import Tensor, nn

    from tenon.adapter import EstimatorModel
    from tenon.image.estimators import ImageClassifier, ImageRegressor


def is_of_pictures(model: "EstimatorModel") -> bool:
    """Whether it is a network for images; PyTorch is not loaded to tell that another model is none."""
    return hasattr(model.estimator, "nets_")


def why_not_pictures(model: "EstimatorModel") -> str | None:
    return "would lose the mean over views of a picture" if model.estimator.views else None


def graph_of_pictures(model: "EstimatorModel") -> "onnx.ModelProto":
    """Return the model as a graph of ONNX."""
    import torch

    [column] = model.schema.features("image")
    seen = torch.zeros(2, *model.estimator.shape_, dtype=torch.uint8)
    return exported(_answering(model.estimator, seen, model.task.is_regression), {column: seen}, {0: ROWS}, model.task)


def _answering(estimator: "ImageClassifier | ImageRegressor", seen: "Tensor", is_regression: bool) -> "nn.Module":
    """Return a network that turns pictures (n, H, W, C) uint8, such as `seen`, into what is said of them, (n, K) or (n,)."""
    from torch import Tensor, nn

    estimator = copy.copy(estimator)
    estimator.nets_ = copy.deepcopy(estimator.nets_)
    _pool_by_products(estimator, seen)

    class Answering(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.nets = estimator.nets_

        def forward(self, pictures: Tensor) -> Tensor:
            said = estimator.said(pictures.permute(0, 3, 1, 2))
            return said[:, 0] if is_regression else said

    return Answering()


def _pool_by_products(estimator: "ImageClassifier | ImageRegressor", seen: "Tensor") -> None:
    """Put products with matrices where maps are averaged to a size: ONNX has no operator for it.

    Each line is the mean over the pixels that PyTorch takes, from floor(i n / m) to ceil((i + 1) n / m).
    """
    import torch
    from torch import Tensor, nn

    class Products(nn.Module):
        rows: Tensor
        columns: Tensor

        def __init__(self, given: Sequence[int], wanted: Sequence[int]):
            super().__init__()
            self.register_buffer("rows", _means(given[-2], wanted[-2]))
            self.register_buffer("columns", _means(given[-1], wanted[-1]).T)

        def forward(self, x: Tensor) -> Tensor:
            return self.rows @ x @ self.columns

    shapes: dict[nn.Module, tuple[Sequence[int], Sequence[int]]] = {}
    pools = [layer for layer in estimator.nets_.modules() if isinstance(layer, nn.AdaptiveAvgPool2d)]
    hooks = [
        pool.register_forward_hook(lambda pool, given, output: shapes.update({pool: (given[0].shape, output.shape)}))
        for pool in pools
    ]
    with torch.no_grad():
        estimator.said(seen.permute(0, 3, 1, 2))
    for hook in hooks:
        hook.remove()
    for module in list(estimator.nets_.modules()):
        for name, layer in module.named_children():
            if layer in shapes:  # heads that only train are never asked
                setattr(module, name, Products(*shapes[layer]))


def _means(n: int, m: int) -> "Tensor":
    """Return the matrix (m, n) that averages n numbers to m."""
    import torch

    ends = [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]
    return torch.stack([(torch.arange(n) >= low).logical_and(torch.arange(n) < high) / (high - low) for low, high in ends])
