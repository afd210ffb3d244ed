"""Text files without columns: sentences of tagged tokens (a token, a tab and its tag a line, an empty line between sentences), or
a text a line.

Of more than two fields the first is the token and the last the tag, as in CoNLL-2003; its lines -DOCSTART- are passed over.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tenon.data.chunks import GROUP, Chunks
from tenon.data.encodings import Opener, as_utf8, find_encoding
from tenon.data.unpack import open_unpacked
from tenon.data.wording import shown
from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

EXTENSIONS = (".txt", ".conll", ".bio")
TOKENS, TAGS, TEXT = "tokens", "tags", "text"  # columns
DOCUMENT = "-DOCSTART-"
MOSTLY = 0.9  # of the lines with a tab make a file one of tags
LINE = 1 << 20  # bytes of a line that are read at a time: a file that is one endless line fits into memory, too


def open_lines(open_text: Opener, file: str) -> Chunks:
    """Return the columns tokens and tags, or text, of which a line without any is an empty cell, as it is in a table.

    Raises DataError naming a line of a tagged file without a tag, and where no empty line stands between sentences.
    """
    import pyarrow as pa

    if not _is_tagged(open_text):
        return Chunks(pa.schema([(TEXT, pa.large_string())]), partial(_read_texts, open_text))
    with open_text() as text:
        sentences = _sentences(_decoded(text), file)
    if len(sentences) == 1:
        raise DataError(
            f"{file} has fields with tabs between, but no empty line between sentences; if it is a table, call it .tsv."
        )
    kind = pa.list_(pa.string())
    return Chunks.of(
        pa.table({TOKENS: pa.array([s[0] for s in sentences], kind), TAGS: pa.array([s[1] for s in sentences], kind)})
    )


def _is_tagged(open_text: Opener) -> bool:
    n_full = n_tabbed = 0
    with open_text() as text:
        for line in _decoded(text):
            if line.strip():
                n_full += 1
                n_tabbed += "\t" in line
    return n_tabbed >= MOSTLY * n_full


def _read_texts(open_text: Opener) -> "Iterator[pa.Table]":
    import pyarrow as pa

    with open_text() as text:
        while group := text.readlines(GROUP):
            cells = [line if line.strip() else None for line in _decoded(group)]
            yield pa.table({TEXT: pa.array(cells, pa.large_string())})


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    return (line.decode("utf-8").rstrip("\r\n") for line in lines)


def _sentences(lines: Iterable[str], file: str) -> list[tuple[list[str], list[str]]]:
    """Return (tokens, tags) of each sentence."""
    found: list[tuple[list[str], list[str]]] = [([], [])]
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            if found[-1][0]:
                found.append(([], []))
            continue
        token, *rest = line.split("\t")
        if token == DOCUMENT:
            continue
        if not rest or not rest[-1].strip():
            raise DataError(
                f"{file}, line {number:,}: {shown(line)} has no tag; each line is a token, a tab and its tag, and sentences have "
                "an empty line between."
            )
        found[-1][0].append(token)
        found[-1][1].append(rest[-1].strip())
    return found if found[-1][0] else found[:-1]


def read_lines(path: "str | Path") -> Iterator[str]:
    """Yield the lines of a text file, packed or not, that hold anything. Raises DataError as `read_all_lines` does."""
    return filter(None, read_all_lines(path))


def read_all_lines(path: "str | Path") -> Iterator[str]:
    """Yield all lines of a text file, packed or not, without blanks around; one of more than a MiB in pieces, cut at blanks.

    Raises DataError for bytes of no encoding, damaged archives, and a file without any text.
    """
    path, is_empty = Path(path), True
    if path.is_dir():
        raise DataError(f"{path} is a folder; name a text file in it.")
    opened = partial(open_unpacked, path)
    with as_utf8(opened, find_encoding(opened, path.name)) as stream:
        rest = b""
        while piece := stream.readline(LINE):
            line = rest + piece
            cut = len(line) if line.endswith(b"\n") else _last_cut(line)
            text, rest = line[:cut].decode("utf-8").strip(), line[cut:]
            is_empty = is_empty and not text
            yield text
    if is_empty:
        raise DataError(f"{path.name} holds no text.")


def _last_cut(line: bytes) -> int:
    """Return where an unfinished line may be cut: behind its last blank; where there is none, before its last character."""
    blank = max(line.rfind(b" "), line.rfind(b"\t"))
    if blank >= 0:
        return blank + 1
    cut = len(line) - 1
    while line[cut] & 0xC0 == 0x80:  # a later byte of a character in UTF-8
        cut -= 1
    return cut
