import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.data.dataset import Column, Dataset, Schema
from tenon.data.duplicates import duplicate_groups
from tenon.data.splits import IN_NO_FOLD, Splits, deal_parts, make_splits
from tenon.errors import DataError

SETTINGS = {"n_folds": 5, "n_repeats": 2, "final_share": 0.2, "seed": 0}


def dataset(n, *, text=None, final_ids=(), **roles):
    """A table of n rows whose ids leave gaps, with columns for the given roles."""
    columns = {"x": np.arange(n, dtype=float)} | roles
    described = [Column("x", "number")] + [Column(role, "category", role) for role in roles]
    if text is not None:
        columns, described = {"t": text} | roles, [Column("t", "text"), *described[1:]]
    ids = pd.Index(np.arange(n) * 3)
    return Dataset(pd.DataFrame(columns, index=ids), Schema(tuple(described), n), final_ids=np.array(final_ids, np.int64))


def classes_of(n, shares, seed=0):
    return np.random.default_rng(seed).choice(len(shares), n, p=shares)


def check_rows(splits, data):
    """What holds for every order: train and held out apart, both in file order, no final row in either."""
    assert splits.row_ids.tolist() == data.row_ids.tolist()
    working, final = set(splits.working()), set(splits.final())
    assert working | final == set(data.row_ids)
    assert not working & final
    for repeat in range(splits.n_repeats):
        seen = []
        for fold in range(splits.n_folds):
            train, held_out = splits.train(repeat, fold), splits.held_out(repeat, fold)
            assert not set(train) & set(held_out)
            assert set(train) | set(held_out) <= working
            assert len(train) > 0
            assert len(held_out) > 0
            assert np.array_equal(train, np.sort(train))
            seen.extend(held_out)
        if splits.order != "time":
            assert sorted(seen) == sorted(working)
            assert len(set(splits.train(repeat, 0)) | set(splits.held_out(repeat, 0))) == len(working)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(20, 200),
    n_folds=st.integers(2, 10),
    final_share=st.sampled_from([0.0, 0.1, 0.2, 0.37]),
    n_classes=st.integers(1, 8),
    seed=st.integers(0, 10_000),
)
def test_random_order_spreads_rows_and_classes_within_one(n, n_folds, final_share, n_classes, seed):
    data, y = dataset(n), classes_of(n, np.full(n_classes, 1 / n_classes), seed)
    splits = make_splits(data, y, n_folds=n_folds, n_repeats=2, final_share=final_share, seed=seed)
    check_rows(splits, data)
    assert splits.order == "random"
    assert abs(splits.is_final.sum() - final_share * n) <= 1
    for k in range(n_classes):
        assert abs((splits.is_final & (y == k)).sum() - final_share * (y == k).sum()) <= 1
    for fold in splits.fold:
        for rows in [fold >= 0] + [(fold >= 0) & (y == k) for k in range(n_classes)]:
            sizes = np.bincount(fold[rows], minlength=n_folds)
            assert sizes.max() - sizes.min() <= 1


def test_numbers_are_shuffled():
    data = dataset(103)
    splits = make_splits(data, np.zeros(103), **SETTINGS)
    check_rows(splits, data)
    sizes = np.bincount(splits.fold[0][~splits.is_final])
    assert sizes.max() - sizes.min() <= 1
    assert splits.is_final.sum() == 21
    # 82 shuffled rows: neighbours share a fold 16 times on average, standard deviation 3.6; dealt in file order never or always
    assert 4 < (np.diff(splits.fold[0][~splits.is_final]) == 0).sum() < 28


def test_many_small_classes_fill_the_final_share():
    y = np.repeat(np.arange(100), 2)
    splits = make_splits(dataset(200), y, **SETTINGS)
    assert splits.is_final.sum() == 40  # each class alone would round 0.4 rows down to none


