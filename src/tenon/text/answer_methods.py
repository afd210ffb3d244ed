"""Methods that answer questions by pieces of their contexts, simplest first."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenon.adapter import Build, from_sequences
from tenon.method import Method, Param
from tenon.tasks import Task
from tenon.text.bert_cost import seconds_to_answer
from tenon.text.bert_settings import FINE_TUNING, sequences_on_encoder

Params = Mapping[str, Any]
ANSWER = ("answer",)
EPOCHS = (1, 2, 4)  # quick, normal, thorough
WHOLE = ("longest", "stride", "longest_question", "longest_answer", "n_best", "frozen_layers", "fewest_steps")
OF_BERT = {
    **FINE_TUNING,
    "longest": Param(384, 32, 512, log=True),
    "stride": Param(128, 16, 256, log=True),
    "longest_question": Param(64, 8, 128, log=True),
    "longest_answer": Param(None, 1, 200, is_tuned=False),  # by the train answers
    "n_best": Param(20, 1, 50, is_tuned=False),
}


def _lexical(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.lexical_answer import LexicalAnswer

    return LexicalAnswer(params["k1"], params["b"])


def bert_answer(task: Task, params: Params, seed: int, stretch: dict[str, Any] | None = None) -> Any:
    """Return the estimator with the settings OF_BERT; stretch : of it, for rows longer than the encoder reads."""
    from tenon.text.bert_answer import BertAnswer

    whole = {name: round(params[name]) for name in WHOLE if params[name] is not None}
    own = {name: params[name] for name in ("checkpoint", "rate", "layer_share", "learns", "epochs")}
    return BertAnswer(**whole, **own, stretch=stretch, random_state=seed)


def _read_bert(folder: Path) -> Any:
    from tenon.text.bert_answer import BertAnswer

    return BertAnswer.read_files(folder)


def on_encoder(name: str, build: Build) -> dict[str, Any]:
    """Return the parts of a method that answers by an encoder."""
    return sequences_on_encoder(name, build, _read_bert, ANSWER, seconds_to_answer, EPOCHS)


METHODS = (
    Method(
        card="lexical-answer.md",
        cost_rank=120,
        pace=5.0,
        params={"k1": Param(1.2, 0.0, 3.0), "b": Param(0.75, 0.0, 1.0, most=1.0)},
        **from_sequences("lexical-answer", _lexical, kinds_of_task=ANSWER),
    ),
    Method(cost_rank=121, params=OF_BERT, **on_encoder("bert-answer", bert_answer)),
)
