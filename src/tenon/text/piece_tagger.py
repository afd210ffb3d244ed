"""What taggers share whose network reads parts of words: each token is tagged where its first part stands in a row.

The tags that are said are the likeliest that keep to the scheme of the tags, found as Viterbi (1967) does. How sentences become
rows is a family's own.
"""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from tenon import ranges
from tenon.errors import DataError
from tenon.metrics.entities import entity_counts
from tenon.metrics.ratio import f1
from tenon.nn.attention import is_real
from tenon.text.crf import CRF
from tenon.text.pieces import UNJUDGED, Part, PieceRows
from tenon.text.sentences import Sentences, sentences, tagged
from tenon.text.tags import repaired, transitions
from tenon.text.token_rows import TOKENS_AT_ONCE, of_like_length
from tenon.training.device import lent
from tenon.training.held_out import held_out_by_chance
from tenon.training.loop import Loss
from tenon.training.net_file import put_weights, read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

WORDS, NUMBERS = "bert_tagger.json", "bert_tagger.safetensors"


class PieceTagger(BaseEstimator, ABC):
    """Tags for tokens: sentences in and out are lists of str, of equal length. A family sets net_ and reader_.

    tags_ : (K,) the tags, sorted; net_ : gives logits of them for each part of a word.
    """

    not_kept: ClassVar[dict[str, Any]] = {"checkpoint": ""}  # settings that a file has in another way
    watch: Watch = SILENT  # told how far training is

    tags_: np.ndarray
    net_: Any  # nn.Module
    reader_: Any  # with `tokens`, `tenon.text.MarkedTokens`
    n_jobs: int | None
    random_state: Any

    def fit(self, X: Any, y: Any, held_out: Any = None) -> Self:
        """X: token lists; y: their tags, one a token; a tag I-X that begins an entity is read as B-X.

        held_out : (n,) bool, sentences that choose the epoch and are not trained on; by default a tenth by chance, from 200 on.
        Raises SettingsError for settings out of range, DataError for X and y that do not line up, ModelFileError where
        `checkpoint` holds no encoder.
        """
        self._check()
        X, y = tagged(X, y)
        seed = ranges.seed_of(self.random_state)
        is_out = held_out_by_chance(np.zeros(len(X), np.int64), seed) if held_out is None else np.asarray(held_out, bool)
        if not any(tokens for tokens, out in zip(X, is_out, strict=True) if not out):
            raise DataError("all sentences that have tokens are held out; none is left to train on.")
        y = [repaired(tags) for tags in y]
        self.tags_ = np.array(sorted({tag for tags in y for tag in tags}))
        with threads(self.n_jobs), own_chance(seed):
            self._learn(X, y, is_out, seed)
        return self

    @abstractmethod
    def _check(self) -> None:
        """Raise SettingsError for settings out of range."""

    @abstractmethod
    def _learn(self, X: Sentences, y: Sentences, is_out: np.ndarray, seed: int) -> None:
        """Set net_ and reader_, and train on the sentences that are not held out."""

    @abstractmethod
    def _parts(self, X: Sentences) -> list[tuple[int, Part]]:
        """Return the rows of sentences, each with the place of its sentence; each token is judged in one of them."""

    @abstractmethod
    def _words(self) -> dict[str, Any]:
        """Return what `_build` needs to know, ready for JSON."""

    @abstractmethod
    def _build(self, words: dict[str, Any]) -> None:
        """Set net_, without its weights, and reader_, from what `_words` told. tags_ is there."""

    @torch.no_grad()
    def predict(self, X: Any) -> list[list[str]]:
        """Return the likeliest tags of each sentence that keep to their scheme; of an empty one none."""
        chain, logits = CRF(*transitions(self.tags_.tolist())).eval(), self._logits(X)
        said: list[list[str]] = [[] for _ in logits]
        full = [i for i, one in enumerate(logits) if len(one)]
        lengths = torch.tensor([len(logits[i]) for i in full], dtype=torch.int64)
        for places in of_like_length(lengths, TOKENS_AT_ONCE):
            ids = [full[place] for place in places.tolist()]
            emissions = pad_sequence([logits[i].log_softmax(dim=1) for i in ids], batch_first=True)
            paths = chain.best_path(emissions, is_real(lengths[places], emissions.shape[1])).numpy()
            for i, path in zip(ids, paths, strict=True):
                said[i] = self.tags_[path[: len(logits[i])]].tolist()
        return said

    @torch.no_grad()
    def _logits(self, X: Any) -> list[Tensor]:
        """Return what the network says of the tokens of each sentence, (T, K) float64, each where it has the most context."""
        check_is_fitted(self)
        X = sentences(X)
        parts = self._parts(X)
        rows = PieceRows.of(
            [part for _, part in parts],
            [np.zeros(len(part.places), np.int64) for _, part in parts],
            self.reader_.tokens.tokens.pad,
        )
        found = [torch.zeros(len(tokens), len(self.tags_), dtype=torch.float64) for tokens in X]
        with threads(self.n_jobs), lent(self.net_, len(rows)) as device:
            for ids in of_like_length(rows.lengths, TOKENS_AT_ONCE):
                for own, place in zip(self.net_(*rows.inputs(ids, device)).cpu(), ids.tolist(), strict=True):
                    i, part = parts[place]
                    found[i][part.tokens] = own[part.places].double()
        return found

    def score(self, X: Any, y: Any) -> float:
        """Return entity F1 over all sentences (CoNLL); NaN where neither has any entity."""
        X, y = tagged(X, y)
        return f1(entity_counts(y, self.predict(X)).sum(axis=0))[0]

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        check_is_fitted(self)
        words = {"settings": self.get_params(deep=False) | self.not_kept, "tags": self.tags_.tolist(), **self._words()}
        write_net(folder, (WORDS, NUMBERS), words, self.net_)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "tagger", cls._made)

    @classmethod
    def _made(cls, words: dict[str, Any], weights: dict[str, Tensor]) -> Self:
        model = cls(**words["settings"])
        model.tags_ = np.array(words["tags"])
        with own_chance(0):  # of weights that are then read
            model._build(words)
        put_weights(model.net_, words, weights)
        return model


def tag_loss(rows: PieceRows) -> Loss:
    """Return the cross-entropy whose mean over these rows is that over their tokens."""
    return nats_of_rows(float((rows.targets != UNJUDGED).sum(dim=1).float().mean()))


def nats_of_rows(n_tokens: float = 1.0) -> Loss:
    """Return the sum of the tokens' cross-entropies over that many tokens, its mean over rows.

    A batch's loss is shared out to its rows, so that the mean over batches does not depend on which rows meet.
    """

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        total = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=UNJUDGED, reduction="sum")
        return total / (len(targets) * n_tokens)

    return loss
