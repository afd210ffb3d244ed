"""Train rows that stand there more than once, or count more or less than others."""

from dataclasses import replace

import numpy as np

from tenon.data.dataset import Column, Dataset

COLUMN = "class weight"


def repeated(train: Dataset, positions: np.ndarray) -> Dataset:
    """Return the rows at these positions, (m,) int64 sorted; the first of equal ones keeps its row id.

    The others get new ids, above all others, and count as copies of the first.
    """
    import pandas as pd

    frame = train.frame.iloc[positions]
    copies = positions if train.copies is None else train.copies.loc[frame.index].to_numpy()
    frame.index = pd.Index(_unique_ids(train.row_ids, positions), name=frame.index.name)
    schema = replace(train.schema, n_rows=len(frame))
    return replace(train, frame=frame, schema=schema, copies=pd.Series(copies, frame.index))


def weighted(train: Dataset, factors: np.ndarray, reason: str) -> Dataset:
    """Return the rows, each of which counts (n,) times what it did; reason : of the weight column, where there was none."""
    column = train.schema.with_role("weight")
    if column is not None:
        factors = factors * train.frame[column.name].to_numpy(np.float64)
    else:
        column = Column(_free_name(train), "number", "weight", reason)
        train = replace(train, schema=replace(train.schema, columns=(*train.schema.columns, column)))
    return replace(train, frame=train.frame.assign(**{column.name: factors}))


def _free_name(train: Dataset) -> str:
    name = COLUMN
    while name in train.schema or name in train.frame:
        name += "_"
    return name


def _unique_ids(row_ids: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return (m,) int64 ids for sorted positions: the first of equal ones keeps its id, the others get new ones."""
    is_again = np.append(False, positions[1:] == positions[:-1])
    ids = row_ids[positions]
    ids[is_again] = row_ids.max() + 1 + np.arange(is_again.sum())
    return ids
