"""Methods that answer questions by pieces of their contexts, simplest first."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tenon.adapter import from_sequences
from tenon.data.dataset import Schema
from tenon.data.questions import CONTEXT
from tenon.method import Method, Param
from tenon.tasks import Task
from tenon.text.bert_cost import seconds_to_answer
from tenon.text.bert_settings import FINE_TUNING
from tenon.text.long_methods import LONGEST, LONGFORMER, are_short, of_long_texts, stretch_to
from tenon.text.prepared import by_itself

Params = Mapping[str, Any]
ANSWER = ("answer",)
WHOLE = ("longest", "stride", "longest_question", "longest_answer", "n_best", "frozen_layers", "fewest_steps")
OF_BERT = {
    **FINE_TUNING,
    "longest": Param(384, 32, 512, log=True),
    "stride": Param(128, 16, 256, log=True),
    "longest_question": Param(64, 8, 128, log=True),
    "longest_answer": Param(None, 1, 200, is_tuned=False),  # by the train answers
    "n_best": Param(20, 1, 50, is_tuned=False),
}
AT_ONCE = {**OF_BERT, "longest": LONGEST, "stride": Param(2048, 128, 2048, log=True), **LONGFORMER}


def not_long(schema: Schema) -> str | None:
    """Return why contexts are not read at once, None where enough of them are long."""
    return are_short(schema, CONTEXT, "contexts", "bert-answer reads the others in two windows at most with longest=512")


def _lexical(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.lexical_answer import LexicalAnswer

    return LexicalAnswer(params["k1"], params["b"])


def _bert(task: Task, params: Params, seed: int, stretch: dict[str, Any] | None = None) -> Any:
    from tenon.text.bert_answer import BertAnswer

    whole = {name: round(params[name]) for name in WHOLE if params[name] is not None}
    own = {name: params[name] for name in ("checkpoint", "rate", "layer_share", "learns", "epochs")}
    return BertAnswer(**whole, **own, stretch=stretch, random_state=seed)


def _longformer(task: Task, params: Params, seed: int) -> Any:
    return _bert(task, params, seed, stretch_to("longformer", LONGFORMER, params))


def _read_bert(folder: Path) -> Any:
    from tenon.text.bert_answer import BertAnswer

    return BertAnswer.read_files(folder)


def _on_encoder(name: str, build: Callable[..., Any]) -> dict[str, Any]:
    parts = from_sequences(name, build, kinds_of_task=ANSWER, read=_read_bert, work={"epochs": (1, 2, 4)})
    own = {"card": f"{name}.md", "takes": seconds_to_answer, "needs": "deep", "cost": "dear", "is_seeded": True}
    return by_itself(parts, "checkpoint", "mlm") | own


METHODS = (
    Method(
        card="lexical-answer.md",
        cost_rank=120,
        pace=5.0,
        params={"k1": Param(1.2, 0.0, 3.0), "b": Param(0.75, 0.0, 1.0, most=1.0)},
        **from_sequences("lexical-answer", _lexical, kinds_of_task=ANSWER),
    ),
    Method(cost_rank=121, params=OF_BERT, **_on_encoder("bert-answer", _bert)),
    Method(cost_rank=122, params=AT_ONCE, **of_long_texts(_on_encoder("longformer-answer", _longformer), not_long)),
)
