"""Residuals against pandas and scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.insight.said import numbers, seen_of, two

from tenon.insight.residuals import mean_and_interval, residuals


@pytest.fixture(scope="module")
def seen():
    rng = np.random.default_rng(0)
    value = rng.normal(50, 10, 400)
    y = value + rng.normal(1.0, 3.0, 400)
    return seen_of({"x": value}, y, {"m": numbers(np.stack([value, value + 1]))}, kinds={"x": "number"})


def test_bins_are_those_of_pandas(seen):
    value = seen.said("m", "value")[0]
    frame = pd.DataFrame({"value": value, "error": seen.y - value})
    by_bin = frame.groupby(pd.qcut(frame["value"], 10))["error"]
    bins = residuals(seen)["bins"]
    for name, level in (("q05", 0.05), ("q25", 0.25), ("median", 0.5), ("q75", 0.75), ("q95", 0.95)):
        np.testing.assert_allclose([b[name] for b in bins], by_bin.quantile(level), rtol=1e-9)
    assert [b["rows"] for b in bins] == by_bin.count().tolist()
    np.testing.assert_allclose([b["mean"] for b in bins], by_bin.mean(), rtol=1e-9)


def test_the_interval_is_students(seen):
    section, errors = residuals(seen), seen.y - seen.said("m", "value")[0]
    low, high = stats.t.interval(0.95, 399, errors.mean(), stats.sem(errors))
    assert (section["low"], section["high"]) == (pytest.approx(low), pytest.approx(high))
    assert section["worst_under"] == errors.max()
    assert section["worst_over"] == errors.min()
    assert section["quantiles"]["0.95"] == pytest.approx(np.quantile(errors, 0.95))


def test_groups_are_the_units():
    values, groups = np.repeat([1.0, 2.0, 4.0], 5), np.repeat([7, 8, 9], 5)
    found = mean_and_interval(values, groups=groups)
    low, high = stats.t.interval(0.95, 2, 7 / 3, stats.sem([1.0, 2.0, 4.0]))
    assert (found["low"], found["high"]) == (pytest.approx(low), pytest.approx(high))


def test_left_out(seen):
    assert residuals(seen_of({"x": ["a"] * 40}, ["u", "v"] * 20, {"m": two(np.full((1, 40), 0.5))}))["code"] == "classes"
