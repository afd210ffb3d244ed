"""BertTagger: an encoder from a folder, fine-tuned to give each token of a sentence its tag (Devlin et al. 2019, section 5.3)."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tenon import ranges
from tenon.metrics.entities import Entity
from tenon.text.bert import Bert
from tenon.text.bert_config import LONG, BertConfig
from tenon.text.bert_cost import BATCH
from tenon.text.bert_heads import BertForTags
from tenon.text.entity_effects import EntityEffects, entity_effects
from tenon.text.fine_tuning import FEWEST_STEPS, Learns, epochs_of, recipe_for, trainings, within_memory
from tenon.text.looks import Looks
from tenon.text.marked import MarkedTokens
from tenon.text.piece_tagger import PieceTagger, tag_loss
from tenon.text.pieces import Part, PieceReader, PieceRows
from tenon.text.sentences import Sentences, sentences, tagged
from tenon.text.stretch import reaching
from tenon.text.tagger_judge import missed
from tenon.text.tags import repaired
from tenon.training.history import History
from tenon.training.in_turn import train_in_turn
from tenon.training.loop import Loss


class BertTagger(PieceTagger):
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

    net_: BertForTags
    reader_: PieceReader
    history_: History

    def __init__(
        self, checkpoint: "Path | str" = "", longest: int = 256, epochs: int = 4, batch_size: int = BATCH,
        rate: float | None = None, fewest_steps: int = FEWEST_STEPS, decay: float = 0.01, layer_share: float = 1.0,
        frozen_layers: int = 0, learns: Learns = "all", stretch: dict[str, Any] | None = None, n_jobs: int | None = None,
        random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.longest, self.epochs, self.batch_size, self.rate = checkpoint, longest, epochs, batch_size, rate
        self.decay, self.layer_share, self.frozen_layers, self.learns = decay, layer_share, frozen_layers, learns
        self.fewest_steps, self.stretch, self.n_jobs, self.random_state = fewest_steps, stretch, n_jobs, random_state

    def _check(self) -> None:
        ranges.whole("longest", self.longest, 4)
        ranges.whole("fewest_steps", self.fewest_steps, 0)
        ranges.whole("batch_size", self.batch_size, 1)

    def _learn(self, X: Sentences, y: Sentences, is_out: np.ndarray, seed: int) -> None:
        self.net_ = BertForTags.from_pretrained(self.checkpoint, len(self.tags_))
        self.net_.bert = reaching(self.net_.bert, self.longest, self.stretch, self.watch)
        config = self.net_.bert.config
        self.reader_ = PieceReader(MarkedTokens.from_pretrained(self.checkpoint), min(self.longest, config.longest))
        trained, judged = (self._rows(X, y, np.flatnonzero(is_out == out)) for out in (False, True))
        out = np.flatnonzero(is_out).tolist()
        epochs = epochs_of(len(trained), self.batch_size, self.epochs, self.fewest_steps)
        recipe = recipe_for(config, epochs, self.batch_size, self.rate, self.decay, int(trained.lengths.max()))
        with within_memory(self.net_.bert, trained, judged):
            self.history_ = train_in_turn(
                self.net_, trained, tag_loss(trained),
                trainings(config, recipe, self.layer_share, self.frozen_layers, self.learns), seed=seed,
                held_out=judged.sorted() if len(judged) else None,
                judge=missed(self, *([of[i] for i in out] for of in (X, y))), watch=self.watch, folder=self.watch.folder,
            )  # fmt: skip

    def _parts(self, X: Sentences) -> list[tuple[int, Part]]:
        return [(i, part) for i, tokens in enumerate(X) if tokens for part in self.reader_.parts(tokens)]

    def _rows(self, X: Sentences, y: Sentences, places: np.ndarray) -> PieceRows:
        parts = [(part, y[places[i]]) for i, part in self._parts([X[i] for i in places])]
        tags = [np.searchsorted(self.tags_, np.array(tags)[part.tokens]) for part, tags in parts]
        return PieceRows.of([part for part, _ in parts], tags, self.reader_.tokens.tokens.pad)

    @property
    def tokens_(self) -> MarkedTokens:
        return self.reader_.tokens

    def judged(self, X: Any, y: Any) -> tuple[PieceRows, Loss]:
        """Return rows of sentences X with their tags y, and what the network is judged by."""
        X, y = tagged(X, y)
        rows = self._rows(X, [repaired(tags) for tags in y], np.arange(len(X)))
        return rows, tag_loss(rows)

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

    def _words(self) -> dict[str, Any]:
        reader = self.reader_
        return {"longest": reader.longest, "tokens": reader.tokens.tokens.to_json(), "network": asdict(self.net_.bert.config)}

    def _build(self, words: dict[str, Any]) -> None:
        config = BertConfig(**words["network"])
        self.reader_ = PieceReader(MarkedTokens.from_json(words["tokens"], config), words["longest"])
        self.net_ = BertForTags(Bert(config), len(self.tags_))
