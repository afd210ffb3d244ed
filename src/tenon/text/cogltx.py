"""CogltxClassifier and CogltxRegressor: long documents, of which a judge recalls what a reasoner then reads.

Ding et al. 2020 (CogLTX: Applying BERT to Long Texts, NeurIPS 33), for what is said of one text.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from sklearn.utils import check_random_state

from tenon import ranges
from tenon.errors import SettingsError
from tenon.text.bert import Bert
from tenon.text.bert_config import LONG, BertConfig
from tenon.text.bert_heads import BertForTags, BertForTexts
from tenon.text.cogltx_relevance import Spans, by_words, given
from tenon.text.cogltx_rows import Document, Documents, RecallReader
from tenon.text.cogltx_training import JudgeAndReasoner, Plan, Rounds
from tenon.text.fine_tuning import epochs_of, layer_rates, recipe_for
from tenon.text.looks import MOST_SHOWN, Looks
from tenon.text.marked import MarkedTokens
from tenon.text.mem_recall import KEPT
from tenon.text.net_of_texts import NetOfTexts, weighted
from tenon.text.tokens import SubwordTokens, tokens_from
from tenon.training.estimators import NetClassifier, NetRegressor
from tenon.training.held_out import held_out_by_chance
from tenon.training.history import History
from tenon.training.noise import own_chance
from tenon.training.recipe import Recipe
from tenon.training.targets import Classes
from tenon.training.threads import threads

LONGEST, BLOCK = 512, 62  # tokens: eight such blocks and their marks fit into a row
BATCH = 16  # rows


class Kept(NamedTuple):
    """The blocks that are recalled of a text: spans (m, 2) int64, their places; scores (m,) of the judge, from 0 to 1."""

    spans: np.ndarray
    scores: np.ndarray


class _Cogltx(NetOfTexts):
    """What both share."""

    not_kept: ClassVar = {"checkpoint": "", "judge": None}

    reader_: RecallReader
    net_: JudgeAndReasoner
    history_: History
    relevance_: list[np.ndarray]

    @staticmethod
    def _kinds() -> Sequence[type[NetOfTexts]]:
        return CogltxClassifier, CogltxRegressor

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, held_out: Any = None, relevance: Sequence[Spans] | None = None
    ) -> Self:
        """X: (n,) str; y: (n,); sample_weight: (n,) from 0 on, what rows count for the reasoner.

        held_out : (n,) bool, rows that choose the round and its epoch and are not trained on; by default a tenth by chance,
        from 200 rows on. relevance : for each row the places (start, end) in its text that its answer hangs on, which then say
        what is relevant, and no intervention does. Raises SettingsError for settings out of range, and where training finds no
        finite loss; DataError for other X.
        """
        self._check()
        y, seed = np.asarray(y), int(check_random_state(self.random_state).randint(2**31 - 1))
        self.target_ = self.target_of(y)
        is_out = held_out_by_chance(self.target_.strata(y), seed) if held_out is None else np.asarray(held_out, bool)
        targets = weighted(self.target_, y, sample_weight)
        with threads(self.n_jobs), own_chance(seed):
            self._start()
            documents = Documents([self.reader_.encoded(text) for text in self.reader_.texts(X)])
            if relevance is None:
                documents.relevance = self._by_words(documents.read, y, is_out)
            else:
                documents.relevance = given(documents.read, relevance)
            plan = Plan(self.rounds, self._recipe, relevance is None, seed)
            course = Rounds(
                self.net_, self.reader_, documents, targets, is_out, self.target_.loss(self.smoothing), plan, self.watch
            )
            self.history_ = course.train()
        self.relevance_ = [documents.relevance[documents.of(i)] for i in range(len(documents.read))]
        return self

    def _check(self) -> None:
        ranges.whole("rounds", self.rounds, 1)
        ranges.whole("epochs", self.epochs, 1)
        ranges.whole("fewest_steps", self.fewest_steps, 0)
        ranges.whole("block", self.block, 1)
        for n in self.kept:
            ranges.whole("kept", n, 1)

    def _start(self) -> None:
        """Set net_ and reader_."""
        judge = BertForTags.from_pretrained(self.judge or self.checkpoint, 1)
        self.net_ = JudgeAndReasoner(judge, BertForTexts.from_pretrained(self.checkpoint, self.target_.n_out))
        tokens = MarkedTokens.from_pretrained(self.checkpoint)
        if self.judge and MarkedTokens.from_pretrained(self.judge).tokens.words != tokens.tokens.words:
            raise SettingsError(
                f"the judge in {self.judge} has another vocabulary than {self.checkpoint}; take one with the same."
            )
        configs = (self.net_.judge.bert.config, self.net_.reasoner.bert.config)
        longest = min(self.longest, *(config.longest for config in configs))
        if (1 + sum(self.kept)) * (1 + self.block) > longest - 1:
            raise SettingsError(
                f"rows of {longest:,} tokens do not hold {sum(self.kept)} blocks of {self.block:,} that are kept, and one more; "
                "take shorter blocks, or keep fewer."
            )
        self.reader_ = RecallReader(tokens, longest, self.block, self.kept, judge)

    def _recipe(self, net: BertForTags | BertForTexts, n_rows: int) -> Recipe:
        """Return how a network learns from so many rows in a round."""
        size, config = self.batch_size, net.bert.config
        epochs = epochs_of(n_rows, size, self.epochs, self.fewest_steps)
        return replace(recipe_for(config, epochs, size, self.rate, self.decay), rate_of=layer_rates(config))

    def _by_words(self, documents: Sequence[Document], y: np.ndarray, is_out: np.ndarray) -> np.ndarray:
        """Return the first relevance of all blocks, 0 in documents held out; numbers are two classes, around the median."""
        if isinstance(self.target_, Classes):
            codes, names = self.target_.coded(y), [str(value) for value in self.target_.values]
        else:
            codes, names = (y > np.median(y[~is_out])).astype(np.int64), ["", ""]
        tokens = [self.reader_.tokens.tokens.encode(name if any(map(str.isalpha, name)) else "").ids for name in names]
        found = by_words([document for document, out in zip(documents, is_out, strict=True) if not out], codes[~is_out], tokens)
        relevance = np.zeros(sum(len(document.ends) for document in documents), np.int8)
        relevance[np.repeat(~is_out, [len(document.ends) for document in documents])] = found
        return relevance

    def _answers(self, X: Any) -> np.ndarray:
        with threads(self.n_jobs):
            return super()._answers(X)

    def recalled_in(self, X: Any) -> list[Kept]:
        """Return the blocks that are recalled of each text, in its order: what the reasoner reads."""
        documents = [self.reader_.encoded(text) for text in self.reader_.texts(X)]
        with threads(self.n_jobs):
            found = self.reader_.recalled(documents)
        return [Kept(_spans(document, one.blocks), one.scores) for document, one in zip(documents, found, strict=True)]

    def looks_in(self, X: Any) -> list[Looks]:
        bert = self.net_.reasoner.bert
        if bert.config.kind in LONG or self.reader_.longest > MOST_SHOWN:
            return []
        return [bert.looks(row, self.reader_.tokens.tokens.words) for row in self.reader_.all_read(self.reader_.texts(X))]

    def _words(self) -> dict[str, Any]:
        reader, net = self.reader_, self.net_
        told = {"tokens": reader.tokens.tokens.to_json(), "longest": reader.longest, "block": reader.block, "kept": reader.kept}
        return {"reader": told, "networks": [asdict(one.bert.config) for one in (net.judge, net.reasoner)]}

    def _build(self, words: dict[str, Any]) -> None:
        judge, reasoner = (Bert(BertConfig(**config)) for config in words["networks"])
        self.net_ = JudgeAndReasoner(BertForTags(judge, 1), BertForTexts(reasoner, self.target_.n_out))
        told = dict(words["reader"])
        tokens = tokens_from(told.pop("tokens"))
        assert isinstance(tokens, SubwordTokens)
        self.reader_ = RecallReader(MarkedTokens(tokens), **told, judge=self.net_.judge)


def _spans(document: Document, places: Sequence[int]) -> np.ndarray:
    """Return where these blocks begin and end in the text, (m, 2) int64."""
    blocks = [document.spans[document.block(place)] for place in places]
    return np.array([(spans[0, 0], spans[-1, 1]) for spans in blocks], np.int64).reshape(-1, 2)


class CogltxClassifier(NetClassifier, _Cogltx):
    """CogLTX for two or more classes of texts of any length, by cross-entropy.

    Parameters
    ----------
    checkpoint : folder of an encoder as Hugging Face lays it out, of the reasoner; judge : the same of the judge, None: it, too.
    longest : tokens of a row, at most what the encoder knows; block : of a block; kept : see `tenon.text.recall_all`.
    rounds : in which judge and reasoner learn one after the other; epochs, fewest_steps : of each in a round.
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


class CogltxRegressor(NetRegressor, _Cogltx):
    """The same for numbers, by squared error of the standardised target. Parameters and attributes as for CogltxClassifier."""

    def __init__(
        self, checkpoint: "Path | str" = "", judge: "Path | str | None" = None, longest: int = LONGEST, block: int = BLOCK,
        kept: Sequence[int] = KEPT, rounds: int = 2, epochs: int = 2, fewest_steps: int = 200, batch_size: int = BATCH,
        rate: float | None = None, decay: float = 0.01, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.judge, self.longest, self.block, self.kept = checkpoint, judge, longest, block, kept
        self.rounds, self.epochs, self.fewest_steps, self.batch_size = rounds, epochs, fewest_steps, batch_size
        self.rate, self.decay, self.n_jobs, self.random_state = rate, decay, n_jobs, random_state
