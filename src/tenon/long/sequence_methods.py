"""Methods that read long sentences and contexts at once, as a Longformer, cheapest first."""

from collections.abc import Mapping
from typing import Any

from tenon.data.dataset import Schema
from tenon.data.questions import CONTEXT
from tenon.long.methods import LONGEST, LONGFORMER, are_short, of_long_texts, stretch_to
from tenon.method import Method, Param
from tenon.tasks import Task
from tenon.text import answer_methods, tagging_methods

Params = Mapping[str, Any]
OF_ANSWERS = {**answer_methods.OF_BERT, "longest": LONGEST, "stride": Param(2048, 128, 2048, log=True), **LONGFORMER}


def short_sentences(schema: Schema) -> str | None:
    """Return why sentences are not read at once, None where enough of them are long."""
    [column] = schema.features("tokens")
    return are_short(schema, column, "sentences", "bert-tagger reads the others whole with longest=512")


def short_contexts(schema: Schema) -> str | None:
    """Return why contexts are not read at once, None where enough of them are long."""
    return are_short(schema, CONTEXT, "contexts", "bert-answer reads the others in two windows at most with longest=512")


def _tagger(task: Task, params: Params, seed: int) -> Any:
    return tagging_methods.bert_tagger(task, params, seed, stretch_to("longformer", LONGFORMER, params))


def _answer(task: Task, params: Params, seed: int) -> Any:
    return answer_methods.bert_answer(task, params, seed, stretch_to("longformer", LONGFORMER, params))


METHODS = (
    Method(
        cost_rank=92,
        params={**tagging_methods.OF_BERT, "longest": LONGEST, **LONGFORMER},
        **of_long_texts(tagging_methods.on_encoder("longformer-tagger", _tagger), short_sentences),
    ),
    Method(
        cost_rank=122,
        params=OF_ANSWERS,
        **of_long_texts(answer_methods.on_encoder("longformer-answer", _answer), short_contexts),
    ),
)
