"""Tasks: what is inferred from a target, how labels become numbers and come back, and what mistakes cost."""

import json

import numpy as np
import pandas as pd
import pytest

from tenon.errors import DataError, SettingsError
from tenon.metrics.sequences import EVERY_METRIC
from tenon.tasks import OTHERS, PRIMARY, Task, infer_task


@pytest.mark.parametrize(
    ("values", "kind", "labels", "reason"),
    [
        (["no", "yes", None], "binary", ("no", "yes"), "2 different values"),
        ([0, 1, 1], "binary", (0, 1), "2 different values"),
        ([0.0, 1.0, None], "binary", (0, 1), "2 different values"),
        ([1.5, 2.5, 1.5], "binary", (1.5, 2.5), "2 different values"),
        (["b", "a", "c"], "multiclass", ("a", "b", "c"), "3 different values that are not numbers"),
        (list(range(10)), "multiclass", tuple(range(10)), "10 different whole numbers"),
        (list(range(11)), "regression", (), "numbers with 11 different values"),
        ([1.5, 2.0, 3.0], "regression", (), "numbers with 3 different values"),
    ],
)
def test_what_a_target_is_taken_for(values, kind, labels, reason):
    task, why = infer_task(pd.Series(values, name="y"))
    assert (task.kind, task.target, task.labels, why) == (kind, "y", labels, reason)
    assert [type(label) for label in task.labels] == [type(label) for label in labels]
    assert task.metric_name == PRIMARY[kind]


def test_tags_are_judged_by_their_entities_and_where_there_is_none_each_by_itself():
    """Parts of speech are no entities; one B- in any row makes the others sentences without one."""
    speech, named = pd.Series([["NN", "VB"], ["O"]], name="y"), pd.Series([["O"], ["O", "B-PER"]], name="y")
    assert infer_task(named) == (Task("tagging", "y", metric_name="entity_f1"), "a tag for each token")
    for kind in ("", "tagging"):
        task, why = infer_task(speech, kind)
        assert (task.metric_name, why) == ("tag_accuracy", "a tag for each token, none of an entity")
    assert infer_task(named, metric="tag_accuracy")[0].metric_name == "tag_accuracy"
    with pytest.raises(
        DataError, match="no tag in column 'y' is of an entity, such as B-PER or I-PER; use --metric tag_accuracy"
    ):
        infer_task(speech, metric="entity_f1")


@pytest.mark.mission("B1")
def test_the_guess_can_be_overridden():
    target = pd.Series(range(10), name="y")
    task, why = infer_task(target, kind="regression", metric="mae")
    assert (task.kind, task.metric_name, why) == ("regression", "mae", "given by --task")
    assert task.target_sd == pytest.approx(np.arange(10).std())
    assert infer_task(pd.Series([0, 1]), kind="multiclass")[0].metric_name == "macro_f1"
    pair, why = infer_task(pd.Series(["yes", "no"]), kind="pair")
    assert (pair.kind, pair.labels, pair.metric_name, why) == ("pair", ("no", "yes"), "macro_f1", "given by --task")
    assert infer_task(target, kind="multiclass")[1] == "10 different whole numbers"  # the same as the guess


@pytest.mark.parametrize(
    ("values", "kind", "metric", "error", "message"),
    [
        ([None, None], "", "", DataError, "'y', the target, has no value in any row"),
        (["a", "a", None], "", "", DataError, "same value 'a' in every row"),
        (["a", "b", "c"], "binary", "", SettingsError, "3 classes, so the task cannot be binary; try --task multiclass"),
        (
            ["a", "b", "c"],
            "regression",
            "",
            DataError,
            "column 'y' does not hold numbers, so it cannot be the target of a regression",
        ),
        ([1.5, np.inf, 2.5], "", "", DataError, "column 'y', the target, holds infinite numbers"),
        ([0, 1], "binery", "", SettingsError, "no task 'binery'; did you mean 'binary'"),
        ([0, 1], "", "rmse", SettingsError, "no metric 'rmse' for a binary task"),
        ([0, 1], "", "cost", SettingsError, "needs to know what mistakes cost: --cost fn=5,fp=1"),
        ([1.5, 2.5, 3.5], "", "cost", SettingsError, "no metric 'cost' for a regression task"),
    ],
)
def test_what_cannot_be_a_target(values, kind, metric, error, message):
    with pytest.raises(error, match=message):
        infer_task(pd.Series(values, name="y"), kind, metric)


