"""Slices: those scored by the same metric share one axis, and names that are cells can be kept out."""

import pytest
from tests.report.boards import binary_board, rmse_board
from tests.report.insights import SECRET, limits, slices

from tenon.report.slices import limits_of, slices_view


def section(board):
    about = {"metric": board["metric"], "title": board["metric"].upper(), "greater_is_better": board["greater_is_better"]}
    return slices(about, board)


@pytest.mark.parametrize("make", [binary_board, rmse_board])
def test_bars_are_true_to_scale(make):
    made = section(make())
    view = slices_view(made, has_cells=True)
    bars = [(row["bar"]["middle"], one["score"]) for row, one in zip(view["rows"], made["shown"], strict=True) if row["bar"]]
    (x0, s0), (x1, s1) = bars[0], bars[3]
    for x, score in bars:
        assert x - x0 == pytest.approx((x1 - x0) * (score - s0) / (s1 - s0), abs=0.02)  # two decimals
    assert view["all_rows"] == pytest.approx(x0 + (x1 - x0) * (made["score"] - s0) / (s1 - s0), abs=0.02)


def test_another_metric_has_no_bar_but_its_name():
    last = slices_view(section(binary_board()), has_cells=True)["rows"][-1]
    assert last["bar"] is None
    assert last["metric"] == "accuracy"


def test_names_are_said_as_they_are():
    rows = slices_view(section(binary_board()), has_cells=True)["rows"]
    assert [row["slice"] for row in rows] == [
        "博士研究生",
        SECRET,
        "17–28",
        "2–38 characters",
        "Chinese",
        "missing",
        "2011",
        "差评",
    ]
    assert [row["gap"].strip() for row in rows][:4] == ["−.051", "−.032", "−.012", "+.008"]
    assert [row["is_worse"] for row in rows][:3] == [True, True, False]
    assert rows[0]["said"] == "worse, p < .001"
    assert rows[-1]["said"] == "p 1.00"


def test_without_cells_no_value_of_a_column_is_named():
    rows = slices_view(section(binary_board()), has_cells=False)["rows"]
    assert [row["slice"] for row in rows] == [
        *("one value", "a group", "a quartile", "2–38 characters", "Chinese", "missing", "a year", "差评"),
    ]
    assert [row["column"] for row in rows][:2] == ["学历", "顾客"]


@pytest.mark.parametrize(("n", "said"), [(0, "none is worse"), (1, "1 is worse"), (2, "2 are worse")])
def test_how_many_were_looked_at(n, said):
    view = slices_view(section(binary_board()) | {"n_worse": n}, has_cells=True)
    assert view["sentence"] == f"87 slices of at least 30 rows were looked at; {said} than the rest."
    assert view["notes"] == ["15 more were too small, or of one class only."]


def test_a_list_that_is_cut_says_so():
    view = slices_view(section(binary_board()) | {"n_worse": 17}, has_cells=True)
    assert view["notes"][0] == "2 of the 17 that are worse are shown, of every column those that are most surely so."


def test_limits_are_said_where_they_bite():
    made = limits()
    made["columns"]["of"], made["rows"]["of"], made["levels"]["columns"] = 250, 250_000, ["城市", "zip"]
    assert limits_of(made) == [
        "Only the first 100 of 250 columns were looked at.",
        "Only 100,000 of 250,000 rows, evenly spaced, were looked at.",
        "Only 20 values of 城市 and zip were looked at, the commonest or latest.",
    ]
    assert limits_of(limits()) == []


def test_a_class_that_is_never_found_does_not_squeeze_the_others():
    """The axis is that of the other slices; where classes are all there is, it is theirs."""
    made = section(binary_board())
    without = slices_view(made | {"shown": made["shown"][:-1]}, has_cells=True)["ticks"]
    classes = [one | {"metric": made["metric"], "score": 0.01, "low": 0.0, "high": 0.02} for one in made["shown"][-1:]]
    assert slices_view(made | {"shown": made["shown"][:-1] + classes}, has_cells=True)["ticks"] == without
    alone = slices_view(made | {"shown": classes, "score": 0.01}, has_cells=True)
    assert alone["rows"][0]["bar"]["is_on_axis"]


def test_a_metric_in_the_place_of_another_is_said():
    view = slices_view(section(binary_board()) | {"instead_of": "macro-F1", "title": "accuracy"}, has_cells=True)
    assert view["notes"][0] == "Scored by accuracy, since macro-F1 cannot be compared between parts of the rows."
