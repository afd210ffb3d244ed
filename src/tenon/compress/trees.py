"""Ensembles of trees with fewer of them: as few as say nearly what all say.

On the train rows, of which no label is looked at: the mean distance of their probabilities, or of numbers over the standard
deviation of those that all trees give, is at most NEAR. How many that are is found by bisection.
"""

import numpy as np

from tenon.adapter import EstimatorModel
from tenon.compress.int8 import drawn, with_estimator
from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.method import Predictions
from tenon.trees.fewer import first_trees, n_trees
from tenon.watch import Watch

NEAR = 0.01
MOST_ROWS = 5_000  # that are looked at


def why_not_fewer_trees(model: EstimatorModel, train: Dataset) -> str | None:
    return None if n_trees(model.estimator) > 1 else "is for boosting, forests and other ensembles of trees"


def fewer_trees(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> EstimatorModel:
    """Return the model with its first trees alone."""
    rows = conform(drawn(train, MOST_ROWS, seed), model.schema)
    said, low, high = model.predict_rows(rows), 0, n_trees(model.estimator)  # low : too few
    while high - low > 1:
        middle = (low + high) // 2
        if distance(said, _with(model, middle).predict_rows(rows)) <= NEAR:
            high = middle
        else:
            low = middle
    return _with(model, high)


def distance(said: Predictions, others: Predictions) -> float:
    """Return how far other predictions of the same rows are, as the module tells."""
    if said.proba is not None and others.proba is not None:
        return float(np.abs(said.proba - others.proba).sum(axis=1).mean() / 2)  # total variation
    spread = float(np.std(said.value))
    return float(np.abs(said.value - others.value).mean() / spread) if spread > 0 else 0.0


def _with(model: EstimatorModel, n: int) -> EstimatorModel:
    return with_estimator(model, first_trees(model.estimator, n))
