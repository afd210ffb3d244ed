"""Empty columns, names of rows, things that come back, the order of time."""

import numpy as np
import pandas as pd
import pytest
from tests.checks.subjects import subject

import tenon
from tenon.checks.columns import empty_columns, id_columns, things, time_order

N = 200
RNG = np.random.default_rng(0)
Y = RNG.integers(0, 2, N)


def test_empty_columns():
    part = np.where(np.arange(N) % 20 > 0, np.nan, 1.0)
    columns = {"a": part, "b": np.where(np.arange(N) % 4 > 0, None, "x"), "c": np.where(np.arange(N) < 90, np.nan, 1.0), "y": Y}
    [found] = empty_columns(subject(columns, {"a": "number", "b": "category", "c": "number"}))
    assert found.severity == "warning"
    assert found.sentence == "2 columns are mostly empty: 'a' (95 %), 'b' (75 %); does an empty cell mean something?"
    columns.pop("a")
    assert [finding.severity for finding in empty_columns(subject(columns, {"b": "category", "c": "number"}))] == ["note"]


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("name", [f"n{k % 150}" for k in range(N)], "category"),
        ("ticket", 7000.0 + 3 * np.arange(N), "number"),
        ("falling", -(np.arange(N) ** 2.0), "number"),
    ],
)
def test_names_and_numbers_of_rows(name, cells, kind):
    [found] = id_columns(subject({name: cells, "x": RNG.normal(size=N), "y": Y}, {name: kind, "x": "number"}))
    assert found.columns == (name,)
    assert found.options == (f"--kind {name}=ignore",)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (RNG.permutation(N).astype(float), "number"),  # different, but in no order
        (np.sort(RNG.normal(size=N)), "number"),  # sorted by what was measured
        (np.arange(N) // 2 * 1.0, "number"),
        (np.where(np.arange(N) == 9, np.nan, np.arange(N)), "number"),
        (1.3e9 + 60.0 * np.arange(N), "number"),  # a time
        ([f"v{k % 40}" for k in range(N)], "category"),
        ([f"v{k}" if k < 20 else None for k in range(N)], "category"),
    ],
)
def test_other_columns_are_no_names(cells, kind):
    assert list(id_columns(subject({"x": cells, "y": Y}, {"x": kind}))) == []


def test_things_that_come_back():
    columns = {
        "user_id": (np.arange(N) % 50).astype(str),
        "itemId": (np.arange(N) % 60).astype(str),
        "colour": ["r", "g"] * (N // 2),
    }
    kinds = dict.fromkeys(columns, "category")
    [found] = things(subject(columns | {"y": Y}, kinds))
    assert found.columns == ("itemId", "user_id")
    assert found.options == ("--group itemId",)
    assert found.sentence == (
        "'itemId' and 'user_id' name things that come back (60 and 50 of them): scores are for known ones; "
        "for new ones --group itemId"
    )
    assert list(things(subject(columns | {"y": Y}, kinds, user_id="group"))) == []


@pytest.mark.parametrize("kind", ["date", "number"])
def test_order_of_time(kind):
    when = np.sort(RNG.integers(1_300_000_000, 1_400_000_000, N))
    cells = pd.to_datetime(when, unit="s") if kind == "date" else when.astype(float)
    [found] = time_order(subject({"发布": cells, "y": Y}, {"发布": kind}))
    assert found.sentence == "rows stand in the order of '发布': to score on what comes later, --time '发布'"
    assert [finding.check for finding in time_order(subject({"x": cells[::-1], "y": Y}, {"x": kind}))] == ["order"]
    shuffled = cells[RNG.permutation(N)]
    assert list(time_order(subject({"x": shuffled, "y": Y}, {"x": kind}))) == []
    assert list(time_order(subject({"x": cells, "y": Y}, {"x": kind}, x="time"))) == []


def test_without_rows_enough_or_a_target():
    few = {"x": np.arange(30.0), "y": Y[:30]}
    assert list(id_columns(subject(few, {"x": "number"}))) == []
    no_target = subject({"x": np.arange(float(N))}, {"x": "number"})
    assert no_target.task is None
    assert [finding.check for finding in id_columns(no_target)] == ["id"]


def test_names_in_chinese(tmp_path):
    path = tmp_path / "订单.csv"
    rows = [f"{k % 60 + 1},{k * 7 % 50 + 100},{k % 13},{'是' if k % 3 else '否'}" for k in range(200)]
    path.write_text("\n".join(["用户ID,商品编号,数量,回购", *rows]) + "\n", encoding="utf-8")
    data = tenon.read(path, "回购")
    assert [data.schema[name].kind for name in ("用户ID", "商品编号", "数量")] == ["category", "category", "number"]
    [found] = [finding for finding in tenon.check(data) if finding.check == "things"]
    assert found.columns == ("用户ID", "商品编号")
