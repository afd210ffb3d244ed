"""Score against cost: the line holds the methods that no other beats, and names do not hide each other."""

import re

import pytest
from tests.report.boards import binary_board, rmse_board, row
from tests.report.insights import cost

from tenon.report.cost import cost_charts, cost_lead, cost_sentence, cost_table


def front_of(rows, key, greater_is_better):
    """By brute force: those for which no other is as good and as cheap, and better in one of both."""
    sign = 1 if greater_is_better else -1
    pairs = {r["method"]: (-sign * r["score"], r[key]) for r in rows}
    return {
        name
        for name, mine in pairs.items()
        if not any(all(a <= b for a, b in zip(other, mine, strict=True)) and other != mine for other in pairs.values())
    }


@pytest.mark.mission("A12")
@pytest.mark.parametrize("make", [binary_board, rmse_board])
def test_the_line_passes_through_the_front_and_no_other_method(make):
    board = make()
    section = cost(board)
    for key in ("predict_seconds", "fit_seconds"):
        names = front_of(section["rows"], key, board["greater_is_better"])
        for r in section["rows"]:
            r["on_front"][key] = r["method"] in names
    for chart, key in zip(cost_charts(section, board), ("predict_seconds", "fit_seconds"), strict=True):
        corners = {tuple(map(float, pair.split(","))) for pair in chart.steps.split()}
        names = front_of(section["rows"], key, board["greater_is_better"])
        for r, dot in zip(section["rows"], chart.dots, strict=True):
            assert ((dot.x, dot.y) in corners) == (r["method"] in names)
            assert ("front" in dot.kind) == (r["method"] in names)


def test_dots_stand_inside_and_one_off_the_axis_says_so():
    board = binary_board()
    for chart in cost_charts(cost(board), board):
        assert all(0 <= dot.x <= chart.width and 0 <= dot.y <= chart.height for dot in chart.dots)
        assert [dot.name for dot in chart.dots][-1] == "baseline ↓"  # .500 among .9
        assert [dot.kind for dot in chart.dots if "chosen" in dot.kind] == ["chosen front"]


def test_many_methods_are_numbered_as_in_the_table():
    board = binary_board()
    board["rows"] = [row(f"method-{i}", 0.9 - 0.01 * i, 0.01, tied=i == 0) for i in range(20)]
    section = cost(board | {"chosen": "method-0"})
    chart = cost_charts(section, board)[0]
    assert [re.sub(" [↓↑]", "", dot.name) for dot in chart.dots] == [str(i) for i in range(1, 21)]
    assert [r[0] for r in cost_table(section, board).rows][:2] == ["1\u00a0method-0", "2\u00a0method-1"]


def test_one_method_has_a_table_but_no_picture():
    board = rmse_board()
    board["rows"] = board["rows"][:1]
    assert cost_charts(cost(board), board) == []
    assert len(cost_table(cost(board), board).rows) == 1


def test_bold_marks_the_front_and_units_are_seconds_and_megabytes():
    """Of memory nothing is bold: most of it is the interpreter's own."""
    board = binary_board()
    first = cost_table(cost(board), board).rows[0]
    assert [(cell.text.strip(), cell.kind) for cell in first[2:]] == [("40", "front"), ("0.90", "front"), ("310", "")]


def test_the_fastest_of_the_tied_is_named():
    board = binary_board()
    section = cost(board)
    tied = {r["method"]: r["predict_seconds"] for r in section["rows"] if r["is_tied"]}
    said = cost_sentence(section, board)
    assert said.startswith(f"Of the methods tied with the best, {min(tied, key=tied.get)} predicts fastest")
    assert f", {max(tied, key=tied.get)} slowest (" in said
    section["rows"] = [r | {"predict_seconds": 0.0123} for r in section["rows"]]
    none = board | {"rows": [r | {"word": "leader" if r["method"] == board["chosen"] else "no verdict"} for r in board["rows"]]}
    assert cost_sentence(section, none) == f"{board['chosen']} predicts 1,000 rows in 0.012 s."
    section["rows"] = [r | {"is_tied": False} for r in section["rows"]]
    assert cost_sentence(section, board) == f"{board['chosen']} predicts 1,000 rows in 0.012 s."


def test_the_lead_says_which_way_is_better():
    assert "higher is better" in cost_lead(binary_board())
    assert "lower is better" in cost_lead(rmse_board())
