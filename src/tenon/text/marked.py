"""Texts as BERT reads them: [CLS] text [SEP], or [CLS] one [SEP] another [SEP], in two segments (Devlin et al. 2019, fig. 2).

A network that knows one kind of text in a row, as RoBERTa (Liu et al. 2019), finds a second [SEP] before the other text.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tenon.errors import DataError, ModelFileError
from tenon.files import write_text
from tenon.text import subwords
from tenon.text.bert_config import CONFIG, BertConfig, read_config
from tenon.text.subwords import END, MASK, MERGES, START
from tenon.text.tokens import FEWEST, Encoded, SubwordTokens, tokens_from

LEAST_SHARE = 0.5  # of what a network knows that its vocabulary has: some are padded to a round number, none by as much
FILES = ("tokenizer.json", "vocab.txt", "vocab.json", MERGES, "tokenizer_config.json", "special_tokens_map.json")
NOWHERE = np.zeros((1, 2), np.int64)  # the span of a mark


class Marked(NamedTuple):
    """A row of t tokens: ids, segments (t,) int64, and spans (t, 2) int64, where each stands in its own text; of marks 0, 0.

    segments : which text of the row each token is of, whether or not the network is told.
    """

    ids: np.ndarray
    segments: np.ndarray
    spans: np.ndarray


class MarkedTokens:
    """The parts of words of a checkpoint, and its marks. Raises ModelFileError where a mark is missing.

    tokens : `tenon.text.tokens.Tokens`, with `pad`, `words`, and texts without marks. start, end, mask : ids of [CLS], [SEP],
    [MASK]; marks : (4,) of these and of what fills up. n_segments : kinds of text in a row that the network knows.
    """

    def __init__(self, tokens: SubwordTokens, n_segments: int = 2):
        self.tokens, self.n_segments = tokens, n_segments
        places = {word: i for i, word in enumerate(tokens.words)}
        _, _, *marks = tokens.marks
        if missing := [mark for mark in marks if mark not in places]:
            lacking = " and no ".join(missing)
            raise ModelFileError(f"the vocabulary has no {lacking}, with which BERT marks its rows; take one of a BERT.")
        self.start, self.end, self.mask = (places[mark] for mark in marks)
        self.marks = np.array([tokens.pad, self.start, self.end, self.mask])

    @classmethod
    def learnt(cls, texts: Iterable[str], most: int) -> "MarkedTokens":
        """Return the parts of words, `most` of them with the marks, of which texts are made up; they are read twice."""
        made = subwords.learnt_wordpiece(texts, most, FEWEST, marks=(START, END, MASK))
        return cls(SubwordTokens(made))

    def save_pretrained(self, folder: "Path | str") -> None:
        """Write tokenizer.json, tokenizer_config.json and the vocabulary: vocab.txt, of pairs of bytes vocab.json and merges.txt.

        Raises OutputError where they cannot be written.
        """
        folder, tokenizer = Path(folder), self.tokens.to_json()["tokenizer"]
        write_text(folder / "tokenizer.json", json.dumps(tokenizer, ensure_ascii=False))
        if self.tokens.are_bytes:
            said = {"tokenizer_class": "RobertaTokenizer"}
            pairs = (" ".join(pair) for pair in tokenizer["model"]["merges"])
            write_text(folder / "vocab.json", json.dumps(tokenizer["model"]["vocab"], ensure_ascii=False))
            write_text(folder / MERGES, "".join(f"{line}\n" for line in ("#version: 0.2", *pairs)))
        else:
            normalizer = tokenizer["normalizer"] or {}
            said = {"tokenizer_class": "BertTokenizer", "do_lower_case": normalizer.get("lowercase", False)}
            write_text(folder / "vocab.txt", "".join(f"{word}\n" for word in self.tokens.words))
        write_text(folder / "tokenizer_config.json", json.dumps(said))

    @classmethod
    def from_pretrained(cls, folder: "Path | str") -> "MarkedTokens":
        """Return those of a folder's tokenizer.json, vocab.txt and tokenizer_config.json, or vocab.json and merges.txt.

        Raises ModelFileError where they cannot be read, or are more than config.json tells that the network knows.
        """
        folder = Path(folder)
        try:
            found = cls(SubwordTokens(subwords.from_folder(folder)))
        except DataError as error:
            raise ModelFileError(str(error)) from error
        except ModelFileError as error:
            raise ModelFileError(f"{folder}: {error}") from error
        if (folder / CONFIG).is_file():
            config = read_config(folder)
            _check_fitting(found.tokens, config, folder)
            found.n_segments = config.n_segments
        return found

    @classmethod
    def from_json(cls, said: dict[str, Any], config: BertConfig) -> "MarkedTokens":
        """Return those whose `tokens.to_json` gave this, for a network like config."""
        tokens = tokens_from(said)
        assert isinstance(tokens, SubwordTokens)
        return cls(tokens, config.n_segments)

    def encode(self, text: str, other: str | None = None) -> Marked:
        """Return a text, or a pair, as a row."""
        return self.row(self.tokens.encode(text), None if other is None else self.tokens.encode(other))

    def row(self, text: Encoded, other: Encoded | None = None) -> Marked:
        """Return tokens of a text, or of a pair, whole or cut, between marks."""
        parts = [self._part(text, 0, [self.start])]
        if other is not None:
            parts.append(self._part(other, 1, [self.end] * (self.n_segments == 1)))
        return Marked(*(np.concatenate(found) for found in zip(*parts, strict=True)))

    def n_marks(self, n_texts: int) -> int:
        """Return how many marks a row of one text or two has."""
        return 1 + n_texts + (n_texts == 2 and self.n_segments == 1)

    def _part(self, text: Encoded, segment: int, before: list[int]) -> Marked:
        ids = np.concatenate([np.array(before, np.int64), text.ids, [self.end]])
        return Marked(ids, np.full(len(ids), segment), np.concatenate([NOWHERE[: len(before)], text.spans, NOWHERE]))


def copy_tokens(start: Path, folder: Path) -> None:
    """Copy all that tells of the tokens of a checkpoint into a folder."""
    for name in FILES:
        if (start / name).is_file():
            shutil.copy(start / name, folder / name)


def _check_fitting(tokens: SubwordTokens, config: BertConfig, folder: Path) -> None:
    if not LEAST_SHARE * config.vocab_size <= len(tokens) <= config.vocab_size:
        raise ModelFileError(
            f"the vocabulary in {folder} has {len(tokens):,} tokens, and its network knows {config.vocab_size:,} ({CONFIG}); "
            "take both from one place."
        )
    if config.family == "roberta" and tokens.pad != config.pad:  # whose places count from behind it
        raise ModelFileError(
            f"the vocabulary in {folder} pads with token {tokens.pad}, and its network with {config.pad} ({CONFIG}); take "
            "both from one place."
        )
