"""Networks for tables, texts and sequences with weights of 8 bits; nothing is learnt (see `tenon.nn.int8`).

Their linear layers and embeddings are rounded. Of networks for images most weights are of convolutions: `onnx_int8.py`.
"""

import copy
from typing import Any

import numpy as np

from tenon.adapter import EstimatorModel
from tenon.compress.onnx_pictures import is_of_pictures
from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.estimator_file import WritesItself
from tenon.watch import Watch

ROWS = 500  # that are looked at, such as for the range of inputs


def with_estimator(model: EstimatorModel, estimator: Any) -> EstimatorModel:
    """Return the model with another estimator of the same features and classes."""
    parts = {"transformer": model.transformer, "estimator": estimator, "present": model.present, "threshold": model.threshold}
    return EstimatorModel(model.schema, model.task, model.method_name, parts)


def is_net_of_texts(model: EstimatorModel) -> bool:
    """Whether it is a network for texts; PyTorch is not loaded to tell that another one is none."""
    if not hasattr(model.estimator, "net_"):
        return False
    from tenon.text.net_of_texts import NetOfTexts

    return isinstance(model.estimator, NetOfTexts)


def why_not_int8(model: EstimatorModel, train: Dataset) -> str | None:
    net = getattr(model.estimator, "net_", None)
    if net is None or not isinstance(model.estimator, WritesItself):
        return "is for networks"
    if is_of_pictures(model):
        return "is for networks of tables, texts and sequences; of images onnx-int8 is"
    from tenon.nn.int8 import put_int8

    if int8_layers_of(model):
        return "has been done already"
    return None if put_int8(copy.deepcopy(net)) else "finds no layer that is large enough to gain anything"


def int8_layers_of(model: EstimatorModel) -> list[str]:
    """Return the names of layers of 8 bits in a model; PyTorch is not loaded to tell that one without a network has none."""
    if not hasattr(model.estimator, "net_"):
        return []
    from tenon.nn.int8 import int8_layers

    return int8_layers(model.estimator.net_)


def int8(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> EstimatorModel:
    """Return the network with weights of 8 bits, whose inputs are rounded by the range of each batch (dynamic)."""
    from tenon.nn.int8 import put_int8

    made = copied(model)
    put_int8(made.estimator.net_)
    return made


def int8_static(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> EstimatorModel:
    """Return the same, whose inputs are rounded by the range that they had in ROWS of the train rows (static)."""
    from tenon.nn.int8 import extremes_of, put_int8

    made = copied(model)
    net, rows = made.estimator.net_, conform(drawn(train, ROWS, seed), model.schema)
    put_int8(net, extremes=extremes_of(net, lambda: made.predict_rows(rows)))
    return made


def drawn(train: Dataset, most: int, seed: int) -> Dataset:
    """Return so many rows at most, by chance, in their order."""
    ids = train.row_ids
    return train.rows(np.sort(np.random.default_rng(seed).choice(ids, min(most, len(ids)), replace=False)))


def copied(model: EstimatorModel) -> EstimatorModel:
    """Return the model with a network of its own."""
    estimator = copy.copy(model.estimator)
    estimator.net_ = copy.deepcopy(estimator.net_)
    return with_estimator(model, estimator)
