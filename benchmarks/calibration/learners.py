"""Learners that fit all methods of a board at once: (x, y, new_x, rng) -> scores of the new rows.

x : (m, t, p) float, what each of m methods sees of t train rows; y : (t,) int codes, or float for a regression.
new_x : (m, s, p). Returns (m, s, n_classes) scores, larger = more likely, or (m, s, 1) values. rng is for learners that
draw random numbers: every fit of every method draws anew.
"""

import warnings
from collections.abc import Callable

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import NearestNeighbors
from sklearn.neural_network import MLPClassifier

Learner = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
RIDGE = 1e-2  # share of the mean variance that LDA adds to each: keeps columns that are constant in a sample harmless
SUBSPACE = 4  # columns that one fit of `subspace` draws


def lda(x: np.ndarray, y: np.ndarray, new_x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Linear discriminant analysis in closed form."""
    means, share = _class_means(x, y)
    centred = x - means[:, y]
    cov = centred.transpose(0, 2, 1) @ centred / (x.shape[1] - means.shape[1])
    p = x.shape[2]
    cov += RIDGE * np.trace(cov, axis1=1, axis2=2)[:, None, None] / p * np.eye(p)
    return _nearest(new_x, means, np.linalg.solve(cov, means.transpose(0, 2, 1)), share)


def centroid(x: np.ndarray, y: np.ndarray, new_x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Nearest class mean."""
    means, share = _class_means(x, y)
    return _nearest(new_x, means, means.transpose(0, 2, 1), np.full_like(share, 1 / len(share)))


def neighbours(x: np.ndarray, y: np.ndarray, new_x: np.ndarray, rng: np.random.Generator, k: int = 5) -> np.ndarray:
    """Share of each class among the k nearest train rows."""
    is_class = np.eye(int(y.max()) + 1)[y]
    shares = []
    for of_train, of_new in zip(x, new_x, strict=True):
        nearest = NearestNeighbors(n_neighbors=k).fit(of_train).kneighbors(of_new, return_distance=False)
        shares.append(is_class[nearest].mean(axis=1))
    return np.stack(shares)


def subspace(x: np.ndarray, y: np.ndarray, new_x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """LDA on a few columns that every fit draws at random: a lottery of fits."""
    drawn = np.argsort(rng.random((len(x), 1, x.shape[2])), axis=2)[:, :, :SUBSPACE]
    return lda(np.take_along_axis(x, drawn, 2), y, np.take_along_axis(new_x, drawn, 2), rng)


def least_squares(x: np.ndarray, y: np.ndarray, new_x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Linear regression."""
    mean, level = x.mean(axis=1, keepdims=True), y.mean()
    centred = x - mean
    p = x.shape[2]
    gram = centred.transpose(0, 2, 1) @ centred
    gram += RIDGE * np.trace(gram, axis1=1, axis2=2)[:, None, None] / p * np.eye(p)
    slope = np.linalg.solve(gram, centred.transpose(0, 2, 1) @ (y - level)[:, None])
    return (new_x - mean) @ slope + level


def boosting(x: np.ndarray, y: np.ndarray, new_x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gradient boosting on histograms; each split looks at half of the columns, drawn at random."""
    settings = {"max_iter": 15, "max_leaf_nodes": 6, "max_features": 0.5, "max_bins": 31, "early_stopping": False}
    return _each(lambda seed: HistGradientBoostingClassifier(**settings, random_state=seed), x, y, new_x, rng)


def forest(x: np.ndarray, y: np.ndarray, new_x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random forest of few shallow trees."""
    return _each(lambda seed: RandomForestClassifier(10, max_depth=6, random_state=seed), x, y, new_x, rng)


def network(x: np.ndarray, y: np.ndarray, new_x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One hidden layer from a random start, not trained to the end: what is found depends on the start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return _each(lambda seed: MLPClassifier((8,), solver="lbfgs", max_iter=25, random_state=seed), x, y, new_x, rng)


def _each(make, x: np.ndarray, y: np.ndarray, new_x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    seeds = rng.integers(2**31, size=len(x))
    return np.stack([make(int(seed)).fit(a, y).predict_proba(b) for seed, a, b in zip(seeds, x, new_x, strict=True)])


def _class_means(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(m, n_classes, p) means and (n_classes,) shares."""
    is_class = np.eye(int(y.max()) + 1)[y]
    counts = is_class.sum(axis=0)
    return is_class.T @ x / counts[:, None], counts / len(y)


def _nearest(new_x: np.ndarray, means: np.ndarray, slope: np.ndarray, share: np.ndarray) -> np.ndarray:
    return new_x @ slope - 0.5 * (means.transpose(0, 2, 1) * slope).sum(axis=1, keepdims=True) + np.log(share)
