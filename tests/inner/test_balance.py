"""Class weights against scikit-learn's, resampling by counting."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from tests.datasets import dataset

from tenon.inner.balance import balanced
from tenon.tasks import Task

TASK = Task("multiclass", "y", ("a", "b", "c", "never there"))
Y = np.array(list("aaaaaaaaabbbbcc"))
X = np.arange(15.0)


def rows(**more):
    kinds = {"x": "number", **dict.fromkeys(more, "number")}
    roles = {"w": "weight"} if "w" in more else {}
    return dataset({"x": X, **more, "y": Y}, kinds, roles=roles)


def test_nothing_asked_nothing_changed():
    train = rows()
    assert balanced(train, TASK, "", 0) is train


@pytest.mark.mission("B5")
def test_weights_are_those_of_scikit_learn():
    made = balanced(rows(), TASK, "weights", 0)
    column = made.schema.with_role("weight")
    assert (column.name, column.kind) == ("class weight", "number")
    weights = made.frame["class weight"].to_numpy()
    of_class = dict(zip("abc", compute_class_weight("balanced", classes=np.array(list("abc")), y=Y), strict=True))
    np.testing.assert_allclose(weights, [of_class[y] for y in Y], rtol=1e-12)  # same formula, other order of products
    np.testing.assert_allclose(weights, compute_sample_weight("balanced", Y), rtol=1e-12)
    assert made.schema.features() == ["x"]


def test_weights_that_are_there_are_multiplied():
    own = np.random.default_rng(0).uniform(0.5, 2, 15)
    made = balanced(rows(w=own), TASK, "weights", 0)
    weights = made.frame["w"].to_numpy()
    assert made.schema.with_role("weight").name == "w"
    for label in "abc":
        assert weights[Y == label].sum() == pytest.approx(own.sum() / 3, rel=1e-12)
        assert np.ptp(weights[Y == label] / own[Y == label]) < 1e-12  # one factor a class, but for rounding


def test_the_new_column_takes_no_name_that_is_there():
    train = dataset({"class weight": X, "y": Y}, {"class weight": "number"})
    made = balanced(train, TASK, "weights", 0)
    assert made.schema.with_role("weight").name == "class weight_"
    assert made.frame["class weight"].tolist() == X.tolist()


@pytest.mark.mission("B5")
def test_over_repeats_rows_of_small_classes():
    train = rows()
    made = balanced(train, TASK, "over", 0)
    assert made.frame["y"].value_counts().to_dict() == {"a": 9, "b": 9, "c": 9}
    assert len(made) == made.schema.n_rows == 27
    assert made.frame.index.is_unique
    assert made.frame.loc[train.row_ids].equals(train.frame)  # every row is there under its own id
    copies = made.frame.drop(train.row_ids)
    assert copies.index.min() > train.row_ids.max()
    assert set(zip(copies["x"], copies["y"], strict=True)) <= set(zip(X, Y, strict=True))
    assert len(train) == 15
    assert train.frame["x"].tolist() == X.tolist()


def test_under_leaves_out_rows_of_large_classes():
    train = rows()
    made = balanced(train, TASK, "under", 0)
    assert made.frame["y"].value_counts().to_dict() == {"a": 2, "b": 2, "c": 2}
    assert made.frame.equals(train.frame.loc[np.sort(made.row_ids)])  # whole rows, in their order, none twice


@pytest.mark.parametrize("how", ["over", "under"])
def test_which_rows_is_a_matter_of_the_seed(how):
    picks = [balanced(rows(), TASK, how, seed).frame["x"].tolist() for seed in (0, 0, 1)]
    assert picks[0] == picks[1] != picks[2]


@pytest.mark.parametrize("how", ["weights", "over", "under"])
def test_a_single_class_stays_as_it_is(how):
    train = dataset({"x": X, "y": ["a"] * 15}, {"x": "number"})
    made = balanced(train, TASK, how, 0)
    assert made.frame["x"].tolist() == X.tolist()
    if how == "weights":
        assert made.frame["class weight"].tolist() == [1.0] * 15
