"""Groups of rows: k-means with k by the silhouette, Ward's tree, and HDBSCAN, which needs no k; and whether there are any.

The silhouette of a partition is the mean over rows of (b - a) / max(a, b), with a the mean distance to the own group and b that
to the nearest other (Rousseeuw 1987). k is the one of 2 … 10 with the highest. Whether that is worth anything is told by the same
search on data without groups (`references.py`). k-means starts at the means of Ward's groups, which finds what several starts by
chance miss, and leaves nothing to chance. Ward (1963) joins, step by step, the two groups whose union costs least variance;
HDBSCAN (Campello, Moulavi & Sander 2013) finds dense places and leaves the rest out as noise. All by scikit-learn and SciPy.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tenon.overview.references import N_DRAWS, draws
from tenon.overview.space import Space

KS = tuple(range(2, 11))
SMALLEST, LEAST = 0.02, 5  # share of the rows that a dense place has at least, and how many rows
N_LEAVES = 24  # of the tree that is shown
Content = dict[str, Any]


def clusters(space: Space, deal: Callable[[np.random.Generator], np.ndarray] | None, seed: int) -> tuple[Content, np.ndarray]:
    """Return what was found, and the group of each row by k-means, (n,) int64 from 0, the largest first.

    deal : points of the data with the cells of each column dealt anew; None where there is a single column.
    {"reason": …} and no groups where the rows are too few different ones.
    """
    n_different = len(np.unique(space.points.round(9), axis=0))
    if n_different <= KS[-1]:
        return {"reason": f"more than {KS[-1]} different rows are needed; there are {n_different}."}, np.empty(0, np.int64)
    found, tree = kmeans_silhouettes(space.points), ward_tree(space.points)
    reference: dict[str, np.ndarray] = {}
    for name, points in draws(space, deal, seed):
        figures = kmeans_silhouettes(points)
        reference[name] = np.maximum(reference.get(name, figures), figures)
    k = KS[int(np.argmax(found))]
    labels = by_size(kmeans_labels(space.points, tree, k))
    is_above = {name: bool(found.max() > highest.max()) for name, highest in reference.items()}
    content = {
        "rows": len(space.points),
        "components": len(space.shares),
        "share": float(space.shares.sum()),
        "ks": list(KS),
        "kmeans": found.tolist(),
        "ward": [silhouette(distances_of(space.points), ward_labels(tree, k)) for k in KS],
        "reference": {name: highest.tolist() for name, highest in reference.items()},
        "draws": N_DRAWS,
        "k": k,
        "silhouette": float(found.max()),
        "above": is_above,
        "verdict": verdict(is_above),
        "sizes": np.bincount(labels).tolist(),
        "tree": shown_tree(tree),
    }
    return content, labels


def verdict(is_above: dict[str, bool]) -> str:
    """Return "none", "columns" where the shapes of single columns explain the groups, or "groups"."""
    if not (is_above["uniform"] and is_above["normal"]):
        return "none"
    return "groups" if is_above.get("columns", True) else "columns"


def kmeans_silhouettes(points: np.ndarray) -> np.ndarray:
    """Return the silhouette of k-means for each k of KS, (9,) float64."""
    distances, tree = distances_of(points), ward_tree(points)
    return np.array([silhouette(distances, kmeans_labels(points, tree, k)) for k in KS])


def distances_of(points: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances of all pairs of rows, (n, n) float64."""
    from scipy.spatial.distance import pdist, squareform

    return squareform(pdist(points))


def kmeans_labels(points: np.ndarray, tree: np.ndarray, k: int) -> np.ndarray:
    """Return the group of each row, (n,); tree : Ward's, at whose k groups it starts, of fewer where rows are alike."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    labels = ward_labels(tree, k)
    starts = np.array([points[labels == group].mean(axis=0) for group in np.unique(labels)])
    with unworried(), threadpool_limits(1):  # so few rows make several threads wait for each other
        return KMeans(len(starts), init=starts, n_init=1).fit(points).labels_


def silhouette(distances: np.ndarray, labels: np.ndarray) -> float:
    """Return the silhouette; -1 where there is one group only, or as many as rows."""
    from sklearn.metrics import silhouette_score

    if not 1 < len(np.unique(labels)) < len(labels):
        return -1.0
    return float(silhouette_score(distances, labels, metric="precomputed"))


def ward_tree(points: np.ndarray) -> np.ndarray:
    """Return Ward's tree as SciPy's linkage matrix, (n - 1, 4)."""
    from scipy.cluster.hierarchy import linkage

    return linkage(points, "ward")


def ward_labels(tree: np.ndarray, k: int) -> np.ndarray:
    """Return the group of each row, (n,) int, where the tree is cut into at most k."""
    from scipy.cluster.hierarchy import fcluster

    return fcluster(tree, k, "maxclust") - 1


def shown_tree(tree: np.ndarray) -> Content:
    """Return the last joins: for each the four (x, height) of its bracket, leaves at 0, 1, 2, …; and the rows of each leaf."""
    from scipy.cluster.hierarchy import dendrogram

    n_leaves = min(N_LEAVES, len(tree) + 1)
    drawn = dendrogram(tree, p=n_leaves, truncate_mode="lastp", no_plot=True, show_leaf_counts=True)
    brackets = [
        [[(x - 5) / 10, float(y)] for x, y in zip(xs, ys, strict=True)]
        for xs, ys in zip(drawn["icoord"], drawn["dcoord"], strict=True)
    ]
    n_rows = [int(label.strip("()")) if label.startswith("(") else 1 for label in drawn["ivl"]]
    return {"brackets": brackets, "leaves": n_rows}


def dense(points: np.ndarray) -> tuple[Content, np.ndarray]:
    """Return what HDBSCAN found, and the dense place of each row, (n,) int64, -1 for noise."""
    from sklearn.cluster import HDBSCAN

    smallest = max(LEAST, round(SMALLEST * len(points)))
    found = HDBSCAN(min_cluster_size=smallest, copy=True).fit(points).labels_
    labels = np.where(found < 0, -1, by_size(found))
    sizes = np.bincount(labels[labels >= 0])
    return {"smallest": smallest, "sizes": sizes.tolist(), "noise": int((labels < 0).sum())}, labels


def by_size(labels: np.ndarray) -> np.ndarray:
    """Return the labels (n,) from 0 on, the largest group first; of equally large ones the smaller label; -1 stays."""
    known, counts = np.unique(labels[labels >= 0], return_counts=True)
    order = known[np.lexsort((known, -counts))]
    rank = {label: i for i, label in enumerate(order.tolist())}
    return np.array([rank.get(label, -1) for label in labels.tolist()], np.int64)


@contextmanager
def unworried() -> Iterator[None]:
    """Let estimators that have not settled, or find fewer different rows than groups, go on without a word."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
