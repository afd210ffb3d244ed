"""Classes of unequal size made to count the same, in train rows only: by weights, or by rows repeated or left out."""

from dataclasses import replace

import numpy as np

from tenon.data.dataset import Column, Dataset
from tenon.inner.repeat import repeated
from tenon.tasks import Task

STREAM = 101  # of random numbers: apart from the repeats of splits, which count from 0
COLUMN = "class weight"


def balanced(train: Dataset, task: Task, how: str, seed: int) -> Dataset:
    """Return the train rows with every class in them counting the same; with how="" just as they are.

    weights : a weight column, made where there is none, in which every class sums to the same and the total stays
              what it was: n / (K n_k) for rows without weights.
    over    : rows of smaller classes are repeated at random until all are as large as the largest.
    under   : rows of larger classes are left out at random until all are as small as the smallest.
    """
    if not how:
        return train
    assert train.target is not None, "train rows have a target"
    codes = np.unique(task.encode(train.target), return_inverse=True)[1]  # 0 … K-1 of the classes that are there
    if how == "weights":
        return _weighted(train, codes)
    return _resampled(train, codes, how == "over", np.random.default_rng([seed, STREAM]))


def _weighted(train: Dataset, codes: np.ndarray) -> Dataset:
    schema = train.schema
    column = schema.with_role("weight")
    if column is None:
        column = Column(_free_name(train), "number", "weight", "made by balance=weights")
        schema = replace(schema, columns=(*schema.columns, column))
        weights = np.ones(len(train))
    else:
        weights = train.frame[column.name].to_numpy(np.float64)
    of_class = np.bincount(codes, weights=weights)
    weights = weights * (weights.sum() / (len(of_class) * of_class))[codes]
    return replace(train, frame=train.frame.assign(**{column.name: weights}), schema=schema)


def _free_name(train: Dataset) -> str:
    name = COLUMN
    while name in train.schema or name in train.frame:
        name += "_"
    return name


def _resampled(train: Dataset, codes: np.ndarray, is_over: bool, rng: np.random.Generator) -> Dataset:
    sizes = np.bincount(codes)
    picked = []
    for k, size in enumerate(sizes):
        rows = np.flatnonzero(codes == k)
        if is_over:
            picked += [rows, rng.choice(rows, sizes.max() - size)]
        else:
            picked.append(rng.choice(rows, sizes.min(), replace=False))
    return repeated(train, np.sort(np.concatenate(picked)))
