"""An encoder with half of its layers, fine-tuned to say what the whole one said.

As DistilBERT begins (Sanh et al. 2019, arXiv:1910.01108, section 3), but it learns of the original's probabilities alone
(`distil`), not of its states, and goes on from an encoder that knows the task.
"""

import copy
from collections.abc import Mapping
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tenon.adapter import EstimatorModel, from_estimator
from tenon.compress.distil import taught, why_not_taught
from tenon.compress.int8 import int8_layers_of
from tenon.data.dataset import Dataset
from tenon.method import Model
from tenon.tasks import Task
from tenon.watch import Watch

if TYPE_CHECKING:
    from pathlib import Path


def why_not_encoder(model: EstimatorModel) -> str | None:
    """Tell why it is no encoder whose layers can be changed; None where it is one."""
    if not hasattr(getattr(model.estimator, "net_", None), "bert"):
        return "is for encoders"
    from tenon.text.bert_config import LONG
    from tenon.text.bert_heads import BertForSpans, BertForTags, BertForTexts
    from tenon.text.frozen import MeanOfStates

    net = model.estimator.net_
    if not isinstance(net, BertForTexts | BertForTags | BertForSpans | MeanOfStates) or net.bert.config.kind in LONG:
        return "is for encoders that read a text at once"
    return "cannot change weights of 8 bits" if int8_layers_of(model) else None


def why_not_fewer_layers(model: EstimatorModel, train: Dataset) -> str | None:
    if reason := why_not_encoder(model):
        return reason
    if model.estimator.net_.bert.config.n_layers < 2:
        return "finds a single layer"
    return None if model.task.is_of_sequences else why_not_taught(model)


def fewer_layers(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> Model:
    """Return the model with every second layer of its encoder, the first among them, trained as the original was.

    It learns what that says of the train rows; of sequences, whose probabilities no method learns from, what the rows say.
    """
    from sklearn.base import clone

    with TemporaryDirectory() as folder:
        write_cut(model.estimator, folder)
        settings = model.estimator.get_params(deep=False) | {"checkpoint": folder}
        settings |= {"random_state": seed} if "random_state" in settings else {}

        def build(task: Task, params: Mapping[str, Any], seed: int) -> Any:
            return type(model.estimator)(**settings)

        fit = from_estimator(model.method_name, build, features=lambda schema, params: clone(model.transformer))["fit"]
        made = fit(train if model.task.is_of_sequences else taught(model, train), model.task, params={}, seed=seed, watch=watch)
    made.schema, made.estimator.checkpoint = model.schema, ""
    return made


def write_cut(estimator: Any, folder: "Path | str") -> None:
    """Write the encoder of an estimator with its first, third, fifth … layer, and its head, as a checkpoint."""
    from torch import nn

    net = copy.deepcopy(estimator.net_)
    net.bert.encoder.layers = nn.ModuleList(list(net.bert.encoder.layers)[::2])
    net.bert.config = replace(net.bert.config, n_layers=len(net.bert.encoder.layers))
    (net if hasattr(net, "save_pretrained") else net.bert).save_pretrained(folder)
    estimator.tokens_.save_pretrained(folder)
