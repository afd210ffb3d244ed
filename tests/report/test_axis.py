"""The axis holds what can be compared, and its labels are round numbers inside it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.boards import binary_board, rmse_board, row

from tenon.report.axis import Axis, LogAxis, axis_of


def test_ends_are_those_of_the_intervals():
    axis = axis_of([row("a", 0.9, 0.01), row("b", 0.88, 0.03)])
    assert axis == Axis(low=pytest.approx(0.85), high=pytest.approx(0.91))  # 0.88 - 0.03 and 0.9 + 0.01, up to float sums


@pytest.mark.parametrize(("board", "off"), [(binary_board(), "baseline"), (rmse_board(), "linear")])
def test_one_row_far_behind_does_not_squeeze_the_others(board, off):
    scored = [r for r in board["rows"] if r["score"] is not None]
    axis = axis_of(scored)
    assert [r["method"] for r in scored if not axis.holds(r)] == [off]


def test_two_rows_are_both_on_it():
    assert axis_of([row("a", 0.9, 0.01), row("baseline", 0.5)]).low == 0.5


@pytest.mark.parametrize("score", [0.0, 1.0, -3.0])
def test_one_score_without_interval_stands_in_the_middle(score):
    assert axis_of([row("a", score)]).place(score) == pytest.approx(0.5)  # half of a symmetric axis


def test_no_scores_no_axis():
    assert axis_of([]) is None
    assert axis_of([row("a", None)]) is None


@settings(deadline=None)
@given(low=st.floats(-1e5, 1e5), width=st.floats(1e-4, 1e5), n_most=st.integers(1, 8))
def test_ticks_are_few_round_and_inside(low, width, n_most):
    axis = Axis(low, low + width)
    ticks = axis.ticks(n_most)
    assert len(ticks) <= n_most
    slack = 1e-6 * width + 1e-9 * abs(low)  # a tick may sit on the end itself, up to rounding of the division
    assert all(axis.low - slack <= value <= axis.high + slack for value, _ in ticks)
    labels = [label for _, label in ticks]
    assert len(set(labels)) == len(labels)
    for value, label in ticks:
        assert float(label.replace(",", "").replace("−", "-")) == pytest.approx(
            value, rel=1e-9, abs=1e-12
        )  # the label is the value, not a rounding


@given(low=st.floats(1e-6, 1e6), ratio=st.floats(1.01, 1e6), n_most=st.integers(1, 8))
def test_ticks_of_a_logarithmic_axis_are_few_and_say_what_they_are(low, ratio, n_most):
    axis = LogAxis(low, low * ratio)
    ticks = axis.ticks(n_most)
    assert len(ticks) <= n_most
    for value, label in ticks:
        assert float(label.replace(",", "")) == pytest.approx(value, rel=1e-9)


def test_a_tick_between_one_and_two_is_told_from_two():
    assert [label for _, label in LogAxis(0.4, 3.5).ticks(6)] == ["0.5", "0.7", "1", "1.5", "2", "3"]


@given(low=st.floats(-1e3, 1e3), width=st.floats(1e-3, 1e3))
def test_three_labels_can_always_be_had(low, width):
    assert len(Axis(low, low + width).ticks(8)) >= 2
