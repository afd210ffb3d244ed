"""Methods for sequences on the board: tagged sentences, translations, language models."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenon.adapter import from_sequences
from tenon.method import Method, Param
from tenon.tasks import Task

Params = Mapping[str, Any]
TAGGING, TRANSLATION = ("tagging",), ("translation",)


def _perceptron(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.perceptron import PerceptronTagger

    return PerceptronTagger(epochs=params["epochs"], min_count=round(params["min_count"]), random_state=seed)


def _read_perceptron(folder: Path) -> Any:
    from tenon.text.perceptron import PerceptronTagger

    return PerceptronTagger.read_files(folder)


def _bilstm_crf(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.bilstm_crf import BiLSTMCRF

    whole = {name: round(params[name]) for name in ("width", "hidden", "min_count")}
    own = {name: params[name] for name in ("rate", "dropout", "word_dropout", "epochs")}
    return BiLSTMCRF(**whole, **own, random_state=seed)


def _read_bilstm_crf(folder: Path) -> Any:
    from tenon.text.bilstm_crf import BiLSTMCRF

    return BiLSTMCRF.read_files(folder)


def _copy(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.word_by_word import CopyText

    return CopyText()


def _word_by_word(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.word_by_word import WordByWord

    return WordByWord(n_iter=round(params["n_iter"]))


METHODS = (
    Method(
        card="perceptron.md",
        cost_rank=90,
        pace=3.0,
        params={"min_count": Param(2, 1, 10)},
        is_seeded=True,
        **from_sequences("perceptron", _perceptron, kinds_of_task=TAGGING, work={"epochs": (5, 15, 30)}, read=_read_perceptron),
    ),
    Method(
        card="bilstm-crf.md",
        cost_rank=91,
        pace=1000.0,
        needs="deep",
        cost="dear",
        is_seeded=True,
        params={
            "width": Param(64, 8, 512, log=True),
            "hidden": Param(100, 8, 512, log=True),
            "rate": Param(3e-3, 3e-4, 3e-2, log=True),
            "dropout": Param(0.5, 0.0, 0.7),
            "word_dropout": Param(0.1, 0.0, 0.5),
            "min_count": Param(2, 1, 10),
        },
        **from_sequences("bilstm-crf", _bilstm_crf, kinds_of_task=TAGGING, work={"epochs": (6, 20, 50)}, read=_read_bilstm_crf),
    ),
    Method(card="copy.md", cost_rank=100, pace=0.1, **from_sequences("copy", _copy, kinds_of_task=TRANSLATION)),
    Method(
        card="word-by-word.md",
        cost_rank=101,
        pace=2.0,
        params={"n_iter": Param(10, 1, 50, log=True)},
        **from_sequences("word-by-word", _word_by_word, kinds_of_task=TRANSLATION),
    ),
)
