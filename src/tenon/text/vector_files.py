"""Word vectors as files: word2vec's text and binary formats, and a folder of our own (safetensors and JSON).

word2vec's formats are what its authors' word2vec.c writes and gensim reads and writes: a line "V dim", then each word, a blank,
and its vector: numbers as text with a line end, or float32 as bytes, behind which the original puts a line end and gensim none.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from tenon.data.unpack import open_unpacked
from tenon.errors import DataError, ModelFileError
from tenon.files import changed, new_file, new_folder, seal
from tenon.text.vectors import WordVectors

FORMAT = {"format": "tenon word vectors", "version": 1}
MATRIX, WORDS, TEXT = "vectors.safetensors", "words.json", "vectors.txt"  # in the folder
MOST_NUMBERS = 100_000  # in a vector; more tells a damaged file
LONGEST_WORD = 1 << 16  # bytes


def write_text(vectors: WordVectors, path: "Path | str") -> None:
    """Write word2vec's text format; the numbers are read back as they were. Raises DataError for a word with a blank in it."""
    _check_words(vectors)
    with new_file(Path(path)) as unfinished, unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{len(vectors)} {vectors.matrix.shape[1]}\n")
        for word, vector in zip(vectors.words, vectors.matrix, strict=True):
            file.write(f"{word} {' '.join(map(str, vector))}\n")


def write_binary(vectors: WordVectors, path: "Path | str") -> None:
    """Write word2vec's binary format. Raises DataError for a word with a blank in it."""
    _check_words(vectors)
    with new_file(Path(path)) as unfinished, unfinished.open("wb") as file:
        file.write(f"{len(vectors)} {vectors.matrix.shape[1]}\n".encode())
        for word, vector in zip(vectors.words, vectors.matrix.astype("<f4"), strict=True):
            file.write(f"{word} ".encode() + vector.tobytes())


def read_vectors(path: "Path | str") -> WordVectors:
    """Read what any of these functions, word2vec.c or gensim has written, packed or not.

    Raises DataError, with the line or the word's number, for a damaged file, ModelFileError for a damaged folder.
    """
    path = Path(path)
    if path.is_dir():
        return load(path)
    with open_unpacked(path) as file:
        n, dim = _head(file, path.name)
        start = file.peek(LONGEST_WORD)  # type: ignore[attr-defined]  # every stream of open_unpacked is buffered
        rows = _text_rows if _is_text(start) else _binary_rows
        words: dict[str, int] = {}
        matrix: list[np.ndarray] = []
        for word, vector in rows(file, n, dim, path.name):
            if word in words:
                raise DataError(f"{path.name}: the word {word!r} stands twice, as number {words[word]:,} and {len(words) + 1:,}.")
            words[word] = len(words) + 1
            matrix.append(vector)
    found = np.array(matrix, np.float32)
    if not np.isfinite(found).all():
        bad = list(words)[int(np.flatnonzero(~np.isfinite(found).all(axis=1))[0])]
        raise DataError(f"{path.name}: the vector of {bad!r} (number {words[bad]:,}) holds an infinite number, or none.")
    return WordVectors(list(words), found)


def save(vectors: WordVectors, folder: "Path | str", about: Mapping[str, Any] | None = None) -> None:
    """Write a folder with the vectors in safetensors, words in JSON, both in word2vec's text format, and their checksums.

    about : how they came to be, ready for JSON; it stands beside the words.
    """
    with new_folder(Path(folder)) as unfinished:
        write_folder(vectors, unfinished, about)
        write_text(vectors, unfinished / TEXT)
        seal(unfinished)


def write_folder(vectors: WordVectors, folder: Path, about: Mapping[str, Any] | None = None) -> None:
    """Write into an empty folder what `load` reads of it."""
    save_file({"matrix": vectors.matrix}, folder / MATRIX)
    content = json.dumps(FORMAT | {"about": dict(about or {}), "words": vectors.words}, ensure_ascii=False, indent=0)
    (folder / WORDS).write_text(content, encoding="utf-8")


