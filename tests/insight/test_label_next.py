"""Which rows to label next: the greedy choice from its definition, and what it avoids."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset
from tests.insight.said import numbers, seen_of, two

from tenon.catalogue import find
from tenon.insight.label_next import label_next, pick, uncertainty
from tenon.insight.points import points
from tenon.watch import SILENT


def pick_slow(known, new, unsure, most):
    """Every step from scratch: the open point with the largest mean of doubt and distance to known and picked ones."""

    def nearest(i, others):
        return min(np.linalg.norm(new[i] - other) for other in others)

    unit = np.quantile([nearest(i, known) for i in range(len(new))], 0.95)
    picked = []
    while len(picked) < min(most, len(new)):
        centres = [*known, *new[picked]]
        worth = {i: (unsure[i] + min(nearest(i, centres) / unit, 1)) / 2 for i in range(len(new)) if i not in picked}
        picked.append(max(worth, key=worth.get))
    return picked


@pytest.mark.parametrize("seed", range(5))
def test_the_choice_is_greedy(seed):
    rng = np.random.default_rng(seed)
    known, new, unsure = rng.normal(size=(6, 3)), rng.normal(size=(15, 3)), rng.random(15)
    assert [i for i, _ in pick(known, new, unsure, 8)] == pick_slow(known, new, unsure, 8)


def test_copies_are_not_picked_together():
    new = np.repeat([[0.0], [5.0], [9.0]], 10, axis=0)
    picked = [i // 10 for i, _ in pick(np.array([[-1.0]]), new, np.full(30, 0.9), 3)]
    assert sorted(picked) == [0, 1, 2]


def test_no_row_is_picked_twice():
    assert [i for i, _ in pick(np.array([[0.0]]), np.array([[0.0], [1.0]]), np.array([1.0, 0.0]), 2)] == [0, 1]


def test_uncertainty_is_one_minus_the_margin():
    proba = np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]])
    assert uncertainty(proba).tolist() == pytest.approx([0.8, 0.3])


def unlabelled(columns, kinds, first_row):
    data = dataset(columns, kinds, target="none")
    frame = data.frame.set_axis(pd.Index(range(first_row, first_row + len(data)), name="row"))
    return replace(data, frame=frame)


def a_run(y, kind, x_new):
    """Rows that follow x, a model of them, and rows without a label."""
    x = np.linspace(-3, 3, len(y))
    said = two(np.full((1, len(y)), 0.5)) if kind == "classes" else numbers(np.zeros((1, len(y))))
    seen = seen_of({"x": x}, y, {"m": said}, kinds={"x": "number"})
    method = find("logistic" if kind == "classes" else "linear")
    model = method.fit(seen.data, seen.task, params=method.with_defaults({}), seed=0, budget="normal", watch=SILENT)
    new = unlabelled({"x": np.asarray(x_new)}, {"x": "number"}, first_row=len(y))
    return replace(seen, data=replace(seen.data, unlabelled=new)), model


@pytest.mark.mission("B8")
def test_rows_between_the_classes_come_first():
    y = np.where(np.linspace(-3, 3, 200) > 0, "yes", "no")
    seen, model = a_run(y, "classes", np.r_[np.full(30, 2.5), [0.01, -2.5]])
    section = label_next(seen, model)
    assert section["unlabelled"] == section["looked_at"] == 32
    assert len(section["rows"]) == 20
    first = section["rows"][0]
    assert first["row"] == 200 + 30 + 1  # the row with x = 0.01, as people count
    assert first["cells"] == {"x": "0.01"}
    assert first["uncertainty"] > 0.5
    assert first["why"] in ("uncertain", "both")
    assert "label" not in first


def test_numbers_go_by_distance():
    seen, model = a_run(np.linspace(0, 1, 100), "numbers", [0.0, 1.0, 40.0, 0.5])
    section = label_next(seen, model)
    first = section["rows"][0]
    assert (first["row"], first["uncertainty"], first["why"]) == (103, None, "unlike")
    assert first["prediction"] == pytest.approx(1 / 6 * 40 + 0.5)  # the line through the labelled rows


def test_left_out():
    y = np.where(np.linspace(-3, 3, 80) > 0, "yes", "no")
    seen, model = a_run(y, "classes", [0.0])
    assert label_next(seen, None)["code"] == "no_model"
    assert label_next(replace(seen, data=replace(seen.data, unlabelled=None)), model)["code"] == "no_unlabelled"
    assert label_next(replace(seen, chosen="baseline"), model)["code"] == "baseline"


def test_points_of_mixed_columns_are_finite_and_like_rows_are_near():
    kinds = {"n": "number", "t": "text", "d": "date"}
    first = dataset(
        {
            "n": [1.0, np.nan, 3.0, 4.0],
            "t": ["good film", "bad film", None, "good film"],
            "d": pd.to_datetime(["2020-01-01", None, "2021-01-01", "2020-01-01"]),
            "c": ["u", None, "v", "u"],
        },
        kinds,
        target="none",
    )
    a, b = points(first, first)
    assert np.isfinite(a).all()
    np.testing.assert_allclose(a, b)
    assert np.linalg.norm(a[0] - a[3]) < np.linalg.norm(a[0] - a[1])
