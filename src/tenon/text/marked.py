"""Texts as BERT reads them: [CLS] text [SEP], or [CLS] one [SEP] another [SEP], in two segments (Devlin et al. 2019, fig. 2)."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tenon.errors import DataError, ModelFileError
from tenon.files import write_text
from tenon.text import subwords
from tenon.text.bert_config import CONFIG, read_config
from tenon.text.subwords import END, MASK, START
from tenon.text.tokens import FEWEST, Encoded, SubwordTokens

NOWHERE = np.zeros((1, 2), np.int64)  # the span of a mark


class Marked(NamedTuple):
    """A row of t tokens: ids, segments (t,) int64, and spans (t, 2) int64, where each stands in its own text; of marks 0, 0."""

    ids: np.ndarray
    segments: np.ndarray
    spans: np.ndarray


class MarkedTokens:
    """The parts of words of a checkpoint, and its marks. Raises ModelFileError where a mark is missing.

    tokens : `tenon.text.tokens.Tokens`, with `pad`, `words`, and texts without marks. start, end, mask : ids of [CLS], [SEP],
    [MASK]; marks : (4,) of these and of what fills up.
    """

    def __init__(self, tokens: SubwordTokens):
        self.tokens = tokens
        places = {word: i for i, word in enumerate(tokens.words)}
        if missing := [mark for mark in (START, END, MASK) if mark not in places]:
            raise ModelFileError(f"the vocabulary has no {' and no '.join(missing)}, with which BERT marks its rows.")
        self.start, self.end, self.mask = (places[mark] for mark in (START, END, MASK))
        self.marks = np.array([tokens.pad, self.start, self.end, self.mask])

    @classmethod
    def learnt(cls, texts: Iterable[str], most: int) -> "MarkedTokens":
        """Return the parts of words, `most` of them with the marks, of which texts are made up; they are read twice."""
        made = subwords.learnt_wordpiece(texts, most, FEWEST, marks=(START, END, MASK))
        return cls(SubwordTokens(made))

    def save_pretrained(self, folder: "Path | str") -> None:
        """Write tokenizer.json, vocab.txt and tokenizer_config.json. Raises OutputError where they cannot be written."""
        said = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
        write_text(Path(folder) / "tokenizer.json", json.dumps(self.tokens.to_json()["tokenizer"], ensure_ascii=False))
        write_text(Path(folder) / "tokenizer_config.json", json.dumps(said))
        write_text(Path(folder) / "vocab.txt", "".join(f"{word}\n" for word in self.tokens.words))

    @classmethod
    def from_pretrained(cls, folder: "Path | str") -> "MarkedTokens":
        """Return those of a folder's tokenizer.json, or vocab.txt and tokenizer_config.json.

        Raises ModelFileError where they cannot be read, or are more than config.json tells that the network knows.
        """
        folder = Path(folder)
        try:
            found = cls(SubwordTokens(subwords.from_folder(folder)))
        except DataError as error:
            raise ModelFileError(str(error)) from error
        if (folder / CONFIG).is_file() and len(found.tokens) > (known := read_config(folder).vocab_size):
            raise ModelFileError(
                f"the vocabulary in {folder} has {len(found.tokens):,} tokens, and its network knows {known:,} ({CONFIG}); "
                "take both from one place."
            )
        return found

    def encode(self, text: str, other: str | None = None) -> Marked:
        """Return a text, or a pair, as a row."""
        return self.row(self.tokens.encode(text), None if other is None else self.tokens.encode(other))

    def row(self, text: Encoded, other: Encoded | None = None) -> Marked:
        """Return tokens of a text, or of a pair, whole or cut, between marks."""
        parts = [self._part(text, 0, [self.start])]
        if other is not None:
            parts.append(self._part(other, 1, []))
        return Marked(*(np.concatenate(found) for found in zip(*parts, strict=True)))

    def _part(self, text: Encoded, segment: int, before: list[int]) -> Marked:
        ids = np.concatenate([np.array(before, np.int64), text.ids, [self.end]])
        return Marked(ids, np.full(len(ids), segment), np.concatenate([NOWHERE[: len(before)], text.spans, NOWHERE]))
