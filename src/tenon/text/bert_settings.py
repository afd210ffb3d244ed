"""What methods on an encoder have alike: settings, what they begin with, and which columns they read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tenon.adapter import Build, Read, from_estimator, from_sequences
from tenon.data.dataset import Schema
from tenon.method import PREPARED, STAGES, Param, Takes
from tenon.tasks import CLASSES, NUMBERS, SETS, Task
from tenon.text.methods import not_texts_alone
from tenon.text.prepared import ROADS, by_itself

if TYPE_CHECKING:
    from tenon.features.texts import EachText

OF_ENCODER = {  # of methods that read with an encoder
    "checkpoint": Param(PREPARED, objective="mlm"),
    STAGES: Param("", choices=tuple(ROADS), is_tuned=False),  # by the texts that a comparison is given
    "longest": Param(256, 16, 512, log=True),
}
FINE_TUNING = {  # of those that train it further
    **OF_ENCODER,
    "rate": Param(None, 1e-5, 1e-3, log=True, is_positive=True, is_tuned=False),  # by the encoder's width
    "layer_share": Param(0.95, 0.8, 1.0, most=1.0),
    "frozen_layers": Param(0, 0, 12, is_tuned=False),  # by how many the encoder has
    "fewest_steps": Param(200, 0, 1000),
    "learns": Param("all", choices=("all", "gradual")),
}
EPOCHS = (2, 4, 10)  # of fine-tuning: quick, normal, thorough


def on_encoder(
    name: str,
    build: Build,
    read: Read,
    kinds_of_task: tuple[str, ...] = CLASSES + SETS + NUMBERS,
    work: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the parts of a method that reads one column of texts, or two as pairs, with an encoder. See `from_estimator`."""
    parts = from_estimator(name, build, features=_each_text, kinds_of_task=kinds_of_task, read=read, work=work)

    def accepts(schema: Schema, task: Task) -> str | None:
        return parts["accepts"](schema, task) or not_texts_alone(schema) or _too_many(schema)

    own = {"card": f"{name}.md", "accepts": accepts, "needs": "deep", "is_seeded": True, "cost": "dear"}
    return by_itself(parts, "checkpoint", "mlm") | own


def sequences_on_encoder(
    name: str, build: Build, read: Read, kinds_of_task: tuple[str, ...], takes: Takes, epochs: tuple[int, int, int]
) -> dict[str, Any]:
    """Return the parts of a method that tags sentences, or answers questions, with an encoder. See `from_sequences`.

    epochs : of each budget.
    """
    parts = from_sequences(name, build, kinds_of_task=kinds_of_task, read=read, work={"epochs": epochs})
    own = {"card": f"{name}.md", "takes": takes, "needs": "deep", "cost": "dear", "is_seeded": True}
    return by_itself(parts, "checkpoint", "mlm") | own


def _each_text(schema: Schema, params: Mapping[str, Any]) -> "EachText":
    from tenon.features.texts import EachText

    return EachText(schema.features("text"))


def _too_many(schema: Schema) -> str | None:
    n = len(schema.features("text"))
    return f"reads one column of texts, or two as pairs; there are {n}" if n > 2 else None


def fine_tuned(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of FINE_TUNING, and the passes, as estimators take them."""
    whole = {name: round(params[name]) for name in ("longest", "frozen_layers", "fewest_steps")}
    return {**{name: params[name] for name in ("checkpoint", "rate", "layer_share", "learns", "epochs")}, **whole}
