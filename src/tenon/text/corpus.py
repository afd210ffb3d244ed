"""A corpus as one long array of word ids, encoded once, in a file that is read as if it stood in memory.

So a corpus may be larger than memory, every epoch reads integers, and the source is read one single time: a generator will do.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import IO, Any

import numpy as np

from tenon.data.lines import read_lines
from tenon.errors import DataError
from tenon.files import writing
from tenon.text.vocabulary import Vocabulary

LONGEST = 10_000  # words of a sentence; a longer one is cut into several, and no window reaches across the cut
PIECE = 1 << 20  # words written or read at a time
Sentences = Iterable[Sequence[str]]  # each a list of words


@dataclass(frozen=True)
class Corpus:
    """The sentences as ids of the vocabulary; words that are not in it are left out.

    tokens : (n,) int32. bounds : (n_sentences + 1,) int64, where sentences begin and end in tokens; none is empty.
    n_read : words of the corpus, those left out included.
    """

    tokens: np.ndarray
    bounds: np.ndarray
    vocabulary: Vocabulary
    n_read: int


@contextmanager
def encoded(sentences: "Sentences | str | Path", min_count: int = 1) -> Iterator[Corpus]:
    """Yield the corpus of a file (a sentence a line, blanks between words) or of lists of words.

    Its ids lie in a private temporary folder until the block ends.
    Raises DataError for what is no list of words, and where no word stands min_count times.
    """
    read = split_lines(sentences) if isinstance(sentences, str | Path) else sentences
    with TemporaryDirectory(prefix="tenon-corpus-") as folder:
        path = Path(folder) / "ids"
        numbers = _Numbers()
        with path.open("wb", buffering=0) as file:  # what a full disk did not take would fail once more, in closing
            bounds = _write(read, numbers, file)
        n_read = int(bounds[-1])
        tokens = np.asarray(np.memmap(path, np.int32, "r+")) if n_read else np.zeros(0, np.int32)
        vocabulary, bounds = _renumber(tokens, bounds, list(numbers), min_count)
        yield Corpus(tokens[: bounds[-1]], bounds, vocabulary, n_read)


def split_lines(path: "str | Path") -> Iterator[list[str]]:
    """Yield the words between blanks of each line of a text file, packed or not. Raises DataError as `read_lines` does."""
    return (line.split() for line in read_lines(path))


class _Numbers(dict[str, int]):
    """Word -> number, in the order in which words are first met."""

    def __missing__(self, word: Any) -> int:
        if not isinstance(word, str):
            raise DataError(f"a sentence is a list of words; one holds {word!r}, which is no text.")
        number = self[word] = len(self)
        return number


def _write(sentences: Iterable[Any], numbers: _Numbers, file: IO[bytes]) -> np.ndarray:
    """Write the numbers of all words to the file, fill `numbers`, and return the bounds of sentences."""
    bounds, waiting = array("q", [0]), array("i")
    n = 0
    for place, sentence in enumerate(sentences, 1):
        if isinstance(sentence, str | bytes) or not hasattr(sentence, "__len__"):
            raise DataError(f"a sentence is a list of words; number {place:,} is {sentence!r:.60}. Cut it into words first.")
        try:
            waiting.extend(map(numbers.__getitem__, sentence))
        except TypeError:
            raise DataError(f"a sentence is a list of words; number {place:,} holds something else.") from None
        bounds.extend(range(n + LONGEST, n + len(sentence), LONGEST))
        n += len(sentence)
        bounds.append(n)
        if len(waiting) >= PIECE:
            _empty(waiting, file)
    _empty(waiting, file)
    return np.frombuffer(bounds, np.int64)


def _empty(waiting: "array[int]", file: IO[bytes]) -> None:
    """Write what waits to the file."""
    with writing(f"{gettempdir()}, where the corpus is kept meanwhile"):
        rest = memoryview(waiting.tobytes())
        while rest:
            rest = rest[file.write(rest) :]
    del waiting[:]


def _renumber(tokens: np.ndarray, bounds: np.ndarray, words: list[str], min_count: int) -> tuple[Vocabulary, np.ndarray]:
    """Put the ids of the vocabulary in the place of numbers, in place, closing the gaps of rare words.

    tokens : (n,) int32, numbers of words. Returns the vocabulary and the new bounds, without empty sentences.
    """
    pieces = [slice(start, start + PIECE) for start in range(0, len(tokens), PIECE)]
    counts = sum((np.bincount(tokens[piece], minlength=len(words)) for piece in pieces), np.zeros(len(words), np.int64))
    vocabulary = Vocabulary.from_counts(dict(zip(words, counts.tolist(), strict=True)), min_count)
    id_of = np.full(len(words), -1, np.int32)
    number_of = {word: number for number, word in enumerate(words)}
    id_of[[number_of[word] for word in vocabulary.words]] = np.arange(len(vocabulary))
    n_kept, moved = 0, bounds.copy()
    for piece in pieces:
        ids = id_of[tokens[piece]]
        is_kept = ids >= 0
        inside = slice(*np.searchsorted(bounds, (piece.start + 1, piece.start + len(ids) + 1)))
        moved[inside] = n_kept + np.cumsum(is_kept)[bounds[inside] - piece.start - 1]
        kept = ids[is_kept]
        tokens[n_kept : n_kept + len(kept)] = kept
        n_kept += len(kept)
    return vocabulary, np.unique(moved)
