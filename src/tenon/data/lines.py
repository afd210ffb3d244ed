"""Text files without columns: sentences of tagged tokens (a token, a tab and its tag a line, an empty line between sentences), or
a text a line.

Of more than two fields the first is the token and the last the tag, as in CoNLL-2003; its lines -DOCSTART- are passed over.
"""

from typing import TYPE_CHECKING, BinaryIO

from tenon.data.wording import shown
from tenon.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

EXTENSIONS = (".txt", ".conll", ".bio")
TOKENS, TAGS, TEXT = "tokens", "tags", "text"  # columns
DOCUMENT = "-DOCSTART-"
MOSTLY = 0.9  # of the lines with a tab make a file one of tags


def parse_lines(text: BinaryIO, file: str) -> "pa.Table":
    """Return the columns tokens and tags, or text.

    Raises DataError naming a line of a tagged file without a tag, and where no empty line stands between sentences.
    """
    import pyarrow as pa

    lines = [line.decode("utf-8").rstrip("\r\n") for line in text]
    full = [line for line in lines if line.strip()]
    if sum("\t" in line for line in full) < MOSTLY * len(full):
        return pa.table({TEXT: pa.array(full, pa.large_string())})
    sentences = _sentences(lines, file)
    if len(sentences) == 1:
        raise DataError(
            f"{file} has fields with tabs between, but no empty line between sentences; if it is a table, call it .tsv."
        )
    kind = pa.list_(pa.string())
    return pa.table({TOKENS: pa.array([s[0] for s in sentences], kind), TAGS: pa.array([s[1] for s in sentences], kind)})


def _sentences(lines: list[str], file: str) -> list[tuple[list[str], list[str]]]:
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
