"""ROC curves averaged over folds."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tenon.trials.roc import GRID, mean_roc


def test_one_fold_is_the_curve_itself():
    """Scores .9 .8 .6 .3 of positives, .7 .5 .2 .1 of negatives: steps at 0, 1/4 and 1/2 false positives."""
    y = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    score = np.array([0.9, 0.8, 0.6, 0.3, 0.7, 0.5, 0.2, 0.1])
    curve = mean_roc(y, score, np.zeros(8, int))
    at = {rate: curve[np.searchsorted(GRID, rate)] for rate in (0.0, 0.1, 0.24, 0.3, 0.45, 0.6, 1.0)}
    assert at == {0.0: 0.0, 0.1: 0.5, 0.24: 0.5, 0.3: 0.75, 0.45: 0.75, 0.6: 1.0, 1.0: 1.0}


@pytest.mark.parametrize("seed", range(3))
def test_the_area_is_the_mean_auc_of_the_folds(seed):
    rng = np.random.default_rng(seed)
    y, folds = rng.integers(0, 2, 3000), rng.integers(0, 3, 3000)
    score = y + rng.normal(size=3000) + 10 * folds  # folds whose scores must not be mixed
    aucs = [roc_auc_score(y[folds == fold], score[folds == fold]) for fold in range(3)]
    area = np.trapezoid(mean_roc(y, score, folds), GRID)
    assert area == pytest.approx(np.mean(aucs), abs=0.005)  # 101 points cut the corners of a curve of 1,000 steps


def test_a_fold_of_one_class_is_left_out():
    y, score = np.array([1, 0, 1, 1]), np.array([0.9, 0.1, 0.2, 0.3])
    both = mean_roc(y, score, np.array([0, 0, 1, 1]))
    assert np.array_equal(both, mean_roc(y[:2], score[:2], np.array([0, 0])))


def test_ties_count_one_half():
    assert mean_roc(np.array([1, 0]), np.array([0.5, 0.5]), np.zeros(2, int)) == pytest.approx(GRID)
