"""Permutation importance of models that are known formulas."""

import numpy as np
import pytest
from tests.datasets import dataset
from tests.explain.held import Formula, held_for

from tenon.explain.alike import alike_columns
from tenon.explain.importance import dealt_anew, importance
from tenon.tasks import Task


def numbers(n=400, seed=0, **more):
    rng = np.random.default_rng(seed)
    columns = {"x": rng.normal(size=n), "z": rng.normal(size=n), "other": rng.normal(size=n)} | more
    return columns, dict.fromkeys(columns, "number")


def falls(said, name):
    return next(one for one in said["columns"] if one["columns"] == [name])


def test_a_column_that_the_model_does_not_read_costs_exactly_nothing():
    columns, kinds = numbers()
    data = dataset(columns | {"y": columns["x"]}, kinds | {"y": "number"})
    said = importance(held_for(Formula(data, Task("regression", "y"), lambda f: f["x"]), data), seed=0)
    assert [one["columns"] for one in said["columns"]] == [["x"], ["z"], ["other"]]
    assert [falls(said, name)[key] for name in ("z", "other") for key in ("fall", "low", "high")] == [0.0] * 6


def test_the_fall_of_a_perfect_model_is_what_two_drawn_cells_differ_by():
    """RMSE 0 becomes √E(x - x')² = √2 times the deviation; 5 permutations of 4,000 rows give that to a few per cent."""
    columns, kinds = numbers(4000)
    data = dataset(columns | {"y": columns["x"]}, kinds | {"y": "number"})
    said = importance(held_for(Formula(data, Task("regression", "y"), lambda f: f["x"]), data), seed=0)
    assert said["score"] == 0
    assert falls(said, "x")["fall"] == pytest.approx(np.sqrt(2) * columns["x"].std(), rel=0.05)
    assert falls(said, "x")["low"] > 1.2


def test_intervals_cover_what_new_rows_would_show():
    """Accuracy: the model says x > 0, true in nine of ten rows; disturbed it is right in half. 95 % of 200 intervals, ±3.1 %."""
    kinds = {"x": "number", "y": "category"}
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=120)
        y = np.where((x > 0) ^ (rng.random(120) < 0.1), "yes", "no")
        data = dataset({"x": x, "y": y}, kinds)
        model = Formula(data, Task("binary", "y", ("no", "yes"), "accuracy"), lambda f: f["x"] > 0)
        one = falls(importance(held_for(model, data), seed), "x")
        hits += one["low"] <= 0.4 <= one["high"]
    assert 0.91 <= hits / 200 <= 0.99


def test_rows_of_one_group_count_as_one():
    """Four copies of each row say no more than one: the interval is as wide as that of the rows alone, twice that of 4 n rows."""
    columns, kinds = numbers(100)
    y = columns["x"] + np.random.default_rng(1).normal(size=100)
    four = {name: np.repeat(cells, 4) for name, cells in (columns | {"y": y}).items()}
    model = lambda data: Formula(data, Task("regression", "y"), lambda f: f["x"])  # noqa: E731  one line a case
    alone = dataset(four, kinds | {"y": "number"})
    grouped = dataset(four | {"who": np.repeat(np.arange(100), 4).astype(str)}, kinds | {"y": "number"}, roles={"who": "group"})
    widths = []
    for data in (alone, grouped):
        one = falls(importance(held_for(model(data), data), 0), "x")
        widths.append(one["high"] - one["low"])
    assert 1.5 < widths[1] / widths[0] < 2.5


def test_columns_that_carry_the_same_are_disturbed_together():
    columns, kinds = numbers()
    columns["twin"] = -3 * columns["x"] + 1
    data = dataset(columns | {"y": columns["x"]}, kinds | {"twin": "number", "y": "number"})
    held = held_for(Formula(data, Task("regression", "y"), lambda f: (f["x"] - (f["twin"] - 1) / 3) / 2), data)
    said = importance(held, seed=0)
    [pair] = said["together"]
    assert pair["columns"] == ["x", "twin"]
    assert pair["fall"] > 1.5 * falls(said, "x")["fall"] > 0
    assert alike_columns(held) == [("x", "twin")]


def test_no_columns_are_alike_by_being_constant_or_missing():
    columns, kinds = numbers()
    columns |= {"one": np.ones(400), "none": np.full(400, np.nan)}
    data = dataset(columns | {"y": columns["x"]}, kinds | {"one": "number", "none": "number", "y": "number"})
    assert alike_columns(held_for(Formula(data, Task("regression", "y"), lambda f: f["x"]), data)) == []


def test_cells_are_dealt_anew_and_nothing_else_moves():
    columns, kinds = numbers(5)
    data = dataset(columns, kinds)
    order = np.array([4, 3, 2, 1, 0])
    anew = dealt_anew(data, ["x"], order)
    assert anew.frame["x"].tolist() == data.frame["x"].tolist()[::-1]
    assert anew.frame[["z", "other"]].equals(data.frame[["z", "other"]])
    assert data.frame["x"].tolist() == columns["x"].tolist()


@pytest.mark.parametrize("per", ["", "who"])
def test_per_group_and_same_seed(per):
    columns, kinds = numbers(200)
    y = np.where(columns["x"] + np.random.default_rng(1).normal(size=200) > 0, "yes", "no")
    who = np.repeat(np.arange(20), 10).astype(str)
    data = dataset(columns | {"who": who, "y": y}, kinds | {"who": "category"})
    model = Formula(data, Task("binary", "y", ("no", "yes")), lambda f: 1 / (1 + np.exp(-f["x"])))
    first, again = (importance(held_for(model, data, per=per), seed=3) for _ in range(2))
    assert first == again
    assert first["columns"][0]["columns"] == ["x"]
    assert first["columns"][0]["low"] > 0
