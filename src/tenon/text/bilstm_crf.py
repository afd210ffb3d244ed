"""BiLSTMCRF: a tagger of token lists, a bidirectional LSTM under a conditional random field, trained by `tenon.training`.

Lample et al. 2016 (arXiv:1603.01360); the parts have their sources in tagger_net.py and crf.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from tenon import ranges
from tenon.errors import DataError
from tenon.metrics.entities import Entity, entities, entity_counts
from tenon.metrics.ratio import f1
from tenon.nn.attention import is_real
from tenon.text.embedding import start_from
from tenon.text.entity_effects import EntityEffects, entity_effects
from tenon.text.sentences import sentences, tagged
from tenon.text.tagger_judge import missed
from tenon.text.tagger_net import TaggerNet
from tenon.text.tagger_rows import NOWHERE, Lexicon, SentenceRows, padded
from tenon.text.tags import repaired
from tenon.training.held_out import held_out_by_chance
from tenon.training.loop import train
from tenon.training.net_file import put_weights, read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.recipe import Recipe
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

TOKENS_AT_ONCE = 8192  # of prediction, padding included
WORDS, NUMBERS = "bilstm_crf.json", "bilstm_crf.safetensors"


class BiLSTMCRF(BaseEstimator):
    """Tags for tokens, such as names of entities: sentences in and out are lists of str, of equal length.

    Where most tokens are single characters, as in Chinese, a token is known by itself and by its pairs with both neighbours;
    else by its word in lower case, digits as 0, and by a convolution over its characters.

    Parameters
    ----------
    width : of an embedding. hidden : of the LSTM in each direction. dropout : share of what the LSTM reads and gives that is left
        out while training. word_dropout : share of words, characters and pairs that are made unknown while training.
    min_count : times that a name must stand in the train sentences to be known.
    epochs, batch_size, rate, decay : see `tenon.training.Recipe`; AdamW, the rate falls as half a cosine after a warm-up.
    patience : epochs without more entities found in the held-out sentences (F1), or fewer wrong tags where these hold none, until
        training stops.
    n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the weights, the order of sentences, dropout.
    vectors : word, or single character -> vector (width,) to start from; the words as `tenon.text.word_lists.named` names them.

    Attributes
    ----------
    tags_ : (K,) the tags, sorted; lexicon_; net_; history_ : `tenon.training.History`
    """

    watch: Watch = SILENT  # told how far training is
    unread = 2 * NOWHERE  # no token is that, and no pair with one

    def __init__(
        self, width: int = 200, hidden: int = 200, dropout: float = 0.5, word_dropout: float = 0.1, min_count: int = 2,
        epochs: int = 20, batch_size: int = 16, rate: float = 3e-3, decay: float = 0.01, patience: int | None = 8,
        n_jobs: int | None = None, random_state: Any = None, vectors: Mapping[str, np.ndarray] | None = None,
    ):  # fmt: skip
        self.width, self.hidden, self.dropout, self.word_dropout = width, hidden, dropout, word_dropout
        self.min_count = min_count
        self.epochs, self.batch_size, self.rate, self.decay, self.patience = epochs, batch_size, rate, decay, patience
        self.n_jobs, self.random_state, self.vectors = n_jobs, random_state, vectors

    def fit(self, X: Any, y: Any, held_out: Any = None) -> Self:
        """X: token lists; y: their tags, one a token; a tag I-X that begins an entity is read as B-X.

        held_out : (n,) bool, sentences that choose the epoch and are not trained on; by default a tenth by chance, from 200 on.
        Raises SettingsError for settings out of range, DataError for X and y that do not line up.
        """
        recipe = self._recipe()
        X, y = tagged(X, y)
        seed = ranges.seed_of(self.random_state)
        is_out = held_out_by_chance(np.zeros(len(X), np.int64), seed) if held_out is None else np.asarray(held_out, bool)
        y = [repaired(tags) for tags in y]
        self.tags_ = np.array(sorted({tag for tags in y for tag in tags}))
        trained, judged = ([i for i, tokens in enumerate(X) if tokens and is_out[i] == out] for out in (False, True))
        if not trained:
            raise DataError("all sentences that have tokens are held out; none is left to train on.")
        self.lexicon_ = Lexicon.of([X[i] for i in trained], self.min_count)
        with threads(self.n_jobs), own_chance(seed):
            self.net_ = self._net()
            if self.vectors is not None:
                start_from(self.net_.of_words, self.lexicon_.words, self.vectors, self.watch)
            rows, others = (self._rows([X[i] for i in part], [y[i] for i in part]) for part in (trained, judged))
            self.history_ = train(
                self.net_, rows, self.net_.loss, recipe, seed=seed, held_out=others if len(others) else None,
                judge=missed(self, [X[i] for i in judged], [y[i] for i in judged]), watch=self.watch, folder=self.watch.folder,
            )  # fmt: skip
        self.net_.double()  # in single precision an answer would depend on the sentences beside it in the seventh digit
        return self

    def _recipe(self) -> Recipe:
        for name in ("width", "hidden", "min_count"):
            ranges.whole(name, getattr(self, name), 1)
        for name in ("dropout", "word_dropout"):
            ranges.number(name, getattr(self, name), 0, 1)
        return Recipe(
            epochs=self.epochs, batch_size=self.batch_size, rate=self.rate, decay=self.decay, patience=self.patience,
            schedule="cosine", warmup=0.05, clip=5.0,
        )  # fmt: skip

    def _net(self) -> TaggerNet:
        lexicon = self.lexicon_
        return TaggerNet(
            lexicon.n_ids, lexicon.n_characters, self.tags_.tolist(), self.width, self.hidden, self.dropout, self.word_dropout
        )

    def _rows(self, X: list[list[str]], y: list[list[str]]) -> SentenceRows:
        return SentenceRows(*self.lexicon_.coded(X), [torch.from_numpy(np.searchsorted(self.tags_, tags)) for tags in y])

    @torch.no_grad()
    def predict(self, X: Any) -> list[list[str]]:
        """Return the tags of the most probable path of each sentence; of an empty one none. They are valid in their scheme."""
        X = self._sentences(X)
        said: list[list[str]] = [[] for _ in X]
        for ids, emissions, is_any in self._batches(X):
            for i, path in zip(ids, self.net_.crf.best_path(emissions, is_any).cpu().numpy(), strict=True):
                said[i] = self.tags_[path[: len(X[i])]].tolist()
        return said

    @torch.no_grad()
    def predict_marginals(self, X: Any) -> list[np.ndarray]:
        """Return the probability of each tag at each token, (T, K) float64 of each sentence, in the order of tags_."""
        X = self._sentences(X)
        said = [np.zeros((0, len(self.tags_))) for _ in X]
        for ids, emissions, is_any in self._batches(X):
            crf = self.net_.crf
            scores = crf.forward_scores(emissions, is_any), crf.backward_scores(emissions, is_any)
            for i, shares in zip(ids, crf.marginals(*scores).numpy(), strict=True):
                said[i] = shares[: len(X[i])]
        return said

    @torch.no_grad()
    def predict_entities(self, X: Any) -> list[list[tuple[Entity, float]]]:
        """Return the entities of the most probable path of each sentence, each with its probability.

        That is the share of all paths, by their probability, on which just these tokens are an entity with these tags.
        """
        X = self._sentences(X)
        said: list[list[tuple[Entity, float]]] = [[] for _ in X]
        for ids, emissions, is_any in self._batches(X):
            paths, crf = self.net_.crf.best_path(emissions, is_any), self.net_.crf
            scores = emissions, crf.forward_scores(emissions, is_any), crf.backward_scores(emissions, is_any)
            for row, i in enumerate(ids):
                own = [values[row, : len(X[i])] for values in scores]
                said[i] = [(entity, self._probability(entity, paths[row], *own)) for entity in self._entities(paths[row], X[i])]
        return said

    @torch.no_grad()
    def probabilities_of(self, found: Sequence[Entity], tags: Sequence[str], X: Any) -> np.ndarray:
        """Return how probable it is in each sentence that just these tokens are entities, with these tags, (n, k)."""
        X, path = self._sentences(X), torch.from_numpy(np.searchsorted(self.tags_, np.array(tags)))
        shares = np.zeros((len(X), len(found)))
        for ids, emissions, is_any in self._batches(X):
            scores = (
                emissions,
                self.net_.crf.forward_scores(emissions, is_any),
                self.net_.crf.backward_scores(emissions, is_any),
            )
            for row, i in enumerate(ids):
                shares[i] = [self._probability(entity, path, *(values[row] for values in scores)) for entity in found]
        return shares

    def entity_effects_in(self, X: Any) -> list[list[EntityEffects]]:
        """Return for each sentence what its tokens do to each entity that is found in it."""
        return [entity_effects(self, tokens) for tokens in self._sentences(X)]

    def _entities(self, path: Tensor, tokens: list[str]) -> list[Entity]:
        return entities(self.tags_[path[: len(tokens)].numpy()].tolist())

    def _probability(self, entity: Entity, path: Tensor, emissions: Tensor, alpha: Tensor, beta: Tensor) -> float:
        kind, start, end = entity
        may_end = torch.tensor([tag not in (f"I-{kind}", f"E-{kind}") for tag in self.tags_])
        return self.net_.crf.stretch_probability(emissions, alpha, beta, path[start:end], start, may_end).item()

    def score(self, X: Any, y: Any) -> float:
        """Return entity F1 over all sentences (CoNLL); NaN where neither has any entity."""
        X, y = tagged(X, y)
        return f1(entity_counts(y, self.predict(X)).sum(axis=0))[0]

    def _sentences(self, X: Any) -> list[list[str]]:
        check_is_fitted(self)
        return sentences(X)

    def _batches(self, X: list[list[str]]) -> Iterator[tuple[list[int], Tensor, Tensor]]:
        """Yield places of sentences of like length, emissions (b, T, K) float64 and which are any, (b, T), where the network is.

        Empty sentences are left out.
        """
        device = next(self.net_.parameters()).device
        order = sorted((i for i, tokens in enumerate(X) if tokens), key=lambda i: len(X[i]))
        with threads(self.n_jobs):
            while order:
                n = max(1, TOKENS_AT_ONCE // len(X[order[-1]]))
                order, ids = order[:-n], order[-n:]
                names, spellings = (padded(of).to(device) for of in self.lexicon_.coded([X[i] for i in ids]))
                lengths = torch.tensor([len(X[i]) for i in ids], device=device)
                yield ids, self.net_(names, spellings), is_real(lengths, names.shape[1])

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        check_is_fitted(self)
        settings = self.get_params(deep=False) | {"vectors": None}  # what they gave lies in the weights
        words = {
            "estimator": type(self).__name__, "settings": settings, "tags": self.tags_.tolist(),
            "names": self.lexicon_.names, "characters": self.lexicon_.characters,
        }  # fmt: skip
        write_net(folder, (WORDS, NUMBERS), words, self.net_)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "tagger", cls._made)

    @classmethod
    def _made(cls, words: dict[str, Any], weights: dict[str, torch.Tensor]) -> Self:
        model = cls(**words["settings"])
        model.tags_ = np.array(words["tags"])
        model.lexicon_ = Lexicon(tuple(map(tuple, words["names"])), tuple(words["characters"]))
        model._recipe()
        model.net_ = model._net()
        put_weights(model.net_, words, weights)
        model.net_.double()
        return model
