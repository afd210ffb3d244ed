"""Classes of unequal size made to count the same, in train rows only: by weights, or by rows repeated or left out."""

import numpy as np

from tenon.data.dataset import Dataset
from tenon.inner.repeat import repeated, weighted
from tenon.tasks import Task

STREAM = 101  # of random numbers: apart from the repeats of splits, which count from 0


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
    column = train.schema.with_role("weight")
    weights = np.ones(len(train)) if column is None else train.frame[column.name].to_numpy(np.float64)
    of_class = np.bincount(codes, weights=weights)
    return weighted(train, (weights.sum() / (len(of_class) * of_class))[codes], "made by balance=weights")


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
