"""Seq2Seq: a network that translates texts, as an estimator trained by `tenon.training`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, cast, get_args

import numpy as np
import torch
from sklearn.base import BaseEstimator
from torch import Tensor

from tenon import ranges
from tenon.data.language import script_of
from tenon.errors import DataError, SettingsError
from tenon.nn.activations import Activation
from tenon.nn.transformer import Norm
from tenon.text.alignment import Alignment
from tenon.text.beam import Beam, State, beam_search
from tenon.text.embedding import Embedding, start_from
from tenon.text.encoder_decoder import EncoderDecoder, Kind, Score
from tenon.text.kinds import RECIPE, TRANSLATING
from tenon.text.next_rows import NextRows, next_loss
from tenon.text.token_rows import TokenRows, ids_of, lengths_of, of_like_length, read_ids, share_read, tell_cut, texts_of
from tenon.text.tokens import Tokens, learnt_tokens, tokens_from
from tenon.text.transformer_translation import TransformerTranslation
from tenon.training.device import lent
from tenon.training.held_out import held_out_by_chance
from tenon.training.loop import train
from tenon.training.net_file import put_weights, read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.recipe import Recipe
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

UNITS = ("auto", "words", "jieba", "characters", "wordpiece")  # byte pairs do not tell where a word ends
TOKENS_AT_ONCE = 2_048  # of sources, while a beam translates them
WORDS, NUMBERS = "seq2seq.json", "seq2seq.safetensors"


class Seq2Seq(BaseEstimator):
    """An encoder and a decoder: recurrent ones with or without attention between them, or a Transformer's.

    Parameters
    ----------
    attention : additive, dot or None. kind : gru, lstm or transformer, which has `n_heads`, `norm` (pre or post) and `activation`
        in the place of `attention` and `d_hidden`; see `tenon.text.encoder_decoder` and `transformer_translation`.
    units : of both languages, see `tenon.text.learnt_tokens`; auto: characters of Chinese, parts of words of others; vocabulary :
        of the source, a file as there. most : tokens of a vocabulary; longest : tokens read of a text.
    width : numbers of a token's vector; vectors : word -> vector (width,) that source tokens start from. d_hidden : numbers of
        the state of each way; n_layers; dropout : share of numbers that are left out, word_dropout : of source tokens that are
        made unknown, while training. None for these and for rate: the kind's own.
    epochs, rate, decay : see `tenon.training.Recipe`. batch_size : rows. patience : epochs without a better loss of the held-out
        rows until training stops. smoothing : label smoothing.
    beam : texts kept while one is translated; length_power : see `tenon.text.beam`; these two may be set after the fit.
    n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the weights, the order of rows, dropout.

    Attributes
    ----------
    net_ : the network; source_tokens_, target_tokens_ : `tenon.text.tokens.Tokens`; longest_ : tokens of the longest translation
    among the train rows, which none that is said exceeds; history_ : `tenon.training.History`
    """

    watch: Watch = SILENT  # told how far training is

    def __init__(
        self, attention: Score | None = "additive", kind: str = "gru", units: str = "auto", most: int = 8_000,
        longest: int = 100, width: int = 128, d_hidden: int = 192, n_layers: int | None = None, dropout: float | None = None,
        epochs: int = 10, batch_size: int = 64, rate: float | None = None, decay: float = 0.01, patience: int | None = 3,
        smoothing: float = 0.1, beam: int = 5, length_power: float = 1.0, n_jobs: int | None = None, random_state: Any = None,
        n_heads: int = 4, norm: Norm = "pre", vocabulary: str | None = None, vectors: Mapping[str, np.ndarray] | None = None,
        word_dropout: float | None = None, activation: Activation = "gelu",
    ):  # fmt: skip
        self.attention, self.kind, self.units, self.most, self.longest = attention, kind, units, most, longest
        self.width, self.d_hidden, self.n_layers, self.dropout = width, d_hidden, n_layers, dropout
        self.epochs, self.batch_size, self.rate, self.decay, self.patience = epochs, batch_size, rate, decay, patience
        self.smoothing, self.beam, self.length_power = smoothing, beam, length_power
        self.n_jobs, self.random_state = n_jobs, random_state
        self.activation = activation
        self.n_heads, self.norm, self.vocabulary, self.vectors, self.word_dropout = (
            n_heads,
            norm,
            vocabulary,
            vectors,
            word_dropout,
        )

    def fit(self, X: Sequence[str], y: Sequence[str], held_out: Any = None) -> Self:
        """X, y : (n,) texts and their translations.

        held_out : (n,) bool, rows that choose the epoch and are not trained on; by default a tenth by chance, from 200 rows on.
        Raises SettingsError for settings out of range, and where training finds no finite loss; DataError for other X or y.
        """
        self._check()
        sources, targets, seed = texts_of(X), texts_of(y), ranges.seed_of(self.random_state)
        if not sources or len(sources) != len(targets):
            raise DataError(f"each text has its translation; got {len(sources):,} texts and {len(targets):,} translations.")
        is_out = held_out_by_chance(np.zeros(len(sources), np.int64), seed) if held_out is None else np.asarray(held_out, bool)
        kept = [[one for one, is_held_out in zip(texts, is_out, strict=True) if not is_held_out] for texts in (sources, targets)]
        self.source_tokens_ = self._learnt(kept[0], file=self.vocabulary)
        self.target_tokens_ = self._learnt(kept[1], is_cased=True)
        read, said = ids_of(sources, self.source_tokens_), ids_of(targets, self.target_tokens_)
        for ids, what in ((read, "texts"), (said, "translations")):
            tell_cut(lengths_of(ids), self.longest, what, self.watch)
        rows = NextRows(self._marked(said), self.target_tokens_.pad, self._source_rows(read))
        trained, judged = (rows.part(np.flatnonzero(these)) for these in (~is_out, is_out))
        self.longest_ = max(1, int(trained.lengths.max()) - 1)
        with threads(self.n_jobs), own_chance(seed):
            self.net_ = self._net()
            if self.vectors is not None:
                start_from(self.net_.source, self.source_tokens_.words, self.vectors, self.watch)
            self.history_ = train(
                self.net_, trained, next_loss(trained, self.smoothing), self._recipe(), seed=seed,
                held_out=judged if len(judged) else None, watch=self.watch, folder=self.watch.folder,
            )  # fmt: skip
        return self

    def predict(self, X: Sequence[str]) -> list[str]:
        """Return the translations."""
        return [self.target_tokens_.decode(ids) for ids in self._said(self._read(X))]

    def read_share(self, X: Sequence[str]) -> float:
        """Return which share of the tokens of texts X is read."""
        return share_read(lengths_of(ids_of(texts_of(X), self.source_tokens_)), self.longest)

    @property
    def looks_back(self) -> bool:
        """Whether what it says is said by attention."""
        return self.kind == "transformer" or self.attention is not None

    def alignments(self, X: Sequence[str]) -> list[Alignment]:
        """Return for each text what the tokens of its translation were said by. Raises SettingsError without attention."""
        if not self.looks_back:
            raise SettingsError(
                "attention is None, so that no token looks at any other; alignments takes a network with attention."
            )
        rows = self._read(X)
        return [self._alignment(source, ids) for source, ids in zip(rows.rows, self._said(rows), strict=True)]

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        words = {
            "settings": self.get_params(deep=False) | {"vectors": None}, "longest": self.longest_,
            "source": self.source_tokens_.to_json(), "target": self.target_tokens_.to_json(),
        }  # fmt: skip
        write_net(folder, (WORDS, NUMBERS), words, self.net_)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "translating network", cls._made)

    @classmethod
    def _made(cls, words: dict[str, Any], weights: dict[str, Tensor]) -> Self:
        model = cls(**words["settings"])
        model.longest_ = words["longest"]
        model.source_tokens_, model.target_tokens_ = tokens_from(words["source"]), tokens_from(words["target"])
        model.net_ = model._net()
        put_weights(model.net_, words, weights)
        return model

    def _check(self) -> None:
        if self.attention is not None:
            ranges.one_of("attention", self.attention, get_args(Score))
        ranges.one_of("kind", self.kind, TRANSLATING)
        ranges.one_of("units", self.units, UNITS)
        for name in ("longest", "beam", "batch_size"):
            ranges.whole(name, getattr(self, name), 1)
        ranges.number("length_power", self.length_power, 0)
        ranges.number("smoothing", self.smoothing, 0, 1)

    def _learnt(self, texts: list[str], is_cased: bool = False, file: str | None = None) -> Tokens:
        """Return the tokens of one language; what is said is to be written as people write it."""
        units = ("characters" if script_of(texts) == "chinese" else "wordpiece") if self.units == "auto" else self.units
        return learnt_tokens(texts, units, self.most, file=file, is_cased=is_cased)

    def _read(self, X: Sequence[str]) -> TokenRows:
        return self._source_rows(ids_of(texts_of(X), self.source_tokens_))

    def _source_rows(self, ids: list[np.ndarray]) -> TokenRows:
        """Return what is read of texts."""
        tokens = self.source_tokens_
        return TokenRows([read_ids(one, tokens, self.longest) for one in ids], torch.zeros(len(ids)), tokens.pad)

    def _marked(self, ids: list[np.ndarray]) -> list[Tensor]:
        """Return what is learnt of translations, between two ends."""
        end = [len(self.target_tokens_)]
        return [torch.from_numpy(np.concatenate([end, one[: self.longest], end])) for one in ids]

    def _recipe(self) -> Recipe:
        asked = {name: getattr(self, name) for name in ("epochs", "batch_size", "decay", "patience")}
        return replace(RECIPE, rate=TRANSLATING[self.kind].rate if self.rate is None else self.rate, **asked)

    def _net(self) -> Any:
        """Return the network, an `EncoderDecoder` or a `TransformerTranslation`, which are called alike."""
        kind = TRANSLATING[self.kind]
        n_layers = kind.settings["n_layers"] if self.n_layers is None else self.n_layers
        dropout = kind.dropout if self.dropout is None else self.dropout
        unknown = kind.word_dropout if self.word_dropout is None else self.word_dropout
        read, said = self.source_tokens_, self.target_tokens_
        source = Embedding(len(read), self.width, read.pad, read.unknown, unknown, dropout)
        target = Embedding(len(said) + 1, self.width, said.pad, said.unknown, dropout=dropout)  # one more marks the end
        if self.kind == "transformer":
            return TransformerTranslation(source, target, n_layers, self.n_heads, self.norm, dropout, self.activation)
        return EncoderDecoder(source, target, self.attention, cast(Kind, self.kind), self.d_hidden, n_layers, dropout)

    @torch.no_grad()
    def _said(self, rows: TokenRows) -> list[list[int]]:
        """Return the tokens of the translations."""
        said: list[list[int]] = [[] for _ in range(len(rows))]
        with threads(self.n_jobs), lent(self.net_, len(rows)) as device:
            for places in of_like_length(rows.lengths, TOKENS_AT_ONCE):
                for place, ids in zip(places.tolist(), self._best(*rows.inputs(places, device)), strict=True):
                    said[place] = ids
        return said

    def _best(self, ids: Tensor, lengths: Tensor) -> list[list[int]]:
        """Return what the beam finds for sources (B, S)."""
        net, memory, tokens = self.net_, self.net_.encode(ids, lengths), self.target_tokens_

        def step(last: Tensor, state: State) -> tuple[Tensor, State]:
            logits, state = net.step(last, state, memory)
            logits[:, :, [tokens.pad, tokens.unknown]] = -torch.inf  # which nobody can read
            return logits.log_softmax(dim=2), state

        return beam_search(step, net.start(memory), len(tokens), Beam(self.beam, self.longest_, self.length_power))

    @torch.no_grad()
    def _alignment(self, source: Tensor, ids: list[int]) -> Alignment:
        memory = self.net_.encode(source[None], torch.tensor([len(source)]))
        read = torch.tensor([[len(self.target_tokens_), *ids]])
        weights = self.net_.alignment(memory, read)
        words = [self.source_tokens_.words[i] for i in source.tolist()], [self.target_tokens_.words[i] for i in ids]
        return Alignment(*words, weights[0].numpy())
