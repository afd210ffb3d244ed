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


def test_pictures_keep_the_order_of_importance_and_are_broad_for_long_names_alone():
    long, short = (
        (column("category", [name * 30, "b"], "yes") | {"column": name} for name in "xz"),
        column("category", "ab", "yes"),
    )
    number = column("number", [1.0, 2.0], "yes") | {"column": "n"}
    charts = view(*long, short, number)["charts"]
    assert [chart.x_title for chart in charts] == ["c", "n", "x", "z"]
    assert [chart.width < charts[-1].width for chart in charts] == [True, True, False, False]


def test_a_chinese_name_below_an_axis_is_twice_as_wide():
    [latin], [chinese] = (view(column("category", [letter * 12, "b"], "yes"))["charts"] for letter in ("x", "字"))
    assert latin.width < chinese.width
    [cut] = view(column("category", ["字" * 60, "b"], "yes"))["charts"]
    assert 11 * len(cut.x_ticks[0][1]) <= cut.width / 2


def test_long_names_are_cut_to_their_room_and_numbers_come_first():
    charts = view(column("category", ["x" * 80, "b"], "yes"), column("number", [1.0, 2.0], "yes"))["charts"]
    assert charts[0].lines
    assert charts[1].x_ticks[0][1].endswith("…")
