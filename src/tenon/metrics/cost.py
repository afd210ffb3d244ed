"""The mean cost of a row: what each mistake costs depends on the true class, what is right costs nothing."""

from functools import partial

import numpy as np

from tenon.metrics.scores import KAPPA_OF_MEANS, Metric, Weights, mean_of

COST = "cost"  # the name of the metric; it is in no list, for it needs the costs


def cost_metric(costs: tuple[float, ...]) -> Metric:
    """Return the metric "mean cost", lower is better, a mean over rows.

    costs : (K,) > 0, what it costs to miss a row of each class, in the order of task.labels and in any one unit.
    """
    return Metric(COST, "mean cost", "label", False, KAPPA_OF_MEANS, *mean_of(partial(_minus_cost, np.array(costs, np.float64))))


def _minus_cost(costs: np.ndarray, y: np.ndarray, label: np.ndarray, weights: Weights) -> np.ndarray:
    return -costs[y] * (y != label)
