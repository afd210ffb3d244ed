"""New rows into the kinds of a known schema: same columns by name, in any order; whatever else they hold is not read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import MOST_LOOSE, Column, Dataset, Schema
from tenon.data.idx import is_idx, read_idx_images
from tenon.data.images import EXTENSIONS, check_image_cells, check_images, list_images
from tenon.data.lines import EXTENSIONS as LINES
from tenon.data.lines import TEXT
from tenon.data.tables import check_exists, clean_name, holds_tables, table_extension
from tenon.data.wording import bad_cells, listed, option
from tenon.errors import DataError, near_names

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from tenon.data.sources import Source

MOST_LIKE = 20  # missing columns that a look-alike is searched for


def conform(data: "Dataset | pd.DataFrame", schema: Schema, called: str = "the frame") -> Dataset:
    """Return the feature columns of `schema` from new rows, each in its kind.

    A Dataset keeps its row ids and root; the rows of a frame are counted from 0, and image paths in it start from the
    working folder. called : what a frame is called where something is wrong with it. Raises DataError naming every missing
    column, and row, column and cell where a number or date is wanted and something else stands.
    """
    from tenon.data.sources import series_to_arrow

    wanted = _wanted(schema)
    if isinstance(data, Dataset):
        frame, kinds = data.frame, {column.name: column.kind for column in data.schema.columns}
        _check_names(data.name, frame.columns, wanted)
        ready = {c.name: frame[c.name] for c in wanted if kinds.get(c.name) == c.kind}
        rest = {c.name: series_to_arrow(frame[c.name]) for c in wanted if c.name not in ready}
        name, root, index = data.name, data.root, frame.index
    else:
        frame = data.set_axis([clean_name(str(name)) for name in data.columns], axis=1)
        _check_names(called, frame.columns, wanted)
        ready, rest = {}, {c.name: series_to_arrow(frame[c.name]) for c in wanted}
        name, root, index = called, Path(), None
    dataset = _dataset(name, wanted, ready | _converted(name, wanted, rest), root, index)
    if not isinstance(data, Dataset):
        _check_image_files(dataset)
    return dataset


def read_new(path: "str | Path", schema: Schema) -> "tuple[Dataset, pd.DataFrame]":
    """Return new rows of whatever holds a table, or of images (flat, by class or idx), and all their columns as they came in.

    Both count their rows from 0. Raises DataError as `open_source` and `conform` do.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    from tenon.data.sources import open_source

    path = Path(path)
    wanted = _wanted(schema)
    if path.suffix.lower() in EXTENSIONS or is_idx(path) or (path.is_dir() and not holds_tables(path)):
        return _read_new_images(path, wanted)
    source = open_source(path)
    if table_extension(path) in LINES:
        source = _as_wanted(source, wanted)
    _check_names(source.name, list(source.columns), wanted)
    for column in wanted:
        cells = source.columns[column.name]
        if column.kind not in ("number", "date") and pa.types.is_string(cells.type):
            # what pandas holds text in: cells and values then share their characters
            source.columns[column.name] = pc.cast(cells, pa.large_string())
    pa.default_memory_pool().release_unused()
    root = source.root if any(column.kind == "image" for column in wanted) else None
    dataset = _dataset(str(source.name), wanted, _converted(source.name, wanted, source.columns), root, None)
    _check_image_files(dataset)
    as_they_are = {pa.string(): pd.ArrowDtype(pa.string())}  # not in pandas' own strings, with twice the offsets
    original = source.table.to_pandas(types_mapper=as_they_are.get)
    original.index = pd.RangeIndex(len(original), name="row")
    return dataset, original


def _as_wanted(source: "Source", wanted: list[Column]) -> "Source":
    """Return a file of a text a line as the only column that the model reads, whatever that was called."""
    if list(source.columns) == [TEXT] and [column.kind for column in wanted] in (["text"], ["tokens"]):
        return replace(source, columns={wanted[0].name: source.columns[TEXT]})
    return source


def _read_new_images(path: Path, wanted: list[Column]) -> "tuple[Dataset, pd.DataFrame]":
    import pandas as pd

    if [column.kind for column in wanted] != ["image"]:
        names = listed(column.name for column in wanted)
        raise DataError(f"{path.name} holds images, but the model was trained on a table with the columns {names}.")
    name = wanted[0].name
    if is_idx(path):
        check_exists(path)
        pictures = read_idx_images(path)
        original = _shown_as(name, [f"{path.name}#{number}" for number in range(1, len(pictures) + 1)])
        return _dataset(path.name, wanted, {name: pd.Series(pictures, dtype=object)}, None, None), original
    if path.is_dir() and any(is_idx(file) for file in path.iterdir()):
        raise DataError(f"{path.name} is a folder of idx files; name the one with the images to predict.")
    root, paths = (path, list_images(path)[0]) if path.is_dir() else (path.parent, [path.name])
    if not paths:
        raise DataError(f"{path.name} holds no images ({', '.join(EXTENSIONS)}).")
    check_images(root, paths)
    original = _shown_as(name, paths)
    return _dataset(path.name, wanted, {name: original[name]}, root, None), original


def _shown_as(name: str, cells: list[str]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame({name: cells}, index=pd.RangeIndex(len(cells), name="row"), dtype="str")


def _check_image_files(dataset: Dataset) -> None:
    for name in dataset.schema.features("image"):
        check_image_cells(dataset.name, name, dataset.frame[name], dataset.root or Path())


def _wanted(schema: Schema) -> list[Column]:
    return [schema[name] for name in schema.features()]


def _check_names(file: str, found: "pd.Index | list[str]", wanted: list[Column]) -> None:
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
            where = bad_cells(file, column.name, cells, converted.strange, column.kind)
            raise DataError(f"{where}; correct the cell, or leave it empty where the value is not known.")
        if column.kind == "tokens":
            check_tokens(file, column.name, converted.values)
        values[column.name] = converted.values
    return values


def _dataset(
    name: str, wanted: list[Column], values: "Mapping[str, pd.Series]", root: Path | None, index: "pd.Index | None"
) -> Dataset:
    import pandas as pd

    arrays = {column.name: values[column.name].array for column in wanted}
    frame = pd.DataFrame(arrays, copy=len(arrays) > MOST_LOOSE)
    ids = np.arange(len(frame)) if index is None else index.to_numpy()
    frame.index = pd.Index(ids.astype(np.int64), name="row")
    return Dataset(frame, Schema(tuple(wanted), len(frame)), name, root)
