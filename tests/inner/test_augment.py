"""Changed copies of train rows: what they hold, and that no fit sees a copy of a row that it is judged by."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset
from tests.inner.toys import toy

from tenon.data.splits import make_splits
from tenon.inner import Cost, Inner, fit_inside
from tenon.inner.augment import amount, augmented
from tenon.method import Param
from tenon.tasks import Task
from tenon.watch import Watch

TASK = Task("binary", "y", ("no", "yes"))
N = 60
KINDS = {"text": "text", "more": "text", "x": "number", "w": "number"}


def rows(language="en", n=N, seed=0):
    """Each row has a number of its own, and three times a word of its own, in the place where other rows have theirs."""
    rng = np.random.default_rng(seed)
    stock = (
        ["good", "bad", "film", "plot", "actor", "and"] if language == "en" else ["很好", "干净", "早餐", "房间", "酒店", "服务"]
    )
    between = " " if language == "en" else "，"
    texts = [between.join(word for _ in range(3) for word in (*rng.choice(stock, 5), "hero", f"own{i}", "met")) for i in range(n)]
    columns = {
        "text": texts,
        "more": [None if i % 7 == 0 else between.join(rng.choice(stock, 5)) for i in range(n)],
        "x": np.arange(n, dtype=float),
        "w": rng.uniform(0.5, 2, n),
        "g": [f"g{i // 2}" for i in range(n)],
        "y": np.where(rng.random(n) < 0.3, "yes", "no"),
    }
    return dataset(columns, KINDS, roles={"w": "weight", "g": "group"})


@pytest.mark.parametrize("how", ["eda", "eda-synonyms"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_row_is_followed_by_changed_copies_of_it(how, language):
    train = rows(language)
    made = augmented(train, how, 0)
    n, _ = amount(N)
    assert len(made) == made.schema.n_rows == N * (n + 1)
    assert made.frame.index.is_unique
    assert made.frame.loc[train.row_ids].equals(train.frame)  # every row is there under its own id
    assert np.array_equal(made.row_ids[~made.is_made], train.row_ids)
    assert made.row_ids[made.is_made].min() > train.row_ids.max()
    source = train.frame.loc[made.made_of]
    for name in ("x", "w", "g", "y"):
        assert made.frame[name].tolist() == source[name].tolist()
    assert made.copies.tolist() == source.index.tolist()  # so every split keeps them with their row
    for name in ("text", "more"):
        is_same = (made.frame[name].to_numpy() == source[name].to_numpy())[made.is_made & source[name].notna().to_numpy()]
        assert is_same.mean() < 0.3  # a swap of equal words changes nothing
        assert made.frame[name].isna().tolist() == source[name].isna().tolist()
        assert made.frame[name].dtype == train.frame[name].dtype
    assert (made.frame["text"].str.len() > 0).all()
    assert len(train) == N


def test_nothing_asked_nothing_changed():
    train = rows()
    assert augmented(train, "", 0) is train
    assert not train.is_made.any()


def test_copies_are_a_matter_of_the_seed():
    one, same, other = (augmented(rows(), "eda", seed).frame for seed in (0, 0, 1))
    assert one.equals(same)
    assert not one.equals(other)


def test_rows_that_were_found_to_be_copies_stay_so():
    train = rows()
    train = replace(train, copies=pd.Series(np.arange(N) // 3, train.frame.index))
    made = augmented(train, "eda", 0)
    assert made.copies.tolist() == (made.made_of // 3).tolist()
    assert made.is_made.sum() == N * amount(N)[0]


@pytest.mark.parametrize(
    ("n_rows", "said"), [(1, (16, 0.05)), (500, (16, 0.05)), (501, (8, 0.05)), (2000, (8, 0.05)), (2001, (4, 0.1))]
)
def test_how_much_is_made_is_as_the_paper_recommends(n_rows, said):
    assert amount(n_rows) == said


def own_words(data):
    return {int(number) for number in re.findall(r"own(\d+)", " ".join(data.frame["text"]))}


@pytest.mark.parametrize("how", ["eda", "eda-synonyms"])
@pytest.mark.parametrize("more", [{}, {"balance": "over"}], ids=["alone", "balanced"])
def test_no_fit_sees_a_copy_of_a_row_that_it_is_judged_by(how, more):
    """Nor a word of it: rows that are held out teach no synonyms."""
    data = rows()
    splits = make_splits(data, TASK.encode(data.target), n_folds=3, n_repeats=1, final_share=0.0, seed=0)
    train, shown = data.rows(splits.train(0, 1)), []
    inner = Inner(tune=2, cost=Cost(3.0, 1.0), calibrate="sigmoid", augment=how, **more)
    made = fit_inside(toy({"sharpness": Param(3.0, 1.0, 9.0)}, shown), train, TASK, params={}, inner=inner, seed=0, watch=Watch())
    assert len(shown) == 2 * (2 * 3 + 5) + 1
    for (_, inside), (_, outside) in zip(shown[:-1:2], shown[1:-1:2], strict=True):
        assert inside.is_made.mean() > 0.9
        assert not outside.is_made.any()
        assert set(outside.row_ids) <= set(train.row_ids)
        assert set(inside.frame["x"]).isdisjoint(outside.frame["x"])
        assert own_words(inside) == set(inside.frame["x"].astype(int))  # the words tell the rows apart
        assert own_words(inside).isdisjoint(own_words(outside))
        assert set(inside.frame["g"]).isdisjoint(data.frame["g"].loc[outside.row_ids])
    last = shown[-1][1]
    assert set(last.frame["x"]) == set(train.frame["x"])
    assert made.model.schema == train.schema
    assert made.report["augment"] == how


def test_words_of_other_rows_are_among_the_synonyms():
    """So the test above would see them where synonyms were learnt from more rows than are fitted."""
    made = augmented(rows(), "eda-synonyms", 0)
    assert sum(len(set(re.findall(r"own\d+", text))) > 1 for text in made.frame["text"]) > 100
