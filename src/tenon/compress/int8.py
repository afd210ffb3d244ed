"""Networks for texts with weights of 8 bits; nothing is learnt (see `tenon.nn.int8`)."""

import copy
from typing import Any

from tenon.adapter import EstimatorModel
from tenon.data.dataset import Dataset
from tenon.watch import Watch


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
    if not is_net_of_texts(model):
        return "is for networks that read texts"
    from tenon.nn.int8 import int8_layers, put_int8

    if int8_layers(model.estimator.net_):
        return "has been done already"
    return None if put_int8(copy.deepcopy(model.estimator.net_)) else "finds no layer that is large enough to gain anything"


def int8(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> EstimatorModel:
    """Return the network with weights of 8 bits, whose inputs are rounded by the range of each batch (dynamic)."""
    from tenon.nn.int8 import put_int8

    estimator = copy.copy(model.estimator)
    estimator.net_ = copy.deepcopy(estimator.net_)
    put_int8(estimator.net_)
    return with_estimator(model, estimator)
