"""How rows are cut into slices."""

import numpy as np
import pandas as pd
import pytest
from tests.insight.said import seen_of, two

from tenon.insight.partitions import MOST_COLUMNS, REST, partitions


def cut(cells, kind="category", **roles):
    """Return {name or (low, high): rows} of the column's first partition, and the rows in no slice."""
    n = len(cells)
    y = np.where(np.arange(n) % 2 == 0, "a", "b")
    seen = seen_of({"x": cells}, y, {"m": two(np.full((1, n), 0.5))}, kinds={"x": kind}, roles=roles)
    found = [p for p in partitions(seen, np.arange(n)) if p.column == "x"]
    return [
        ({s.name or s.by: np.flatnonzero(p.code == i).tolist() for i, s in enumerate(p.slices)}, (p.code == REST).sum())
        for p in found
    ]


def test_levels_and_missing_cells():
    ((slices, n_rest),) = cut(["u", None, "v", "u", "v", None])
    assert slices == {"u": [0, 3], "v": [2, 4], "missing": [1, 5]}
    assert n_rest == 0


def test_only_the_largest_levels_are_named():
    names = np.repeat([f"L{i:02d}" for i in range(25)], np.arange(25, 0, -1))
    ((slices, n_rest),) = cut(list(names))
    assert list(slices) == [f"L{i:02d}" for i in range(20)]
    assert n_rest == 5 + 4 + 3 + 2 + 1


def test_classes_are_cut_though_their_column_is_behind_many():
    y = np.where(np.arange(40) % 2 == 0, "a", "b")
    columns = {f"x{i}": np.arange(40.0) for i in range(MOST_COLUMNS + 3)}
    seen = seen_of(columns, y, {"m": two(np.full((1, 40), 0.5))}, kinds=dict.fromkeys(columns, "number"))
    names = [partition.column for partition in partitions(seen, np.arange(40))]
    assert names == ["y", *(f"x{i}" for i in range(MOST_COLUMNS - 1))]


def test_quartiles_of_a_number():
    values = np.random.default_rng(0).permutation(np.arange(1.0, 101.0))
    values[:4] = np.nan
    ((slices, _),) = cut(values, "number")
    quartiles = pd.qcut(pd.Series(values).dropna(), 4)
    assert [len(rows) for rows in slices.values()] == [*quartiles.value_counts(sort=False).tolist(), 4]
    assert slices["missing"] == [0, 1, 2, 3]


def test_a_value_that_most_rows_have_gets_one_slice():
    ((slices, _),) = cut(np.r_[np.zeros(80), np.arange(1.0, 21.0)], "number")
    assert {name: len(rows) for name, rows in slices.items()} == {"0": 80, "0–20": 20}


def test_a_value_that_most_rows_have_may_be_the_largest():
    ((slices, _),) = cut(np.r_[np.arange(1.0, 21.0), np.full(80, 50.0)], "number")
    assert {name: len(rows) for name, rows in slices.items()} == {"1–20": 20, "20–50": 80}


def test_few_values_are_named():
    ((slices, _),) = cut(np.repeat([0.0, 1.5, 2_000_000.0], 10), "number")
    assert list(slices) == ["0", "1.5", "2000000"]


def test_a_constant_column_is_no_partition():
    assert cut(np.ones(20), "number") == []
    assert cut(["u"] * 20) == []


def test_dates_by_year_or_month():
    ((years, _),) = cut(pd.to_datetime(["2019-05-01", "2020-01-01", "2021-12-31", "2020-06-01"]), "date")
    assert years == {"2019": [0], "2020": [1, 3], "2021": [2]}
    ((months, _),) = cut(pd.to_datetime(["2019-12-01", "2020-01-01", None, "2020-01-31"]), "date")
    assert months == {"2019-12": [0], "2020-01": [1, 3], "missing": [2]}


@pytest.mark.mission("H7")
def test_texts_by_length_and_script():
    texts = ["很好的酒店", "ok", "一家 hotel 还 good enough", "123 !", None, "a fine long text, x"]
    lengths, scripts = (slices for slices, _ in cut(texts, "text"))
    assert sum(len(rows) for rows in lengths.values()) == 6
    assert scripts == {"Chinese": [0], "Latin": [1, 5], "mixed": [2], "none": [3], "missing": [4]}


def test_groups_and_classes():
    n = 12
    seen = seen_of(
        {"user": list("aabbccddeeff"), "x": np.arange(12.0)},
        np.where(np.arange(n) % 3 == 0, "rare", "usual"),
        {"m": two(np.full((1, n), 0.5))},
        kinds={"x": "number"},
        roles={"user": "group"},
    )
    found = {p.column: p for p in partitions(seen, np.arange(n))}
    assert [s.name for s in found["y"].slices] == ["usual", "rare"]  # the largest class first
    assert {s.by for s in found["user"].slices} == {"group"}
