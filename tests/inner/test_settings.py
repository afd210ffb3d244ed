"""What may be asked for, what is refused and in which words, and how it travels."""

import json
import sys

import pytest

from tenon.data.dataset import Column, Schema
from tenon.errors import NeedsExtra, SettingsError
from tenon.inner import Cost, Inner, parse_cost, split_settings
from tenon.tasks import Task

BINARY = Task("binary", "diagnosis", ("benign", "malignant"))
REGRESSION = Task("regression", "price", target_sd=1.0)
SCHEMA = Schema((Column("size", "number"),), 100)
TEXTS = Schema((Column("size", "number"), Column("remark", "text")), 100)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("fn=5,fp=1", Cost(5.0, 1.0)),
        (" fp = 0.5 , fn=1e3", Cost(1000.0, 0.5)),
        ("fn=5,fp=1,positive=benign", Cost(5.0, 1.0, "benign")),
        ("positive=a=b,fn=5,fp=1", Cost(5.0, 1.0, "a=b")),
    ],
)
def test_costs_are_read(text, cost):
    assert parse_cost(text) == cost


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not of the form name=value"),
        ("5,1", "'5' is not of the form name=value"),
        ("fn=5", "fp is missing in 'fn=5'"),
        ("fn=5,fp=", "'fp=' is not of the form name=value"),
        ("fn=5,fn=1", "fn stands there twice"),
        ("fn=5,fp=1,positiv=1", "no part of --cost 'positiv'; did you mean 'positive'"),
        ("fn=five,fp=1", "fn is what a mistake costs, a number above 0; got 'five'"),
        ("fn=5,fp=0", r"fp is what a mistake costs, a number above 0 \(from 1e-36 to 1e\+36\); got 0"),
        ("fn=5,fp=1e308", r"fp is what a mistake costs, a number above 0 \(from 1e-36 to 1e\+36\); got 1e\+308"),
        ("fn=nan,fp=1", r"fn is what a mistake costs, a number above 0 \(.*\); got nan"),
    ],
)
def test_other_costs_are_refused(text, message):
    with pytest.raises(SettingsError, match=message):
        parse_cost(text)


@pytest.mark.parametrize(
    ("labels", "positive", "code"),
    [
        (("benign", "malignant"), None, 1),
        (("benign", "malignant"), "benign", 0),
        ((0, 1), "1", 1),
        ((False, True), "False", 0),
        ((3, 7), 3, 0),
    ],
)
def test_costs_know_the_positive_label(labels, positive, code):
    cost = Cost(5.0, 1.0, positive)
    task = cost.applied(Task("binary", "y", labels))
    assert cost.positive_code(task) == code
    assert task.costs[code] == 5.0  # missing a positive
    assert task.costs[1 - code] == 1.0
    assert task.metric_name == "cost"
    assert cost.applied(task, "auc").metric_name == "auc"


def test_costs_that_do_not_fit_the_task():
    with pytest.raises(SettingsError, match="no label in column 'diagnosis' 'malignent'; did you mean 'malignant'"):
        Inner(cost=Cost(5, 1, "malignent")).check(SCHEMA, BINARY)
    with pytest.raises(SettingsError, match="--cost is for a binary task; this one is regression"):
        Inner(cost=Cost(5, 1)).check(SCHEMA, REGRESSION)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"tune": 1}, "--tune takes at least 2"),
        ({"tune": -3}, "--tune takes at least 2"),
        ({"balance": "weight"}, "no way to balance 'weight'; did you mean 'weights'"),
        ({"calibrate": "platt"}, "no way to calibrate 'platt'. Known: sigmoid, isotonic"),
        ({"calibrate": 1}, "no way to calibrate '1'"),
        ({"augment": "edo"}, "no way to augment 'edo'; did you mean 'eda'"),
        ({"search": "grids"}, "no way to search 'grids'; did you mean 'grid'"),
    ],
)
def test_what_is_not_known_is_refused(asked, message):
    with pytest.raises(SettingsError, match=message):
        Inner(**asked)


@pytest.mark.parametrize("asked", [{"balance": "over"}, {"calibrate": "sigmoid"}])
@pytest.mark.parametrize("kind", ["regression", "tagging", "translation", "language"])
def test_classes_are_needed(asked, kind):
    Inner(**asked).check(SCHEMA, BINARY)
    name, value = next(iter(asked.items()))
    with pytest.raises(
        SettingsError, match=f"{name}={value} is for tasks with classes, binary or multiclass; this one is {kind}"
    ):
        Inner(**asked).check(SCHEMA, Task(kind, "y", target_sd=1.0))


def test_texts_are_needed():
    for task in (BINARY, REGRESSION):
        Inner(augment="eda").check(TEXTS, task)
        with pytest.raises(SettingsError, match="augment=eda changes columns of text; there is none"):
            Inner(augment="eda").check(SCHEMA, task)
    for kind in ("tagging", "translation", "language"):
        with pytest.raises(
            SettingsError, match=f"augment=eda changes texts and not what is said of them, so it is not for {kind}"
        ):
            Inner(augment="eda").check(TEXTS, Task(kind, "y"))


def test_optuna_is_asked_for_by_its_extra(monkeypatch):
    Inner(tune=5, search="optuna").check(SCHEMA, BINARY)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(NeedsExtra, match=r"searching with Optuna needs tenon\[tune\]: pip install 'tenon\[tune\]'"):
        Inner(tune=5, search="optuna").check(SCHEMA, BINARY)
    Inner(tune=5).check(SCHEMA, BINARY)


@pytest.mark.parametrize("inner", [Inner(), Inner(20, Cost(5.0, 1.0, "yes"), "over", "isotonic", "grid", "eda")])
def test_travels_as_json(inner):
    assert Inner.from_json(json.loads(json.dumps(inner.to_json()))) == inner


def test_settings_of_every_method_are_split_off():
    every = {"balance": "over", "calibrate": ""}
    assert split_settings({"C": 2.0, **every}) == ({"C": 2.0}, every)
    assert split_settings({}) == ({}, {})
