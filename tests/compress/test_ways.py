"""Each way beside the original: what it keeps, what it says, and that it is read again as it was."""

import numpy as np
import pytest
from tests.datasets import table

import tenon
from tenon.catalogue import find
from tenon.compress.distil import taught
from tenon.compress.trees import NEAR, distance
from tenon.compress.ways import WAYS, made, parted
from tenon.data.conform import conform
from tenon.data.samples import write_sample
from tenon.errors import SettingsError
from tenon.features.columns import plain
from tenon.inner.adjusted import AdjustedModel, Adjustment
from tenon.inner.threshold import Threshold
from tenon.tasks import infer_task
from tenon.trees.fewer import first_trees
from tenon.trees.inputs import read_rows
from tenon.watch import SILENT

WAY = {way.name: way for way in WAYS}


def fitted(name, data, task, budget="quick", **params):
    method = find(name)
    return method.fit(data, task, params=method.with_defaults(params), seed=0, budget=budget)


def smaller(name, model, data):
    """Return what a way makes, which says the same once it was read again."""

    def at(folder):
        one = made(WAY[name], model, data, 0, SILENT)
        one.save(folder / "model")
        again, rows = tenon.load(folder / "model"), conform(data, model.schema)
        np.testing.assert_array_equal(again.predict_rows(rows).value, one.predict_rows(rows).value)
        return again

    return at


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, kind) for name in ("boosting", "forest") for kind in ("binary", "multiclass", "regression")),
        ("adaboost", "binary"),
    ],
)
def test_fewer_trees_say_nearly_what_all_say(name, kind, tmp_path):
    data, task = table(kind)
    model = fitted(name, data, task)
    one, rows = smaller("fewer-trees", model, data)(tmp_path), conform(data, model.schema)
    n, n_all = len(one.estimator.trees_), len(model.estimator.trees_)
    assert 0 < n <= n_all
    said = model.predict_rows(rows)
    assert distance(said, one.predict_rows(rows)) <= NEAR
    if n > 1:  # one tree less would have been too few
        model.estimator = first_trees(model.estimator, n - 1)
        assert distance(said, model.predict_rows(rows)) > NEAR


def walked(tree, cells):
    """The value of the leaf in which a row of cells ends, step by step."""
    node = 0
    while tree.left[node] >= 0:
        cell = cells[tree.feature[node]]
        if np.isnan(cell):
            goes_left = tree.default_left[node]
        elif node in tree.categories:
            goes_left = cell in tree.categories[node]
        else:
            goes_left = cell <= tree.threshold[node]
        node = tree.left[node] if goes_left else tree.right[node]
    return tree.value[node, 0]


@pytest.mark.parametrize("n", [1, 7, 50])
def test_first_trees_are_summed_by_hand(n):
    data, task = table("regression")
    boosted, forest = (fitted(name, data, task) for name in ("boosting", "forest"))
    X = boosted.transformer.transform(plain(conform(data, boosted.schema)))
    few, some = first_trees(boosted.estimator, n), first_trees(forest.estimator, n)
    rows = read_rows(few, X).toarray()
    by_hand = [few.start_[0] + sum(walked(trees[0], row) for trees in boosted.estimator.trees_[:n]) for row in rows]
    np.testing.assert_allclose(few.predict(X), by_hand, rtol=1e-6)
    by_hand = [np.mean([walked(tree, row) for tree in forest.estimator.trees_[:n]]) for row in read_rows(some, X).toarray()]
    np.testing.assert_allclose(some.predict(X), by_hand, rtol=1e-12)
    assert len(boosted.estimator.trees_) == 50  # the original keeps all


def test_taught_rows_are_weighted_by_what_the_model_says():
    data, task = table("multiclass")
    model = fitted("forest", data, task)
    rows, proba = taught(model, data), model.predict(data).proba
    weight = rows.frame[rows.schema.with_role("weight").name]
    again = data.frame["importance"].to_numpy()  # the rows had weights before
    place = np.repeat(np.arange(len(data)), (proba >= 0.01).sum(axis=1))
    np.testing.assert_allclose(np.bincount(place, weight), again, rtol=1e-12)
    by_hand = np.zeros_like(proba)
    by_hand[place, task.encode(rows.target)] = weight / again[place]
    np.testing.assert_allclose(by_hand, proba, atol=0.01 * len(task.labels))
    assert set(rows.target) <= set(task.labels)


def test_taught_numbers_are_those_of_the_model():
    data, task = table("regression")
    model = fitted("forest", data, task)
    np.testing.assert_array_equal(taught(model, data).target, model.predict(data).value)


@pytest.mark.mission("D12")
def test_a_student_of_a_forest_says_what_it_says_of_rows_that_neither_saw(tmp_path):
    [path] = write_sample("breast-cancer", tmp_path)
    data = tenon.read(path, target="diagnosis")
    task = infer_task(data.target)[0]
    ids = np.random.default_rng(0).permutation(data.row_ids)
    train, test = data.rows(np.sort(ids[150:])), data.rows(np.sort(ids[:150]))
    forest = fitted("forest", train, task)
    student = smaller("distilled-boosting", forest, train)(tmp_path)
    said, learnt = forest.predict(test), student.predict(test)
    assert student.method_name == "boosting"
    assert (said.value == learnt.value).mean() >= 0.95
    assert np.abs(said.proba - learnt.proba).mean() < 0.05
    # fewer rows are on the wrong side than with a tree that hears of half of the classes only
    assert distance(said, learnt) < distance(said, fitted("cart", train, task).predict(test))


def test_what_is_done_to_probabilities_is_done_to_those_of_the_smaller_model(tmp_path):
    data, task = table("binary")
    model = AdjustedModel(fitted("forest", data, task), Adjustment(threshold=Threshold(0.9, 1)))
    one = smaller("fewer-trees", model, data)(tmp_path)
    said = one.predict(data)
    assert isinstance(one, AdjustedModel)
    assert (said.value == np.where(said.proba[:, 1] >= 0.9, *task.labels[::-1])).all()
    assert (model.predict(data).value != task.decode(said.proba.argmax(axis=1))).any()


def test_a_method_of_ones_own_is_refused():
    from tests.explain.held import Formula

    data, task = table("binary")
    with pytest.raises(SettingsError, match="does not know what is in a model of a method of your own"):
        parted(Formula(data, task, None), data, ())


def test_what_is_no_student_of_what():
    data, task = table("binary")
    ways, others = parted(fitted("forest", data, task), data, ())
    assert [way.name for way in ways] == ["fewer-trees"]  # a column of texts is not for boosting
    assert others["distilled-boosting"] == "reads columns of numbers, categories and dates"
    assert others["distilled-bilstm"].startswith("reads texts alone, and would leave out 'size'")
