"""The first trees of a fitted ensemble, as an ensemble of their own: boosting as if it had stopped there, a smaller forest."""

import copy
from typing import Any

OF_EACH = ("trees_", "seeds_", "estimator_weights_", "estimator_errors_")  # what an ensemble keeps of every tree, or round


def n_trees(estimator: Any) -> int:
    """Return how many trees, of boosting rounds, a fitted ensemble has; 0 of what is none."""
    return len(getattr(estimator, "trees_", ()))


def first_trees(estimator: Any, n: int) -> Any:
    """Return the estimator with its first n trees, of boosting rounds, alone; it can be saved as any other."""
    fewer = copy.copy(estimator)
    for name in OF_EACH:
        if hasattr(fewer, name):
            setattr(fewer, name, getattr(fewer, name)[:n])
    if hasattr(fewer, "validation_losses_"):
        fewer.n_iter_, fewer.validation_losses_ = n, fewer.validation_losses_[: n + 1]
    fewer._made_ready()
    return fewer
