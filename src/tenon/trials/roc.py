"""ROC curves of a board: the mean over folds, since probabilities of different models must not be mixed in one curve."""

from collections.abc import Sequence

import numpy as np

from tenon.metrics.curves import roc_curve
from tenon.trials.guesses import Guesses
from tenon.trials.prepare import Prepared

GRID = np.linspace(0.0, 1.0, 101)  # false-positive rates at which the curves of the folds are averaged


def roc_curves(ready: Prepared, guesses: Guesses, names: Sequence[str]) -> dict[str, list[float]]:
    """Return {method: true-positive rate at each of GRID} of the first repeat (vertical averaging; Fawcett 2006, 9.1)."""
    return {name: mean_roc(ready.y, guesses.of(name, 0, "proba")[:, 1], ready.first_fold(name)).tolist() for name in names}


def mean_roc(y: np.ndarray, score: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return (101,) mean true-positive rate at each of GRID over the folds that hold both classes.

    y : (n,) 0/1.    score : (n,) float, larger = more likely positive.    folds : (n,) int, -1 = in no fold.
    Between the points of a curve the line is straight, so ties count one half; the curve starts in (0, 0).
    """
    curves = []
    for fold in range(int(folds.max()) + 1):
        rows = folds == fold
        if len(np.unique(y[rows])) == 2:
            false_positive, true_positive, _ = roc_curve(y[rows], score[rows])
            curves.append(np.interp(GRID, false_positive, true_positive))
    mean = np.mean(curves, axis=0)
    mean[0] = 0.0
    return mean
