"""What counts as a copy, and that no copy is ever on the other side of a split."""

import numpy as np
import pandas as pd
import pytest
from tests.data.test_near_images import COPIES, picture, stored

from tenon.data.dataset import Column, Dataset, Schema
from tenon.data.duplicates import duplicate_groups, is_empty, near_groups, near_rows, tied_rows, with_copies
from tenon.data.splits import make_splits

WORDS = (
    "quick brown fox jumps over lazy dog while seven wizards mix boxes jade green liquid near old quartz mill under tall oak"
).split()
LONG = "This hotel has a fine view over the harbour and the friendliest staff that I have met."
CHINESE = "酒店位置很好，离地铁近，早餐丰富，房间干净，服务热情，下次还会再来。"


def dataset(columns, kinds, roles=None, **settings):
    frame = pd.DataFrame(
        {name: pd.Series(cells, dtype="str" if kinds[name] != "number" else None) for name, cells in columns.items()}
    )
    described = tuple(Column(name, kinds[name], (roles or {}).get(name, "feature")) for name in columns)
    return Dataset(frame, Schema(described, len(frame)), **settings)


def same(labels):
    return pd.factorize(labels)[0].tolist()


def reviews(n_originals=60, n_copies=4, seed=0, **more):
    """Texts of 30 words and copies of them, each with one other word changed; the copies of a text are near to it."""
    rng = np.random.default_rng(seed)
    rows, original = [], []
    for k in range(n_originals):
        words = rng.choice(WORDS, 30).tolist()
        for copy in range(int(rng.integers(1, n_copies + 1))):
            rows.append(" ".join([*words[:copy], f"changed{copy}", *words[copy + 1 :]] if copy else words))
            original.append(k)
    order = rng.permutation(len(rows))
    return np.array(rows)[order], np.array(original)[order]


def test_a_long_text_in_common_makes_copies_whatever_else_the_rows_hold():
    texts = [LONG, LONG + " Indeed!", "ok", "ok", CHINESE, CHINESE[:-1] + "！", "Ok!", None, None, "nice", "other"]
    price = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 3.0, 7.0, 7.0, 8.0, 8.0]
    data = dataset({"t": texts, "price": price}, {"t": "text", "price": "number"})
    assert same(near_groups(data)) == [0, 0, 1, 2, 3, 3, 1, 4, 5, 6, 7]
    assert same(duplicate_groups(data)) == list(range(11))


def test_an_empty_text_is_no_copy_of_another():
    """Of four empty rows one stands twice in the part; a row with another text or a picture is not empty."""
    data = dataset({"t": ["", None, "", "ok", "ok", None], "u": [None, "", None, None, None, "yes"]}, {"t": "text", "u": "text"})
    assert is_empty(data).tolist() == [True, True, True, False, False, False]
    for groups in (duplicate_groups, near_groups, near_rows, tied_rows):
        assert same(groups(data)) == [0, 1, 2, 3, 3, 4]
        assert same(groups(data.rows(np.array([0, 2, 2, 3])))) == [0, 1, 1, 2]
    tokens = Dataset(pd.DataFrame({"words": [[], ["a"], [], ["a"]]}), Schema((Column("words", "tokens"),), 4))
    assert same(tied_rows(tokens)) == [0, 1, 2, 1]
    assert is_empty(dataset({"a": [np.nan, 1.0]}, {"a": "number"})).tolist() == [False, False]


def test_two_texts_are_two_chances():
    data = dataset({"a": [LONG, LONG, "short", "short"], "b": ["x", "y", "same", "same"]}, {"a": "text", "b": "text"})
    assert same(near_groups(data)) == [0, 0, 1, 1]
    chained = dataset({"a": [LONG, LONG, "p"], "b": ["q", CHINESE, CHINESE]}, {"a": "text", "b": "text"})
    assert same(near_groups(chained)) == [0, 0, 0]


def test_tables_have_no_near_copies():
    data = dataset({"a": [1.0, 1.0, 1.0001], "c": list("xxx")}, {"a": "number", "c": "category"})
    assert same(near_groups(data)) == [0, 0, 1]
    assert tied_rows(data).tolist() == [0, 1, 2]  # equal rows of a table are told, not tied


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("is_grouped", [False, True])
def test_near_copies_never_cross_a_split(seed, is_grouped):
    """The poisoned text: a method that knew a train text by heart would know its copies, were they held out."""
    texts, original = reviews(150, seed=seed)
    rng = np.random.default_rng(seed)
    user = rng.integers(0, 3 * len(texts), len(texts)).astype(str)
    columns, kinds = {"t": texts, "price": rng.normal(size=len(texts))}, {"t": "text", "price": "number"}
    if is_grouped:
        columns, kinds = columns | {"user": user}, kinds | {"user": "category"}
    data = dataset(columns, kinds, {"user": "group"})
    splits = make_splits(data, rng.integers(0, 2, len(texts)), n_folds=5, n_repeats=3, final_share=0.2, seed=seed)
    sides = [np.where(splits.is_final, -9, fold) for fold in splits.fold]
    assert all(len(set(side[original == k])) == 1 for side in sides for k in set(original))
    if is_grouped:
        assert all(len(set(side[user == u])) == 1 for side in sides for u in set(user))
        assert len(set(tied_rows(data))) < min(len(set(original)), len(set(user)))  # groups with a copy in common are tied
    assert 0.1 < splits.is_final.mean() < 0.3
    assert splits.n_folds == 5


