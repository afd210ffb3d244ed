"""Parts of the train rows: nested, with the classes' shares, whole groups, the latest rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.datasets import dataset

from tenon.errors import SettingsError
from tenon.inner import shrunk
from tenon.tasks import Task

TASK = Task("multiclass", "y", ("a", "b", "c"))
SHARES = [0.01, 0.1, 0.25, 0.5, 0.8, 1.0]


def rows(y, **more):
    columns = {"x": np.arange(len(y), dtype=float), **more, "y": y}
    data = dataset(columns, {"x": "number", "t": "date"}, roles={"g": "group", "t": "time"})
    return data.rows(np.random.default_rng(7).permutation(len(y)))  # ids that are not 0 … n-1


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(0, 5))
def test_nested_with_the_classes_shares(y, seed):
    train = rows(np.array(y))
    before: set[int] = set()
    for share in SHARES:
        ids = shrunk(train, TASK, share, seed)
        assert before <= set(ids)
        assert ids.tolist() == [row for row in train.row_ids if row in set(ids)]  # each once, in the order of the rows
        for label in set(y):
            kept = (train.target.loc[ids] == label).sum()
            assert kept == max(1, round(kept))
            assert abs(kept - share * y.count(label)) <= 0.5 or kept == 1
        before = set(ids)
    assert len(before) == len(train)


def test_the_seed_decides():
    train = rows(np.array(list("ab" * 40)))
    first, again, other = (shrunk(train, TASK, 0.3, seed).tolist() for seed in (0, 0, 1))
    assert first == again != other


@given(st.lists(st.integers(0, 12), min_size=4, max_size=80), st.integers(0, 3))
def test_groups_stay_whole(groups, seed):
    groups = np.array(groups)
    train = rows(np.array(list("ab"))[groups % 2], g=[f"g{g}" for g in groups])
    before: set[str] = set()
    for share in SHARES:
        ids = shrunk(train, TASK, share, seed)
        kept = set(train.frame["g"].loc[ids])
        assert train.frame["g"].isin(kept).sum() == len(ids)
        assert before <= kept
        before = kept
    assert len(ids) == len(train)


def test_groups_give_about_the_share():
    train = rows(np.array(list("ab") * 300), g=[f"g{i // 4}" for i in range(600)])
    assert len(shrunk(train, TASK, 0.3, 0)) == 180


def test_the_latest_rows_in_time():
    days = np.repeat(np.arange(20), 3)
    train = rows(np.array(list("abc") * 20), t=pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D"))
    for share, n_days in ((0.01, 1), (0.25, 5), (0.5, 10), (1.0, 20)):
        ids = shrunk(train, TASK, share, 0)
        assert sorted(set(days[ids])) == list(range(20 - n_days, 20))
        assert len(ids) == 3 * n_days


def test_numbers_need_no_classes():
    train = rows(np.arange(40.0))
    assert len(shrunk(train, Task("regression", "y", target_sd=1.0), 0.25, 0)) == 10


@pytest.mark.parametrize("share", [0, -0.5, 1.01])
def test_refuses_what_is_no_share(share):
    with pytest.raises(SettingsError, match="a share above 0 and at most 1; got"):
        shrunk(rows(np.array(["a", "b"])), TASK, share, 0)
