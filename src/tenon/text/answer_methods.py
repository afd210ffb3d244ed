"""Methods that answer questions by pieces of their contexts, simplest first."""

from collections.abc import Mapping
from typing import Any

from tenon.adapter import from_sequences
from tenon.method import Method, Param
from tenon.tasks import Task

Params = Mapping[str, Any]
ANSWER = ("answer",)


def _lexical(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.lexical_answer import LexicalAnswer

    return LexicalAnswer(params["k1"], params["b"])


METHODS = (
    Method(
        card="lexical-answer.md",
        cost_rank=120,
        pace=5.0,
        params={"k1": Param(1.2, 0.0, 3.0), "b": Param(0.75, 0.0, 1.0, most=1.0)},
        **from_sequences("lexical-answer", _lexical, kinds_of_task=ANSWER),
    ),
)
