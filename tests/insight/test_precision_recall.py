"""Precision and recall against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve
from tests.insight.said import classes, logistic, seen_of, two

from tenon.insight.precision_recall import GRID, by_fold, precision_recall, recall_and_precision


def some(seed, n=400, round_to=None):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    y = (rng.random(n) < logistic(z - 1)).astype(int)
    score = logistic(z + 0.5 * rng.normal(size=n))
    return y, score if round_to is None else score.round(round_to), rng.uniform(0.5, 2, n)


@pytest.mark.parametrize("round_to", [None, 1])  # 1 makes ties
@pytest.mark.parametrize("is_weighted", [False, True])
def test_average_precision_is_that_of_sklearn(round_to, is_weighted):
    y, score, weights = some(0, round_to=round_to)
    weights = weights if is_weighted else None
    recall, precision = recall_and_precision(y, score, weights)
    theirs = average_precision_score(y, score, sample_weight=weights)
    assert np.diff(recall, prepend=0.0) @ precision == pytest.approx(theirs, rel=1e-12)
    their_precision, their_recall, _ = precision_recall_curve(y, score, sample_weight=weights)
    np.testing.assert_allclose(precision[::-1], their_precision[:-1], rtol=1e-12)
    np.testing.assert_allclose(recall[::-1], their_recall[:-1], rtol=1e-12)


def test_the_grid_is_a_step_curve():
    y, score, _ = some(1)
    ((curve, average),) = by_fold(y, score, np.zeros(len(y), int))
    their_precision, their_recall, _ = precision_recall_curve(y, score)
    for r, p in zip(GRID, curve, strict=True):
        reached = np.flatnonzero(their_recall >= r - 1e-12)  # falling thresholds come last
        assert p == pytest.approx(their_precision[:-1][reached[reached < len(their_precision) - 1][-1]])
    assert curve[1:].mean() == pytest.approx(average, abs=0.01)  # the area under a step curve on 100 points


def test_the_section_is_the_mean_over_folds():
    y, score, _ = some(2)
    said = np.stack([score, logistic(score)])
    seen = seen_of({"x": score}, np.array(["no", "yes"])[y], {"m": two(said), "other": two(said)}, kinds={"x": "number"})
    section = precision_recall(seen)
    assert [curve["method"] for curve in section["curves"]] == ["m", "other"]
    folds = seen.splits.fold
    theirs = [
        average_precision_score(y[fold == k], of[fold == k]) for of, fold in zip(said, folds, strict=True) for k in range(5)
    ]
    first = section["curves"][0]
    assert first["average_precision"] == pytest.approx(np.mean(theirs), rel=1e-12)
    assert (first["label"], first["folds"], first["base_rate"]) == ("yes", 10, pytest.approx(y.mean()))
    assert len(first["precision"]) == len(section["recall"]) == 101


def test_more_classes_have_a_curve_each_largest_first():
    rng = np.random.default_rng(0)
    y = rng.choice(3, 300, p=[0.2, 0.5, 0.3])
    proba = rng.dirichlet(np.ones(3), 300)
    section = precision_recall(seen_of({"x": y}, np.array(["a", "b", "c"])[y], {"m": classes(proba[None])}))
    assert [curve["label"] for curve in section["curves"]] == ["b", "c", "a"]
    for curve in section["curves"]:
        assert curve["average_precision"] == pytest.approx(curve["base_rate"], abs=0.12)  # the scores are noise


def test_folds_of_one_class_are_left_out():
    y = np.r_[np.zeros(10, int), np.ones(2, int)]
    assert len(by_fold(y, np.arange(12.0), np.r_[np.zeros(6, int), np.ones(6, int)])) == 1