def load(folder: "Path | str") -> WordVectors:
    """Read the folder that `save` writes. Raises ModelFileError where it is damaged or something else."""
    folder = Path(folder)
    if damaged := changed(folder, [MATRIX, WORDS]):
        raise ModelFileError(f"{folder / damaged[0]} is damaged or was changed since it was written; make it again.")
    try:
        content = json.loads((folder / WORDS).read_text(encoding="utf-8"))
        if {name: content[name] for name in FORMAT} != FORMAT:
            raise ValueError(f"its {WORDS} is of another version")
        return WordVectors(content["words"], load_file(folder / MATRIX)["matrix"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ModelFileError(f"{folder} holds no word vectors of Tenon: {error}.") from error


def _check_words(vectors: WordVectors) -> None:
    bad = next((word for word in vectors.words if not word or re.search(r"[ \n]", word)), None)
    if bad is not None:
        raise DataError(f"word2vec's formats have no place for a word that is empty or holds a blank, as {bad!r} does.")


def _head(file: BinaryIO, name: str) -> tuple[int, int]:
    line = file.readline(LONGEST_WORD)
    parts = line.split()
    if len(parts) != 2 or not all(part.isdigit() and len(part) < 19 for part in parts):
        raise DataError(
            f"{name}, line 1: a file of word vectors begins with how many words and numbers each has, as in '5000 100'; "
            f"got {line[:40].decode(errors='replace').strip()!r}."
        )
    n, dim = map(int, parts)
    if not n or not 0 < dim <= MOST_NUMBERS:
        raise DataError(f"{name}, line 1: promises {n:,} words with {dim:,} numbers each; the file is damaged.")
    return n, dim


def _is_text(start: bytes) -> bool:
    """Whether what follows the first line is text; the bytes of numbers are hardly ever UTF-8 without control characters."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)


def _text_rows(file: BinaryIO, n: int, dim: int, name: str) -> Iterator[tuple[str, np.ndarray]]:
    for number in range(2, n + 2):
        line = file.readline()
        if not line:
            raise DataError(f"{name} ends with line {number - 1:,}, but its first line promises {n:,} words.")
        word, *numbers = line.rstrip(b" \r\n").rsplit(b" ", dim)
        if len(numbers) != dim or not word:
            raise DataError(f"{name}, line {number:,}: takes a word and {dim} numbers; got {len(line.split())} parts.")
        try:
            yield word.decode("utf-8"), np.array(numbers).astype(np.float32)
        except UnicodeDecodeError:
            raise DataError(f"{name}, line {number:,}: the word {word[:40]!r} is not UTF-8.") from None
        except ValueError as error:
            raise DataError(f"{name}, line {number:,}: {error}.") from None
    if file.read(1):
        raise DataError(f"{name} goes on behind line {n + 1:,}, but its first line promises {n:,} words.")


def _binary_rows(file: BinaryIO, n: int, dim: int, name: str) -> Iterator[tuple[str, np.ndarray]]:
    for number in range(1, n + 1):
        word = bytearray()
        while (byte := file.read(1)) not in (b" ", b"") and len(word) < LONGEST_WORD:
            word += byte
        numbers = file.read(4 * dim)
        if len(numbers) < 4 * dim:
            raise DataError(f"{name} ends within word {number:,}, but its first line promises {n:,} words.")
        try:
            yield word.decode("utf-8").lstrip("\n"), np.frombuffer(numbers, "<f4")
        except UnicodeDecodeError:
            raise DataError(f"{name}: word {number:,}, {bytes(word[:40])!r}, is not UTF-8; the file is damaged.") from None
    if file.read(2) not in (b"", b"\n"):
        raise DataError(f"{name} goes on behind word {n:,}, the last that its first line promises.")
