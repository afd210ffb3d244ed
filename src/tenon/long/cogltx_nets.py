"""Judge and reasoner of CogLTX, whatever is asked of the reasoner: how they begin, at which rates they learn, what a file holds.

Ding et al. 2020 (CogLTX: Applying BERT to Long Texts, NeurIPS 33, section 3).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from torch import Tensor, nn

from tenon import ranges
from tenon.errors import SettingsError
from tenon.long.cogltx_rows import Document, RecallReader
from tenon.text.bert import Bert
from tenon.text.bert_config import BertConfig
from tenon.text.bert_heads import BertFor, BertForTags
from tenon.text.fine_tuning import epochs_of, layer_rates, recipe_for
from tenon.text.marked import MarkedTokens
from tenon.training.recipe import Recipe

LONGEST, BLOCK = 512, 62  # tokens: eight such blocks and their marks fit into a row
BATCH = 16  # rows


class Settings(Protocol):
    """What all estimators of CogLTX are told, see `tenon.long.CogLTX`."""

    checkpoint: "Path | str"
    judge: "Path | str | None"
    longest: int
    block: int
    kept: Sequence[int]
    epochs: int
    fewest_steps: int
    batch_size: int
    rate: float | None
    decay: float


class JudgeAndReasoner(nn.Module):
    """Both networks of CogLTX: a judge, which gives a number for each token, and a reasoner, which says what is asked."""

    def __init__(self, judge: BertForTags, reasoner: BertFor):
        super().__init__()
        self.judge, self.reasoner = judge, reasoner

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None, token_type_ids: Tensor) -> Tensor:
        """Return what the reasoner says of rows, (B, …)."""
        return self.reasoner(input_ids, attention_mask, token_type_ids)


class Kept(NamedTuple):
    """The blocks that are recalled of a text: spans (m, 2) int64, their places; scores (m,) of the judge, from 0 to 1."""

    spans: np.ndarray
    scores: np.ndarray


def check_settings(of: Settings) -> None:
    """Raise SettingsError for settings out of range."""
    ranges.whole("epochs", of.epochs, 1)
    ranges.whole("fewest_steps", of.fewest_steps, 0)
    ranges.whole("batch_size", of.batch_size, 1)
    ranges.whole("block", of.block, 1)
    for n in of.kept:
        ranges.whole("kept", n, 1)


def load_networks(of: Settings, reasoner: Callable[[], BertFor]) -> tuple[JudgeAndReasoner, RecallReader]:
    """Return both networks with the weights of their folders, and what recalls for them.

    Raises ModelFileError for folders that do not fit, SettingsError for another vocabulary of the judge.
    """
    judge = BertForTags.from_pretrained(of.judge or of.checkpoint, 1)
    net, tokens = JudgeAndReasoner(judge, reasoner()), MarkedTokens.from_pretrained(of.checkpoint)
    if of.judge and MarkedTokens.from_pretrained(of.judge).tokens.words != tokens.tokens.words:
        raise SettingsError(f"the judge in {of.judge} has another vocabulary than {of.checkpoint}; take one with the same.")
    configs = (net.judge.bert.config, net.reasoner.bert.config)
    return net, RecallReader(tokens, min(of.longest, *(config.longest for config in configs)), of.block, of.kept, judge)


def check_room(reader: RecallReader, n_first: int = 0, first: str = "") -> None:
    """Raise SettingsError where rows are too short for what is kept.

    n_first : tokens and marks, at most, of what stands before the blocks; first : it is called.
    """
    n_needed = 1 + n_first + (1 + sum(reader.kept)) * (1 + reader.block)
    if n_needed > reader.longest:
        before = f"{first} of {n_first:,}, " if n_first else ""
        raise SettingsError(
            f"a row has room for {reader.longest:,} tokens and needs {n_needed:,}: for {before}{sum(reader.kept)} kept blocks of "
            f"{reader.block:,} and one more, each with a mark. Lower block or kept, or raise longest, if the encoder reads more."
        )


def recipe_of(of: Settings) -> Callable[[BertFor, int], Recipe]:
    """Return how a network learns from so many rows in a round."""

    def recipe(net: BertFor, n_rows: int) -> Recipe:
        size, config = of.batch_size, net.bert.config
        epochs = epochs_of(n_rows, size, of.epochs, of.fewest_steps)
        return replace(recipe_for(config, epochs, size, of.rate, of.decay), rate_of=layer_rates(config))

    return recipe


def networks_to_json(net: JudgeAndReasoner, reader: RecallReader) -> dict[str, Any]:
    """Return what `networks_from_json` needs to know, ready for JSON."""
    own = {name: getattr(reader, name) for name in ("longest", "block", "kept")}
    networks = [asdict(one.bert.config) for one in (net.judge, net.reasoner)]
    return {"reader": {"tokens": reader.tokens.tokens.to_json(), **own}, "networks": networks}


def networks_from_json(words: dict[str, Any], reasoner: Callable[[Bert], BertFor]) -> tuple[JudgeAndReasoner, RecallReader]:
    """Return networks, whose weights are then read, and what recalls, from what `networks_to_json` gave."""
    of_judge, of_reasoner = (Bert(BertConfig(**config)) for config in words["networks"])
    net = JudgeAndReasoner(BertForTags(of_judge, 1), reasoner(of_reasoner))
    own = dict(words["reader"])
    tokens = MarkedTokens.from_json(own.pop("tokens"), of_reasoner.config)
    return net, RecallReader(tokens, **own, judge=net.judge)


def kept_of(reader: RecallReader, documents: Sequence[Document]) -> list[Kept]:
    """Return the blocks that are recalled of each document, in its order: what the reasoner reads."""
    found = reader.recalled(documents)
    return [Kept(_spans(document, one.blocks), one.scores) for document, one in zip(documents, found, strict=True)]


def _spans(document: Document, places: Sequence[int]) -> np.ndarray:
    """Return where these blocks begin and end in the text, (m, 2) int64."""
    blocks = [document.spans[document.block(place)] for place in places]
    return np.array([(spans[0, 0], spans[-1, 1]) for spans in blocks], np.int64).reshape(-1, 2)
