"""TextClassifier and TextRegressor: the networks of this room as scikit-learn estimators, trained by `tenon.training`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from torch import Tensor

from tenon import ranges, text
from tenon.text import gates
from tenon.text.embedding import Embedding, start_from
from tenon.text.kinds import KINDS
from tenon.text.token_rows import TokenRows, ids_of, of_like_length, read_ids, share_read, tell_cut, texts_of
from tenon.text.tokens import learnt_tokens, tokens_from
from tenon.training.estimators import NetClassifier, NetRegressor
from tenon.training.held_out import held_out_by_chance
from tenon.training.loop import train
from tenon.training.losses import with_weights_of_rows
from tenon.training.net_file import read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.recipe import Recipe
from tenon.training.targets import target_from
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

SMALLEST_BATCH, LARGEST_BATCH = 16, 64  # rows
BATCHES = 100  # of an epoch, where that gives a batch between these sizes
TOKENS_AT_ONCE = 32_768  # of prediction
WORDS, NUMBERS = "text.json", "text.safetensors"


class Effects(NamedTuple):
    """What each token of a text does to its answer: spans (t, 2) int64, its place; effects (t,) float64."""

    spans: np.ndarray
    effects: np.ndarray


class _Text(BaseEstimator):
    """What both share: training, answers, files."""

    watch: Watch = SILENT  # told how far training is

    def fit(self, X: Any, y: Any, sample_weight: Any = None, held_out: Any = None) -> Self:
        """X: (n,) str; y: (n,); sample_weight: (n,) from 0 on.

        held_out : (n,) bool, rows that choose the epoch and are not trained on; by default a tenth by chance, from 200 rows on.
        Raises SettingsError for settings out of range, and where training finds no finite loss; DataError for other X.
        """
        ranges.one_of("net", self.net, KINDS)
        ranges.whole("longest", self.longest, 1)
        texts, y, seed = texts_of(X), np.asarray(y), int(check_random_state(self.random_state).randint(2**31 - 1))
        self.target_ = self.target_of(y)
        is_out = held_out_by_chance(self.target_.strata(y), seed) if held_out is None else np.asarray(held_out, bool)
        of_training = [one for one, is_held_out in zip(texts, is_out, strict=True) if not is_held_out]
        self.tokens_ = learnt_tokens(of_training, self.units, file=self.vocabulary)
        weight = np.ones(len(texts)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        targets = with_weights_of_rows(torch.from_numpy(self.target_.coded(y)), torch.from_numpy(weight))
        ids = ids_of(texts, self.tokens_)
        self.cut_share_ = tell_cut(ids, self.longest, "texts", self.watch)
        trained, judged = (self._rows(self._read(ids), targets, np.flatnonzero(rows)) for rows in (~is_out, is_out))
        with threads(self.n_jobs), own_chance(seed):
            self.net_ = self._net()
            if self.vectors is not None:
                share = start_from(self.net_.embedding, self.tokens_.words, self.vectors)
                self.watch.note(f"{100 * share:.0f} % of the tokens start from vectors of words.")
            self.history_ = train(
                self.net_, trained, self.target_.loss(self.smoothing), self._recipe(len(trained)), seed=seed,
                held_out=judged.sorted() if len(judged) else None, watch=self.watch, folder=self.watch.folder,
            )  # fmt: skip
        return self

    def _read(self, ids: list[np.ndarray]) -> list[Tensor]:
        """Return what is read of each text."""
        return [read_ids(one, self.tokens_, self.longest) for one in ids]

    def _rows(self, ids: list[Tensor], targets: Tensor, rows: np.ndarray) -> TokenRows:
        return TokenRows([ids[i] for i in rows], targets[torch.from_numpy(rows)], self.tokens_.pad)

    def _recipe(self, n_rows: int) -> Recipe:
        own = KINDS[self.net].recipe
        size = min(LARGEST_BATCH, max(SMALLEST_BATCH, n_rows // BATCHES)) if self.batch_size is None else self.batch_size
        epochs = KINDS[self.net].epochs[1] if self.epochs is None else self.epochs
        rate = own.rate if self.rate is None else self.rate
        return replace(own, epochs=epochs, batch_size=size, rate=rate, decay=self.decay, patience=self.patience)

    def _net(self) -> Any:
        kind, tokens = KINDS[self.net], self.tokens_
        dropout = kind.dropout if self.dropout is None else self.dropout
        settings = {**kind.settings, "dropout": dropout, **(self.settings or {})}
        embedding = Embedding(len(tokens), self.width, tokens.pad, tokens.unknown, self.word_dropout, dropout)
        return getattr(text, kind.name)(self.target_.n_out, embedding, **settings)

    def _answers(self, X: Any) -> np.ndarray:
        """Return what is said of texts X, (n, n_out) float64."""
        return self.target_.said(self._outputs(self._read(ids_of(texts_of(X), self.tokens_)))).numpy()

    def read_share(self, X: Any) -> float:
        """Return which share of the tokens of texts X is read."""
        return share_read(texts_of(X), self.tokens_, self.longest)

    @torch.no_grad()
    def _outputs(self, ids: list[Tensor]) -> Tensor:
        """Return what the network gives for texts of these ids, (n, n_out)."""
        rows = TokenRows(ids, torch.zeros(len(ids)), self.tokens_.pad)
        outputs = torch.zeros(len(ids), self.target_.n_out)
        with threads(self.n_jobs):
            for places in of_like_length(rows.lengths, TOKENS_AT_ONCE):
                outputs[places] = self.net_(*rows.inputs(places, outputs.device))
        return outputs

    def effects_in(self, X: Any, places: np.ndarray) -> list[Effects]:
        """Return for each text by how much each token raises its answer: that with it, less that without it.

        places : (n,) of the classes in classes_ that are asked about, whose log odds are compared; of numbers it is not read.
        """
        return [self._effects(one, int(place)) for one, place in zip(texts_of(X), places, strict=True)]

    def _effects(self, one: str, place: int) -> Effects:
        ids, spans = self.tokens_.encode(one)
        ids, spans = ids[: self.longest], spans[: self.longest]
        without = [np.delete(ids, i) for i in range(len(ids))]
        outputs = self._outputs(self._read([ids, *without]))
        said = self.target_.strength(outputs, place).numpy()
        return Effects(spans, said[0] - said[1:])

    def gates_in(self, X: Any) -> list[dict[str, np.ndarray]]:
        """Return for each text how far each gate is open at each token, (t,) by name: the mean over the units of the first layer.

        The text is read forwards. Networks without gates have none.
        """
        layers = getattr(self.net_, "layers", None)
        if layers is None or layers.kind not in gates.NAMES:
            return [{} for _ in X]
        weights = {name: tensor.double().numpy() for name, tensor in layers.forwards[0].state_dict().items()}
        vectors = self.net_.embedding.vectors.weight.detach().double().numpy()
        read = [vectors[self.tokens_.encode(one).ids[: self.longest]] for one in texts_of(X)]
        opened = [gates.steps(layers.kind, one, weights)[1] for one in read]
        return [{name: gate.mean(axis=1) for name, gate in one.items()} for one in opened]

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        settings = self.get_params(deep=False) | {"vectors": None}  # what they gave lies in the weights
        words = {
            "estimator": type(self).__name__, "settings": settings, "tokens": self.tokens_.to_json(),
            "target": self.target_.to_json(),
        }  # fmt: skip
        write_net(folder, (WORDS, NUMBERS), words, self.net_.state_dict())

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "text network", _made)


class TextClassifier(NetClassifier, _Text):
    """A network of `tenon.text` for two or more classes of texts, by cross-entropy.

    Parameters
    ----------
    net : text-cnn, rnn, lstm, gru or bilstm-attention; settings : of its constructor, such as {"n_layers": 2}.
    units, vocabulary : see `tenon.text.tokens.learnt_tokens`, whose file is vocabulary. longest : tokens read of a text.
    width : numbers of a token's vector. vectors : word -> vector (width,) to start from, such as those of Word2Vec.
    word_dropout : share of tokens that are made unknown while training; dropout : share of numbers that are left out, of vectors
        and before each layer; None: the network's own.
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
        longest: int = 400, width: int = 128, vectors: Mapping[str, np.ndarray] | None = None, word_dropout: float = 0.0,
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
        longest: int = 400, width: int = 128, vectors: Mapping[str, np.ndarray] | None = None, word_dropout: float = 0.0,
        dropout: float | None = None, epochs: int | None = None, batch_size: int | None = None, rate: float | None = None,
        decay: float = 0.01, patience: int | None = 3, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.net, self.settings, self.units, self.vocabulary, self.longest = net, settings, units, vocabulary, longest
        self.width, self.vectors, self.word_dropout, self.dropout = width, vectors, word_dropout, dropout
        self.epochs, self.batch_size, self.rate, self.decay, self.patience = epochs, batch_size, rate, decay, patience
        self.n_jobs, self.random_state = n_jobs, random_state


def _made(words: dict[str, Any], weights: dict[str, Tensor]) -> TextClassifier | TextRegressor:
    kind = {kind.__name__: kind for kind in (TextClassifier, TextRegressor)}[words["estimator"]]
    model = kind(**words["settings"])
    model.tokens_, model.target_ = tokens_from(words["tokens"]), target_from(words["target"])
    model.net_ = model._net()
    model.net_.load_state_dict(weights)
    model.net_.eval()
    return model