@pytest.mark.parametrize("labels", [("no", "yes"), (False, True), (1, 2, 5), ("b", "a")])
def test_labels_come_back_as_they_went_in(labels):
    task = Task("binary" if len(labels) == 2 else "multiclass", "y", labels)
    target = pd.Series(list(labels) * 2)[::-1]
    codes = task.encode(target)
    assert codes.dtype == np.int64
    assert codes.tolist() == [labels.index(value) for value in target]
    assert task.decode(codes).tolist() == target.tolist()


def test_an_unknown_label_is_named():
    with pytest.raises(DataError, match="column 'y' has a label that training never saw: 'perhaps'"):
        Task("binary", "y", ("no", "yes")).encode(pd.Series(["yes", "perhaps"]))


def test_a_number_target_stays_a_number():
    y = Task("regression", "y", target_sd=1.0).encode(pd.Series([1, 2]))
    assert y.dtype == np.float64
    assert y.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("kind", PRIMARY)
def test_metrics_of_each_kind(kind):
    labels = {"binary": ("a", "b"), "multiclass": ("a", "b", "c")}.get(kind, ())
    task = Task(kind, "y", labels, target_sd=50.0)
    assert task.metric_names == (PRIMARY[kind], *OTHERS[kind])
    for name in task.metric_names:
        one = Task(kind, "y", labels, name, target_sd=50.0)
        assert one.metric is EVERY_METRIC[name]
        assert one.rope == {"rmse": 0.5, "mae": 0.5, "bleu": 0.005, "perplexity": 1.0}.get(name, 0.01)


def test_costs_give_a_metric_of_their_own():
    task = Task("binary", "y", ("no", "yes"), costs=(2.0, 10.0))
    assert task.metric_names == ("cost", "auc", *OTHERS["binary"])
    assert task.metric_name == "cost"
    assert task.rope == 0.02
    assert task.metric.score(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0])) == (2.0 + 10.0) / 4
    assert task.metric_of("auc") is EVERY_METRIC["auc"]
    assert Task("binary", "y", ("no", "yes"), "auc", costs=(2.0, 10.0)).rope == 0.01


@pytest.mark.parametrize(
    ("kind", "labels", "costs", "message"),
    [
        ("multiclass", ("a", "b", "c"), (1.0, 1.0, 1.0), "costs of mistakes are for a binary task; this one is multiclass"),
        ("binary", ("a", "b"), (1.0,), r"costs of mistakes are two numbers above 0 .*, one a class; got \(1\.0,\)"),
        ("binary", ("a", "b"), (1.0, 0.0), "two numbers above 0"),
        ("binary", ("a", "b"), (1.0, np.inf), "two numbers above 0"),
        ("binary", ("a", "b"), (1.0, 1e308), r"two numbers above 0 \(from 1e-36 to 1e\+36\), one a class; got \(1\.0, 1e\+308\)"),
    ],
)
def test_costs_are_checked(kind, labels, costs, message):
    with pytest.raises(SettingsError, match=message):
        Task(kind, "y", labels, costs=costs)


@pytest.mark.parametrize(
    "task",
    [
        Task("binary", "答案", ("不", "是"), "accuracy"),
        Task("binary", "y", (False, True), costs=(1.0, 5.0)),
        Task("multiclass", "y", (1, 2, 5)),
        Task("regression", "y", (), "mae", 2.5),
    ],
)
def test_a_task_travels_as_json(task):
    assert Task.from_json(json.loads(json.dumps(task.to_json()))) == task


def test_json_without_costs_is_read():
    raw = {"kind": "binary", "target": "y", "labels": [0, 1], "metric_name": "auc", "target_sd": 0.0}
    assert Task.from_json(raw) == Task("binary", "y", (0, 1))


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        (1e37, "holds 9e.37: too large"),
        (1e-40, "'y', the target, spreads by 2.87e-40: too little to calculate with; multiply it first"),
    ],
)
def test_numbers_that_float64_does_not_bear_are_refused(scale, said):
    """Numbers as large or as even as the limits still give finite figures; these would not."""
    with pytest.raises(DataError, match=said):
        infer_task(pd.Series(scale * np.arange(10.0), name="y"), "regression")
