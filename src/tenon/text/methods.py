"""Networks for texts on the board, cheapest first; PyTorch is loaded only when one is fitted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.adapter import from_estimator
from tenon.data.dataset import Schema
from tenon.features.sequences import not_fitting
from tenon.method import Method, Param
from tenon.nn.activations import ACTIVATIONS
from tenon.tasks import CLASSES, NUMBERS, SETS, Task
from tenon.text.kinds import KINDS, Kind
from tenon.text.prepared import by_itself, vectors_at
from tenon.text.sequence_methods import SEQ2SEQ, TRANSLATION
from tenon.text.tokens import UNITS

if TYPE_CHECKING:
    from tenon.features.texts import WholeTexts

Params = Mapping[str, Any]

SETTINGS = {
    "units": Param("auto", choices=UNITS),
    "vocabulary": Param(None),
    "longest": Param(400, 16, 1000, log=True),
    "width": Param(128, 32, 300, log=True),
    "vectors": Param("", objective="word2vec"),
}
OWN = {  # None: the network's, and the task's, own
    "rate": Param(None, 1e-4, 1e-2, log=True, is_positive=True),
    "dropout": Param(None, 0.0, 0.7, most=1.0),
    "word_dropout": Param(None, 0.0, 0.3, most=1.0),
    "smoothing": Param(None, 0.0, 0.2, most=1.0),
}
TO_TRANSLATE = {name: SEQ2SEQ[name] for name in ("beam", "length_power")}
RECURRENT = {"d_hidden": Param(100, 32, 300, log=True), "n_layers": Param(1, 1, 3)}
CONVOLUTIONS = {"n_maps": Param(100, 32, 300, log=True), "activation": Param("relu", choices=ACTIVATIONS)}
TRANSFORMER = {
    "n_layers": Param(2, 1, 6),
    "n_heads": Param(4, 1, 8),
    "norm": Param("pre", choices=("pre", "post")),
    "activation": Param("gelu", choices=ACTIVATIONS),
}
POOLING = Param("max", choices=("last", "mean", "max"))


def _whole(schema: Schema, params: Params) -> "WholeTexts":
    from tenon.features.texts import WholeTexts

    return WholeTexts(schema.features("text"))


def _read(folder: Path) -> Any:
    from tenon.text import seq2seq
    from tenon.text.estimators import TextClassifier

    kind: Any = seq2seq.Seq2Seq if (folder / seq2seq.WORDS).is_file() else TextClassifier
    return kind.read_files(folder)


def network(
    name: str, of_net: Mapping[str, Param], translates: bool = False, longest: Param = SETTINGS["longest"]
) -> dict[str, Any]:  # fmt: skip
    """Return the parts of the method of a network. of_net : settings of its constructor that the method has, too.

    longest : tokens that are read of a text. translates : whether there is one of this name for translations, too. Each task then
    has defaults of its own.
    """
    own, more = (OWN, TO_TRANSLATE) if translates else (_own(KINDS[name]), {})
    kinds, passes = CLASSES + SETS + NUMBERS + (TRANSLATION if translates else ()), {"epochs": KINDS[name].epochs}
    build = partial(_estimator, name, tuple(of_net), tuple(own))
    parts = from_estimator(name, build, features=_whole, kinds_of_task=kinds, read=_read, work=passes)
    parts = by_itself(parts, "vectors", "word2vec")

    def accepts(schema: Schema, task: Task) -> str | None:
        fits = not_fitting(schema, task) if task.kind in TRANSLATION else not_texts_alone(schema)
        return parts["accepts"](schema, task) or fits

    return parts | {
        "card": f"{name}.md", "accepts": accepts, "params": {**of_net, **own, **SETTINGS, "longest": longest, **more},
        "needs": "deep", "is_seeded": True, "cost": "dear",
    }  # fmt: skip


def _estimator(name: str, of_net: Sequence[str], own: Sequence[str], task: Task, params: Params, seed: int) -> Any:
    """Return the estimator of a network for a task; of_net, own : names of settings, see `network` and `_own`."""
    vectors, settings = vectors_at(params["vectors"]), {key: _plain(params[key]) for key in of_net}
    common = {
        **{key: params[key] for key in ("units", "vocabulary", "epochs")},
        **{key: params[key] for key in own if params[key] is not None},
        "longest": round(params["longest"]), "vectors": vectors, "random_state": seed,
        "width": round(params["width"]) if vectors is None else vectors.matrix.shape[1],
    }  # fmt: skip
    if task.kind in TRANSLATION:
        from tenon.text.seq2seq import Seq2Seq

        return Seq2Seq(kind=name, **settings, **common, beam=round(params["beam"]), length_power=params["length_power"])
    from tenon.text.estimators import TextClassifier, TextRegressor

    if task.is_regression:
        return TextRegressor(name, settings, **{key: value for key, value in common.items() if key != "smoothing"})
    return TextClassifier(name, settings, **common)


def _own(kind: Kind) -> dict[str, Param]:
    """Return the settings of training with what a network has where nothing else is asked for."""
    defaults = {"dropout": kind.dropout, "word_dropout": kind.word_dropout, "smoothing": 0.0}
    rate = replace(OWN["rate"], default=kind.rate, low=kind.rate / 10, high=kind.rate * 5)
    return {"rate": rate, **{name: replace(OWN[name], default=value) for name, value in defaults.items()}}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else round(value)


def not_texts_alone(schema: Schema) -> str | None:
    """Return why a method that reads texts and nothing else does not fit the schema, None where it does."""
    others = [name for name in schema.features() if schema[name].kind != "text"]
    if not schema.features("text"):
        return "reads columns of text; there is none"
    if others:
        return f"reads texts alone, and would leave out {others[0]!r}; to let it, give --kind {others[0]}=ignore"
    return None


METHODS = (
    Method(cost_rank=72, pace=30.0, **network("text-cnn", CONVOLUTIONS)),
    Method(cost_rank=73, pace=20.0, **network("rnn", {**RECURRENT, "pooling": POOLING})),
    Method(cost_rank=74, pace=25.0, **network("lstm", {**RECURRENT, "pooling": POOLING})),
    Method(cost_rank=75, pace=30.0, **network("gru", {**RECURRENT, "pooling": POOLING})),
    Method(cost_rank=76, pace=30.0, **network("bilstm-attention", RECURRENT)),
    Method(cost_rank=77, pace=80.0, **network("transformer", TRANSFORMER, translates=True)),
)
