"""BertTagger: an encoder from a folder, fine-tuned to give each token of a sentence its tag (Devlin et al. 2019, section 5.3).

The tags that are said are the likeliest that keep to the scheme of the tags, found as Viterbi (1967) does.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from tenon import ranges
from tenon.errors import DataError
from tenon.metrics.entities import Entity, entity_counts
from tenon.metrics.ratio import f1
from tenon.nn.attention import is_real
from tenon.text.bert import Bert
from tenon.text.bert_config import LONG, BertConfig
from tenon.text.bert_heads import BertForTags
from tenon.text.crf import CRF
from tenon.text.entity_effects import EntityEffects, entity_effects
from tenon.text.fine_tuning import FEWEST_STEPS, Learns, epochs_of, recipe_for, trainings
from tenon.text.looks import Looks
from tenon.text.marked import MarkedTokens
from tenon.text.narrowed import narrowed
from tenon.text.pieces import UNJUDGED, PieceReader, PieceRows
from tenon.text.sentences import Sentences, sentences, tagged
from tenon.text.stretch import reaching
from tenon.text.tagger_judge import missed
from tenon.text.tags import repaired, transitions
from tenon.text.token_rows import of_like_length
from tenon.text.tokens import SubwordTokens, tokens_from
from tenon.training.held_out import held_out_by_chance
from tenon.training.in_turn import train_in_turn
from tenon.training.loop import Loss
from tenon.training.net_file import read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

TOKENS_AT_ONCE = 4_096  # of prediction, padding included
WORDS, NUMBERS = "bert_tagger.json", "bert_tagger.safetensors"


class BertTagger(BaseEstimator):
    """Tags for tokens, such as names of entities: sentences in and out are lists of str, of equal length.

    Each token is cut into parts of words, of which the first is tagged; sentences longer than `longest` are read in overlapping
    parts.

    Parameters
    ----------
    checkpoint : folder of an encoder as Hugging Face lays it out. longest : tokens of a row, at most what the encoder knows.
    epochs, rate, decay : see `tenon.training.Recipe`; rate None: by the width of the encoder. fewest_steps : there are more
        epochs of few rows, until so many steps are taken. batch_size : rows.
    stretch : settings of `tenon.text.stretched`, which makes the encoder one for rows of `longest`; None: it stays as it is.
    layer_share, frozen_layers, learns : see `tenon.text.fine_tuning`; all layers learn at one rate, unlike for whole texts.
    n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the head's weights, the order of rows, dropout.

    Attributes
    ----------
    tags_ : (K,) the tags, sorted; net_ : `tenon.text.BertForTags`; reader_; history_ : `tenon.training.History`
    """

    watch: Watch = SILENT  # told how far training is

    def __init__(
        self, checkpoint: "Path | str" = "", longest: int = 256, epochs: int = 4, batch_size: int = 16, rate: float | None = None,
        fewest_steps: int = FEWEST_STEPS, decay: float = 0.01, layer_share: float = 1.0, frozen_layers: int = 0,
        learns: Learns = "all", stretch: dict[str, Any] | None = None, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.longest, self.epochs, self.batch_size, self.rate = checkpoint, longest, epochs, batch_size, rate
        self.decay, self.layer_share, self.frozen_layers, self.learns = decay, layer_share, frozen_layers, learns
        self.fewest_steps, self.stretch, self.n_jobs, self.random_state = fewest_steps, stretch, n_jobs, random_state

    def fit(self, X: Any, y: Any, held_out: Any = None) -> Self:
        """X: token lists; y: their tags, one a token; a tag I-X that begins an entity is read as B-X.

        held_out : (n,) bool, sentences that choose the epoch and are not trained on; by default a tenth by chance, from 200 on.
        Raises SettingsError for settings out of range, DataError for X and y that do not line up, ModelFileError where
        `checkpoint` holds no encoder.
        """
        ranges.whole("longest", self.longest, 4)
        ranges.whole("fewest_steps", self.fewest_steps, 0)
        X, y = tagged(X, y)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        is_out = held_out_by_chance(np.zeros(len(X), np.int64), seed) if held_out is None else np.asarray(held_out, bool)
        y = [repaired(tags) for tags in y]
        self.tags_ = np.array(sorted({tag for tags in y for tag in tags}))
        with threads(self.n_jobs), own_chance(seed):
            self.net_ = BertForTags.from_pretrained(self.checkpoint, len(self.tags_))
            self.net_.bert = reaching(self.net_.bert, self.longest, self.stretch)
            config = self.net_.bert.config
            self.reader_ = PieceReader(MarkedTokens.from_pretrained(self.checkpoint), min(self.longest, config.longest))
            trained, judged = (self._rows(X, y, np.flatnonzero(is_out == out)) for out in (False, True))
            if not len(trained):
                raise DataError("all sentences that have tokens are held out; none is left to train on.")
            out = np.flatnonzero(is_out).tolist()
            epochs = epochs_of(len(trained), self.batch_size, self.epochs, self.fewest_steps)
            recipe = recipe_for(config, epochs, self.batch_size, self.rate, self.decay, int(trained.lengths.max()))
            with narrowed(self.net_.bert.embedding, [trained, judged]):
                self.history_ = train_in_turn(
                    self.net_, trained, tag_loss(trained),
                    trainings(config, recipe, self.layer_share, self.frozen_layers, self.learns), seed=seed,
                    held_out=judged.sorted() if len(judged) else None,
                    judge=missed(self, *([of[i] for i in out] for of in (X, y))), watch=self.watch, folder=self.watch.folder,
                )  # fmt: skip
        return self

    def _rows(self, X: Sentences, y: Sentences, places: np.ndarray) -> PieceRows:
        found = [(part, y[i]) for i in places if X[i] for part in self.reader_.parts(X[i])]
        tags = [np.searchsorted(self.tags_, np.array(tags)[part.tokens]) for part, tags in found]
        return PieceRows.of([part for part, _ in found], tags, self.reader_.tokens.tokens.pad)

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
        parts = [(i, part) for i, tokens in enumerate(X) if tokens for part in self.reader_.parts(tokens)]
        rows = PieceRows.of(
            [part for _, part in parts],
            [np.zeros(len(part.places), np.int64) for _, part in parts],
            self.reader_.tokens.tokens.pad,
        )
        found = [torch.zeros(len(tokens), len(self.tags_), dtype=torch.float64) for tokens in X]
        with threads(self.n_jobs):
            for ids in of_like_length(rows.lengths, TOKENS_AT_ONCE):
                for own, place in zip(self.net_(*rows.inputs(ids, ids.device)), ids.tolist(), strict=True):
                    i, part = parts[place]
                    found[i][part.tokens] = own[part.places].double()
        return found

    def probabilities_of(self, found: Sequence[Entity], tags: Sequence[str], X: Any) -> np.ndarray:
        """Return how probable it is in each sentence that the tokens of entities have these tags, (n, k)."""
        places = np.searchsorted(self.tags_, np.array(tags))
        of_token = [one.log_softmax(dim=1).numpy()[range(len(tags)), places] for one in self._logits(X)]
        return np.exp([[shares[start:end].sum() for _, start, end in found] for shares in of_token])

    @property
    def unread(self) -> str:
        tokens = self.reader_.tokens
        return tokens.tokens.words[tokens.mask]

    def entity_effects_in(self, X: Any) -> list[list[EntityEffects]]:
        """Return for each sentence what its tokens do to each entity that is found in it."""
        return [entity_effects(self, tokens) for tokens in sentences(X)]

    def looks_in(self, X: Any) -> list[Looks]:
        """Return for each sentence whom the parts of its words look at, of a long one those in its first part."""
        if self.net_.bert.config.kind in LONG:
            return []
        words = self.reader_.tokens.tokens.words
        return [self.net_.bert.looks(self.reader_.parts(tokens or [""])[0].row, words) for tokens in sentences(X)]

    def score(self, X: Any, y: Any) -> float:
        """Return entity F1 over all sentences (CoNLL); NaN where neither has any entity."""
        X, y = tagged(X, y)
        return f1(entity_counts(y, self.predict(X)).sum(axis=0))[0]

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        check_is_fitted(self)
        words = {
            "settings": self.get_params(deep=False) | {"checkpoint": ""}, "tags": self.tags_.tolist(),
            "longest": self.reader_.longest, "tokens": self.reader_.tokens.tokens.to_json(),
            "network": asdict(self.net_.bert.config),
        }  # fmt: skip
        write_net(folder, (WORDS, NUMBERS), words, self.net_.state_dict())

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "tagger", cls._made)

    @classmethod
    def _made(cls, words: dict[str, Any], weights: dict[str, Tensor]) -> Self:
        model = cls(**words["settings"])
        model.tags_, tokens = np.array(words["tags"]), tokens_from(words["tokens"])
        assert isinstance(tokens, SubwordTokens)
        model.reader_ = PieceReader(MarkedTokens(tokens), words["longest"])
        model.net_ = BertForTags(Bert(BertConfig(**words["network"])), len(model.tags_))
        model.net_.load_state_dict(weights)
        model.net_.eval()
        return model


def tag_loss(rows: PieceRows) -> Loss:
    """Return the cross-entropy whose mean over these rows is that over their tokens.

    A batch's loss is shared out to its rows, so that the mean over batches does not depend on which rows meet.
    """
    of_row = float((rows.targets != UNJUDGED).sum(dim=1).float().mean())

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        total = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=UNJUDGED, reduction="sum")
        return total / (len(targets) * of_row)

    return loss
