"""Methods for documents longer than an encoder reads at once, and when they stand on the board, cheapest first.

`bert` that reads a part of each, or all of it in segments, or all of it at once, as a Longformer, a BigBird or a BlockBERT; and
networks that begin by chance, Transformer-XL and Reformer. PyTorch is loaded only when one is fitted.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tenon.data.dataset import Dataset, Schema
from tenon.data.long_texts import FEWEST_LONG, LIMIT
from tenon.method import Method, Param
from tenon.tasks import Task
from tenon.text.bert_cost import LEARNING, PER_SECOND, seconds_to_tune, tokens_of_row
from tenon.text.bert_methods import OF_BERT, bert, read_bert
from tenon.text.bert_settings import EPOCHS, FINE_TUNING, fine_tuned, on_encoder
from tenon.text.methods import TRANSFORMER, network

Params = Mapping[str, Any]
OF_ONE_ROW = {**OF_BERT, "longest": Param(512, 16, 512, log=True)}
OF_SEGMENTS = {
    **FINE_TUNING,
    "smoothing": OF_BERT["smoothing"],
    "most_segments": Param(64, 1, 64, is_tuned=False),
    "cut": Param("length", choices=("length", "pauses")),
    "overlap": Param(0, 0, 64, is_tuned=False),  # of what is cut by length
}

LONGEST = Param(4096, 512, 4096, log=True)  # of what is read at once
LONGFORMER = {"window": Param(256, 32, 256, log=True)}  # settings of `tenon.text.stretched`
AT_ONCE = {**OF_ONE_ROW, "longest": LONGEST}
OF_LAYERS = {name: TRANSFORMER[name] for name in ("n_layers", "n_heads")}
WIDTH_OF_HEAD, TIMES_WIDE = 32, 4  # of these layers
SLOWER = 3  # that much narrow layers take longer than what they multiply does in wide ones


def not_long(schema: Schema) -> str | None:
    """Return why a method for long documents does not fit a schema with texts alone (`not_texts_alone`), None where it does."""
    columns = schema.features("text")
    if len(columns) > 1:
        return f"reads one column of texts; there are {len(columns)}"
    return are_short(schema, columns[0], "texts", "bert reads the others whole with longest=512")


def are_short(schema: Schema, column: str, what: str, otherwise: str) -> str | None:
    """Return that too few cells of a column are long, None where they are not. otherwise : what reads the others."""
    share = schema[column].long_share
    if share >= FEWEST_LONG:
        return None
    return f"{what} are short: {100 * share:.2g} % of them are longer than {LIMIT} parts of words; {otherwise}"


def of_long_texts(parts: dict[str, Any], not_long: Callable[[Schema], str | None] = not_long) -> dict[str, Any]:
    """Return the parts of a method that reads with an encoder, which stands aside where what it reads is short.

    not_long : tells so; by default of one column of texts.
    """

    def accepts(schema: Schema, task: Task) -> str | None:
        return parts["accepts"](schema, task) or not_long(schema)

    return {**parts, "accepts": accepts}


def stretch_to(kind: str, own: Iterable[str], params: Params) -> dict[str, Any]:
    """Return the setting `stretch` of an estimator; own : names of those of `tenon.text.stretched` among the params."""
    return {"kind": kind, **{name: round(params[name]) for name in own}}


def _selecting(task: Task, params: Params, seed: int) -> Any:
    return bert(task, params, seed, keeps=params["by"])


def _stretched(task: Task, params: Params, seed: int, kind: str, own: tuple[str, ...]) -> Any:
    return bert(task, params, seed, stretch=stretch_to(kind, own, params))


def _segments(task: Task, params: Params, seed: int, pool: str = "") -> Any:
    """pool : "" for that of the settings."""
    from tenon.long.segment_estimators import SegmentsClassifier, SegmentsRegressor

    overlap = round(params["overlap"]) if params["cut"] == "length" else 0
    own = {"most_segments": round(params["most_segments"]), "cut": params["cut"], "overlap": overlap}
    common = {**fine_tuned(params), **own, "pool": pool or params["pool"], "random_state": seed}
    return SegmentsRegressor(**common) if task.is_regression else SegmentsClassifier(**common, smoothing=params["smoothing"])


def _read_segments(folder: Path) -> Any:
    from tenon.long.segment_estimators import SegmentsClassifier

    return SegmentsClassifier.read_files(folder)


def _of_one_row(name: str, build: Any) -> dict[str, Any]:
    return of_long_texts(on_encoder(name, build, read_bert, work={"epochs": EPOCHS})) | {"takes": seconds_to_tune}


def _at_once(name: str, kind: str, own: Mapping[str, Param]) -> dict[str, Any]:
    """Return the parts of a method whose encoder is stretched to a kind. own : settings of `tenon.text.stretched`."""
    build = partial(_stretched, kind=kind, own=tuple(own))
    return {**_of_one_row(name, build), "params": {**AT_ONCE, **own}}


def _from_chance(name: str, own: Mapping[str, Param], seen: Callable[[Params], float]) -> dict[str, Any]:
    """Return the parts of a method whose network begins by chance. seen : settings -> how many tokens each looks at."""

    def seconds(data: Dataset, n_rows: float, settings: Params, budget: str) -> float:
        width, n_tokens = WIDTH_OF_HEAD * settings["n_heads"], min(tokens_of_row(data), settings["longest"])
        of_token = settings["n_layers"] * width * ((8 + 4 * TIMES_WIDE) * width + 4 * seen(settings))
        return SLOWER * LEARNING * settings["epochs"] * n_rows * n_tokens * of_token / PER_SECOND

    parts = network(name, {**OF_LAYERS, **own}, longest=Param(4096, 512, 16_384, log=True))
    return of_long_texts(parts) | {"takes": seconds}


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
        cost_rank=100,
        **_from_chance("transformer-xl", {"length": Param(128, 32, 512, log=True)}, lambda own: 2 * own["length"]),
    ),
    Method(
        cost_rank=101,
        **_from_chance(
            "reformer",
            {"n_rounds": Param(2, 1, 4), "chunk": Param(64, 16, 128, log=True)},
            lambda own: 2 * own["chunk"] * own["n_rounds"],
        ),
    ),
    Method(cost_rank=102, **_at_once("blockbert", "blockbert", {"n_parts": Param(2, 2, 4)})),
    Method(cost_rank=103, **_at_once("longformer", "longformer", LONGFORMER)),
    Method(cost_rank=104, **_at_once("bigbird", "big_bird", {"block": Param(64, 16, 128), "n_random": Param(3, 0, 5)})),
)
