"""Tuning: the planted best is found, tries are scored as one would by hand, and failures cost only their own row."""

import errno
import json
import os
from dataclasses import replace

import numpy as np
import pytest
from tests.datasets import dataset
from tests.inner.toys import toy

from tenon.data.splits import make_splits
from tenon.errors import OutputError
from tenon.inner import Inner, fit_inside, parse_cost
from tenon.inner.settings import SEARCHES, TUNE_FOLDS
from tenon.inner.threshold import best_threshold
from tenon.method import Param
from tenon.metrics import METRICS
from tenon.metrics.cost import cost_metric
from tenon.tasks import Task
from tenon.watch import Watch

RNG = np.random.default_rng(0)
X = RNG.normal(size=90)
NUMBERS = dataset({"x": X, "y": X}, {"x": "number", "y": "number"})
REGRESSION = Task("regression", "y", target_sd=1.0)
CLASSES = dataset({"x": X, "y": np.where(RNG.normal(size=90) < X, "yes", "no")}, {"x": "number"})
BINARY = Task("binary", "y", ("no", "yes"), "log_loss")
SHIFT = Param(0.0, -5.0, 5.0)
SHARPNESS = Param(30.0, 0.01, 100.0, log=True)


def fitted(method, inner, train=NUMBERS, task=REGRESSION, params=None, watch=None, seed=0):
    return fit_inside(method, train, task, params=params or {}, inner=inner, seed=seed, watch=watch or Watch())


@pytest.mark.mission("A9")
@pytest.mark.parametrize(("search", "nearest"), [("grid", 0.0), ("random", 0.5), ("optuna", 0.5)])
def test_finds_the_planted_best(search, nearest):
    """The toy says x + shift where the truth is x, so its RMSE is |shift| for each try, and 0 is best; it starts at 4."""
    method = toy({"shift": Param(4.0, -5.0, 5.0), "idle": Param(1)})
    made = fitted(method, Inner(tune=22, search=search))
    tries = made.report["tries"]
    assert len(tries) == (21 if search == "grid" else 22)  # the start is a point of the grid of 21
    assert tries[0]["params"] == {"shift": 4.0}
    for one in tries:
        assert one["score"] == pytest.approx(abs(one["params"]["shift"]), abs=1e-12)  # x + s - x loses an ulp of x
    best = min(tries, key=lambda one: one["score"])["params"]["shift"]
    assert abs(best) <= nearest + 0.25
    assert made.report["tuned"] == made.model.params == {"shift": best, "idle": 1}
    assert made.report["search"] == search
    json.dumps(made.report, allow_nan=False)


def test_the_first_of_equal_ones():
    made = fitted(toy({"idle": Param(3, 1, 9)} | {"shift": Param(2.0)}), Inner(tune=5))
    assert len({one["score"] for one in made.report["tries"]}) == 1
    assert made.report["tuned"] == {"idle": 3, "shift": 2.0}


@pytest.mark.mission("A9")
@pytest.mark.parametrize("metric", ["log_loss", "auc", "accuracy", "macro_f1"])
@pytest.mark.parametrize("weighted", [False, True])
def test_scored_by_the_tasks_metric_on_inner_folds(metric, weighted):
    weights = np.random.default_rng(1).uniform(0.5, 2, 90)
    train, task = CLASSES, Task("binary", "y", ("no", "yes"), metric)
    if weighted:
        columns = {"x": X, "w": weights, "y": CLASSES.frame["y"].to_numpy()}
        train = dataset(columns, {"x": "number", "w": "number"}, roles={"w": "weight"})
    made = fitted(toy({"sharpness": SHARPNESS}), Inner(tune=3), train, task, seed=5)
    y = task.encode(train.target)
    splits = make_splits(train, y, n_folds=TUNE_FOLDS, n_repeats=1, final_share=0.0, seed=5)
    for one in made.report["tries"]:
        last = 1 / (1 + np.exp(-one["params"]["sharpness"] * X))
        proba = np.column_stack([1 - last, last])
        guess = proba if METRICS[metric].reads == "proba" else (last > 0.5).astype(int)
        by_hand = METRICS[metric].measure(y, guess, splits.fold[0].astype(int), weights if weighted else None).level
        # the rows stand in another order, so the sums do too
        assert one["score"] == pytest.approx(METRICS[metric].from_level(by_hand), rel=1e-12)


def test_costs_are_counted_at_the_threshold_that_would_be_chosen():
    cost = parse_cost("fn=9,fp=1")
    task = cost.applied(BINARY)
    made = fitted(toy({"sharpness": SHARPNESS}), Inner(tune=2, cost=cost), CLASSES, task)
    y = task.encode(CLASSES.target)
    last = 1 / (1 + np.exp(-30.0 * X))
    value = best_threshold(last, y == 1, 9, 1)
    by_hand = cost_metric((1.0, 9.0)).score(y, (last >= value).astype(int))
    assert made.report["tries"][0]["score"] == pytest.approx(by_hand, rel=1e-12)


