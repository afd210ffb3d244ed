"""GAUC and other metrics per group against brute force and hand-worked figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.errors import DataError
from tenon.metrics import METRICS, gauc, gauc_by_group, per_group
from tenon.metrics.grouped import weighted_mean


def gauc_slow(y, score, groups, weights):
    """From the definition: every pair of a positive and a negative row of every group."""
    total, of_weights = 0.0, 0.0
    for group in set(groups):
        rows = [i for i in range(len(y)) if groups[i] == group]
        won, pairs = 0.0, 0.0
        for i in rows:
            for j in rows:
                if y[i] == 1 and y[j] == 0:
                    pairs += weights[i] * weights[j]
                    won += weights[i] * weights[j] * (1.0 if score[i] > score[j] else 0.5 if score[i] == score[j] else 0.0)
        if pairs > 0:
            size = sum(weights[i] for i in rows)
            total, of_weights = total + size * won / pairs, of_weights + size
    return total / of_weights if of_weights else None


rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4), st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=25)


@pytest.mark.mission("A5")
@given(rows)
def test_matches_the_definition(rows):
    y, score, groups, weights = (np.array(column) for column in zip(*rows, strict=True))
    for given_weights, w in ((None, np.ones(len(y))), (weights, weights)):
        slow = gauc_slow(y, score, groups, w)
        if slow is None:
            with pytest.raises(DataError, match="undefined in all"):
                gauc(y, score, groups, given_weights)
        else:
            assert gauc(y, score, groups, given_weights) == pytest.approx(slow, rel=1e-12)


def test_a_row_of_weight_two_counts_as_two_rows():
    y, score, groups = np.array([1, 0, 0, 1, 0]), np.array([0.6, 0.7, 0.2, 0.4, 0.1]), np.array([1, 1, 1, 2, 2])
    twice = np.append(np.arange(5), 1)
    by_weight = gauc(y, score, groups, np.array([1, 2, 1, 1, 1]))
    assert by_weight == pytest.approx(gauc(y[twice], score[twice], groups[twice]), rel=1e-15)


@pytest.mark.mission("A5")
def test_one_class_groups_are_left_out_and_counted():
    y, score = np.array([1, 0, 1, 1, 0]), np.array([0.9, 0.1, 0.3, 0.2, 0.8])
    grouped = gauc_by_group(y, score, np.array(["乙", "乙", "甲", "甲", "丙"]))
    assert (grouped.score, grouped.n_left_out, grouped.groups.tolist()) == (1.0, 2, ["乙"])
    assert grouped.low is None
    assert grouped.note == "2 of 3 groups left out: the metric is undefined there."


def test_equal_weights():
    y, score, groups = np.array([1, 0, 1, 0, 0, 0]), np.array([1, 0, 0, 1, 1, 1]), np.array([1, 1, 2, 2, 2, 2])
    assert gauc(y, score, groups) == pytest.approx(1 / 3, rel=1e-15)
    assert gauc(y, score, groups, "groups") == 0.5


@pytest.mark.parametrize("weights", ["rows", "groups"])
def test_per_group_gives_the_same_gauc(weights):
    rng = np.random.default_rng(0)
    y, score, groups = rng.integers(0, 2, 200), rng.normal(size=200), rng.integers(0, 40, 200)
    slow = per_group(METRICS["auc"], y, np.column_stack([-score, score]), groups, weights)
    fast = gauc_by_group(y, score, groups, None if weights == "rows" else "groups")
    assert (slow.score, slow.low, slow.high) == pytest.approx((fast.score, fast.low, fast.high), rel=1e-12)
    np.testing.assert_array_equal(slow.groups, fast.groups)
    assert slow.n_left_out == fast.n_left_out


def test_per_group_leaves_out_groups_without_r2():
    grouped = per_group(METRICS["r2"], np.array([1.0, 2, 3, 5, 5]), np.array([1.0, 2, 3, 5, 6]), np.array([0, 0, 0, 1, 1]))
    assert (grouped.score, grouped.n_left_out) == (1.0, 1)


def test_interval_by_hand():
    mean, scale, low, high = weighted_mean(np.array([0.8, 0.6, 1, 0.5, 0.7]), np.array([10.0, 5, 4, 20, 8]))
    # seven digits were worked out by hand
    assert (mean, scale, low, high) == pytest.approx((0.6510638, 0.0874442, 0.4082799, 0.8938478), abs=5e-8)


@pytest.mark.parametrize(
    ("weights", "message"),
    [("users", 'None, "groups" or a number for each row'), (np.array([1.0]), "for each of the 2 rows"), (-np.ones(2), ">= 0")],
)
def test_refuses_strange_weights(weights, message):
    with pytest.raises(DataError, match=message):
        gauc(np.array([0, 1]), np.array([0.1, 0.2]), np.array([0, 0]), weights)


def test_refuses_strange_lengths_and_words():
    with pytest.raises(DataError, match="truth, scores and groups differ in length: 2, 1 and 2"):
        gauc(np.array([0, 1]), np.array([0.1]), np.array([0, 0]))
    with pytest.raises(DataError, match='"rows" or "groups"; got \'users\''):
        per_group(METRICS["accuracy"], np.zeros(2, int), np.zeros(2, int), np.zeros(2, int), "users")
