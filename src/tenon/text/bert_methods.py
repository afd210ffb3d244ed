"""Methods that read texts with an encoder, cheapest first; PyTorch is loaded only when one is fitted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenon.method import Method, Param
from tenon.tasks import CLASSES, Task
from tenon.text.bert_cost import seconds_to_read, seconds_to_tune
from tenon.text.bert_settings import EPOCHS, FINE_TUNING, OF_ENCODER, fine_tuned, on_encoder

Params = Mapping[str, Any]
OF_BERT = {
    **FINE_TUNING,
    "distil": Param(0.0, 0.0, 2.0, is_tuned=False),  # a second reading of every text, which a search leaves out
    "students": Param(1, 1, 5, is_tuned=False),
    "smoothing": Param(0.0, 0.0, 0.2, most=1.0),
}


def _prototypes(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.frozen import PrototypeClassifier

    return PrototypeClassifier(params["checkpoint"], round(params["longest"]))


def _frozen(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.frozen import FrozenBertClassifier, FrozenBertRegressor

    common = {"checkpoint": params["checkpoint"], "longest": round(params["longest"]), "C": params["C"]}
    return FrozenBertRegressor(**common) if task.is_regression else FrozenBertClassifier(**common)


def bert(task: Task, params: Params, seed: int, **reads: Any) -> Any:
    """Return the estimator with the settings OF_BERT; reads : what else it takes, how it reads long texts."""
    from tenon.text.bert_estimators import BertClassifier, BertRegressor

    own = {"distil": params["distil"], "students": round(params["students"])}
    common = {**fine_tuned(params), **own, **reads, "random_state": seed}
    return BertRegressor(**common) if task.is_regression else BertClassifier(**common, smoothing=params["smoothing"])


def _read_frozen(folder: Path) -> Any:
    from tenon.text.frozen import FrozenBertClassifier

    return FrozenBertClassifier.read_files(folder)


def _read_prototypes(folder: Path) -> Any:
    from tenon.text.frozen import PrototypeClassifier

    return PrototypeClassifier.read_files(folder)


def read_bert(folder: Path) -> Any:
    from tenon.text.bert_estimators import BertClassifier

    return BertClassifier.read_files(folder)


METHODS = (
    Method(
        cost_rank=78,
        takes=seconds_to_read,
        params=OF_ENCODER,
        **on_encoder("prototypes", _prototypes, _read_prototypes, kinds_of_task=CLASSES),
    ),
    Method(
        cost_rank=79,
        takes=seconds_to_read,
        params={"C": Param(1.0, 1e-3, 1e3, log=True, is_positive=True), **OF_ENCODER},
        **on_encoder("bert-frozen", _frozen, _read_frozen),
    ),
    Method(
        cost_rank=87,
        takes=seconds_to_tune,
        params=OF_BERT,
        **on_encoder("bert", bert, read_bert, work={"epochs": EPOCHS}),
    ),
)
