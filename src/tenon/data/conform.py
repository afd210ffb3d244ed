"""New rows into the kinds of a known schema: same columns by name, in any order; whatever else they hold is not read."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Column, Dataset, Schema
from tenon.data.images import EXTENSIONS, check_images, list_images
from tenon.data.tables import read_table, table_extension
from tenon.data.wording import bad_cells, listed, option
from tenon.errors import DataError, near_names

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def conform(data: "Dataset | pd.DataFrame", schema: Schema) -> Dataset:
    """Return the feature columns of `schema` from new rows, each in its kind.

    A Dataset keeps its row ids and root; the rows of a frame are counted from 0, and image paths in it start from the
    working folder. Raises DataError naming every missing column, and row, column and cell where a number or date is wanted
    and something else stands.
    """
    from tenon.data.sources import series_to_arrow

    wanted = _wanted(schema)
    if isinstance(data, Dataset):
        frame, kinds = data.frame, {column.name: column.kind for column in data.schema.columns}
        _check_names(data.name, frame.columns, wanted)
        ready = {c.name: frame[c.name].reset_index(drop=True) for c in wanted if kinds.get(c.name) == c.kind}
        rest = {c.name: series_to_arrow(frame[c.name]) for c in wanted if c.name not in ready}
        name, root, index = data.name, data.root, frame.index
    else:
        frame = data.set_axis([str(name).strip() for name in data.columns], axis=1)
        _check_names("the frame", frame.columns, wanted)
        ready, rest = {}, {c.name: series_to_arrow(frame[c.name]) for c in wanted}
        name, root, index = "the frame", Path(), None
    dataset = _dataset(name, wanted, ready | _converted(name, wanted, rest), root, index)
    if not isinstance(data, Dataset):
        _check_image_files(dataset)
    return dataset


def read_new(path: "str | Path", schema: Schema) -> "tuple[Dataset, pd.DataFrame]":
    """Return new rows of a file, or of a folder of images (flat or by class), and all their columns as they came in.

    Both count their rows from 0. Raises DataError as `read_table` and `conform` do.
    """
    import pandas as pd

    path = Path(path)
    wanted = _wanted(schema)
    if path.is_dir() or path.suffix.lower() in EXTENSIONS:
        return _read_new_images(path, wanted)
    if not table_extension(path) and path.exists():
        raise DataError(f"{path.name} is no table that can be read, and no folder of images.")
    table = read_table(path).columns
    _check_names(path.name, table.column_names, wanted)
    columns = {c.name: table[c.name] for c in wanted}
    images = [c.name for c in wanted if c.kind == "image"]
    dataset = _dataset(path.name, wanted, _converted(path.name, wanted, columns), path.parent if images else None, None)
    _check_image_files(dataset)
    original = table.to_pandas()
    original.index = pd.RangeIndex(len(original), name="row")
    return dataset, original


def _read_new_images(path: Path, wanted: list[Column]) -> "tuple[Dataset, pd.DataFrame]":
    import pandas as pd

    if [column.kind for column in wanted] != ["image"]:
        names = listed(column.name for column in wanted)
        raise DataError(f"{path.name} holds images, but the model was trained on a table with the columns {names}.")
    root, paths = (path, list_images(path)[0]) if path.is_dir() else (path.parent, [path.name])
    if not paths:
        raise DataError(f"{path.name} holds no images ({', '.join(EXTENSIONS)}).")
    check_images(root, paths)
    original = pd.DataFrame({wanted[0].name: paths}, index=pd.RangeIndex(len(paths), name="row"), dtype="str")
    return _dataset(path.name, wanted, {wanted[0].name: original[wanted[0].name]}, root, None), original


def _check_image_files(dataset: Dataset) -> None:
    for name in dataset.schema.features("image"):
        if paths := [cell for cell in dataset.frame[name] if isinstance(cell, str)]:
            check_images(dataset.root or Path(), paths)


def _wanted(schema: Schema) -> list[Column]:
    return [schema[name] for name in schema.features()]


def _check_names(file: str, found: "pd.Index | list[str]", wanted: list[Column]) -> None:
    """Raise DataError naming every wanted column that is not there (or there twice), and what looks like it."""
    found = list(found)
    names = [column.name for column in wanted]
    if twice := [name for name in names if found.count(name) > 1]:
        raise DataError(f"{file} has more than one column {twice[0]!r}.")
    lacks = [name for name in names if name not in found]
    if not lacks:
        return
    free = [name for name in found if name not in names]
    near = dict.fromkeys(other for name in lacks for other in near_names(name, free, n=1))
    message = f"{file} lacks {len(lacks):,} of the {len(names):,} columns the model was trained on: {listed(lacks, most=20)}."
    if near:
        without = "without it" if len(lacks) == 1 else f"without these {len(lacks):,}"
        message += (
            f"\n  Columns that look alike: {listed(near, most=20)}. Rename them, or train {without}: "
            f"tenon compare … {option('kind', f'{lacks[0]}=ignore')}"
        )
    raise DataError(message)


def _converted(file: str, wanted: list[Column], columns: "Mapping[str, pa.ChunkedArray]") -> "dict[str, pd.Series]":
    from tenon.data.cells import convert

    values = {}
    for column in wanted:
        if column.name not in columns:
            continue
        cells = columns[column.name]
        converted = convert(cells, column.kind, missing=column.missing, has_thousands=column.has_thousands)
        if len(converted.strange):
            where = bad_cells(file, column.name, cells, converted.strange, column.kind)
            raise DataError(f"{where}; correct the cell, or leave it empty where the value is not known.")
        values[column.name] = converted.values
    return values


def _dataset(
    name: str, wanted: list[Column], values: "Mapping[str, pd.Series]", root: Path | None, index: "pd.Index | None"
) -> Dataset:
    import pandas as pd

    frame = pd.DataFrame({column.name: values[column.name] for column in wanted})
    ids = np.arange(len(frame)) if index is None else index.to_numpy()
    frame.index = pd.Index(ids.astype(np.int64), name="row")
    return Dataset(frame, Schema(tuple(wanted), len(frame)), name, root)