def test_classes_rarer_than_folds_are_spread_without_warning():
    y = np.array([0] * 50 + [1] * 3 + [2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        splits = make_splits(dataset(54), y, **SETTINGS | {"final_share": 0.0})
    check_rows(splits, dataset(54))
    assert np.bincount(splits.fold[0][y == 1], minlength=5).max() == 1


def test_same_seed_same_splits_and_repeats_differ():
    data, y = dataset(100), classes_of(100, [0.7, 0.3])
    one, same, other = (make_splits(data, y, **SETTINGS | {"seed": s}) for s in (0, 0, 1))
    assert one.same_as(same)
    assert not one.same_as(other)
    assert not np.array_equal(one.fold[0], one.fold[1])
    more = make_splits(data, y, **SETTINGS | {"n_repeats": 4})
    assert np.array_equal(more.fold[:2], one.fold)  # a repeat depends on the seed and its number alone
    assert np.array_equal(more.is_final, one.is_final)


def test_global_random_state_is_left_alone():
    np.random.seed(3)  # noqa: NPY002 the global state is what the test is about
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make_splits(dataset(50), classes_of(50, [0.5, 0.5]), **SETTINGS)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_final_rows_of_ones_own():
    data = dataset(30, final_ids=[0, 3, 87])
    splits = make_splits(data, classes_of(30, [0.5, 0.5]), **SETTINGS)
    check_rows(splits, data)
    assert splits.final().tolist() == [0, 3, 87]


def test_no_final_rows():
    splits = make_splits(dataset(30), np.zeros(30), **SETTINGS | {"final_share": 0.0})
    assert len(splits.final()) == 0
    assert len(splits.working()) == 30


@settings(max_examples=40, deadline=None)
@given(n_groups=st.integers(8, 60), seed=st.integers(0, 10_000), is_classes=st.booleans())
def test_groups_stay_on_one_side(n_groups, seed, is_classes):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, n_groups, 300).astype(str)
    data, y = dataset(300, group=group), classes_of(300, [0.8, 0.2], seed)
    splits = make_splits(data, y if is_classes else np.zeros(300), **SETTINGS | {"seed": seed})
    check_rows(splits, data)
    assert splits.order == "grouped"
    assert not set(group[splits.is_final]) & set(group[~splits.is_final])
    assert 0 < splits.is_final.sum() < 150
    for fold in splits.fold:
        assert all(len(set(fold[(group == g) & ~splits.is_final])) <= 1 for g in set(group))


def test_grouped_folds_keep_class_shares():
    """40 groups of 10 rows, half of them all of class 1: each of 5 folds should get 4 groups of either sort."""
    group = np.repeat(np.arange(40), 10)
    y = (group % 2).astype(int)
    splits = make_splits(dataset(400, group=group.astype(str)), y, **SETTINGS | {"final_share": 0.0})
    for fold in splits.fold:
        assert [y[fold == f].mean() for f in range(5)] == [0.5] * 5
    assert not np.array_equal(splits.fold[0], splits.fold[1])


def test_grouped_final_rows_are_not_always_the_same_groups():
    group = np.repeat(np.arange(20), np.arange(1, 21))
    data, y = dataset(len(group), group=group.astype(str)), np.zeros(len(group))
    chosen = [frozenset(group[make_splits(data, y, **SETTINGS | {"seed": s}).is_final]) for s in range(30)]
    assert len(set(chosen)) > 20
    assert any(19 in groups for groups in chosen)  # the largest one too
    shares = [make_splits(data, y, **SETTINGS | {"seed": s}).is_final.mean() for s in range(30)]
    assert 0.15 < np.mean(shares) < 0.25


def test_fewer_groups_than_folds():
    group = np.repeat(["a", "b", "c", "d"], 10)
    splits = make_splits(dataset(40, group=group), np.zeros(40), **SETTINGS)
    assert splits.n_folds == len(set(group[~splits.is_final])) < 5
    check_rows(splits, dataset(40, group=group))
    with pytest.raises(DataError, match="cannot be split: all its rows are of one 'group' group"):
        make_splits(dataset(40, group=["a"] * 40), np.zeros(40), **SETTINGS | {"final_share": 0.0})


@settings(max_examples=40, deadline=None)
@given(n_groups=st.integers(2, 40), n=st.integers(2, 6), seed=st.integers(0, 10_000))
def test_parts_hold_whole_groups(n_groups, n, seed):
    group = np.arange(200) % n_groups
    parts = deal_parts(dataset(200, group=group), classes_of(200, [0.7, 0.3], seed), n, seed)
    assert set(parts) == set(range(min(n, n_groups)))
    assert all(len(set(parts[group == g])) == 1 for g in range(n_groups))


def test_parts_are_blocks_of_time_and_there_are_none_of_one_unit():
    when = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 12))
    assert deal_parts(dataset(120, time=when), np.zeros(120), 5, 0).tolist() == (when // 2).tolist()
    days = pd.to_datetime(np.arange(6) // 3, unit="D")
    assert deal_parts(dataset(6, time=days), np.zeros(6), 4, 0).tolist() == [0, 0, 0, 1, 1, 1]
    for role in ("time", "group"):
        assert set(deal_parts(dataset(9, **{role: ["a"] * 9}), np.zeros(9), 3, 0)) == {IN_NO_FOLD}
    texts = [f"{'a long review of which there are two ' * 3}{i % 12} {'very ' * (i % 12)}" for i in range(24)]
    parts = deal_parts(dataset(24, text=texts), np.zeros(24), 3, 0)
    assert parts[:12].tolist() == parts[12:].tolist()
    assert set(parts) == {0, 1, 2}


@settings(max_examples=60, deadline=None)
@given(n=st.integers(60, 200), n_times=st.integers(12, 200), n_folds=st.integers(2, 6), share=st.sampled_from([0.0, 0.2]))
def test_time_goes_forward(n, n_times, n_folds, share):
    rng = np.random.default_rng(n * n_times)
    when = np.concatenate([np.arange(12), rng.integers(0, n_times, n - 12)])
    data = dataset(n, time=when)
    splits = make_splits(data, np.zeros(n), n_folds=n_folds, n_repeats=4, final_share=share, seed=0)
    check_rows(splits, data)
    assert (splits.order, splits.n_repeats, splits.n_folds) == ("time", 1, n_folds)
    at = dict(zip(data.row_ids.tolist(), when.tolist(), strict=True))
    for fold in range(n_folds):
        train, held_out = splits.train(0, fold), splits.held_out(0, fold)
        assert max(at[i] for i in train) < min(at[i] for i in held_out)  # a shared time would make them equal
        before = [i for i in splits.working() if at[i] < min(at[j] for j in held_out)]
        assert sorted(train) == sorted(before)  # all of the past
    if share:
        assert max(at[i] for i in splits.working()) < min(at[i] for i in splits.final())


def test_time_blocks_are_even_where_times_allow():
    when = np.random.default_rng(0).permutation(120)
    splits = make_splits(dataset(120, time=when), np.zeros(120), **SETTINGS | {"final_share": 0.0})
    assert np.bincount(splits.fold[0] + 1).tolist() == [20] * 6
    assert splits.fold[0][when < 20].tolist() == [IN_NO_FOLD] * 20
    with_final = make_splits(dataset(120, time=when), np.zeros(120), **SETTINGS)
    assert sorted(when[with_final.is_final]) == list(range(96, 120))


def test_time_cuts_go_to_the_nearest_change_of_time():
    """50 rows of time 0, 5 of each of the times 1 to 10: cuts wanted after 33.3 and 66.7 rows, possible after 50, 55, 60, 65."""
    when = np.repeat(np.arange(11), [50] + [5] * 10)
    splits = make_splits(dataset(100, time=when), np.zeros(100), **SETTINGS | {"n_folds": 2, "final_share": 0.0})
    assert np.bincount(splits.fold[0] + 1).tolist() == [50, 15, 35]


def test_time_as_dates_and_goes_before_groups():
    when = pd.date_range("2024-01-01", periods=60)[::-1]
    data = dataset(60, time=when, group=["a", "b"] * 30)
    splits = make_splits(data, np.zeros(60), **SETTINGS)
    assert splits.order == "time"
    assert splits.final().tolist() == [i * 3 for i in range(12)]  # the file runs backwards in time


def test_too_few_times():
    with pytest.raises(DataError, match=r"column 'time': 4 different times are too few for 5 folds in time order"):
        make_splits(dataset(40, time=np.arange(40) % 4), np.zeros(40), **SETTINGS)
    with pytest.raises(DataError, match=r"column 'time': 1 different times are too few"):
        make_splits(dataset(40, time=np.zeros(40)), np.zeros(40), **SETTINGS)


def test_equal_texts_stay_together_but_equal_table_rows_do_not():
    texts = np.array([f"text {i}" for i in range(60)] + [f"text {i % 20}" for i in range(60)])
    y = np.arange(120) % 2
    splits = make_splits(dataset(120, text=texts), y, **SETTINGS)
    check_rows(splits, dataset(120, text=texts))
    place = np.where(splits.is_final, -9, splits.fold)
    assert all(len(set(row[texts == t])) == 1 for row in place for t in set(texts))
    for k in (0, 1):  # texts that stand once level out the others
        sizes = [np.bincount(fold[~splits.is_final & (y == k)]) for fold in splits.fold]
        assert max(s.max() - s.min() for s in sizes) <= 1

    table = dataset(120, category_twin=np.zeros(120))
    table = Dataset(table.frame.assign(x=np.arange(120) % 60), table.schema)
    place = make_splits(table, y, **SETTINGS).fold[0]
    assert (place[:60] != place[60:]).any()


def test_duplicate_groups():
    frame = pd.DataFrame({"t": ["a", "b", "a", None, None, "a"], "n": [1.0, 1.0, 1.0, np.nan, np.nan, 2.0], "y": list("pqppqq")})
    schema = Schema((Column("t", "text"), Column("n", "number"), Column("y", "category", "target")), 6)
    assert duplicate_groups(Dataset(frame, schema)).tolist() == [0, 1, 0, 2, 3, 4]  # an empty text is a copy of none
    crossed = pd.DataFrame({"t": ["a", "b", "a", "b"], "n": [1.0, 1.0, 2.0, np.nan], "y": list("pqpq")})
    assert duplicate_groups(Dataset(crossed, schema)).tolist() == [0, 1, 2, 3]
    tokens = pd.DataFrame({"w": [["a", "b"], ["a"], ["a", "b"]]})
    assert duplicate_groups(Dataset(tokens, Schema((Column("w", "tokens"),), 3))).tolist() == [0, 1, 0]


def test_duplicate_images_are_known_by_their_bytes(tmp_path):
    for name, content in (("1.png", b"x"), ("2.png", b"y"), ("3.png", b"x")):
        (tmp_path / name).write_bytes(content)
    schema = Schema((Column("image", "image"),), 3)
    by_path = Dataset(pd.DataFrame({"image": ["1.png", "2.png", "3.png"]}), schema, root=tmp_path)
    assert duplicate_groups(by_path).tolist() == [0, 1, 0]
    as_bytes = Dataset(pd.DataFrame({"image": [b"x", b"y", b"x"]}), schema)
    assert duplicate_groups(as_bytes).tolist() == [0, 1, 0]


@pytest.mark.parametrize("roles", [{}, {"group": np.arange(60) % 12}, {"time": np.arange(60)}])
def test_saved_splits_come_back(tmp_path, roles):
    splits = make_splits(dataset(60, **roles), classes_of(60, [0.5, 0.5]), **SETTINGS)
    splits.save(tmp_path / "run" / "splits.parquet")
    again = Splits.load(tmp_path / "run" / "splits.parquet")
    assert again.same_as(splits)
    assert again.fold.dtype == np.int32
    assert again.row_ids.dtype == np.int64
    assert again.train(0, 1).tolist() == splits.train(0, 1).tolist()
    columns = pd.read_parquet(tmp_path / "run" / "splits.parquet").columns.tolist()
    assert columns == ["row", "final", "fold_0", "fold_1"][: 2 + splits.n_repeats]


def test_same_bytes_for_the_same_splits(tmp_path):
    for name in ("a", "b"):
        make_splits(dataset(60), np.zeros(60), **SETTINGS).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_more_folds_than_a_byte_counts():
    splits = make_splits(dataset(300), np.zeros(300), n_folds=300, n_repeats=1, final_share=0.0, seed=0)
    assert splits.n_folds == 300
    assert sorted(splits.fold[0]) == list(range(300))
