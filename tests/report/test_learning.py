"""Learning curves stay inside their field, end where they end, and go on only where a fit says so."""

import pytest
from tests.report.boards import binary_board, rmse_board
from tests.report.insights import curve, twice

from tenon.report.learning import curve_chart, curve_table, twice_sentence


@pytest.mark.parametrize("make", [binary_board, rmse_board])
@pytest.mark.parametrize("has_twice", [False, True])
def test_every_point_is_inside_and_rows_go_right(make, has_twice):
    board = make()
    chart = curve_chart(board, curve(board), twice(board) if has_twice else None)
    assert chart.lines[0].name == board["chosen"]
    for line in chart.lines:
        assert all(0 <= x <= chart.width and 0 <= y <= chart.height for x, y in line.points)
        steps = [b[0] - a[0] for a, b in zip(line.points, line.points[1:], strict=False)]
        assert steps == pytest.approx([steps[0]] * len(steps), abs=0.3)  # doublings are equally far apart, up to rounding of rows
    assert all(0 <= top < bottom <= chart.height for _, top, bottom in chart.spans)
    assert bool(chart.steps) == has_twice
    assert [label for _, label in chart.x_ticks] == ["621", "1,242", "2,484", "4,969", "9,938"][: 4 + has_twice]


def test_the_fitted_curve_goes_on_from_the_last_point():
    board = binary_board()
    chart = curve_chart(board, curve(board), twice(board))
    first = tuple(map(float, chart.steps.split()[0].split(",")))
    assert first == pytest.approx(chart.lines[0].points[-1], abs=0.1)  # one decimal each


def test_methods_that_are_not_tied_are_not_drawn():
    board = binary_board()
    chart = curve_chart(board, curve(board), None)
    assert {line.name for line in chart.lines} == {"svm-tfidf", "logistic-tfidf"}
    assert curve_chart(board, {}, None) is None
    assert curve_table(board, {}) is None


def test_a_method_without_a_point_has_an_empty_cell():
    board = binary_board()
    curves = curve(board)
    del curves["svm-tfidf"][1]
    table = curve_table(board, curves)
    assert [column.title for column in table.columns] == ["Method", "621 rows", "1,242 rows", "2,484 rows", "4,969 rows"]
    assert table.rows[1][2] == ""
    assert table.rows[1][1].startswith(".9")


def test_twice_the_labels_in_words():
    board = binary_board()
    made = twice(board) | {"expected": 0.9552, "low": 0.9512, "high": 0.9592, "score": 0.9491}
    assert twice_sentence(made, board) == (
        "With twice the labels (9,938 train rows) logistic-tfidf may be expected to score .955 (.951–.959) by AUC; "
        "now it scores .949."
    )
