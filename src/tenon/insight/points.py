"""Rows as points, like ones near each other: cheap features, fitted to the rows at hand and to nothing else.

`features.recipes.scaled` makes the columns; more than MOST_DIMENSIONS of them are reduced to N_REDUCED by a truncated SVD.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset

MOST_DIMENSIONS = 300
N_REDUCED = 50
FARTHEST = 3.0  # standard deviations; farther out counts as this, so that an odd cell does not outweigh all others


def points(first: Dataset, second: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, q) and (m, q) float64, q <= MOST_DIMENSIONS: the rows of two data sets with the same features."""
    import pandas as pd
    from scipy.sparse import issparse
    from sklearn.decomposition import TruncatedSVD

    from tenon.features.columns import plain
    from tenon.features.recipes import scaled

    schema = replace(first.schema, columns=tuple(column for column in first.schema.columns if column.role == "feature"))
    frames = [plain(replace(rows, schema=schema)) for rows in (first, second)]
    X: Any = scaled(schema, {}).fit_transform(pd.concat(frames, ignore_index=True))
    is_sparse = issparse(X)
    X = X.minimum(FARTHEST).maximum(-FARTHEST) if is_sparse else np.clip(X, -FARTHEST, FARTHEST)
    if X.shape[1] > MOST_DIMENSIONS:
        X = TruncatedSVD(N_REDUCED, random_state=0).fit_transform(X)
    elif is_sparse:
        X = X.toarray()
    X = np.asarray(X, np.float64)
    return X[: len(first)], X[len(first) :]


def evenly(values: np.ndarray, most: int) -> np.ndarray:
    """Return at most `most` of the values, evenly spaced.

    >>> evenly(np.arange(10), 4).tolist()
    [0, 2, 5, 7]
    """
    n = min(len(values), most)
    return values[np.arange(n) * len(values) // n] if n else values