def test_given_settings_are_not_tuned():
    method = toy({"shift": SHIFT, "idle": Param(1, 1, 9)})
    made = fitted(method, Inner(tune=6), params={"shift": 3.0})
    assert {tuple(one["params"]) for one in made.report["tries"]} == {("idle",)}
    assert made.report["tuned"]["shift"] == 3.0


def test_nothing_to_tune_is_told():
    told = []
    made = fitted(toy({"shift": Param(1.0)}), Inner(tune=6), watch=Watch(told.append))
    assert told[0] == {"event": "note", "text": "toy has no setting with a range left to tune; its settings stay as they are."}
    assert made.report["tries"] == []
    assert made.report["tuned"] == made.model.params == {"shift": 1.0}


def test_a_failure_costs_its_own_row():
    told = []
    method = toy({"fails": Param(True, choices=(False, True)), "shift": SHIFT})
    made = fitted(method, Inner(tune=12), watch=Watch(told.append))
    tries = made.report["tries"]
    failed = [one for one in tries if one["params"]["fails"]]
    assert 1 < len(failed) < 12
    said = "ZeroDivisionError: as asked for (toys.py, line 51)"
    assert all(one["score"] is None and one["reason"] == said for one in failed)
    notes = [event["text"] for event in told if event["event"] == "note"]
    assert notes[0] == f"toy with fails=True, shift=0 failed: {said}"
    assert len(notes) == len(failed) + 1  # and one of the fit that is kept
    best = min((one for one in tries if one["reason"] == ""), key=lambda one: one["score"])
    assert made.report["tuned"] == best["params"]
    assert not best["params"]["fails"]


def test_a_full_disk_is_no_failure_of_the_settings():
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/scratch/mine.tmp")

    method = replace(toy({"shift": SHIFT}), fit=full)
    with pytest.raises(OutputError, match=r"^cannot write /scratch/mine\.tmp: the disk is full\. Free some space and run "):
        fitted(method, Inner(tune=3))


@pytest.mark.parametrize("search", SEARCHES)
def test_where_everything_fails_the_settings_stay(search):
    told = []
    infinite = toy({"shift": Param(np.inf), "idle": Param(1, 1, 9)})
    made = fitted(infinite, Inner(tune=4, search=search), watch=Watch(told.append))
    assert made.report["tuned"] == {"shift": np.inf, "idle": 1}
    assert {one["reason"] for one in made.report["tries"]} == {"it predicts a missing or infinite number"}
    note = f"none of {len(made.report['tries'])} configurations could be scored: it predicts a missing or infinite number"
    assert any(note in event.get("text", "") for event in told)


def test_an_undefined_metric_is_a_failure():
    """With both rows of one class in one fold AUC exists there; with a single row of the class in two of three it does not."""
    one_class = dataset({"x": X, "y": ["no"] * 90}, {"x": "number"})
    made = fitted(toy({"sharpness": SHARPNESS}), Inner(tune=2), one_class, Task("binary", "y", ("no", "yes")))
    assert "AUC is not defined" in made.report["tries"][0]["reason"]


def test_rows_that_cannot_be_split_are_told():
    told = []
    one_group = dataset({"x": X, "g": ["a"] * 90, "y": X}, {"x": "number", "y": "number"}, roles={"g": "group"})
    made = fitted(toy({"shift": SHIFT}), Inner(tune=4), one_group, watch=Watch(told.append))
    assert "toy was not tuned" in told[0]["text"]
    assert "one 'g' group" in told[0]["text"]
    assert made.report["tuned"] == {"shift": 0.0}


@pytest.mark.parametrize("search", SEARCHES)
def test_same_seed_same_answer(search):
    method = toy({"sharpness": SHARPNESS, "idle": Param(1, 1, 9)})
    first, again, other = (fitted(method, Inner(tune=6, search=search), CLASSES, BINARY, seed=seed).report for seed in (0, 0, 1))
    assert first == again != other


def test_progress_goes_up_to_the_whole():
    told = []
    fitted(toy({"shift": SHIFT}), Inner(tune=3), watch=Watch(told.append))
    inside = [event["done"] for event in told if event["event"] == "progress"][:-1]  # the last is of the fit that is kept
    assert inside == sorted(inside)
    assert inside[-1] == 3 * TUNE_FOLDS
    assert 0.5 in inside  # half of the first fit
    assert [event for event in told if event["event"] == "note"] == [told[-2]]
