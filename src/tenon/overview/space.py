"""Rows as points: the features as methods read them, then the principal components that carry most of the variance.

The matrix is that of `features.recipes.scaled`: numbers and dates standardised, categories one-hot, texts by TF-IDF, images by
pixels. Principal components are those of its covariance (Pearson 1901; Jolliffe 2002), by scikit-learn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from scipy.sparse import csr_matrix, hstack, issparse

from tenon.data.dataset import Dataset
from tenon.data.language import script_of
from tenon.features.columns import plain
from tenon.features.origins import Origin, origins
from tenon.features.recipes import KINDS, scaled

MOST, SHARE = 10, 0.95  # components: so many that they carry this share of the variance, but not more than MOST
FEWEST_ROWS = 20
NOTHING = 1e-12  # variance of rows that are all alike


@dataclass(frozen=True)
class Space:
    """Rows by their principal components."""

    points: np.ndarray  # (n, d) float64, columns by falling variance, with mean 0
    shares: np.ndarray  # (d,) of the variance
    axes: np.ndarray  # (d, p) unit vectors in the features


def matrix_of(data: Dataset) -> tuple[np.ndarray | csr_matrix, list[Origin]]:
    """Return the features of all rows as one matrix (n, p), and where each comes from."""
    readable = as_texts(data)
    recipe = scaled(readable.schema, {})
    matrix = recipe.fit_transform(plain(readable))
    return (csr_matrix(cast(Any, matrix)) if issparse(matrix) else np.asarray(matrix, np.float64)), origins(recipe)


def as_texts(data: Dataset) -> Dataset:
    """Return the data with sentences, which come as lists of tokens, joined to texts: with blanks, but for Chinese."""
    names = data.schema.features("tokens")
    if not names:
        return data
    joined = {}
    for name in names:
        sign = "" if script_of(" ".join(cell) for cell in data.frame[name]) == "chinese" else " "
        joined[name] = data.frame[name].map(sign.join).astype("str")
    schema = tuple(replace(column, kind="text") if column.name in names else column for column in data.schema.columns)
    return replace(data, frame=data.frame.assign(**joined), schema=replace(data.schema, columns=schema))


def why_not(data: Dataset) -> str:
    """Return why there is nothing to make points of, "" where there is."""
    if not data.schema.features(*KINDS, "tokens"):
        return "there is no column of features."
    if len(data) < FEWEST_ROWS:
        return f"at least {FEWEST_ROWS} rows are needed; there are {len(data)}."
    return ""


def space_of(matrix: np.ndarray | csr_matrix, seed: int, most: int = MOST) -> Space | None:
    """Return the rows of a matrix (n, p) by the components that carry SHARE of the variance; None if all rows are alike."""
    from sklearn.decomposition import PCA

    total = _variance(matrix)
    if not total > NOTHING:
        return None
    n_most = min(most, *matrix.shape)
    is_small = not issparse(matrix) and n_most == min(matrix.shape)
    if not is_small:
        n_most = min(n_most, min(matrix.shape) - 1)
    pca = PCA(n_most, svd_solver="full" if is_small else "arpack", random_state=seed)
    points = pca.fit_transform(matrix)
    shares = pca.explained_variance_ratio_
    d = min(n_most, int(np.searchsorted(np.cumsum(shares), SHARE) + 1))
    return Space(points[:, :d], shares[:d], pca.components_[:d])


def _variance(matrix: np.ndarray | csr_matrix) -> float:
    """Return the sum of the columns' variances."""
    if issparse(matrix):
        return float(matrix.power(2).mean(axis=0).sum() - np.square(matrix.mean(axis=0)).sum())
    return float(matrix.var(axis=0).sum())


def dealt(matrix: Any, of: Sequence[Origin], rng: np.random.Generator) -> Any:
    """Return the matrix with the cells of each column of the data dealt anew among the rows, those of one column together."""
    names = np.array([origin.column for origin in of])
    parts = [matrix[rng.permutation(matrix.shape[0])][:, names == name] for name in dict.fromkeys(names.tolist())]
    return hstack(parts, "csr") if issparse(matrix) else np.hstack(parts)
