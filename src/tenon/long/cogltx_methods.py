"""CogLTX on the board, for documents longer than an encoder reads at once; PyTorch is loaded only when it is fitted."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenon.data.dataset import Dataset
from tenon.long.methods import of_long_texts
from tenon.long.sequence_methods import short_contexts, short_sentences
from tenon.method import Method, Param
from tenon.tasks import Task
from tenon.text import answer_methods
from tenon.text.answer_methods import ANSWER
from tenon.text.bert_cost import LEARNING, seconds_to_read, tokens_of_row
from tenon.text.bert_settings import FINE_TUNING, OF_ENCODER, on_encoder, sequences_on_encoder
from tenon.text.sequence_methods import TAGGING

Params = Mapping[str, Any]
ROWS_OF_STEP = 16  # of few rows
EPOCHS = (1, 2, 4)  # of both networks in a round: quick, normal, thorough
OF_BOTH = {  # settings of judge and reasoner
    **{name: FINE_TUNING[name] for name in (*OF_ENCODER, "rate", "fewest_steps")},
    "longest": Param(512, 128, 512, is_tuned=False),  # what room a row needs goes by block and kept
    "block": Param(62, 8, 126, is_tuned=False),
    "kept": Param(3, 0, 6, is_tuned=False),
    "judge": Param(None, is_tuned=False),
}
KEPT_BESIDE = Param(2, 0, 2, is_tuned=False)  # as many as fit, with a question, into rows of 256
OF_ANSWERS = {
    **{name: answer_methods.OF_BERT[name] for name in ("longest_answer", "n_best")},
    "longest_question": replace(answer_methods.OF_BERT["longest_question"], is_tuned=False),
}


def _common(params: Params) -> dict[str, Any]:
    """Return the settings of judge and reasoner as estimators take them."""
    whole = {name: round(params[name]) for name in ("longest", "block", "fewest_steps")}
    kept = (round(params["kept"]),) if params["kept"] else ()
    return {**{name: params[name] for name in ("checkpoint", "judge", "rate", "epochs")}, **whole, "kept": kept}


def _cogltx(task: Task, params: Params, seed: int) -> Any:
    from tenon.long.cogltx import CogLTX, CogLTXRegressor

    own = {**_common(params), "rounds": round(params["rounds"]), "random_state": seed}
    return CogLTXRegressor(**own) if task.is_regression else CogLTX(**own)


def _answer(task: Task, params: Params, seed: int) -> Any:
    from tenon.long.cogltx_answer import CogLTXAnswer

    own = {name: round(params[name]) for name in OF_ANSWERS if params[name] is not None}
    return CogLTXAnswer(**_common(params), **own, random_state=seed)


def _tagger(task: Task, params: Params, seed: int) -> Any:
    from tenon.long.cogltx_tagger import CogLTXTagger

    own = {name: round(params[name]) for name in ("rounds", "queries")}
    return CogLTXTagger(**_common(params), **own, random_state=seed)


def _read_cogltx(folder: Path) -> Any:
    from tenon.long.cogltx import CogLTX

    return CogLTX.read_files(folder)


def _read_answer(folder: Path) -> Any:
    from tenon.long.cogltx_answer import CogLTXAnswer

    return CogLTXAnswer.read_files(folder)


def _read_tagger(folder: Path) -> Any:
    from tenon.long.cogltx_tagger import CogLTXTagger

    return CogLTXTagger.read_files(folder)


def _seconds(data: Dataset, n_rows: float, settings: Params, budget: str) -> float:
    """Return how long all rounds take, one where there is no such setting: learning, what the judge reads, interventions.

    Blocks of a row that are asked about, `queries` of them at most, are each as a row.
    """
    longest, rounds = settings["longest"], settings.get("rounds", 1)
    n_rows *= max(1.0, min(settings.get("queries", 1), tokens_of_row(data) / settings["block"]))
    n_blocks = longest / (1 + settings["block"])  # of a row
    n_rows_of_text = max(1.0, tokens_of_row(data) / longest)
    of_row = seconds_to_read(data, 1, settings, budget)
    learnt = 2 * max(2 * settings["epochs"] * n_rows, settings["fewest_steps"] * ROWS_OF_STEP)
    recalled = n_rows * n_rows_of_text * (1 + bool(settings["kept"]) * n_blocks / max(1.0, n_blocks - settings["kept"]))
    missed = n_rows * n_blocks * (rounds - 1) / rounds
    return rounds * of_row * (LEARNING * learnt + recalled + missed)


METHODS = (
    Method(
        cost_rank=105,
        params={**OF_BOTH, "rounds": Param(2, 1, 4, is_tuned=False)},
        **{**of_long_texts(on_encoder("cogltx", _cogltx, _read_cogltx, work={"epochs": EPOCHS})), "takes": _seconds},
    ),
    Method(
        cost_rank=106,
        params={
            **OF_BOTH,
            "kept": KEPT_BESIDE,
            "rounds": Param(2, 1, 4, is_tuned=False),
            "queries": Param(8, 1, 64, is_tuned=False),
        },
        **of_long_texts(sequences_on_encoder("cogltx-tagger", _tagger, _read_tagger, TAGGING, _seconds, EPOCHS), short_sentences),
    ),  # fmt: skip
    Method(
        cost_rank=123,
        params={**OF_BOTH, "kept": KEPT_BESIDE, **OF_ANSWERS},
        **of_long_texts(sequences_on_encoder("cogltx-answer", _answer, _read_answer, ANSWER, _seconds, EPOCHS), short_contexts),
    ),
)
