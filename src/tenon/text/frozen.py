"""Estimators on an encoder that learns nothing more: each text is read once, and what is learnt stands on its vector.

The vector is the mean of the states of a text's tokens, marks among them (Reimers & Gurevych 2019, arXiv:1908.10084). On it
stands a logistic regression, or ridge for numbers; or the nearest mean of a class (Snell, Swersky & Zemel 2017,
arXiv:1703.05175), seen from the centre of all (Wang et al. 2019, arXiv:1911.04623).
"""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression, Ridge
from torch import Tensor, nn
from torch.nn import functional

from tenon import ranges
from tenon.features.tfidf import TEXT_LENGTH
from tenon.text.bert import Bert
from tenon.text.bert_estimators import LONGEST
from tenon.text.looks import Looks
from tenon.text.marked import MarkedTokens
from tenon.text.marked_reader import MarkedReader, looks_of, reader_from, reader_of, texts_a_row, words_of
from tenon.text.net_of_texts import NetOfTexts, check_one_each
from tenon.text.token_rows import TOKENS_AT_ONCE
from tenon.training.estimators import NetClassifier, NetRegressor
from tenon.training.noise import own_chance
from tenon.training.threads import threads

NO_LENGTH = 1e-12  # of a vector that lost all in rounding
SURE = 30.0  # log odds of what all train rows have
SHARPNESS = np.geomspace(1, 100, 17)  # tried for how much surer a nearer prototype makes


class MeanOfStates(nn.Module):
    """An encoder (B, T) into the mean of its states (B, C), and `head` on that."""

    def __init__(self, bert: Bert, head: nn.Module):
        super().__init__()
        self.bert, self.head = bert, head

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None) -> Tensor:
        """Inputs as of `Bert`. Returns (B, n_out)."""
        states = self.bert(input_ids, attention_mask, token_type_ids=token_type_ids)
        if attention_mask is None:
            return self.head(states.mean(dim=1))
        real = attention_mask[:, :, None].to(states.dtype)
        return self.head((states * real).sum(dim=1) / real.sum(dim=1))


class Prototypes(nn.Module):
    """How near vectors are to each of K means, cosine times sharpness; all are seen from a centre (Wang et al. 2019)."""

    centre: Tensor
    means: Tensor
    sharpness: Tensor

    def __init__(self, n_classes: int, width: int):
        super().__init__()
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("means", torch.zeros(n_classes, width))
        self.register_buffer("sharpness", torch.tensor(1.0))

    def forward(self, vectors: Tensor) -> Tensor:
        """vectors: (B, C). Returns logits (B, K)."""
        return self.sharpness * functional.normalize(vectors - self.centre, dim=1) @ functional.normalize(self.means, dim=1).T


class _Frozen(NetOfTexts):
    """What all share: one reading of every text, then a head by formula."""

    tokens_at_once: ClassVar = TOKENS_AT_ONCE
    not_kept: ClassVar = {"checkpoint": ""}

    reader_: MarkedReader
    net_: MeanOfStates

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """X: (n,) str, or pairs (n, 2); y: (n,); sample_weight: (n,) from 0 on.

        Raises SettingsError for settings out of range, DataError for other X, ModelFileError for a checkpoint that is none.
        """
        ranges.whole("longest", self.longest, 4)
        check_one_each(X, y)
        y = np.asarray(y)
        self.target_ = self.target_of(y)
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        n_texts, texts = texts_a_row(X)
        with own_chance(0), threads(self.n_jobs):  # weights that the folder lacks, a pooler's, are drawn but never read
            bert = Bert.from_pretrained(self.checkpoint)
            self.reader_ = reader_from(self.checkpoint, bert.config, self.longest, n_texts)
            read, self.cut_share_ = self.reader_.told(texts, self.watch)
            self.net_ = MeanOfStates(bert, nn.Identity()).eval()
            vectors = self._outputs(read, bert.config.d_model).double().numpy()
            self.net_.head = self._learnt(vectors, self.target_.coded(y), weight)
        return self

    @property
    def tokens_(self) -> MarkedTokens:
        return self.reader_.tokens

    @abstractmethod
    def _learnt(self, vectors: np.ndarray, y: np.ndarray, weight: np.ndarray) -> nn.Module:
        """Return the head. vectors: (n, C); y: (n,) as target_ codes it."""

    def _head(self, width: int) -> nn.Module:
        """Return a head of vectors (B, width) that has not learnt."""
        return nn.Linear(width, self.target_.n_out)

    def looks_in(self, X: Any) -> list[Looks]:
        return looks_of(self.net_.bert, self.reader_, X)

    def _words(self) -> dict[str, Any]:
        return words_of(self.reader_, self.net_.bert.config)

    def _build(self, words: dict[str, Any]) -> None:
        self.reader_, config = reader_of(words)
        self.net_ = MeanOfStates(Bert(config), self._head(config.d_model))


