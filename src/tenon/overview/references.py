"""Data without groups, for a measure of groups to be held against: how high does it go where there is nothing to find?

uniform: points spread evenly over the box of the principal components (Tibshirani, Walther & Hastie 2001, the reference "b" of
the gap statistic). normal: one normal law with the same covariance (Liu et al. 2008, SigClust). columns: the cells of each
column of the data dealt anew among the rows, which keeps the shape of every column and undoes how they go together.
A figure that is above those of 19 such draws would be so by chance once in 20 times, were the data like these.
"""

from collections.abc import Callable, Iterator

import numpy as np

from tenon.overview.space import Space

N_DRAWS = 19


def uniform(space: Space, rng: np.random.Generator) -> np.ndarray:
    """Return points (n, d) spread evenly over the box that the points of the space fill."""
    return rng.uniform(space.points.min(axis=0), space.points.max(axis=0), space.points.shape)


def normal(space: Space, rng: np.random.Generator) -> np.ndarray:
    """Return points (n, d) of a normal law with the variances of the space; its components are uncorrelated already."""
    return rng.normal(0.0, space.points.std(axis=0), space.points.shape)


def draws(space: Space, deal: Callable[[np.random.Generator], np.ndarray] | None, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield N_DRAWS times (name of the reference, points); deal : points of the columns dealt anew, None of a single one."""
    for k in range(N_DRAWS):
        rng = np.random.default_rng([seed, k])
        yield "uniform", uniform(space, rng)
        yield "normal", normal(space, rng)
        if deal is not None:
            yield "columns", deal(rng)
