"""Pictures of how answers change with a column."""

import pytest

from tenon.report.dependence import dependence_view


def column(kind, values, *answers):
    figures = {"mean": [0.1, 0.3], "low": [0.0, 0.25], "high": [0.2, 0.35], "least": [0.0, 0.0], "most": [1.0, 1.0]}
    return {"column": "c", "kind": kind, "values": values, "answers": [{"answer": answer, **figures} for answer in answers]}


def view(*columns):
    return dependence_view({"method": "forest", "target": "y", "dependence": list(columns)})


def test_nothing_varied_is_no_section():
    assert view() is None
    assert dependence_view({"method": "forest"}) is None  # of a run that an earlier Tenon explained


def test_a_number_is_a_line_with_intervals_and_its_axis_is_that_of_the_answer():
    [chart] = view(column("number", [1.0, 5.0], "yes"))["charts"]
    assert (chart.x_title, chart.y_title, len(chart.spans)) == ("c", "P(yes)", 2)
    [line] = chart.lines
    (left, lower), (right, upper) = line.points
    assert left < right
    assert lower > upper  # pixels go down
    assert line.hints[1].startswith("5.00: .30")


def test_one_answer_of_categories_is_dots_and_several_answers_are_lines():
    [dots], [lines] = (view(column("category", ["a", "b"], *answers))["charts"] for answers in (["yes"], ["u", "v"]))
    assert (len(dots.dots), len(dots.lines)) == (2, 0)
    assert ([line.name for line in lines.lines], len(lines.spans), lines.y_title) == (["u", "v"], 0, "probability")
    assert [label for _, label in lines.x_ticks] == ["a", "b"]


@pytest.mark.parametrize("answer", ["", "1"])
def test_a_number_that_is_predicted_is_called_by_the_target_and_a_bare_label_with_it(answer):
    [chart] = view(column("number", [1.0, 2.0], answer))["charts"]
    assert chart.y_title == ("P(y = 1)" if answer else "y")


def test_long_names_are_cut_to_their_room_and_numbers_come_first():
    charts = view(column("category", ["x" * 80, "b"], "yes"), column("number", [1.0, 2.0], "yes"))["charts"]
    assert charts[0].lines
    assert charts[1].x_ticks[0][1].endswith("…")