class FrozenBertClassifier(NetClassifier, _Frozen):
    """A logistic regression on the mean of the states of a text's tokens, which an encoder gives that stays as it is.

    checkpoint, longest, n_jobs : as of `BertClassifier`. C, max_iter : as of scikit-learn's LogisticRegression.
    """

    def __init__(
        self, checkpoint: "Path | str" = "", longest: int = LONGEST, C: float = 1.0, max_iter: int = 1_000,
        n_jobs: int | None = None,
    ):  # fmt: skip
        self.checkpoint, self.longest, self.C, self.max_iter, self.n_jobs = checkpoint, longest, C, max_iter, n_jobs

    @staticmethod
    def _kinds() -> Sequence[type[NetOfTexts]]:
        return FrozenBertClassifier, FrozenBertRegressor

    def _learnt(self, vectors: np.ndarray, y: np.ndarray, weight: np.ndarray) -> nn.Linear:
        scaled, centre, scale = _scaled(vectors)
        if y.ndim == 2:  # labels, each by itself
            of_labels = [self._regression(scaled, has, weight) for has in y.T]
            slopes, offsets = (np.concatenate(parts) for parts in zip(*of_labels, strict=True))
            return _linear(slopes, offsets, centre, scale)
        slopes, offsets = self._regression(scaled, y, weight)
        if self.target_.n_out == 2:
            slopes, offsets = np.concatenate([0 * slopes, slopes]), np.concatenate([[0.0], offsets])
        return _linear(slopes, offsets, centre, scale)

    def _regression(self, vectors: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return slopes (K, C), of two classes (1, C), and offsets; where all rows have a label, or none has, that is sure."""
        if (y == y[0]).all():
            return np.zeros((1, vectors.shape[1])), np.array([SURE if y[0] else -SURE])
        model = LogisticRegression(C=self.C, max_iter=self.max_iter).fit(vectors, y, sample_weight=weight)
        return model.coef_, model.intercept_


class FrozenBertRegressor(NetRegressor, _Frozen):
    """The same for numbers, by ridge regression with the penalty 1 / C."""

    def __init__(self, checkpoint: "Path | str" = "", longest: int = LONGEST, C: float = 1.0, n_jobs: int | None = None):
        self.checkpoint, self.longest, self.C, self.n_jobs = checkpoint, longest, C, n_jobs

    @staticmethod
    def _kinds() -> Sequence[type[NetOfTexts]]:
        return FrozenBertClassifier, FrozenBertRegressor

    def _learnt(self, vectors: np.ndarray, y: np.ndarray, weight: np.ndarray) -> nn.Linear:
        scaled, centre, scale = _scaled(vectors)
        model = Ridge(alpha=1 / self.C).fit(scaled, y, sample_weight=weight)
        return _linear(model.coef_[None], np.array([model.intercept_]), centre, scale)


class PrototypeClassifier(NetClassifier, _Frozen):
    """The class whose mean vector is nearest by cosine; parameters as of `BertClassifier`.

    Vectors are seen from the mean of all train texts and brought to length 1. How much surer a nearer mean makes, the train texts
    decide, each beside means without itself.
    """

    def __init__(self, checkpoint: "Path | str" = "", longest: int = LONGEST, n_jobs: int | None = None):
        self.checkpoint, self.longest, self.n_jobs = checkpoint, longest, n_jobs

    @staticmethod
    def _kinds() -> Sequence[type[NetOfTexts]]:
        return (PrototypeClassifier,)

    def _head(self, width: int) -> nn.Module:
        return Prototypes(self.target_.n_out, width)

    def _learnt(self, vectors: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Prototypes:
        centre = np.average(vectors, axis=0, weights=weight)
        units = _units(vectors - centre)
        is_of = np.eye(self.target_.n_out)[y]
        sums = (is_of * weight[:, None]).T @ units
        near = units @ _units(sums).T
        near[is_of > 0] = (units * _units(sums[y] - weight[:, None] * units)).sum(axis=1)  # to its own without itself
        head = Prototypes(*sums.shape)
        head.centre.copy_(torch.from_numpy(centre))
        head.means.copy_(torch.from_numpy(sums))
        head.sharpness.fill_(min(SHARPNESS, key=lambda s: _log_loss(s * near, y, weight)))
        return head


def _scaled(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return vectors whose numbers spread alike, so that a text counts as much as by TF-IDF; the centre and scale before."""
    spread, centre = vectors.std(axis=0), vectors.mean(axis=0)
    scale = TEXT_LENGTH / np.sqrt(vectors.shape[1]) / np.where(spread == 0, 1, spread)
    return (vectors - centre) * scale, centre, scale


def _linear(slopes: np.ndarray, offsets: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> nn.Linear:
    """Return a layer that says of vectors as they are what slopes (n_out, C) and offsets (n_out,) say of scaled ones."""
    slopes = slopes * scale
    layer = nn.Linear(slopes.shape[1], len(slopes))
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(slopes))
        layer.bias.copy_(torch.from_numpy(offsets - slopes @ centre))
    return layer


def _units(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (n, C) at length 1; none has a direction where it is 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths < NO_LENGTH, 1, lengths)


def _log_loss(logits: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Return the mean log loss of classes y (n,)."""
    return float(np.average(logsumexp(logits, axis=1) - logits[np.arange(len(y)), y], weights=weight))
