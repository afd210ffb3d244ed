"""Labels of dots: on no dot and no other label where there is room, and inside the field."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.report.axis import Axis, LogAxis
from tenon.report.chart import CHARACTER, DOT, LABEL_HEIGHT, MARGIN, Chart, Dot, Field, labelled

WIDTH, HEIGHT = 360, 240


def box(dot: Dot) -> tuple[float, float, float, float]:
    """The label's rectangle, from its anchor alone."""
    x, y, anchor = dot.label
    w = CHARACTER * len(dot.name)
    left = {"start": x, "end": x - w, "middle": x - w / 2}[anchor]
    return left, y - 4 - LABEL_HEIGHT / 2, left + w, y - 4 + LABEL_HEIGHT / 2


def overlap(a, b) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > 1e-6 and min(a[3], b[3]) - max(a[1], b[1]) > 1e-6


def test_labels_of_near_dots_do_not_hide_each_other():
    dots = labelled([Dot("logistic", 100, 100), Dot("svm-linear", 103, 101), Dot("knn", 98, 97)], WIDTH, HEIGHT)
    assert not any(overlap(box(a), box(b)) for a, b in combinations(dots, 2))
    marks = [(d.x - DOT, d.y - DOT, d.x + DOT, d.y + DOT) for d in dots]
    assert not any(overlap(box(a), mark) for a in dots for mark in marks)


def test_labels_keep_off_a_line_of_steps():
    """From the first dot level to the second's place and up to it: right of the first, and left of the third, is the line."""
    dots = [Dot("baseline", 20, 200), Dot("logistic", 150, 60), Dot("knn", 160, 200)]
    steps = [(20, 200), (150, 200), (150, 60)]
    along = [(20, 199, 150, 201), (149, 60, 151, 200)]
    kept_off, over = (labelled(dots, WIDTH, HEIGHT, given) for given in (steps, ()))
    assert not any(overlap(box(dot), line) for dot in kept_off for line in along)
    assert any(overlap(box(dot), line) for dot in over for line in along)


@settings(max_examples=60)
@given(x=st.floats(0, WIDTH), y=st.floats(0, HEIGHT))
def test_a_label_stays_in_its_field(x, y):
    left, top, right, bottom = box(labelled([Dot("logistic", x, y)], WIDTH, HEIGHT)[0])
    assert left >= -MARGIN
    assert right <= WIDTH + MARGIN
    assert top >= -LABEL_HEIGHT / 2  # a dot on the edge has its label beside it, half of it outside
    assert bottom <= HEIGHT + LABEL_HEIGHT / 2


def test_a_field_points_up():
    field = Field(Axis(0, 10), Axis(-1, 1), 100, 50)
    assert field.at(0, -1) == (0, 50)
    assert field.at(10, 1) == (100, 0)
    assert field.span(5, -0.5, 0.5) == (50, 12.5, 37.5)


@given(low=st.floats(1e-4, 1e3), ratio=st.floats(1.5, 1e6), n=st.integers(3, 8))
def test_a_logarithmic_axis_has_few_labels_inside_it(low, ratio, n):
    axis = LogAxis(low, low * ratio)
    ticks = axis.ticks(n)
    assert len(ticks) <= n
    assert all(axis.low * (1 - 1e-6) <= value <= axis.high * (1 + 1e-6) for value, _ in ticks)
    assert len({label for _, label in ticks}) == len(ticks)


def test_equal_ratios_are_equally_far_apart():
    axis = LogAxis(1.0, 100.0)
    assert [axis.place(v) for v in (0.5, 1, 10, 100, 1000)] == pytest.approx([0, 0, 0.5, 1, 1])


def test_long_labels_of_the_upright_axis_have_room():
    narrow, wide = (Chart("", "", "", (), ((0.0, label),)) for label in (".95", "-1.0e-12"))
    assert narrow.left == 56
    assert wide.left >= 8 * CHARACTER + 20  # eight characters, a gap and the title's line
