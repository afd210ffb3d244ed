"""The threshold against brute force over every way to cut the rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.inner.threshold import Threshold, best_threshold

PROBA = st.sampled_from([0.0, 0.1, 1 / 6, 0.25, 0.5, np.nextafter(0.5, 1), 0.75, 0.99, 1.0])
COST = st.sampled_from([0.2, 1.0, 5.0, 100.0])


def cost_of(threshold, proba, is_positive, fn, fp, weights):
    """From the definition, row by row."""
    total = 0.0
    for p, positive, weight in zip(proba, is_positive, weights, strict=True):
        if positive and not p >= threshold:
            total += fn * weight
        if not positive and p >= threshold:
            total += fp * weight
    return total


@given(st.lists(st.tuples(PROBA, st.booleans(), st.sampled_from([1.0, 0.5, 3.0])), min_size=1, max_size=12), COST, COST)
def test_no_cut_costs_less(rows, fn, fp):
    proba, is_positive, weights = (np.array(column) for column in zip(*rows, strict=True))
    chosen = best_threshold(proba, is_positive, fn, fp, weights)
    every_cut = [*np.unique(proba), 2.0]  # all rows from this one on are positive; none
    least = min(cost_of(cut, proba, is_positive, fn, fp, weights) for cut in every_cut)
    # sums in another order
    assert cost_of(chosen, proba, is_positive, fn, fp, weights) == pytest.approx(least, rel=1e-9, abs=1e-9)


def test_worked_example():
    """Cutting below .2 costs 2 false alarms, below .3 one, below .6 none, below .8 one missed (5)."""
    proba = np.array([0.1, 0.2, 0.3, 0.6, 0.8])
    is_positive = np.array([False, False, False, True, True])
    assert best_threshold(proba, is_positive, 5.0, 1.0) == pytest.approx(0.45)  # mid-gap, for 1/6 is not in it
    assert best_threshold(proba, is_positive, 1.0, 1.0) == 0.5  # the Bayes threshold stands in the gap


def test_of_equal_costs_the_nearest_to_bayes():
    """All three cuts below .9 cost one mistake; fp / (fp + fn) = .5 stands between .4 and .9."""
    proba, is_positive = np.array([0.2, 0.4, 0.9]), np.array([True, False, True])
    assert best_threshold(proba, is_positive, 1.0, 1.0) == 0.5
    assert best_threshold(proba, is_positive, 9.0, 9.0) == 0.5  # the unit of cost does not matter
    assert best_threshold(proba, is_positive, 10.0, 1.0) == pytest.approx(1 / 11)  # now only the cut below all is cheapest


@pytest.mark.parametrize("is_positive", [True, False])
@pytest.mark.parametrize("proba", [0.0, 0.3, 1.0])
def test_one_class_only(is_positive, proba):
    """Whatever its probability, every row is then told to be of that class."""
    value = best_threshold(np.full(4, proba), np.full(4, is_positive), 1.0, 1.0)
    assert (proba >= value) == is_positive


def test_the_positive_label_may_be_the_first():
    proba = np.array([[0.3, 0.7], [0.2, 0.8]])
    assert Threshold(0.25, 0).decide(proba).tolist() == [0, 1]
    assert Threshold(0.25, 1).decide(proba).tolist() == [1, 1]
    assert Threshold(0.75, 1).decide(proba).tolist() == [0, 1]
    assert Threshold(0.75, 0).decide(np.array([[0.75, 0.25]])).tolist() == [0]  # at the threshold is positive
