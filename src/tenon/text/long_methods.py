"""Methods for documents longer than an encoder reads at once, and when they stand on the board, cheapest first.

`bert` that reads a part of each, or all of it in segments, or all of it at once, as a Longformer. PyTorch is loaded only when one
is fitted.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tenon.data.dataset import Schema
from tenon.data.long_texts import LIMIT
from tenon.method import Method, Param
from tenon.tasks import Task
from tenon.text.bert_cost import seconds_to_tune
from tenon.text.bert_methods import OF_BERT, bert, read_bert
from tenon.text.bert_settings import EPOCHS, FINE_TUNING, fine_tuned, on_encoder

Params = Mapping[str, Any]
FEWEST_LONG = 0.05
"""Share of texts that are long from which it can pay to read them in another way.

Of fewer, even a way that mends every fourth long text that `bert` gets wrong raises the score by little more than one point in a
hundred, which few comparisons tell from chance, at several times the cost.
"""
OF_ONE_ROW = {**OF_BERT, "longest": Param(512, 16, 512, log=True)}
OF_SEGMENTS = {
    **FINE_TUNING,
    "smoothing": OF_BERT["smoothing"],
    "most_segments": Param(64, 1, 64, is_tuned=False),
    "cut": Param("length", choices=("length", "pauses")),
    "overlap": Param(0, 0, 64, is_tuned=False),  # of what is cut by length
}


def not_long(schema: Schema) -> str | None:
    """Return why a method for long documents does not fit a schema with texts alone (`not_texts_alone`), None where it does."""
    columns = schema.features("text")
    if len(columns) > 1:
        return f"reads one column of texts; there are {len(columns)}"
    share = schema[columns[0]].long_share
    if share < FEWEST_LONG:
        return f"texts are short: {100 * share:.2g} % of them exceed {LIMIT} tokens; bert reads the others whole with longest=512"
    return None


def of_long_texts(parts: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a method that reads one column of texts with an encoder, which stands aside where they are short."""

    def accepts(schema: Schema, task: Task) -> str | None:
        return parts["accepts"](schema, task) or not_long(schema)

    return {**parts, "accepts": accepts}


def _selecting(task: Task, params: Params, seed: int) -> Any:
    return bert(task, params, seed, keeps=params["by"])


def _longformer(task: Task, params: Params, seed: int) -> Any:
    return bert(task, params, seed, stretch={"window": round(params["window"])})


def _segments(task: Task, params: Params, seed: int, pool: str = "") -> Any:
    """pool : "" for that of the settings."""
    from tenon.text.segment_estimators import SegmentsClassifier, SegmentsRegressor

    own = {"most_segments": round(params["most_segments"]), "cut": params["cut"], "overlap": round(params["overlap"])}
    common = {**fine_tuned(params), **own, "pool": pool or params["pool"], "random_state": seed}
    return SegmentsRegressor(**common) if task.is_regression else SegmentsClassifier(**common, smoothing=params["smoothing"])


def _read_segments(folder: Path) -> Any:
    from tenon.text.segment_estimators import SegmentsClassifier

    return SegmentsClassifier.read_files(folder)


def _of_one_row(name: str, build: Any) -> dict[str, Any]:
    return of_long_texts(on_encoder(name, build, read_bert, work={"epochs": EPOCHS})) | {"takes": seconds_to_tune}


def _of_segments(name: str, build: Any) -> dict[str, Any]:
    return of_long_texts(on_encoder(name, build, _read_segments, work={"epochs": EPOCHS})) | {"takes": seconds_to_tune}


def _pool(default: str, *others: str) -> dict[str, Param]:
    return {"pool": Param(default, choices=(default, *others))}


METHODS = (
    Method(cost_rank=93, params=OF_ONE_ROW, **_of_one_row("bert-head", partial(bert, keeps="head"))),
    Method(cost_rank=94, params=OF_ONE_ROW, **_of_one_row("bert-tail", partial(bert, keeps="tail"))),
    Method(cost_rank=95, params=OF_ONE_ROW, **_of_one_row("bert-head-tail", partial(bert, keeps="ends"))),
    Method(
        cost_rank=96,
        params={**OF_ONE_ROW, "by": Param("bm25", choices=("bm25", "textrank"))},
        **_of_one_row("bert-select", _selecting),
    ),
    Method(
        cost_rank=97,
        params={**OF_SEGMENTS, **_pool("mean", "attention", "votes")},
        **_of_segments("bert-pool-mean", _segments),
    ),
    Method(
        cost_rank=98,
        params={**OF_SEGMENTS, **_pool("max", "both", "mlp")},
        **_of_segments("bert-pool-max", _segments),
    ),
    Method(cost_rank=99, params=OF_SEGMENTS, **_of_segments("bert-windows-lstm", partial(_segments, pool="lstm"))),
    Method(
        cost_rank=103,
        params={**OF_ONE_ROW, "longest": Param(4096, 512, 4096, log=True), "window": Param(256, 32, 256, log=True)},
        **_of_one_row("longformer", _longformer),
    ),
)
