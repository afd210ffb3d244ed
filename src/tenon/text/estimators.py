"""TextClassifier and TextRegressor: the networks of this room as scikit-learn estimators, trained by `tenon.training`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from tenon import ranges, text
from tenon.text import gates
from tenon.text.embedding import Embedding, start_from
from tenon.text.kinds import KINDS
from tenon.text.looks import Looks
from tenon.text.net_of_texts import NetOfTexts, TrainedOnTexts
from tenon.text.readers import TextReader
from tenon.text.token_rows import UnequalRows, texts_of
from tenon.text.tokens import Tokens, learnt_tokens, tokens_from
from tenon.training.estimators import NetClassifier, NetRegressor
from tenon.training.history import History
from tenon.training.loop import train
from tenon.training.recipe import Recipe

SMALLEST_BATCH, LARGEST_BATCH = 16, 64  # rows
BATCHES = 100  # of an epoch, where that gives a batch between these sizes


class _Text(TrainedOnTexts):
    """What both share."""

    not_kept: ClassVar = {"vectors": None}

    reader_: TextReader

    @staticmethod
    def _kinds() -> Sequence[type[NetOfTexts]]:
        return TextClassifier, TextRegressor

    @property
    def tokens_(self) -> Tokens:
        return self.reader_.tokens

    def _check(self) -> None:
        ranges.one_of("net", self.net, KINDS)
        ranges.whole("longest", self.longest, 1)

    def _start(self, X: Any, y: np.ndarray, is_out: np.ndarray) -> list[str]:
        texts = texts_of(X)
        of_training = [one for one, is_held_out in zip(texts, is_out, strict=True) if not is_held_out]
        self.reader_ = TextReader(learnt_tokens(of_training, self.units, file=self.vocabulary), self.longest)
        self.net_ = self._net()
        if self.vectors is not None:
            start_from(self.net_.embedding, self.tokens_.words, self.vectors, self.watch)
        return texts

    def _trained(self, rows: UnequalRows, held_out: UnequalRows | None, seed: int) -> History:
        return train(
            self.net_, rows, self.target_.loss(self.smoothing), self._recipe(len(rows)), seed=seed,
            held_out=held_out, watch=self.watch, folder=self.watch.folder,
        )  # fmt: skip

    def _recipe(self, n_rows: int) -> Recipe:
        own = KINDS[self.net].recipe
        size = min(LARGEST_BATCH, max(SMALLEST_BATCH, n_rows // BATCHES)) if self.batch_size is None else self.batch_size
        epochs = KINDS[self.net].epochs[1] if self.epochs is None else self.epochs
        rate = own.rate if self.rate is None else self.rate
        return replace(own, epochs=epochs, batch_size=size, rate=rate, decay=self.decay, patience=self.patience)

    def _net(self) -> Any:
        kind, tokens = KINDS[self.net], self.tokens_
        dropout = kind.dropout if self.dropout is None else self.dropout
        word_dropout = kind.word_dropout if self.word_dropout is None else self.word_dropout
        settings = {**kind.settings, "dropout": dropout, **(self.settings or {})}
        embedding = Embedding(len(tokens), self.width, tokens.pad, tokens.unknown, word_dropout, dropout)
        return getattr(text, kind.name)(self.target_.n_out, embedding, **settings)

    def gates_in(self, X: Any) -> list[dict[str, np.ndarray]]:
        """Return for each text how far each gate is open at each token, (t,) by name: the mean over the units of the first layer.

        The text is read forwards. Networks without gates have none.
        """
        layers = getattr(self.net_, "layers", None)
        if layers is None or getattr(layers, "kind", "") not in gates.NAMES:
            return [{} for _ in X]
        weights = {name: tensor.double().numpy() for name, tensor in layers.forwards[0].state_dict().items()}
        vectors = self.net_.embedding.vectors.weight.detach().double().numpy()
        read = [vectors[self.tokens_.encode(one).ids[: self.longest]] for one in texts_of(X)]
        opened = [gates.steps(layers.kind, one, weights)[1] for one in read]
        return [{name: gate.mean(axis=1) for name, gate in one.items()} for one in opened]

    def looks_in(self, X: Any) -> list[Looks]:
        if not hasattr(self.net_, "heads"):
            return []
        found = [(one, self.reader_.encoded(one)) for one in texts_of(X)]
        return [
            Looks([one[start:end] for start, end in of.spans[: self.longest]], self.net_.heads(self.reader_.read(of)))
            for one, of in found
        ]

    def _words(self) -> dict[str, Any]:
        return {"tokens": self.tokens_.to_json()}

    def _build(self, words: dict[str, Any]) -> None:
        self.reader_ = TextReader(tokens_from(words["tokens"]), self.longest)
        self.net_ = self._net()


class TextClassifier(NetClassifier, _Text):
    """A network of `tenon.text` for two or more classes of texts, by cross-entropy.

    Parameters
    ----------
    net : text-cnn, rnn, lstm, gru, bilstm-attention, transformer, transformer-xl, reformer; settings : of its constructor, such
        as {"n_layers": 2}.
    units, vocabulary : see `tenon.text.tokens.learnt_tokens`, whose file is vocabulary. longest : tokens read of a text.
    width : numbers of a token's vector. vectors : word -> vector (width,) to start from, such as those of Word2Vec.
    word_dropout : share of tokens that are made unknown while training; dropout : share of numbers that are left out, of vectors
        and before each layer; None for either: the network's own.
    epochs, rate, decay : see `tenon.training.Recipe`; None: the network's own. batch_size : None: a hundredth of the rows, from
        16 to 64. patience : epochs without a better loss on the held-out rows until training stops.
    smoothing : label smoothing. n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the weights, the order of rows, dropout.

    Attributes
    ----------
    net_ : the network; tokens_ : `tenon.text.tokens.Tokens`; history_ : `tenon.training.History`; cut_share_ : share of
    the train texts that is not read to its end; target_; classes_ (K,)
    """

    def __init__(
        self, net: str = "lstm", settings: Mapping[str, Any] | None = None, units: str = "auto", vocabulary: str | None = None,
        longest: int = 400, width: int = 128, vectors: Mapping[str, np.ndarray] | None = None, word_dropout: float | None = None,
        dropout: float | None = None, epochs: int | None = None, batch_size: int | None = None, rate: float | None = None,
        decay: float = 0.01, patience: int | None = 3, smoothing: float = 0.0,
        n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.net, self.settings, self.units, self.vocabulary, self.longest = net, settings, units, vocabulary, longest
        self.width, self.vectors, self.word_dropout, self.dropout = width, vectors, word_dropout, dropout
        self.epochs, self.batch_size, self.rate, self.decay, self.patience = epochs, batch_size, rate, decay, patience
        self.smoothing, self.n_jobs, self.random_state = smoothing, n_jobs, random_state


class TextRegressor(NetRegressor, _Text):
    """The same for numbers, by squared error of the standardised target. Parameters and attributes as for TextClassifier."""

    def __init__(
        self, net: str = "lstm", settings: Mapping[str, Any] | None = None, units: str = "auto", vocabulary: str | None = None,
        longest: int = 400, width: int = 128, vectors: Mapping[str, np.ndarray] | None = None, word_dropout: float | None = None,
        dropout: float | None = None, epochs: int | None = None, batch_size: int | None = None, rate: float | None = None,
        decay: float = 0.01, patience: int | None = 3, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.net, self.settings, self.units, self.vocabulary, self.longest = net, settings, units, vocabulary, longest
        self.width, self.vectors, self.word_dropout, self.dropout = width, vectors, word_dropout, dropout
        self.epochs, self.batch_size, self.rate, self.decay, self.patience = epochs, batch_size, rate, decay, patience
        self.n_jobs, self.random_state = n_jobs, random_state
