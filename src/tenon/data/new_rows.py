"""New rows for a model, from files that may be larger than memory: looked through once, then handed over chunk by chunk.

All that can be wrong with a row is met in the first look, so that nothing is predicted of a file with a fault in its last row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.chunks import Chunks
from tenon.data.conform import check_names, dataset_of, strange_cells, wanted_columns
from tenon.data.dataset import Column, Dataset, Schema
from tenon.data.forms import Forms
from tenon.data.idx import is_idx, read_idx_images
from tenon.data.images import EXTENSIONS, check_image_cells, check_images, list_images, nothing_to_read
from tenon.data.lines import EXTENSIONS as LINES
from tenon.data.lines import TEXT
from tenon.data.sources import open_rows
from tenon.data.tables import OpenTable, check_exists, holds_tables, no_rows, table_extension
from tenon.data.wording import listed
from tenon.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True)
class NewRows:
    """New rows that were looked through.

    read : yields of each chunk the rows that a model reads, whose ids count from 0 on in the first, and all their columns as they
    came in, with a row above them that decides their form: see `forms`.
    """

    names: tuple[str, ...]  # of all columns
    n_rows: int
    read: "Callable[[], Iterator[tuple[Dataset, pd.DataFrame]]]"


def _not_heard(rows: Dataset) -> None:
    """Take no notice."""


def open_new(path: "str | Path", schema: Schema, hear: Callable[[Dataset], None] = _not_heard) -> NewRows:
    """Look through new rows of whatever holds a table, or of images (flat, by class or idx).

    hear : is told the rows of each chunk. Raises DataError as `open_source` and `conform` do; of cells of a wrong kind it tells
    all.
    """
    path = Path(path)
    wanted = wanted_columns(schema)
    if path.suffix.lower() in EXTENSIONS or is_idx(path) or (path.is_dir() and not holds_tables(path)):
        dataset, original = _images(path, wanted)
        hear(dataset)
        return NewRows((wanted[0].name,), len(dataset), partial(_read_images, dataset, original))
    name, opened, folder = open_rows(path)
    if table_extension(path) in LINES:
        opened = _as_wanted(opened, wanted)
    names = opened.rows.schema.names
    check_names(name, names, wanted)
    root = folder if any(column.kind == "image" for column in wanted) else None
    table = _Table(name, wanted, root, opened.rows, Forms(opened.rows.schema))
    n_rows, only_chunk = table.look(hear)
    if not n_rows:
        raise no_rows(name, opened.hint)
    if only_chunk is not None:  # which need not be read again
        table = replace(table, rows=Chunks.of(only_chunk))
    return NewRows(tuple(names), n_rows, partial(table.read, n_rows))


@dataclass(frozen=True)
class _Table:
    name: str
    wanted: list[Column]
    root: Path | None
    rows: Chunks
    forms: Forms

    def look(self, hear: Callable[[Dataset], None]) -> "tuple[int, pa.Table | None]":
        """Return how many rows there are, and these themselves where they are one chunk."""
        strange: dict[str, list[np.ndarray]] = {column.name: [] for column in self.wanted}
        first: dict[str, object] = {}
        n_rows, n_chunks, chunk = 0, 0, None
        for chunk in self.rows.even():
            dataset, found = self._converted(chunk, n_rows)
            for name, rows in found.items():
                strange[name].append(rows + n_rows)
                first.setdefault(name, chunk[name][int(rows[0])].as_py())
            self.forms.look(chunk)
            n_rows, n_chunks = n_rows + len(chunk), n_chunks + 1
            hear(dataset)
        for column in self.wanted:
            if column.name in first:
                raise strange_cells(self.name, column, first[column.name], np.concatenate(strange[column.name]))
        return n_rows, chunk if n_chunks == 1 else None

    def read(self, n_rows: int) -> "Iterator[tuple[Dataset, pd.DataFrame]]":
        """Yield the rows that were looked through, so many. Raises DataError where others stand there now."""
        start = 0
        for chunk in self.rows.even():
            dataset, strange = self._converted(chunk, start)
            if strange or start + len(chunk) > n_rows:
                break
            yield dataset, self.forms.frame(chunk, start)
            start += len(chunk)
        if start != n_rows:
            raise DataError(f"{self.name} was changed while its rows were predicted; do it again when it stays as it is.")

    def _converted(self, chunk: "pa.Table", start: int) -> tuple[Dataset, dict[str, np.ndarray]]:
        """Return the rows in the kinds of the model, and of columns those (0-based, in the chunk) that are not of their kind."""
        import pandas as pd

        from tenon.data.cells import check_tokens, convert

        values, strange = {}, {}
        for c in self.wanted:
            converted = convert(chunk[c.name], c.kind, missing=c.missing, has_thousands=c.has_thousands)
            values[c.name] = converted.values
            if len(converted.strange):
                strange[c.name] = converted.strange
            if c.kind == "tokens":
                check_tokens(self.name, c.name, converted.values, start)
            if c.kind == "image":
                check_image_cells(self.name, c.name, converted.values, self.root or Path(), start)
        index = pd.RangeIndex(start, start + len(chunk))
        return dataset_of(str(self.name), self.wanted, values, self.root, index), strange


def _as_wanted(opened: OpenTable, wanted: list[Column]) -> OpenTable:
    """Return a file of a text a line as the only column that the model reads, whatever that was called."""
    if opened.rows.schema.names == [TEXT] and [column.kind for column in wanted] in (["text"], ["tokens"]):
        return replace(opened, rows=opened.rows.renamed([wanted[0].name]))
    return opened


def _images(path: Path, wanted: list[Column]) -> "tuple[Dataset, pa.Table]":
    import pandas as pd
    import pyarrow as pa

    is_of_idx = path.is_dir() and any(is_idx(file) for file in path.iterdir())
    if path.is_dir() and not is_of_idx and not list_images(path)[0]:
        raise nothing_to_read(path)
    if [column.kind for column in wanted] != ["image"]:
        names = listed(column.name for column in wanted)
        raise DataError(f"{path.name} holds images, but the model was trained on a table with the columns {names}.")
    name = wanted[0].name
    if is_idx(path):
        check_exists(path)
        pictures = read_idx_images(path)
        original = pa.table({name: [f"{path.name}#{number}" for number in range(1, len(pictures) + 1)]})
        return dataset_of(path.name, wanted, {name: pd.Series(pictures, dtype=object)}, None), original
    if is_of_idx:
        raise DataError(f"{path.name} is a folder of idx files; name the one with the images to predict.")
    root, paths = (path, list_images(path)[0]) if path.is_dir() else (path.parent, [path.name])
    check_images(root, paths)
    return dataset_of(path.name, wanted, {name: pd.Series(paths, dtype="str")}, root), pa.table({name: paths})


def _read_images(dataset: Dataset, original: "pa.Table") -> "Iterator[tuple[Dataset, pd.DataFrame]]":
    start, forms = 0, Forms(original.schema)
    for chunk in Chunks.of(original).even():
        end = start + len(chunk)
        yield dataset.rows(dataset.row_ids[start:end]), forms.frame(chunk, start)
        start = end
