"""Texts without labels, of the task or of its domain, read from a file; those that stand among the labelled rows are left out.

Rows that are scored must be new to whatever was learnt before, also without their labels.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tenon.data.dataset import Dataset, Schema
from tenon.data.lines import EXTENSIONS as LINES
from tenon.data.lines import read_lines
from tenon.data.near import plain_texts
from tenon.data.tables import check_exists, read_table, table_extension
from tenon.data.wording import enumeration, listed, option
from tenon.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


Text = str | list[str]  # a text, or a sentence that is cut into tokens
UNLABELLED, DOMAIN = "unlabelled", "domain"  # options that take such a file
CALLED = {UNLABELLED: "unlabelled texts", DOMAIN: "texts of the domain"}


@dataclass(frozen=True)
class Unlabelled:
    """Texts in the order of their file. A row of several columns is as many texts."""

    name: str  # of the file
    texts: tuple[Text, ...]
    n_left_out: int  # equal to one of a labelled row, but for case, punctuation and blanks
    option: str = UNLABELLED  # that took the file

    @property
    def digest(self) -> str:
        """Checksum of the texts, of which it is the same whatever the file's format."""
        digest = sha256()
        for text in self.texts:
            digest.update(f"{text}\0".encode(errors="surrogatepass"))
        return digest.hexdigest()

    @property
    def note(self) -> str:
        """What to tell of those that were left out; "" for none."""
        n = len(self.texts) + self.n_left_out
        verb = "equals a labelled row and is" if self.n_left_out == 1 else "equal labelled rows and are"
        return f"{self.n_left_out:,} of {n:,} {CALLED[self.option]} in {self.name} {verb} left out." if self.n_left_out else ""


class Source(NamedTuple):
    """Where texts without labels lie, and the checksum of those that were found there."""

    path: str
    digest: str
    option: str = UNLABELLED

    def texts(self, data: Dataset) -> tuple[Text, ...]:
        """Return the texts, read again. Raises DataError where they are others now, and as `read_unlabelled` does."""
        found = read_unlabelled(Path(self.path), data, self.option)
        if found.digest != self.digest:
            raise DataError(f"{self.path} holds other texts than when the run began.")
        return found.texts


def read_unlabelled(path: Path, data: Dataset, option: str = UNLABELLED) -> Unlabelled:
    """Return the texts of a text file, a text a line, or of a table: its columns named as those of `data`, or its only one.

    For data of tagged sentences, sentences: of a file of such, whatever their tags, of a column of token lists, or as texts.
    Raises DataError for a file without texts or that cannot be read, where no text is left, and for data without texts.
    """
    columns = columns_of_text(data.schema)
    if not columns:
        raise DataError(f"--{option} is for data with texts or tagged sentences; {data.name} has none.")
    check_exists(path)
    are_cut, is_table = data.schema[columns[0]].kind == "tokens", table_extension(path) not in ("", *LINES)
    texts = list(_cells(path, columns, data.name, are_cut) if is_table or are_cut else read_lines(path))
    if not texts:
        raise DataError(f"{path.name} holds no text.")
    labelled = set(_plain(_labelled(data, columns), are_cut))
    left = tuple(text for text, plain in zip(texts, _plain(texts, are_cut), strict=True) if plain not in labelled)
    if not left:
        raise DataError(f"every text in {path.name} equals that of a labelled row; --{option} takes others.")
    return Unlabelled(path.name, left, len(texts) - len(left), option)


def columns_of_text(schema: Schema) -> list[str]:
    """Return the names of the columns of texts; where there is none, of those that hold sentences as tokens."""
    return schema.features("text") or schema.features("tokens")


def unused(data: Dataset, readers: Sequence[str]) -> str:
    """Return what to tell of texts in rows without a target, which nothing is learnt from; "" where there are none.

    readers : methods that --unlabelled would give them to. The file itself may be named there: its other rows are left out.
    """
    rows = data.unlabelled
    if rows is None or not readers or not columns_of_text(data.schema):
        return ""
    file = data.source if Path(data.source).is_file() else "FILE"
    have = "1 row without a target has texts" if len(rows) == 1 else f"{len(rows):,} rows without a target have texts"
    return f"{have}, too: {option('unlabelled', file)} lets {enumeration(readers)} learn from them."


def _cells(path: Path, columns: list[str], data: str, are_cut: bool) -> Iterator[Text]:
    table = read_table(path).columns
    names = [name for name in columns if name in table.column_names] or table.column_names[: len(table.column_names) == 1]
    if not names:
        raise DataError(
            f"{path.name} has no column {columns[0]!r} as {data} has, and more than one other; call it so. Columns: "
            f"{listed(table.column_names)}."
        )
    for name in names:
        cells = _texts(table.column(name), f"{path.name}, column {name!r}", are_cut)
        yield from (cell for cell in cells if (cell.strip() if isinstance(cell, str) else cell))


def _texts(column: "pa.ChunkedArray", where: str, are_cut: bool) -> Iterable[Text]:
    import pyarrow as pa

    from tenon.data.cells import is_list_of_text

    kind = column.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    if not (is_text or (are_cut and is_list_of_text(kind))):
        raise DataError(f"{where} holds no texts, but {kind}.")
    return column.drop_null().to_pylist()


def _labelled(data: Dataset, columns: list[str]) -> list[Text]:
    """Return every text of the labelled rows, and where there are several columns of texts, those of a row in one, too."""
    frame = data.frame[columns]
    texts = [text for name in columns for text in frame[name].dropna()]
    if len(columns) == 1 or data.schema[columns[0]].kind == "tokens":
        return texts
    return texts + ["\n".join(row) for row in frame.fillna("").itertuples(index=False)]


def _plain(texts: Sequence[Text], are_cut: bool) -> "pd.Series":
    """Return what texts have in common that say the same; where tokens are compared, blanks between them say nothing."""
    plain = plain_texts([text if isinstance(text, str) else " ".join(text) for text in texts])
    return plain.str.replace(" ", "") if are_cut else plain
