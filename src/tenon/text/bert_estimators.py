"""BertClassifier and BertRegressor: an encoder from a folder, fine-tuned on texts or pairs of texts (Devlin et al. 2019)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tenon import ranges
from tenon.text.bert import Bert
from tenon.text.bert_heads import BertForTexts
from tenon.text.fine_tuning import FEWEST_STEPS, SHARE, Learns, batch_of, epochs_of, recipe_for, trainings, within_memory
from tenon.text.looks import Looks
from tenon.text.marked import MarkedTokens
from tenon.text.marked_reader import Keeps, MarkedReader, Texts, looks_of, reader_from, reader_of, texts_a_row, words_of
from tenon.text.net_of_texts import NetOfTexts, TrainedOnTexts
from tenon.text.ranking import telling_terms
from tenon.text.stretch import reaching
from tenon.text.token_rows import TOKENS_AT_ONCE, UnequalRows
from tenon.training.estimators import NetClassifier, NetRegressor
from tenon.training.history import History
from tenon.training.in_turn import train_in_turn

if TYPE_CHECKING:
    from tenon.long.segment_reader import SegmentReader

LONGEST = 256  # tokens of a row


class FineTuned(TrainedOnTexts):
    """Trains all of an encoder, `net_.bert`, and what stands on it."""

    tokens_at_once: ClassVar = TOKENS_AT_ONCE
    not_kept: ClassVar = {"checkpoint": ""}
    distil, students = 0.0, 1  # of self-distillation, where it is no setting

    reader_: "MarkedReader | SegmentReader"

    @property
    def tokens_(self) -> MarkedTokens:
        return self.reader_.tokens

    def _check(self) -> None:
        ranges.whole("longest", self.longest, 4)
        ranges.whole("epochs", self.epochs, 1)
        ranges.whole("fewest_steps", self.fewest_steps, 0)
        ranges.whole("batch_size", self.batch_size, 1, or_none=True)

    def _trained(self, rows: UnequalRows, held_out: UnequalRows | None, seed: int) -> History:
        size = batch_of(len(rows)) if self.batch_size is None else self.batch_size
        config, epochs = self.net_.bert.config, epochs_of(len(rows), size, self.epochs, self.fewest_steps)
        recipe = recipe_for(config, epochs, size, self.rate, self.decay, self._longest(rows))
        recipe = replace(recipe, distil=self.distil, students=self.students)
        with within_memory(self.net_.bert, rows, held_out):
            return train_in_turn(
                self.net_, rows, self.target_.loss(self.smoothing),
                trainings(config, recipe, self.layer_share, self.frozen_layers, self.learns),
                seed=seed, held_out=held_out, watch=self.watch, folder=self.watch.folder,
            )  # fmt: skip

    def _longest(self, rows: UnequalRows) -> int | None:
        """Return how many tokens of a row are in memory at a time; None: the network itself sees to it."""
        return int(rows.lengths.max())


class _Bert(FineTuned):
    """What both share."""

    reader_: MarkedReader

    @staticmethod
    def _kinds() -> Sequence[type[NetOfTexts]]:
        return BertClassifier, BertRegressor

    def _start(self, X: Any, y: np.ndarray, is_out: np.ndarray) -> list[Any]:
        self.net_ = BertForTexts.from_pretrained(self.checkpoint, self.target_.n_out)
        self.net_.bert = reaching(self.net_.bert, self.longest, self.stretch, self.watch)
        n_texts, texts = texts_a_row(X)
        self.reader_ = reader_from(self.checkpoint, self.net_.bert.config, self.longest, n_texts, self.keeps)
        if self.stretch is not None:
            self.reader_.advice = ""  # it is one of those that read on
        if self.keeps == "bm25":
            rows = np.flatnonzero(~is_out)
            self.reader_.telling = self._telling([texts[i] for i in rows], self.target_.columns(y[rows]))
        return texts

    def _telling(self, texts: Sequence[Texts], targets: np.ndarray) -> np.ndarray:
        """Return the ids of tokens that go with the targets (n, K) of texts."""
        found = [[encoded.ids for _, encoded in self.reader_.encoded(one)] for one in texts]
        return telling_terms([np.concatenate(ids) for ids in found], targets)

    def looks_in(self, X: Any) -> list[Looks]:
        return looks_of(self.net_.bert, self.reader_, X)

    def _words(self) -> dict[str, Any]:
        return words_of(self.reader_, self.net_.bert.config)

    def _build(self, words: dict[str, Any]) -> None:
        self.reader_, config = reader_of(words)
        self.net_ = BertForTexts(Bert(config), self.target_.n_out)


class BertClassifier(NetClassifier, _Bert):
    """A BERT for two or more classes of texts, or of pairs of texts, by cross-entropy.

    X is (n,) str, or (n, 2), pairs, which are read as one row in two segments.

    Parameters
    ----------
    checkpoint : folder of an encoder as Hugging Face lays it out. longest : tokens of a row, at most what the encoder knows; of a
        pair the longer text is cut first. keeps : what of a longer text: head, tail, ends, bm25 or textrank; see
        `tenon.text.marked_reader`. stretch : settings of `tenon.text.stretched`, such as {"window": 64}, which makes the encoder
        one for texts as long as longest; None: it stays as it is.
    epochs, rate, decay : see `tenon.training.Recipe`; rate None: by the width of the encoder. fewest_steps : there
        are more epochs of few rows, until so many steps are taken (Mosbach et al. 2021, arXiv:2006.04884). batch_size : None: a
        hundredth of the rows, from 16 to 32.
    layer_share, frozen_layers, learns : see `tenon.text.fine_tuning`. smoothing : label smoothing. distil, students : of
        self-distillation, see `tenon.training.distillation`; 0: none.
    n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the head's weights, the order of rows, dropout.

    Attributes
    ----------
    net_ : `tenon.text.BertForTexts`; tokens_ : `tenon.text.MarkedTokens`; history_ : `tenon.training.History`; cut_share_ : share
    of the train texts that is not read to its end; target_; classes_ (K,)
    """

    def __init__(
        self, checkpoint: "Path | str" = "", longest: int = LONGEST, epochs: int = 4, fewest_steps: int = FEWEST_STEPS,
        batch_size: int | None = None,
        rate: float | None = None, decay: float = 0.01, layer_share: float = SHARE, frozen_layers: int = 0,
        learns: Learns = "all", distil: float = 0.0, students: int = 1, smoothing: float = 0.0, keeps: Keeps = "head",
        stretch: dict[str, Any] | None = None, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.longest, self.epochs = checkpoint, longest, epochs
        self.fewest_steps, self.batch_size = fewest_steps, batch_size
        self.rate, self.decay, self.layer_share, self.frozen_layers = rate, decay, layer_share, frozen_layers
        self.learns, self.distil, self.students = learns, distil, students
        self.smoothing, self.keeps, self.stretch = smoothing, keeps, stretch
        self.n_jobs, self.random_state = n_jobs, random_state


class BertRegressor(NetRegressor, _Bert):
    """The same for numbers, by squared error of the standardised target. Parameters and attributes as for BertClassifier."""

    def __init__(
        self, checkpoint: "Path | str" = "", longest: int = LONGEST, epochs: int = 4, fewest_steps: int = FEWEST_STEPS,
        batch_size: int | None = None,
        rate: float | None = None, decay: float = 0.01, layer_share: float = SHARE, frozen_layers: int = 0,
        learns: Learns = "all", distil: float = 0.0, students: int = 1, keeps: Keeps = "head",
        stretch: dict[str, Any] | None = None, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.longest, self.epochs = checkpoint, longest, epochs
        self.fewest_steps, self.batch_size = fewest_steps, batch_size
        self.rate, self.decay, self.layer_share, self.frozen_layers = rate, decay, layer_share, frozen_layers
        self.learns, self.distil, self.students, self.keeps, self.stretch = learns, distil, students, keeps, stretch
        self.n_jobs, self.random_state = n_jobs, random_state
