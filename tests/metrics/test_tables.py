"""Confusion table and per-class figures against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from tenon.metrics.tables import confusion, per_class


@pytest.mark.mission("A3")
@pytest.mark.parametrize("weighted", [False, True])
def test_figures_are_those_of_scikit_learn(weighted):
    rng = np.random.default_rng(0)
    y, label, w = rng.integers(0, 4, 80), rng.integers(0, 4, 80), rng.uniform(0.5, 2, 80)
    w = w if weighted else None
    table = confusion(y, label, 4, w)
    np.testing.assert_allclose(table, sk.confusion_matrix(y, label, sample_weight=w), rtol=1e-12)
    figures = per_class(table)
    precision, recall, f1, true = sk.precision_recall_fscore_support(y, label, sample_weight=w)
    np.testing.assert_allclose([figures.precision, figures.recall, figures.f1, figures.true], [precision, recall, f1, true])
    np.testing.assert_allclose(figures.predicted, table.sum(axis=0))


def test_a_share_of_nothing_is_not_defined():
    figures = per_class(confusion(np.array([0, 0]), np.array([0, 1]), 3))
    np.testing.assert_array_equal(figures.precision, [1, 0, np.nan])
    np.testing.assert_array_equal(figures.recall, [0.5, np.nan, np.nan])
    np.testing.assert_allclose(figures.f1, [2 / 3, 0, np.nan])
