"""The density of numbers as a mixture of normal laws, whose number is the one with the smallest BIC, one included.

BIC = -2 ln L + f ln n, with f free parameters (Schwarz 1978; for mixtures Fraley & Raftery 2002); scikit-learn fits by EM.
Only columns of numbers that are no counts or codes have a density: at least FEWEST different values, none of which holds more
than LARGEST of the rows. Numbers were rounded when they were written down, and a mixture would find a narrow law at every one of
them, so each is moved by chance within half the usual step between neighbouring values.
"""

from typing import Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.overview.clusters import unworried
from tenon.overview.space import space_of

FEWEST, LARGEST = 20, 0.1  # different values, and the largest share of the rows that one value may have
FEWEST_ROWS = 50
MOST_COLUMNS = 20  # that are looked at
MOST_ALONE, MOST_TOGETHER = 6, 10  # normal laws
N_STARTS = 2
Content = dict[str, Any]


def density(data: Dataset, seed: int) -> Content:
    """Return the mixture of each column of numbers that has a density, and that of all of them; data : the rows looked at."""
    named = {name: data.frame[name].to_numpy(np.float64) for name in data.schema.features("number")}
    fitting = {name: x for name, x in named.items() if has_density(x)}
    if not fitting:
        return {"reason": f"no column of numbers has {FEWEST} different values or more, none of them in over 10 % of the rows."}
    rng = np.random.default_rng(seed)
    smooth = {name: smoothed(x, rng) for name, x in list(fitting.items())[:MOST_COLUMNS]}
    return {
        "rows": len(data),
        "left_out": [name for name in named if name not in smooth],
        "columns": [{"name": name, **_alone(x[~np.isnan(x)], seed)} for name, x in smooth.items()],
        "together": _together(np.column_stack(list(smooth.values())), seed) if len(smooth) > 1 else None,
    }


def has_density(x: np.ndarray) -> bool:
    """Tell whether the numbers (n,) are so many different ones, none of which stands out, that they have a density."""
    x = x[~np.isnan(x)]
    counts = np.unique(x, return_counts=True)[1]
    return bool(len(x) >= FEWEST_ROWS and len(counts) >= FEWEST and counts.max() <= LARGEST * len(x))


def smoothed(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the numbers (n,), each moved by chance within half the median step between neighbouring values."""
    step = float(np.median(np.diff(np.unique(x[~np.isnan(x)]))))
    return x + step * rng.uniform(-0.5, 0.5, len(x))


def _alone(x: np.ndarray, seed: int) -> Content:
    mean, sd = float(x.mean()), float(x.std())
    bics, mixture = best_mixture(((x - mean) / sd)[:, None], MOST_ALONE, seed)
    order = np.argsort(mixture.means_[:, 0])
    parts = [
        {
            "share": float(mixture.weights_[j]),
            "mean": mean + sd * float(mixture.means_[j, 0]),
            "sd": sd * float(np.sqrt(mixture.covariances_[j, 0, 0])),
        }
        for j in order
    ]
    return {"bics": bics, "k": len(parts), "parts": parts}


def _together(X: np.ndarray, seed: int) -> Content | None:
    """Return the mixture of whole rows (n, p); None where too few rows are whole."""
    X = X[~np.isnan(X).any(axis=1)]
    if len(X) < FEWEST_ROWS:
        return None
    space = space_of((X - X.mean(axis=0)) / X.std(axis=0), seed)
    assert space is not None  # every column has a density, so rows differ
    bics, mixture = best_mixture(space.points, MOST_TOGETHER, seed)
    return {
        "rows": len(X),
        "components": len(space.shares),
        "share": float(space.shares.sum()),
        "bics": bics,
        "k": mixture.n_components,
        "shares": sorted(mixture.weights_.tolist(), reverse=True),
    }


def best_mixture(points: np.ndarray, most: int, seed: int) -> tuple[list[float], Any]:
    """Return the BIC of mixtures of 1, 2, … `most` normal laws with full covariances, and the one where it is smallest."""
    from sklearn.mixture import GaussianMixture

    n_most = min(most, len(points) // 10)
    with unworried():
        fitted = [GaussianMixture(k, n_init=N_STARTS, random_state=seed).fit(points) for k in range(1, n_most + 1)]
    bics = [float(one.bic(points)) for one in fitted]
    return bics, fitted[int(np.argmin(bics))]