@pytest.mark.parametrize("seed", range(3))
def test_no_sentence_of_tokens_crosses_a_split(seed):
    """Equal ones whatever their length, and ones with another word in them."""
    texts, original = reviews(60, seed=seed)
    short = [["Yes", "."], ["Ok"], ["good", "morning"]] * 9
    cells = [*(text.split() for text in texts), *short]
    is_same = np.array([*original, *(1_000 + k % 3 for k in range(len(short)))])
    data = Dataset(pd.DataFrame({"words": cells}), Schema((Column("words", "tokens"),), len(cells)))
    splits = make_splits(data, np.zeros(len(cells)), n_folds=5, n_repeats=3, final_share=0.2, seed=seed)
    sides = [np.where(splits.is_final, -9, fold) for fold in splits.fold]
    assert all(len(set(side[is_same == k])) == 1 for side in sides for k in set(is_same))
    assert splits.n_folds == 5


def test_near_images_never_cross_a_split(tmp_path):
    cells, original = [], []
    for k in range(40):
        for copy in ([picture(k)], [picture(k), *("jpeg", "smaller")])[k % 2]:
            cells.append(stored(picture(k)) if not isinstance(copy, str) else COPIES[copy](picture(k)))
            original.append(k)
    frame = pd.DataFrame({"image": cells, "extra": np.arange(len(cells), dtype=float)})
    data = Dataset(frame, Schema((Column("image", "image"), Column("extra", "number")), len(cells)))
    splits = make_splits(data, np.arange(len(cells)) % 2, n_folds=4, n_repeats=2, final_share=0.2, seed=0)
    sides = [np.where(splits.is_final, -9, fold) for fold in splits.fold]
    assert all(len(set(side[np.array(original) == k])) == 1 for side in sides for k in range(40))


def test_the_order_of_rows_decides_nothing():
    texts, _ = reviews(seed=3)
    order = np.random.default_rng(0).permutation(len(texts))
    ours, moved = (dataset({"t": cells}, {"t": "text"}) for cells in (texts, texts[order]))
    assert same(near_groups(ours)[order]) == same(near_groups(moved))
    assert same(tied_rows(ours)[order]) == same(tied_rows(moved))


def test_forms_come_apart_into_equal_rows():
    """200 texts of one form are all near to one another: on one side of a split they would leave nothing for the other."""
    forms = [
        f"Dear customer, your parcel number {1000 + k // 2} has arrived today and waits for you at the office" for k in range(200)
    ]
    data = dataset({"t": forms}, {"t": "text"})
    assert len(set(near_groups(data).tolist())) == 1
    assert same(tied_rows(data)) == [k // 2 for k in range(200)]
    others = reviews(200, 1)[0].tolist()
    for n_forms, stay_together in ((20, True), (30, False)):  # 20 of 220 rows are less than a tenth, 30 of 230 are more
        mixed = dataset({"t": forms[:n_forms] + others}, {"t": "text"})
        assert (len(set(tied_rows(mixed)[:n_forms].tolist())) == 1) == stay_together


def test_groups_that_nearly_all_share_copies_stay_groups():
    texts = [*reviews(95, 1)[0].tolist(), *[LONG] * 5]
    user = [str(k % 5) for k in range(100)]  # each user has one of the copies
    data = dataset({"t": texts, "user": user}, {"t": "text", "user": "category"}, {"user": "group"})
    assert same(tied_rows(data)) == [k % 5 for k in range(100)]


def test_copies_found_once_are_known_to_every_part(tmp_path, monkeypatch):
    texts, _ = reviews(seed=1)
    data = with_copies(dataset({"t": texts}, {"t": "text"}, final_start=7))
    data.save(tmp_path)
    monkeypatch.setattr("tenon.data.near.near_texts", lambda cells: 1 / 0)
    loaded = Dataset.load(tmp_path)
    assert np.array_equal(near_groups(loaded), near_groups(data))
    assert loaded.final_start == 7
    some = loaded.row_ids[::3]
    assert np.array_equal(near_groups(loaded.rows(some)), near_groups(data)[::3])
    assert with_copies(loaded) is loaded


def test_tables_carry_no_copies():
    table = dataset({"a": [1.0, 1.0]}, {"a": "number"})
    assert with_copies(table) is table
