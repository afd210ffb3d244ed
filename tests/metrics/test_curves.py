"""Placements and the ROC curve against the definition and scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from tenon.metrics.curves import placements, roc_curve

Y = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
A = np.array([0.9, 0.8, 0.6, 0.3, 0.7, 0.5, 0.4, 0.2, 0.3])
B = np.array([0.8, 0.6, 0.7, 0.5, 0.6, 0.4, 0.3, 0.55, 0.1])


@pytest.mark.parametrize(
    ("score", "auc", "of_positives", "of_negatives"),
    [
        (A, 0.775, [1, 1, 0.8, 0.3], [0.5, 0.75, 0.75, 1, 0.875]),
        (B, 0.875, [1, 0.9, 1, 0.6], [0.625, 1, 1, 0.75, 1]),
    ],
)
def test_placements_by_hand(score, auc, of_positives, of_negatives):
    ours, placed = placements(Y, score)
    assert ours == pytest.approx(auc, rel=1e-15)
    np.testing.assert_allclose(placed, of_positives + of_negatives, rtol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_placements_from_the_definition(seed):
    rng = np.random.default_rng(seed)
    y, score, w = rng.integers(0, 2, 30), rng.integers(0, 6, 30).astype(float), rng.uniform(0.1, 2, 30)
    y[:2] = 0, 1
    wins = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    slow = np.array([
        np.average(wins[i, y == 0], weights=w[y == 0]) if y[i] == 1 else np.average(wins[y == 1, i], weights=w[y == 1])
        for i in range(30)
    ])  # fmt: skip
    auc, placed = placements(y, score, w)
    np.testing.assert_allclose(placed, slow, rtol=1e-12)
    assert auc == pytest.approx(np.average(slow[y == 1], weights=w[y == 1]), rel=1e-12)


def test_one_class_has_no_auc():
    auc, placed = placements(np.ones(3, int), np.arange(3.0))
    assert np.isnan(auc)
    assert not placed.any()


@pytest.mark.mission("A4")
@pytest.mark.parametrize("seed", range(3))
def test_roc_curve_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    y, score, w = rng.integers(0, 2, 50), rng.integers(0, 9, 50).astype(float), rng.uniform(0.1, 2, 50)
    theirs = sk.roc_curve(y, score, sample_weight=w, drop_intermediate=False)
    for ours, their in zip(roc_curve(y, score, w), theirs, strict=True):
        np.testing.assert_allclose(ours, their, rtol=1e-12, atol=1e-15)
    fpr, tpr, _ = roc_curve(y, score, w)
    assert np.trapezoid(tpr, fpr) == pytest.approx(placements(y, score, w)[0], rel=1e-12)
