"""CogLTXTagger: tags for documents of any length, each block of which is read beside the blocks that a judge recalls for it.

Ding et al. 2020 (CogLTX: Applying BERT to Long Texts, NeurIPS 33, section 3.1, task c). Nobody tells which blocks matter to a
tag: at first those with words that tell which tags a document has (ours), then interventions decide (section 3.3). So that
training does not grow with the square of a document's length, it asks about few of its blocks.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tenon import ranges
from tenon.long import cogltx_nets
from tenon.long.cogltx_nets import BATCH, BLOCK, LONGEST, JudgeAndReasoner
from tenon.long.cogltx_queries import by_tags, drawn, in_blocks, queries_of, with_tags
from tenon.long.cogltx_rows import Documents, RecallReader
from tenon.long.cogltx_training import Plan, Rounds
from tenon.long.mem_recall import KEPT
from tenon.text.bert_heads import BertForTags
from tenon.text.piece_tagger import PieceTagger, nats_of_rows
from tenon.text.pieces import Part
from tenon.text.sentences import Sentences
from tenon.training.history import History
from tenon.training.threads import threads

QUERIES = 8  # of a document; all of one of 496 parts of words


class CogLTXTagger(PieceTagger):
    """Tags for tokens of sentences, or documents, of any length.

    Parameters
    ----------
    checkpoint, judge, longest, block, kept, epochs, fewest_steps, batch_size, rate, decay : see `CogLTX`.
    queries : blocks of a document, by chance, whose tags are learnt from. rounds : in which judge and reasoner learn one after
    the other. n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the heads' weights, of queries, of rows and their order, of dropout.

    Attributes
    ----------
    tags_ : (K,) the tags, sorted; net_ : judge and reasoner; reader_ : what recalls; history_ : `tenon.training.History` of the
    reasoner in the round that is kept, `before` those of all others
    """

    not_kept: ClassVar = {"checkpoint": "", "judge": None}

    net_: JudgeAndReasoner
    reader_: RecallReader
    history_: History

    def __init__(
        self, checkpoint: "Path | str" = "", judge: "Path | str | None" = None, longest: int = LONGEST, block: int = BLOCK,
        kept: Sequence[int] = KEPT, queries: int = QUERIES, rounds: int = 2, epochs: int = 2, fewest_steps: int = 200,
        batch_size: int = BATCH, rate: float | None = None, decay: float = 0.01, n_jobs: int | None = None,
        random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.judge, self.longest, self.block, self.kept = checkpoint, judge, longest, block, kept
        self.queries, self.rounds, self.epochs, self.fewest_steps = queries, rounds, epochs, fewest_steps
        self.batch_size, self.rate, self.decay = batch_size, rate, decay
        self.n_jobs, self.random_state = n_jobs, random_state

    def _check(self) -> None:
        ranges.whole("rounds", self.rounds, 1)
        ranges.whole("queries", self.queries, 1)
        cogltx_nets.check_settings(self)

    def _learn(self, X: Sentences, y: Sentences, is_out: np.ndarray, seed: int) -> None:
        self.net_, self.reader_ = cogltx_nets.load_networks(
            self, lambda: BertForTags.from_pretrained(self.checkpoint, len(self.tags_))
        )
        cogltx_nets.check_room(self.reader_, self.block + self.reader_.marks_of_question - 1, "a block to tag")
        sentences = [in_blocks(self.reader_, tokens) for tokens in X]
        asked = drawn(sentences, self.queries, seed)
        queries = [query for _, query in asked]
        tags = [np.searchsorted(self.tags_, np.array(own, str)) for own in y]
        documents = Documents([query.beside for query in queries])
        documents.relevance = by_tags(sentences, tags, asked, is_out)
        course = Rounds(
            self.net_, self.reader_, documents, with_tags(self.reader_, queries, [tags[i][query.tokens] for i, query in asked]),
            is_out[[i for i, _ in asked]], nats_of_rows(), Plan(self.rounds, cogltx_nets.recipe_of(self), True, seed), self.watch,
        )  # fmt: skip
        self.history_ = course.train()

    def _parts(self, X: Sentences) -> list[tuple[int, Part]]:
        asked = [(i, query) for i, tokens in enumerate(X) for query in queries_of(in_blocks(self.reader_, tokens))]
        with threads(self.n_jobs):
            recalled = self.reader_.recalled([query.beside for _, query in asked])
        return [
            (i, query.part(self.reader_.row(query.beside, found.blocks)))
            for (i, query), found in zip(asked, recalled, strict=True)
        ]

    def _words(self) -> dict[str, Any]:
        return cogltx_nets.networks_to_json(self.net_, self.reader_)

    def _build(self, words: dict[str, Any]) -> None:
        self.net_, self.reader_ = cogltx_nets.networks_from_json(words, lambda bert: BertForTags(bert, len(self.tags_)))
