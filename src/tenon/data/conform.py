"""New rows into the kinds of a known schema: same columns by name, in any order; whatever else they hold is not read."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import MOST_LOOSE, Column, Dataset, Schema
from tenon.data.images import check_image_cells
from tenon.data.tables import clean_name
from tenon.data.wording import bad_cells, listed, option
from tenon.errors import DataError, near_names

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MOST_LIKE = 20  # missing columns that a look-alike is searched for


def conform(data: "Dataset | pd.DataFrame", schema: Schema, called: str = "the frame") -> Dataset:
    """Return the feature columns of `schema` from new rows, each in its kind.

    A Dataset keeps its row ids and root; the rows of a frame are counted from 0, and image paths in it start from the
    working folder. called : what a frame is called where something is wrong with it. Raises DataError naming every missing
    column, and row, column and cell where a number or date is wanted and something else stands.
    """
    from tenon.data.sources import series_to_arrow

    wanted = wanted_columns(schema)
    if isinstance(data, Dataset):
        frame, kinds = data.frame, {column.name: column.kind for column in data.schema.columns}
        check_names(data.name, frame.columns, wanted)
        ready = {c.name: frame[c.name] for c in wanted if kinds.get(c.name) == c.kind}
        rest = {c.name: series_to_arrow(frame[c.name]) for c in wanted if c.name not in ready}
        name, root, index = data.name, data.root, frame.index
    else:
        frame = data.set_axis([clean_name(str(name)) for name in data.columns], axis=1)
        check_names(called, frame.columns, wanted)
        ready, rest = {}, {c.name: series_to_arrow(frame[c.name]) for c in wanted}
        name, root, index = called, Path(), None
    dataset = dataset_of(name, wanted, ready | _converted(name, wanted, rest), root, index)
    if not isinstance(data, Dataset):
        _check_image_files(dataset)
    return dataset


def _check_image_files(dataset: Dataset) -> None:
    for name in dataset.schema.features("image"):
        check_image_cells(dataset.name, name, dataset.frame[name], dataset.root or Path())


def wanted_columns(schema: Schema) -> list[Column]:
    """Return the columns that a model reads."""
    return [schema[name] for name in schema.features()]


def check_names(file: str, found: "pd.Index | list[str]", wanted: list[Column]) -> None:
    """Raise DataError naming every wanted column that is not there (or there twice), and what looks like it."""
    counts = Counter(found)
    names = [column.name for column in wanted]
    if twice := [name for name in names if counts[name] > 1]:
        raise DataError(f"{file} has more than one column {twice[0]!r}.")
    lacks = [name for name in names if name not in counts]
    if not lacks:
        return
    known = set(names)
    free = [name for name in counts if name not in known]
    near = dict.fromkeys(other for name in lacks[:MOST_LIKE] for other in near_names(name, free, n=1))
    some = f"{len(lacks):,} of the {len(names):,} columns" if len(names) > 1 else "the one column"
    message = f"{file} lacks {some} the model was trained on: {listed(lacks, most=20)}."
    if near:
        without = "without it" if len(lacks) == 1 else f"without these {len(lacks):,}"
        message += (
            f"\n  Columns that look alike: {listed(near, most=20)}. Rename them, or train {without}: "
            f"tenon compare … {option('kind', f'{lacks[0]}=ignore')}"
        )
    raise DataError(message)


def _converted(file: str, wanted: list[Column], columns: "Mapping[str, pa.ChunkedArray]") -> "dict[str, pd.Series]":
    from tenon.data.cells import check_tokens, convert

    values = {}
    for column in wanted:
        if column.name not in columns:
            continue
        cells = columns[column.name]
        converted = convert(cells, column.kind, missing=column.missing, has_thousands=column.has_thousands)
        if len(converted.strange):
            raise strange_cells(file, column, cells[int(converted.strange[0])].as_py(), converted.strange)
        if column.kind == "tokens":
            check_tokens(file, column.name, converted.values)
        values[column.name] = converted.values
    return values


def strange_cells(file: str, column: Column, first: object, rows: np.ndarray) -> DataError:
    """Return the error of cells, in these rows, that are not of their column's kind; first : one of them."""
    where = bad_cells(file, column.name, first, rows, column.kind)
    return DataError(f"{where}; correct the cell, or leave it empty where the value is not known.")


def dataset_of(
    name: str, wanted: list[Column], values: "Mapping[str, pd.Series]", root: Path | None, index: "pd.Index | None" = None
) -> Dataset:
    """Return rows of these columns; index : their ids, by default counted from 0."""
    import pandas as pd

    arrays = {column.name: values[column.name].array for column in wanted}
    frame = pd.DataFrame(arrays, copy=len(arrays) > MOST_LOOSE)
    ids = np.arange(len(frame)) if index is None else index.to_numpy()
    frame.index = pd.Index(ids.astype(np.int64), name="row")
    return Dataset(frame, Schema(tuple(wanted), len(frame)), name, root)
