"""Partial dependence of models that are known formulas."""

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset
from tests.explain.held import Formula, held_for

from tenon.explain.dependence import MOST_COLUMNS, MOST_VALUES, curve, dependence, values_of
from tenon.tasks import Task


def held(formula, n=200, task=None, **columns):
    rng = np.random.default_rng(0)
    columns = {"x": rng.normal(size=n), "z": rng.normal(size=n)} | columns
    kinds = {name: "category" if isinstance(cells[0], str) else "number" for name, cells in columns.items()}
    task = task or Task("regression", "y")
    y = columns["x"] if task.is_regression else np.where(columns["x"] > 0, "yes", "no")
    data = dataset(columns | {"y": y}, kinds | {"y": "number" if task.is_regression else "category"})
    return held_for(Formula(data, task, formula), data)


def test_a_sum_gives_each_column_its_own_term_without_any_interval():
    """f = 3x + z²: the change with x is 3x in every row, whatever z is."""
    said = dependence(held(lambda f: 3 * f["x"] + f["z"] ** 2), ["x", "z"], seed=0)
    (of_x,), (of_z,) = (one["answers"] for one in said)
    x, z = (np.array(one["values"]) for one in said)
    assert len(x) == MOST_VALUES
    np.testing.assert_allclose(np.diff(of_x["mean"]), 3 * np.diff(x), rtol=1e-9)
    np.testing.assert_allclose(np.diff(of_z["mean"]), np.diff(z**2), rtol=1e-9)
    for name in ("low", "high"):
        np.testing.assert_allclose(of_x[name], of_x["mean"], rtol=1e-9)


def test_rows_that_change_in_opposite_ways_are_seen_around_a_flat_mean():
    """f = x z with z from -1 and 1 in equal parts: no change in the mean, +x and -x in single rows."""
    z = np.tile([-1.0, 1.0], 100)
    [one] = dependence(held(lambda f: f["x"] * f["z"], z=z), ["x"], seed=0)
    [answer], x = one["answers"], np.array(one["values"])
    np.testing.assert_allclose(np.diff(answer["mean"]), 0, atol=1e-9)
    np.testing.assert_allclose(answer["most"], np.abs(x), atol=1e-9)
    np.testing.assert_allclose(answer["least"], -np.abs(x), atol=1e-9)


def test_of_two_classes_the_second_ones_probability_is_told_and_categories_come_by_frequency():
    kinds = ["a"] * 120 + ["b"] * 60 + ["c"] * 20
    share = {"a": 0.1, "b": 0.5, "c": 0.9}
    of = held(lambda f: f["k"].astype(str).map(share), k=kinds, task=Task("binary", "y", ("no", "yes")))
    [one] = dependence(of, ["k"], seed=0)
    assert one["values"] == ["a", "b", "c"]
    assert [answer["answer"] for answer in one["answers"]] == ["yes"]
    assert one["answers"][0]["mean"] == pytest.approx([0.1, 0.5, 0.9])


def test_intervals_cover_the_change_in_new_rows():
    """Answers x · z, z normal around 1: the change from x = 0 to 1 is 1 in the mean; 95 % of 400 intervals, within 3.3 %."""
    rng, hits = np.random.default_rng(1), 0
    for _ in range(400):
        z = 1 + rng.normal(size=40)
        found = curve(np.stack([0 * z, z]), np.arange(40))
        hits += found["low"][1] - np.mean(found["mean"]) <= 0.5 <= found["high"][1] - np.mean(found["mean"])
    assert 0.917 <= hits / 400 <= 0.983


def test_rows_that_are_copies_in_a_group_do_not_narrow_the_interval():
    z = np.random.default_rng(2).normal(size=30)
    alone = curve(np.stack([0 * z, z]), np.arange(30))
    thrice = curve(np.stack([0 * z, z]).repeat(3, axis=1), np.arange(30).repeat(3))
    np.testing.assert_allclose(thrice["high"], alone["high"], rtol=1e-12)


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        ([2.0, 1.0, np.nan, 2.0], "number", [1.0, 2.0]),
        ([np.inf, 1.0, 3.0], "number", [1.0, 3.0]),
        (["b", "a", "b", None], "category", ["b", "a"]),
        ([None, None], "category", []),
    ],
)
def test_values_are_those_that_there_are(cells, kind, values):
    assert values_of(pd.Series(cells), kind) == values


def test_columns_of_one_value_and_texts_are_left_out_and_there_are_few():
    columns = {f"c{i}": np.arange(200) % 7 + i for i in range(8)} | {"same": np.ones(200)}
    said = dependence(held(lambda f: f["x"], **columns), ["same", *list(columns), "x"], seed=0)
    assert [one["column"] for one in said] == [f"c{i}" for i in range(MOST_COLUMNS)]


def test_a_number_that_is_mostly_nought_is_varied_over_its_other_values_too():
    found = values_of(pd.Series([0.0] * 90 + list(range(1, 101))[::5]), "number")
    assert found[0] == 0.0
    assert len(found) > MOST_VALUES // 2
    assert found[-1] > 80
