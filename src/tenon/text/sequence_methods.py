"""Methods for sequences on the board: tagged sentences, translations, language models."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tenon.adapter import from_sequences
from tenon.method import Method, Param
from tenon.tasks import Task
from tenon.text.prepared import by_itself, vectors_at

Params = Mapping[str, Any]
TAGGING, TRANSLATION, LANGUAGE = ("tagging",), ("translation",), ("language",)
RATE = Param(3e-3, 1e-4, 2e-2, log=True, is_positive=True)
N_LAYERS = Param(1, 1, 3)
SEQ2SEQ = {
    "units": Param("auto", choices=("auto", "words", "characters", "wordpiece")),
    "kind": Param("gru", choices=("gru", "lstm")),
    "d_hidden": Param(192, 32, 512, log=True),
    "n_layers": N_LAYERS,
    "dropout": Param(0.2, 0.0, 0.5, most=1.0),
    "rate": RATE,
    "smoothing": Param(0.1, 0.0, 0.2, most=1.0),
    "beam": Param(5, 1, 20),
    "length_power": Param(1.0, 0.0, 2.0),
}
LSTM = {
    "fewest": Param(2, 1, 5),
    "d_hidden": Param(256, 32, 1024, log=True),
    "n_layers": N_LAYERS,
    "dropout": Param(0.4, 0.0, 0.7, most=1.0),
    "rate": RATE,
}
WHOLE = ("d_hidden", "n_layers", "beam", "fewest", "n")  # settings that a search may give as 3.0


def _perceptron(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.perceptron import PerceptronTagger

    return PerceptronTagger(epochs=params["epochs"], min_count=round(params["min_count"]), random_state=seed)


def _read_perceptron(folder: Path) -> Any:
    from tenon.text.perceptron import PerceptronTagger

    return PerceptronTagger.read_files(folder)


def _bilstm_crf(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.bilstm_crf import BiLSTMCRF

    vectors = vectors_at(params["vectors"])
    whole = {name: round(params[name]) for name in ("hidden", "min_count")}
    own = {name: params[name] for name in ("rate", "dropout", "word_dropout", "epochs")}
    first: Params = {"vectors": vectors, "width": round(params["width"]) if vectors is None else vectors.matrix.shape[1]}
    return BiLSTMCRF(**first, **whole, **own, random_state=seed)


def _read_bilstm_crf(folder: Path) -> Any:
    from tenon.text.bilstm_crf import BiLSTMCRF

    return BiLSTMCRF.read_files(folder)


def _copy(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.word_by_word import CopyText

    return CopyText()


def _word_by_word(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.word_by_word import WordByWord

    return WordByWord(n_iter=round(params["n_iter"]))


def _seq2seq(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.seq2seq import Seq2Seq

    return Seq2Seq(**{"attention": None, **_whole(params)}, random_state=seed)


def _read_seq2seq(folder: Path) -> Any:
    from tenon.text.seq2seq import Seq2Seq

    return Seq2Seq.read_files(folder)


def _ngram(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.ngram import NGramLanguage

    return NGramLanguage(**_whole(params))


def _read_ngram(folder: Path) -> Any:
    from tenon.text.ngram import NGramLanguage

    return NGramLanguage.read_files(folder)


def _lstm_language(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.language import LSTMLanguage

    return LSTMLanguage(**_whole(params), random_state=seed)


def _read_lstm_language(folder: Path) -> Any:
    from tenon.text.language import LSTMLanguage

    return LSTMLanguage.read_files(folder)


def _whole(params: Params) -> dict[str, Any]:
    return {name: round(value) if name in WHOLE else value for name, value in params.items()}


_network = partial(Method, needs="deep", is_seeded=True, cost="dear")
_translating = partial(
    from_sequences, build=_seq2seq, kinds_of_task=TRANSLATION, read=_read_seq2seq, work={"epochs": (3, 10, 30)}
)

METHODS = (
    Method(
        card="perceptron.md",
        cost_rank=89,
        pace=60.0,
        params={"min_count": Param(2, 1, 10)},
        is_seeded=True,
        **from_sequences("perceptron", _perceptron, kinds_of_task=TAGGING, work={"epochs": (5, 15, 30)}, read=_read_perceptron),
    ),
    Method(
        card="bilstm-crf.md",
        cost_rank=90,
        pace=1800.0,
        needs="deep",
        cost="dear",
        is_seeded=True,
        params={
            "width": Param(200, 8, 512, log=True),
            "hidden": Param(200, 8, 512, log=True),
            "rate": Param(3e-3, 3e-4, 3e-2, log=True, is_positive=True),
            "dropout": Param(0.5, 0.0, 0.7, most=1.0),
            "word_dropout": Param(0.1, 0.0, 0.5, most=1.0),
            "min_count": Param(2, 1, 10),
            "vectors": Param("", objective="word2vec"),
        },
        **by_itself(
            from_sequences("bilstm-crf", _bilstm_crf, kinds_of_task=TAGGING, work={"epochs": (6, 20, 50)}, read=_read_bilstm_crf),
            "vectors",
            "word2vec",
        ),
    ),
    Method(card="copy.md", cost_rank=112, pace=0.1, **from_sequences("copy", _copy, kinds_of_task=TRANSLATION)),
    Method(
        card="word-by-word.md",
        cost_rank=113,
        pace=5.0,
        params={"n_iter": Param(10, 1, 50, log=True)},
        **from_sequences("word-by-word", _word_by_word, kinds_of_task=TRANSLATION),
    ),
    _network(card="seq2seq.md", cost_rank=114, pace=1_200.0, params=SEQ2SEQ, **_translating("seq2seq")),
    _network(
        card="seq2seq-attention.md",
        cost_rank=115,
        pace=1_500.0,
        params={"attention": Param("additive", choices=("additive", "dot")), **SEQ2SEQ},
        **_translating("seq2seq-attention"),
    ),
    Method(
        card="ngram.md",
        cost_rank=116,
        pace=2.0,
        params={
            "n": Param(4, 1, 6),
            "smoothing": Param("kneser-ney", choices=("kneser-ney", "witten-bell")),
            "fewest": LSTM["fewest"],
        },
        **from_sequences("ngram", _ngram, kinds_of_task=LANGUAGE, read=_read_ngram),
    ),
    _network(
        card="lstm-language.md",
        cost_rank=117,
        pace=1_500.0,
        params=LSTM,
        **from_sequences(
            "lstm-language", _lstm_language, kinds_of_task=LANGUAGE, read=_read_lstm_language, work={"epochs": (3, 10, 30)}
        ),
    ),
)
