"""What `gather` keeps, skips and refuses."""

import numpy as np
import pytest
from tests.metrics.simulated import board_of

from tenon.errors import DataError
from tenon.metrics.evidence import as_history, effective_rows, gather, time_blocks
from tenon.metrics.scores import METRICS
from tenon.metrics.sequences import EVERY_METRIC

ACCURACY = METRICS["accuracy"]
Y = np.array([0, 1, 0, 1, 0, 1])


def gathered(metric=ACCURACY, guess=Y, folds=(0, 0, 1, 1, 2, 2), **given):
    return gather(metric, ["a"], Y, [[guess]], np.array([folds]), **given)


def test_shapes_and_levels():
    evidence = board_of("auc", (1.0, 0.5, 0.2), n=100, n_repeats=3, n_folds=4)
    assert (evidence.psi.shape, evidence.folds.shape, evidence.n_folds) == ((3, 100, 3), (12, 3), 4)
    np.testing.assert_allclose(evidence.psi.mean(axis=(0, 1)), evidence.level, rtol=1e-12)
    np.testing.assert_allclose(evidence.folds.mean(axis=0), evidence.level, rtol=1e-12)  # AUC: the mean of fold AUCs
    assert (evidence.n_rows, evidence.n_units) == (100, 100)


def test_rows_without_a_fold_are_left_out():
    evidence = gathered(folds=(-1, 0, 1, 1, 0, -1), groups=np.array(list("xxyyzz")), weights=np.arange(1.0, 7))
    assert evidence.rows.tolist() == [1, 2, 3, 4]
    assert evidence.groups.tolist() == [0, 1, 1, 2]
    assert evidence.weights.tolist() == [2, 3, 4, 5]
    assert evidence.n_units == 3


def test_effective_rows():
    assert effective_rows(None, 7) == 7
    assert effective_rows(np.full(5, 3.0), 5) == pytest.approx(5, rel=1e-15)
    assert effective_rows(np.array([1.0, 1, 2]), 3) == pytest.approx(16 / 6, rel=1e-15)


def test_a_fold_undefined_for_one_class_is_skipped():
    y = np.array([0, 1] * 9 + [0, 0])
    proba = np.column_stack([1 - y * 0.5, y * 0.5])
    evidence = gather(METRICS["auc"], ["a"], y, [[proba]], np.arange(20)[None] // 2)
    assert (evidence.folds.shape, evidence.n_folds) == ((9, 1), 10)


def test_too_many_undefined_folds():
    proba = np.column_stack([1 - Y * 0.5, Y * 0.5])
    with pytest.raises(DataError, match="AUC is undefined in 2 of 4 folds .* log_loss, or fewer folds"):
        gathered(METRICS["auc"], proba, folds=(0, 0, 1, 1, 2, 3))


def test_what_leaves_a_metric_undefined_is_said_in_its_own_words():
    """Two of three folds hold no entity, neither true nor said: F1 has nothing to be the mean of."""
    counts = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 0.0], *[[0.0, 0.0, 0.0]] * 4])
    said = "entity F1 is undefined in 2 of 3 folds .no entity, neither tagged nor predicted.; use --metric tag_accuracy, or fewer"
    with pytest.raises(DataError, match=said):
        gather(EVERY_METRIC["entity_f1"], ["a"], np.zeros(6), [[counts]], np.arange(6)[None] // 2)


def test_refuses_what_cannot_be_measured():
    with pytest.raises(DataError, match="method 'a' predicts a missing or infinite number"):
        gathered(METRICS["log_loss"], np.full((6, 2), np.nan))
    with pytest.raises(DataError, match="weights must be positive, finite numbers"):
        gathered(weights=np.array([1, 1, 1, 1, 1, 0]))
    with pytest.raises(
        DataError, match="all scored rows belong to one group; at least 2 groups are needed to know how sure a score is"
    ):
        gathered(groups=np.zeros(6))
    with pytest.raises(DataError, match="only 1 of the rows has a prediction in every repeat"):
        gathered(folds=(0, -1, -1, -1, -1, -1))


def test_time_is_cut_into_equal_blocks():
    time = np.array([5.0, 1, 3, 2, 4, 0])
    assert time_blocks(time, 3).tolist() == [2, 0, 1, 1, 2, 0]
    assert np.bincount(time_blocks(np.arange(103))).tolist() == [11, 10, 10, 11, 10, 10, 11, 10, 10, 10]
    assert time_blocks(np.arange(4)).tolist() == [0, 1, 2, 3]  # fewer rows than blocks


def test_history_takes_the_time_of_the_rows_that_are_kept():
    evidence = as_history(gathered(folds=(-1, 0, 0, 1, 1, 1)), np.array([0, 50, 40, 30, 20, 10]))
    assert evidence.question == "history"
    assert evidence.groups.tolist() == [4, 3, 2, 1, 0]
