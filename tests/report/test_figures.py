"""Figures carry as many digits as their interval bears."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.report.figures import NO_WIDTH, aligned, decimals, digits, figure, p_value, plain, rounded_rows, span


@pytest.mark.parametrize(
    ("score", "low", "high", "expected"),
    [
        (0.9513, 0.9471, 0.9553, ".951 ±.004"),  # the leading digits 41 keep one digit
        (0.9513, 0.9491, 0.9535, ".9513 ±.0022"),  # 22 keeps two
        (0.861, 0.842, 0.880, ".861 ±.019"),
        (0.8, 0.7644, 0.8356, ".80 ±.04"),  # 356 keeps one
        (0.8, 0.7646, 0.8354, ".800 ±.035"),  # 354 is the last that keeps two
        (0.8, 0.704, 0.896, ".80 ±.10"),  # 96 is rounded up to 100, of which two digits are kept
        (2.2134, 2.1641, 2.2627, "2.21 ±0.05"),
        (51234.4, 31234.4, 71234.4, "51,000 ±20,000"),
        (1234.5, 1222.5, 1246.5, "1,234 ±12"),
        (-0.0213, -0.0613, 0.0187, "-.02 ±.04"),
        (-1.2, -1.6, -0.8, "-1.2 ±0.4"),
        (1.0, 0.998, 1.0, "1.0000 ±.0010"),
        (0.5, 0.5, 0.5, ".500"),  # no width: three digits
        (0.5, None, None, ".500"),
        (12.3456, None, None, "12.3"),
        (0.0, 0.0, 0.0, ".000"),
        (0.0123, 0.0123, 0.0123, ".0123"),
        (1.0, 1.0 - 2e-16, 1.0, "1.00"),  # the noise of a float sum is no interval
        (2.345e-13, 2.2e-13, 2.5e-13, "2.3e-13 ±1.5e-14"),  # a regression that is exact but for rounding
        (None, None, None, ""),
    ],
)
def test_cases(score, low, high, expected):
    assert digits(score, low, high) == expected


def test_a_column_keeps_its_zeros_when_one_figure_needs_them():
    assert digits(0.98, 0.93, 1.03, bare=False) == "0.98 ±0.05"
    assert digits(0.98, 0.93, 1.03) == "0.98 ±0.05"
    assert digits(0.98, 0.93, 0.99) == ".980 ±.030"


def test_the_smallest_numbers_of_all_are_no_width():
    assert digits(0.0, -5e-324, 5e-324) == digits(0.0, None, None)


@given(score=st.floats(-1e6, 1e6), half=st.floats(1e-6, 1e5))
def test_rounding_is_small_beside_the_interval(score, half):
    """One digit or two: the half width is between one and 35.5 of the last place that is kept."""
    low, high = score - half, score + half
    actual = (high - low) / 2  # what is left of `half` after float subtraction
    if actual > NO_WIDTH * abs(score):
        place = 10.0 ** -decimals(score, low, high)
        # 35.5 places at most (355 has one digit less), 0.95 at least (950 is rounded up); 1e-9 for the powers of ten
        assert 0.95 - 1e-9 <= actual / place <= 35.5 + 1e-9


@given(number=st.floats(-1e9, 1e9), n_decimals=st.integers(-3, 6), bare=st.booleans())
def test_a_figure_reads_back_as_the_rounded_number(number, n_decimals, bare):
    text = figure(number, n_decimals, bare)
    # half a place for the rounding, and a few ulp of 1e9 for the way through binary
    assert math.isclose(float(text.replace(",", "")), number, abs_tol=0.5 * 10.0**-n_decimals + 1e-6)
    assert text.strip("-0.") or not text.startswith("-")  # no minus before a zero


def test_small_figures_in_words():
    assert span(0.936, 0.957, 3, bare=True) == "(.936–.957)"
    assert [p_value(p) for p in (0.0004, 0.002, 0.0213, 0.14, 1.0)] == ["p < .001", "p .002", "p .02", "p .14", "p 1.00"]


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(1e-4, 1e4)), min_size=1, max_size=6))
def test_aligned_points_stand_under_each_other(pairs):
    texts = [digits(score, score - half, score + half, bare=False) for score, half in pairs]
    for column in zip(*aligned(texts), strict=True):
        assert len({len(cell) for cell in column}) == 1
        points = {cell.index(".") for cell in column if "." in cell}
        assert len(points) <= 1
        # a whole number ends where the others have their point
        assert all(len(cell.rstrip()) == point for point in points for cell in column if cell.strip() and "." not in cell)
    assert [" ".join(part.strip() for part in pair).strip() for pair in aligned(texts)] == texts


def test_rows_are_rounded_up_to_two_digits():
    assert [rounded_rows(n) for n in (7, 99, 101, 13_740, 81_234, 3 * 10**15)] == ["7", "99", "110", "14,000", "82,000", "3e+15"]


def test_chosen_numbers_keep_their_digits():
    assert [plain(number) for number in (0.01, 0.005, 1.5, 20.0)] == [".01", ".005", "1.5", "20"]


def test_an_interval_below_zero_has_a_minus_not_a_hyphen():
    assert span(-0.0121, 0.0294, 3, bare=True) == "(−.012–.029)"
