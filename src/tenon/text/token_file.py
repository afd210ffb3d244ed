"""A file of texts as one long array of token ids, in a file that is read as if it stood in memory: so a corpus may be larger.

A text a line; a line without text ends a document. Lines are cut into sentences, the least that rows are made of.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import numpy as np

from tenon.features.chinese import words_of_long
from tenon.files import writing
from tenon.text.tokens import SubwordTokens
from tenon.text.units import plain
from tenon.watch import SILENT, Watch

SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])(?![”’」』）])")  # where one ends
LINES_BETWEEN_TALK = 10_000
Starts = Callable[[str], np.ndarray]  # of a text: where its words begin, in characters


@dataclass(frozen=True)
class TokenFile:
    """tokens : (n,) int32, ids. is_start : (n,) bool, which of them begin a word.

    texts : (n_texts + 1,) int64, where sentences begin and end in tokens, none empty; documents : (n_documents + 1,) int64, where
    documents do, in texts.
    """

    tokens: np.ndarray
    is_start: np.ndarray
    texts: np.ndarray
    documents: np.ndarray

    @property
    def document_bounds(self) -> np.ndarray:
        """Where documents begin and end in tokens, (n_documents + 1,) int64."""
        return self.texts[self.documents]


@contextmanager
def token_file(
    lines: Iterable[str], tokens: SubwordTokens, starts: Starts | None = None, watch: Watch = SILENT
) -> Iterator[TokenFile]:
    """Yield the tokens of lines, kept in a private temporary folder until the block ends.

    starts : where words begin; None: where the tokens say so ("##" is inside).
    """
    begins = tokens.begins
    texts, documents, n_tokens = array("q", [0]), array("q", [0]), 0
    with TemporaryDirectory(prefix="tenon-corpus-") as folder:
        paths = [Path(folder) / name for name in ("ids", "starts")]
        with writing(f"{gettempdir()}, where the corpus is kept meanwhile"):
            with paths[0].open("wb") as ids_file, paths[1].open("wb") as starts_file:
                for n, line in enumerate(lines, 1):
                    for sentence in filter(None, SENTENCE.split(line)):
                        ids, spans = tokens.encode(sentence)
                        is_start = begins[ids]
                        is_start[:1] = True
                        if starts is not None:
                            is_start &= np.isin(spans[:, 0], starts(sentence))
                        ids_file.write(ids.astype(np.int32).tobytes())
                        starts_file.write(is_start.tobytes())
                        n_tokens += len(ids)
                        if n_tokens > texts[-1]:
                            texts.append(n_tokens)
                    if not line:
                        _end(documents, len(texts) - 1)
                    if n % LINES_BETWEEN_TALK == 0:
                        watch.tell({"event": "reading", "n_words": n_tokens})
        _end(documents, len(texts) - 1)
        ids, is_start = (
            np.memmap(path, kind, "r") if n_tokens else np.zeros(0, kind)
            for path, kind in zip(paths, (np.int32, np.bool_), strict=True)
        )
        yield TokenFile(ids, is_start, np.frombuffer(texts, np.int64), np.frombuffer(documents, np.int64))


def _end(documents: "array[int]", n_texts: int) -> None:
    """End a document, where it has any text."""
    if n_texts > documents[-1]:
        documents.append(n_texts)


def jieba_starts(text: str) -> np.ndarray:
    """Return where jieba's words begin, (n,) int64."""
    return np.cumsum([0, *map(len, words_of_long(plain(text)))])
