"""Folds and repeats are a function of rows, columns, rare classes and groups; the table is that of the specification."""

import numpy as np
import pandas as pd
import pytest

from tenon.data.dataset import Column, Dataset, Schema
from tenon.errors import DataError, SettingsError
from tenon.trials.protocol import Protocol, choose_protocol


def table(n, n_columns=3, **roles):
    """n rows with numbers x0 ..., a binary target y, and further columns {name: (role, cells)}."""
    columns = {f"x{i}": np.arange(n, dtype=float) for i in range(n_columns)} | {"y": np.arange(n) % 2}
    schema = [Column(f"x{i}", "number") for i in range(n_columns)] + [Column("y", "category", "target")]
    for name, (role, cells) in roles.items():
        columns[name] = cells
        schema.append(Column(name, "category", role))
    return Dataset(pd.DataFrame(columns), Schema(tuple(schema), n))


@pytest.mark.parametrize(
    ("n", "n_columns", "expected"),
    [
        (100, 3, Protocol(5, 4, 0.0)),
        (100, 30, Protocol(10, 4, 0.0)),
        (499, 3, Protocol(5, 4, 0.0)),
        (500, 3, Protocol(5, 4, 0.2)),
        (6_000, 3, Protocol(5, 4, 0.2)),  # 4,800 rows are left to work on
        (6_300, 3, Protocol(5, 2, 0.2)),
    ],
)
def test_table(n, n_columns, expected):
    data = table(n, n_columns)
    assert choose_protocol(data, data.frame["y"].to_numpy(), is_classification=True) == expected


@pytest.mark.parametrize(("rare", "n_folds"), [(20, 5), (4, 4), (3, 3), (1, 3)])
def test_rare_classes_lower_the_folds_but_not_below_three(rare, n_folds):
    y = np.array([1] * rare + [0] * (300 - rare))
    assert choose_protocol(table(300), y, is_classification=True).n_folds == n_folds


def test_no_more_folds_than_groups():
    data = table(40, g=("group", np.arange(40) % 4))
    assert choose_protocol(data, data.frame["y"].to_numpy(), is_classification=True).n_folds == 4


def test_two_groups_are_too_few():
    data = table(40, g=("group", np.arange(40) % 2))
    with pytest.raises(DataError, match="'g' has 2 groups; at least 3"):
        choose_protocol(data, data.frame["y"].to_numpy(), is_classification=True)


def test_time_has_one_repeat():
    data = table(40, t=("time", np.arange(40)))
    assert choose_protocol(data, data.frame["y"].to_numpy(), is_classification=True).n_repeats == 1


def test_own_final_rows_leave_none_to_put_aside():
    data = table(1000)
    data = Dataset(data.frame, data.schema, final_ids=np.arange(900, 1000))
    assert choose_protocol(data, data.frame["y"].to_numpy(), is_classification=True).final_share == 0.0


@pytest.mark.parametrize("text", ["5", "1x4", "5x0", "5×4", "x"])
def test_malformed_splits(text):
    with pytest.raises(SettingsError, match="FOLDSxREPEATS"):
        choose_protocol(table(100), np.arange(100) % 2, is_classification=True, splits=text)


def test_too_few_rows():
    with pytest.raises(DataError, match="4 rows with a target; at least 6"):
        choose_protocol(table(4), np.arange(4) % 2, is_classification=True)


@pytest.mark.parametrize(("text", "message"), [("5x101", "at most 100 repeats"), ("51x1", "100 rows allow at most 50 folds")])
def test_splits_without_end_are_refused(text, message):
    with pytest.raises(SettingsError, match=message):
        choose_protocol(table(100), np.arange(100) % 2, is_classification=True, splits=text)
