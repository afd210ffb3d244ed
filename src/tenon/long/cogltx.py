"""CogLTX and CogLTXRegressor: long documents, of which a judge recalls what a reasoner then reads.

Ding et al. 2020 (CogLTX: Applying BERT to Long Texts, NeurIPS 33), for what is said of one text.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from torch import Tensor

from tenon import ranges
from tenon.errors import SettingsError
from tenon.long import cogltx_nets
from tenon.long.cogltx_nets import BATCH, BLOCK, LONGEST, JudgeAndReasoner, Kept
from tenon.long.cogltx_relevance import Spans, by_words, given
from tenon.long.cogltx_rows import Document, Documents, RecallReader
from tenon.long.cogltx_training import Plan, Rounds, RowOf
from tenon.long.mem_recall import KEPT
from tenon.text.bert_config import LONG
from tenon.text.bert_heads import BertForTexts
from tenon.text.looks import MOST_SHOWN, Looks
from tenon.text.marked_rows import MarkedRows
from tenon.text.net_of_texts import NetOfTexts, check_one_each, weighted
from tenon.text.token_rows import TOKENS_AT_ONCE
from tenon.training.estimators import NetClassifier, NetRegressor
from tenon.training.held_out import held_out_by_chance
from tenon.training.history import History
from tenon.training.noise import own_chance
from tenon.training.targets import Labels, Numbers
from tenon.training.threads import threads


class _CogLTX(NetOfTexts):
    """What both share."""

    tokens_at_once: ClassVar = TOKENS_AT_ONCE
    not_kept: ClassVar = {"checkpoint": "", "judge": None}

    reader_: RecallReader
    net_: JudgeAndReasoner
    history_: History
    relevance_: list[np.ndarray]

    @staticmethod
    def _kinds() -> Sequence[type[NetOfTexts]]:
        return CogLTX, CogLTXRegressor

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, held_out: Any = None, relevance: Sequence[Spans] | None = None,
        class_names: Sequence[str] | None = None,
    ) -> Self:  # fmt: skip
        """X: (n,) str; y: (n,), or labels (n, K); sample_weight: (n,) from 0 on, what rows count for the reasoner.

        held_out : (n,) bool, rows that choose the round and its epoch and are not trained on; by default a tenth by chance,
        from 200 rows on. relevance : for each row the places (start, end) in its text that its answer hangs on, which then say
        what is relevant, and no intervention does. class_names : (K,) what the classes are called, in their order, as texts may
        name them; None: as they are. Raises SettingsError for settings out of range, and where training finds no finite loss;
        DataError for other X and y.
        """
        self._check()
        check_one_each(X, y)
        y, seed = np.asarray(y), ranges.seed_of(self.random_state)
        self.target_ = self.target_of(y)
        is_out = held_out_by_chance(self.target_.strata(y), seed) if held_out is None else np.asarray(held_out, bool)
        targets = weighted(self.target_, y, sample_weight)
        with threads(self.n_jobs), own_chance(seed):
            self.net_, self.reader_ = cogltx_nets.load_networks(
                self, lambda: BertForTexts.from_pretrained(self.checkpoint, self.target_.n_out)
            )
            cogltx_nets.check_room(self.reader_)
            documents = Documents([self.reader_.encoded(text) for text in self.reader_.texts(X)])
            if relevance is None:
                documents.relevance = self._by_words(documents.read, y, is_out, class_names)
            else:
                documents.relevance = given(documents.read, relevance)
            rows = with_targets(self.reader_, documents, targets)
            nats = self.target_.n_out if isinstance(self.target_, Labels) else 1  # of all labels of a row, whose loss is the mean
            plan = Plan(self.rounds, cogltx_nets.recipe_of(self), relevance is None, seed, nats)
            loss = self.target_.loss(self.smoothing)
            self.history_ = Rounds(self.net_, self.reader_, documents, rows, is_out, loss, plan, self.watch).train()
        self.relevance_ = [documents.relevance[documents.of(i)] for i in range(len(documents.read))]
        return self

    def _check(self) -> None:
        ranges.whole("rounds", self.rounds, 1)
        cogltx_nets.check_settings(self)

    def _by_words(
        self, documents: Sequence[Document], y: np.ndarray, is_out: np.ndarray, class_names: Sequence[str] | None
    ) -> np.ndarray:
        """Return the first relevance of all blocks, 0 in documents held out; numbers are two classes, around the median."""
        if isinstance(self.target_, Numbers):
            is_above = y > np.median(y[~is_out])
            has, names = np.column_stack([~is_above, is_above]), ["", ""]
        else:
            known = self.target_.values if class_names is None else class_names
            has, names = self.target_.columns(y) > 0, _names(known, self.target_.n_out)
        tokens = [self.reader_.tokens.tokens.encode(name if any(map(str.isalpha, name)) else "").ids for name in names]
        found = by_words([document for document, out in zip(documents, is_out, strict=True) if not out], has[~is_out], tokens)
        relevance = np.zeros(sum(len(document.ends) for document in documents), np.int8)
        relevance[np.repeat(~is_out, [len(document.ends) for document in documents])] = found
        return relevance

    def _answers(self, X: Any) -> np.ndarray:
        with threads(self.n_jobs):
            return super()._answers(X)

    def recalled_in(self, X: Any) -> list[Kept]:
        """Return the blocks that are recalled of each text, in its order: what the reasoner reads."""
        with threads(self.n_jobs):
            return cogltx_nets.kept_of(self.reader_, [self.reader_.encoded(text) for text in self.reader_.texts(X)])

    def looks_in(self, X: Any) -> list[Looks]:
        bert = self.net_.reasoner.bert
        if bert.config.kind in LONG or self.reader_.longest > MOST_SHOWN:
            return []
        return [bert.looks(row, self.reader_.tokens.tokens.words) for row in self.reader_.all_read(self.reader_.texts(X))]

    def _words(self) -> dict[str, Any]:
        return cogltx_nets.networks_to_json(self.net_, self.reader_)

    def _build(self, words: dict[str, Any]) -> None:
        self.net_, self.reader_ = cogltx_nets.networks_from_json(words, lambda bert: BertForTexts(bert, self.target_.n_out))


class CogLTX(NetClassifier, _CogLTX):
    """CogLTX for two or more classes of texts of any length, by cross-entropy.

    Parameters
    ----------
    checkpoint : folder of an encoder as Hugging Face lays it out, of the reasoner; judge : the same of the judge, None: it, too.
    longest : tokens of a row, at most what the encoder knows; block : of a block; kept : see `tenon.long.recall_all`.
    rounds : in which judge and reasoner learn one after the other; epochs, fewest_steps : of each network in a round.
    rate, decay : see `tenon.training.Recipe`; rate None: by the width of the encoder. batch_size : rows.
    smoothing : label smoothing. n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the heads' weights, of rows and their order, of dropout.

    Attributes
    ----------
    net_ : judge and reasoner; reader_ : what recalls; history_ : `tenon.training.History` of the reasoner in the round that is
    kept, `before` those of all others; relevance_ : (n_blocks,) int8 for each row of X, at least 1 where a block is taken for
    relevant in the end; target_; classes_ (K,)
    """

    def __init__(
        self, checkpoint: "Path | str" = "", judge: "Path | str | None" = None, longest: int = LONGEST, block: int = BLOCK,
        kept: Sequence[int] = KEPT, rounds: int = 2, epochs: int = 2, fewest_steps: int = 200, batch_size: int = BATCH,
        rate: float | None = None, decay: float = 0.01, smoothing: float = 0.0, n_jobs: int | None = None,
        random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.judge, self.longest, self.block, self.kept = checkpoint, judge, longest, block, kept
        self.rounds, self.epochs, self.fewest_steps, self.batch_size = rounds, epochs, fewest_steps, batch_size
        self.rate, self.decay, self.smoothing, self.n_jobs, self.random_state = rate, decay, smoothing, n_jobs, random_state


class CogLTXRegressor(NetRegressor, _CogLTX):
    """The same for numbers, by squared error of the standardised target. Parameters and attributes as for CogLTX."""

    def __init__(
        self, checkpoint: "Path | str" = "", judge: "Path | str | None" = None, longest: int = LONGEST, block: int = BLOCK,
        kept: Sequence[int] = KEPT, rounds: int = 2, epochs: int = 2, fewest_steps: int = 200, batch_size: int = BATCH,
        rate: float | None = None, decay: float = 0.01, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.judge, self.longest, self.block, self.kept = checkpoint, judge, longest, block, kept
        self.rounds, self.epochs, self.fewest_steps, self.batch_size = rounds, epochs, fewest_steps, batch_size
        self.rate, self.decay, self.n_jobs, self.random_state = rate, decay, n_jobs, random_state


def with_targets(reader: RecallReader, documents: Documents, targets: Tensor) -> Callable[[Sequence[RowOf]], MarkedRows]:
    """Return what gives rows of documents with their targets, (n, …) of all documents."""

    def rows(asked: Sequence[RowOf]) -> MarkedRows:
        return reader.rows([reader.row(documents.read[i], row) for i, row in asked], targets[[i for i, _ in asked]])

    return rows


def _names(class_names: Sequence[Any] | np.ndarray, n_classes: int) -> list[str]:
    """Return what the classes are called. Raises SettingsError where that is not one name each."""
    if len(class_names) != n_classes:
        raise SettingsError(f"class_names holds a name for each of {n_classes:,} classes; got {len(class_names):,}.")
    return [str(name) for name in class_names]
