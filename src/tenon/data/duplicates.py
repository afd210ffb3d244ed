"""Rows that are copies of one another, exactly or nearly: on both sides of a split they would be known by heart."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Column, Dataset

if TYPE_CHECKING:
    import pandas as pd

CONTENT = ("text", "tokens", "image")  # kinds whose cells are copied from one row to another
DEAR = ("tokens", "text", "image")  # kinds whose cells take longer to compare, in rising order
LONG = 60  # letters of a text that is nobody's by chance
HAN, HAN_LETTERS = r"[\p{Han}\p{Hiragana}\p{Katakana}]", 3  # a Chinese character counts as three
TIED_SHARE = 0.1  # of the rows: larger sets of near copies cannot be kept on one side
TIED_ROWS = 5  # but sets of so many always can


def duplicate_groups(dataset: Dataset) -> np.ndarray:
    """Return (n,) int64: the same number for rows whose features are all exactly equal, in order of first sight.

    Missing cells equal each other, but a row that `is_empty` is a copy of itself alone; images are compared by their bytes, not
    by their names.
    """
    return equal_rows(dataset, lambda column, rows: _exactly(dataset, column, rows))


def near_groups(dataset: Dataset) -> np.ndarray:
    """Return (n,) int64: the same number for rows that are copies of one another, or of a copy.

    Copies have an image or a long text in common, the same or nearly, or else all their features, short texts nearly the
    same included; a sentence of tokens is a text. Where the data set brings `copies`, found before in more rows, these are
    returned.
    """
    if dataset.copies is not None:
        return dataset.copies.loc[dataset.frame.index].to_numpy()
    near = _near_cells(dataset)
    groups = _nearly_equal(dataset, near)
    for name, code in near.items():
        groups = _tied(groups, np.where(_is_telling(dataset, name), code, code.max() + 1 + np.arange(len(code))))
    return groups


def near_rows(dataset: Dataset) -> np.ndarray:
    """Return (n,) int64: the same number for rows whose features all are equal, texts and images nearly so."""
    return _nearly_equal(dataset, _near_cells(dataset))


def _near_cells(dataset: Dataset) -> dict[str, np.ndarray]:
    """Return of each column of content (n,) int64, the same number for cells that are nearly the same."""
    return {column.name: _nearly(dataset, column) for column in dataset.schema.columns if column.name in _content(dataset)}


def _nearly_equal(dataset: Dataset, near: dict[str, np.ndarray]) -> np.ndarray:
    return equal_rows(
        dataset, lambda column, rows: near[column.name][rows] if column.name in near else _exactly(dataset, column, rows)
    )


def with_copies(dataset: Dataset) -> Dataset:
    """Return the data set with its near copies found, so that nothing which is made of its rows looks for them again."""
    import pandas as pd

    if dataset.copies is not None or not has_content(dataset):
        return dataset
    return replace(dataset, copies=pd.Series(near_groups(dataset), dataset.frame.index))


def has_content(dataset: Dataset) -> bool:
    """Say whether there are texts, sentences or images, whose copies are kept on one side of every split."""
    return bool(_content(dataset))


def tied_rows(dataset: Dataset) -> np.ndarray:
    """Return (n,) int64: rows with the same number stay on one side of every split.

    These are the rows of a group; where there are texts or images, or rows that were repeated, copies as well, and groups that
    have copies in common.
    What would tie more than a tenth of the rows together comes apart again: sets of near copies into equal rows, tied
    groups into groups.
    """
    import pandas as pd

    copies = np.arange(len(dataset))
    if has_content(dataset) or dataset.copies is not None:
        copies = _small_enough(near_groups(dataset), lambda rows: duplicate_groups(dataset.rows(dataset.row_ids[rows])))
    group = dataset.schema.with_role("group")
    if group is None:
        return copies
    groups = pd.factorize(dataset.frame[group.name], use_na_sentinel=False)[0].astype(np.int64)
    return _small_enough(_tied(groups, copies), lambda rows: groups[rows])


def _content(dataset: Dataset) -> list[str]:
    return dataset.schema.features(*CONTENT)


def is_empty(dataset: Dataset) -> np.ndarray:
    """Return (n,) bool: rows whose texts, sentences and images are all empty or missing, so that no other is a copy of them.

    None where there are no such columns: what rows of a table have in common is told, whatever it is.
    """
    frame = dataset.frame
    filled = [frame[name].notna() for name in dataset.schema.features("image")]
    filled += [frame[name].str.len() > 0 for name in dataset.schema.features("text", "tokens")]
    return ~np.any(filled, axis=0) if filled else np.zeros(len(dataset), bool)


def equal_rows(dataset: Dataset, code_of: Callable[[Column, np.ndarray], np.ndarray]) -> np.ndarray:
    """Return (n,) int64: the same number for rows whose features all count as equal, in order of first sight.

    A row that `is_empty` shares it only where it stands again, as rows do that count more than once in a fit.
    code_of : gives numbers (k,) int64 to the cells of a column in k rows, the same for those that count as equal. It is asked
    for one feature after the other, the dear kinds last, and not again about rows that are unlike all others already.
    """
    import pandas as pd

    features = [column for column in dataset.schema.columns if column.role == "feature" and column.kind != "ignore"]
    groups = pd.factorize(np.where(is_empty(dataset), dataset.row_ids, -1))[0].astype(np.int64)
    for column in sorted(features, key=lambda column: DEAR.index(column.kind) if column.kind in DEAR else -1):
        rows = np.flatnonzero(np.bincount(groups)[groups] > 1)
        if not len(rows):
            break
        code = code_of(column, rows)
        code = code - code.min()  # the number of missing cells may be -1
        groups[rows] = groups.max() + 1 + groups[rows] * (code.max() + 1) + code
        groups = pd.factorize(groups)[0].astype(np.int64)
    return groups


def _exactly(dataset: Dataset, column: Column, rows: np.ndarray) -> np.ndarray:
    """Return (k,) int64, the same number for equal cells; lists are compared as tuples, images by their bytes."""
    import pandas as pd

    cells = dataset.frame[column.name].iloc[rows]
    if column.kind == "tokens":
        cells = cells.map(tuple)
    elif column.kind == "image":
        cells = cells.map(lambda cell: _digest(dataset, cell))
    return pd.factorize(cells, use_na_sentinel=False)[0].astype(np.int64)


def _nearly(dataset: Dataset, column: Column) -> np.ndarray:
    """Return (n,) int64, the same number for texts, sentences, or images that are nearly the same."""
    from tenon.data.near import near_texts
    from tenon.data.near_images import near_images

    if column.kind == "image":
        return near_images(dataset.frame[column.name].tolist(), dataset.root or Path())
    return near_texts(_texts(dataset, column))


def _texts(dataset: Dataset, column: Column) -> "pd.Series":
    """Return the cells as texts: the tokens of a sentence in one, without blanks, as of Chinese ones it stood anyhow."""
    cells = dataset.frame[column.name]
    return cells if column.kind == "text" else cells.map("".join, na_action="ignore").astype("str")


def _is_telling(dataset: Dataset, name: str) -> np.ndarray:
    """Return (n,) bool: whether a cell could hardly be the same in another row by chance: images, and texts long enough."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = dataset.schema[name]
    if column.kind == "image":
        return dataset.frame[name].notna().to_numpy()
    texts = pa.array(_texts(dataset, column), pa.large_string())
    length = pc.add(pc.utf8_length(texts), pc.multiply(pc.count_substring_regex(texts, HAN), HAN_LETTERS - 1))
    return pc.fill_null(pc.greater_equal(length, LONG), False).to_numpy(zero_copy_only=False)


def _digest(dataset: Dataset, cell: object) -> bytes | None:
    if isinstance(cell, str):
        cell = ((dataset.root or Path()) / cell).read_bytes()
    return hashlib.sha256(cell).digest() if isinstance(cell, bytes) else None


def _small_enough(tied: np.ndarray, parted: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the labels (n,) int64, where too many rows share one those that `parted` gives for these rows."""
    rows = np.flatnonzero(np.bincount(tied)[tied] > max(TIED_SHARE * len(tied), TIED_ROWS))
    if not len(rows):
        return tied
    smaller = tied.copy()
    smaller[rows] = tied.max() + 1 + parted(rows)
    return smaller


def _tied(groups: np.ndarray, copies: np.ndarray) -> np.ndarray:
    """Return labels (n,) int64 that rows share which share a number in either of the two, or are tied by others that do."""
    from tenon.data.near import connected

    first, copies = np.unique(copies, return_index=True, return_inverse=True)[1:]
    return connected(groups, first[copies], np.arange(len(groups)))
