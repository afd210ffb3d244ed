"""Networks for texts on the board, cheapest first; PyTorch is loaded only when one is fitted."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.adapter import from_estimator
from tenon.data.dataset import Schema
from tenon.method import Method, Param
from tenon.tasks import Task
from tenon.text.kinds import KINDS
from tenon.text.prepared import by_itself, vectors_at
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
    "smoothing": Param(0.0, 0.0, 0.2, most=1.0),
}
RECURRENT = {"d_hidden": Param(100, 32, 300, log=True), "n_layers": Param(1, 1, 3)}
TRANSFORMER = {"n_layers": Param(2, 1, 6), "n_heads": Param(4, 1, 8), "norm": Param("pre", choices=("pre", "post"))}
POOLING = Param("max", choices=("last", "mean", "max"))


def _whole(schema: Schema, params: Params) -> "WholeTexts":
    from tenon.features.texts import WholeTexts

    return WholeTexts(schema.features("text"))


def _read(folder: Path) -> Any:
    from tenon.text.estimators import TextClassifier

    return TextClassifier.read_files(folder)


def _net(name: str, **of_net: Param) -> dict[str, Any]:
    """Return the parts of the method of a network. of_net : settings of its constructor that the method has, too."""

    def build(task: Task, params: Params, seed: int) -> Any:
        from tenon.text.estimators import TextClassifier, TextRegressor

        vectors = vectors_at(params["vectors"])
        common = {
            "net": name, "settings": {key: _plain(params[key]) for key in of_net}, "units": params["units"],
            "vocabulary": params["vocabulary"], "longest": round(params["longest"]), "vectors": vectors,
            "width": round(params["width"]) if vectors is None else vectors.matrix.shape[1],
            "epochs": params["epochs"], "random_state": seed,
            **{key: params[key] for key in ("rate", "dropout", "word_dropout")},
        }  # fmt: skip
        return TextRegressor(**common) if task.is_regression else TextClassifier(**common, smoothing=params["smoothing"])

    kind = KINDS[name]
    own = {
        "rate": Param(kind.rate, kind.rate / 10, kind.rate * 5, log=True, is_positive=True),
        "dropout": Param(kind.dropout, 0.0, 0.7, most=1.0),
        "word_dropout": Param(kind.word_dropout, 0.0, 0.3, most=1.0),
    }
    parts = by_itself(
        from_estimator(name, build, features=_whole, read=_read, work={"epochs": kind.epochs}), "vectors", "word2vec"
    )

    def accepts(schema: Schema, task: Task) -> str | None:
        return parts["accepts"](schema, task) or _not_texts_alone(schema)

    return parts | {
        "card": f"{name}.md", "accepts": accepts, "params": {**of_net, **own, **SETTINGS}, "needs": "deep", "is_seeded": True,
        "cost": "dear",
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else round(value)


def _not_texts_alone(schema: Schema) -> str | None:
    """Return why a method that reads texts and nothing else does not fit the schema, None where it does."""
    others = [name for name in schema.features() if schema[name].kind != "text"]
    if not schema.features("text"):
        return "reads columns of text; there is none"
    if others:
        return f"reads texts alone, and would leave out {others[0]!r}; to let it, give --kind {others[0]}=ignore"
    return None


METHODS = (
    Method(cost_rank=72, pace=30.0, **_net("text-cnn", n_maps=Param(100, 32, 300, log=True))),
    Method(cost_rank=73, pace=20.0, **_net("rnn", **RECURRENT, pooling=POOLING)),
    Method(cost_rank=74, pace=25.0, **_net("lstm", **RECURRENT, pooling=POOLING)),
    Method(cost_rank=75, pace=30.0, **_net("gru", **RECURRENT, pooling=POOLING)),
    Method(cost_rank=76, pace=30.0, **_net("bilstm-attention", **RECURRENT)),
    Method(cost_rank=77, pace=80.0, **_net("transformer", **TRANSFORMER)),
)
