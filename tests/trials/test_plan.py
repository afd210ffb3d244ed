"""What a plan says: which methods run and why not, what it costs, and what difference it could see."""

import importlib.metadata
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.datasets import dataset
from tests.trials.small_run import ready_for, rows, run_here, trials

from tenon.catalogue import find
from tenon.errors import NeedsExtra
from tenon.tasks import Task
from tenon.trials.ask import Ask
from tenon.trials.evidence import evidence_of
from tenon.trials.guesses import Guesses
from tenon.trials.per import units_of
from tenon.trials.plan import (
    BYTES_PER_WORKER,
    SECONDS_PER_COLUMN,
    SECONDS_PER_TRIAL,
    SECONDS_TO_START,
    SECONDS_TO_START_NETWORKS,
    encoded_width,
    expected_cost,
    plan_rows,
    seconds_beside,
)
from tenon.trials.prepare import prepare
from tenon.trials.protocol import Protocol

BINARY = Task("binary", "y", ("no", "yes"))
FOUR = Protocol(2, 2, 0.0)
DEAR = "tests.trials.dear_methods:Dear"


def raises_needs(schema, task):
    raise NeedsExtra("needs a thing")


def test_each_method_has_its_fate(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: ["no-such-package>=1; extra == 'gpu'", "numpy>=2"])
    methods = (
        find("logistic"),
        find("lasso"),
        replace(find("knn"), needs="gpu"),
        replace(find("knn"), needs="cpu"),  # an extra that asks for nothing
        replace(find("knn"), accepts=raises_needs),
    )
    planned = plan_rows(methods, rows("binary", 60), BINARY, FOUR)
    assert [(row.status, row.reason, row.n_trials) for row in planned] == [
        ("ok", "", 4),
        ("declined", "predicts numbers only", 0),
        ("needs", "needs tenon[gpu]: pip install 'tenon[gpu]'", 0),
        ("ok", "", 4),
        ("needs", "needs a thing", 0),
    ]


def test_width_by_hand():
    """Numbers and categories fill a cell each, a date six, a text one for three characters, a list one for each token."""
    columns = {"a": [1.0, 2.0], "c": ["x", "y"], "d": pd.to_datetime(["2024-01-01"] * 2), "t": ["123456", None], "y": ["n", "y"]}
    kinds = {"a": "number", "c": "category", "d": "date", "t": "text"}
    assert encoded_width(dataset(columns, kinds)) == 1 + 1 + 6 + 2
    assert encoded_width(dataset({"t": [None, None], "y": ["n", "y"]}, {"t": "text"})) == 1  # never nothing
    assert encoded_width(dataset({"t": [["a"], ["b", "c", "d"]], "y": ["n", "y"]}, {"t": "tokens"})) == 2


@pytest.mark.parametrize(("size", "mode", "side", "expected"), [
    ((28, 20), "L", 32, 28 * 20), ((100, 50), "RGB", 32, 32 * 16 * 3), ((100, 50), "RGB", 64, 64 * 32 * 3),
])  # fmt: skip
def test_width_of_images_is_that_of_their_pixels(size, mode, side, expected, tmp_path):
    Image.new(mode, size).save(tmp_path / "1.png")
    images = dataset({"i": ["1.png", None], "y": ["n", "y"]}, {"i": "image"}, root=tmp_path)
    assert encoded_width(images, side) == expected
    assert encoded_width(dataset({"i": [None, None], "y": ["n", "y"]}, {"i": "image"})) == 1


def test_cost_by_hand():
    method = replace(find("logistic"), pace=1000.0)
    data = rows("binary", 200)  # three columns wide
    seconds, n_bytes = expected_cost((method, method), data, Protocol(4, 2, 0.2), jobs=2)
    of_a_trial = SECONDS_PER_TRIAL + 5 * SECONDS_PER_COLUMN + 1000 * (200 * 0.8 * 0.75 * 3) / 1e6  # 2 columns of probabilities
    assert seconds == pytest.approx(SECONDS_TO_START + 2 * 8 * of_a_trial / 2 + of_a_trial)  # the chosen one is fitted again
    assert n_bytes > 2 * BYTES_PER_WORKER


def test_trials_that_the_board_does_not_show_count_by_hand():
    """5 folds of 5: 25 nested fits on four fifths of the rows; parts of an eighth, a quarter and a half for each of 8 trials."""
    cheap, dear = replace(find("logistic"), cost="cheap"), replace(find("logistic"), cost="dear")
    protocol = Protocol(4, 2, 0.0, one_split=())
    assert seconds_beside((cheap,), [3.0], protocol, 2, 0, has_curve=False) == 0
    assert seconds_beside((cheap,), [3.0], protocol, 2, 25, has_curve=False) == pytest.approx(25 * 0.8 * 3.0 / 2)
    assert seconds_beside((cheap, dear), [0.0, 3.0], protocol, 2, 25, has_curve=True) == pytest.approx(3.0 * (20 + 8 * 0.875))
    on_one = replace(protocol, one_split=("dear",))
    assert seconds_beside((cheap, dear), [1.0, 3.0], on_one, 1, 25, has_curve=False) == pytest.approx(20)


def test_dear_trials_run_alone_whatever_the_jobs():
    method = replace(find("logistic"), pace=1e6, cost="dear")
    one, two = (expected_cost((method,), rows("binary", 200), Protocol(4, 2, 0.2), jobs)[0] for jobs in (1, 2))
    assert one == two == pytest.approx(SECONDS_TO_START + 2 * (360 + SECONDS_PER_TRIAL), abs=0.1)  # 200 * 0.8 * 0.75 * 3 cells


@pytest.mark.parametrize(
    ("name", "quick", "thorough"),
    [
        ("lenet", 10 / 30, 100 / 30),  # passes
        ("vgg", 4 / 12, 50 / 12),
        ("mlp-autoencoder", 15 / 60, 180 / 60),  # 10 + 5, 40 + 20 and 120 + 60 passes
        ("forest", 50 / 200, 1000 / 200),  # trees
        ("logistic", 1, 1),  # a limit of steps that it seldom comes to
        ("knn", 1, 1),  # no budget
    ],
)
def test_a_budget_changes_what_a_fit_takes_by_hand(name, quick, thorough):
    method, data = replace(find(name), pace=1e6, grows_with_classes=False), rows("binary", 200)
    beside = SECONDS_TO_START + n_fits(method) * (SECONDS_PER_TRIAL + 5 * SECONDS_PER_COLUMN)
    beside += SECONDS_TO_START_NETWORKS * (method.needs == "deep")
    fits = [expected_cost((method,), data, FOUR, 1, work)[0] - beside for work in ("quick", "normal", "thorough")]
    assert fits[1] == pytest.approx(n_fits(method) * 200 * 0.5 * 3)
    assert [fits[0] / fits[1], fits[2] / fits[1]] == pytest.approx([quick, thorough])


def n_fits(method):
    """Trials, and the fit of the chosen method."""
    return 1 + (1 if method.cost == "dear" else 4)


def test_a_plan_knows_the_budget_and_never_expects_more_than_the_clock(tmp_path):
    seconds = {
        budget: prepare(rows("binary", 600), Ask(methods="forest", budget=budget), tmp_path).plan.seconds
        for budget in ("quick", "normal", "thorough", "1h", "2s")
    }
    assert seconds["quick"] < seconds["normal"] < seconds["thorough"]
    assert seconds["1h"] == seconds["normal"]
    assert seconds["2s"] == 2.0


def test_cost_of_many_classes_and_of_many_columns_by_hand():
    """A method that fits something for each class takes half as many times as long as there are classes."""
    labels = [f"class {k % 400}" for k in range(1200)]
    data = dataset({"x": np.arange(1200.0), "y": labels}, {"x": "number"})
    fit = 1000 * (1200 * 0.5) / 1e6
    for grows, times in ((False, 1), (True, 200)):
        method = replace(find("logistic"), pace=1000.0, grows_with_classes=grows)
        seconds, n_bytes = expected_cost((method,), data, FOUR, jobs=1)
        of_a_trial = SECONDS_PER_TRIAL + 401 * SECONDS_PER_COLUMN + times * fit
        assert seconds == pytest.approx(SECONDS_TO_START + 5 * of_a_trial)
        assert n_bytes > BYTES_PER_WORKER + 1200 / 2 * 400 * 8  # what it says of one fold
    wide = dataset(
        {**{f"x{k}": np.arange(40.0) for k in range(500)}, "y": ["a", "b"] * 20}, {f"x{k}": "number" for k in range(500)}
    )
    assert expected_cost((find("baseline"),), wide, FOUR, jobs=1)[0] > SECONDS_TO_START + 4 * 500 * SECONDS_PER_COLUMN


def test_cost_grows_with_rows_and_falls_with_jobs():
    methods = (find("logistic"), find("knn"))
    few, many = rows("binary", 200), rows("binary", 2000)
    seconds = [expected_cost(methods, data, FOUR, jobs)[0] for data, jobs in ((few, 1), (many, 1), (many, 4))]
    n_bytes = [expected_cost(methods, data, FOUR, jobs)[1] for data, jobs in ((few, 1), (many, 1), (many, 4))]
    assert seconds[0] < seconds[1] > seconds[2]
    assert n_bytes[0] < n_bytes[1] < n_bytes[2]


def halves(n):
    """Two classes of one size."""
    return dataset({"x": np.arange(n, dtype=float), "y": np.array(["no", "yes"])[np.arange(n) % 2]}, {"x": "number"})


def test_detectable_difference_by_hand(tmp_path):
    """Two methods that err on a quarter of the rows each differ on 2 x 1/4 x 3/4 x 1/2 of them, for AUC on 0.7 of that."""
    for metric, share in (("accuracy", 0.1875), ("auc", 0.7 * 0.1875)):
        plan = prepare(halves(400), Ask(methods="logistic", metric=metric), tmp_path).plan
        expected = (1.95996 + 0.84162) * np.sqrt(1.25 * share / 400)
        assert plan.detectable == pytest.approx(expected, rel=1e-4)  # the quantiles were given to six digits


def test_detectable_difference_of_numbers_is_in_their_unit(tmp_path):
    data = dataset({"x": np.arange(400.0), "y": np.arange(400) * 7.0}, {"x": "number", "y": "number"})
    plan = prepare(data, Ask(methods="ridge"), tmp_path).plan
    sd = 7 * np.sqrt((400**2 - 1) / 12)  # of 400 numbers that stand 7 apart
    assert plan.detectable == pytest.approx((1.95996 + 0.84162) * np.sqrt(1.25 * 0.25 * sd**2 / 400), rel=1e-4)  # as above


def test_what_runs_on_one_split_is_told_apart_on_its_rows(tmp_path):
    """With fewer than three methods on all folds all are judged on the split: 80 of 400 rows, so differences are √5 as large."""

    def planned(methods, n=400, **more):
        return prepare(halves(n), Ask(methods=methods, **more), tmp_path).plan

    one, all_folds = planned(f"logistic,{DEAR}"), planned("logistic,knn")
    assert (one.n_scored, one.is_judged_on_one_split, all_folds.n_scored, all_folds.is_judged_on_one_split) == (
        80,
        True,
        400,
        False,
    )
    assert one.detectable == pytest.approx(np.sqrt(5) * all_folds.detectable)
    adjusted = planned(f"logistic,knn,{DEAR}")  # what three say everywhere tells of the fourth
    assert (adjusted.n_scored, adjusted.is_judged_on_one_split) == (400, False)
    asked = planned(f"logistic,{DEAR}", splits="5x1")
    assert (asked.n_scored, asked.is_judged_on_one_split) == (400, False)
    few = planned(f"logistic,{DEAR}", n=290)
    assert (few.n_scored, few.detectable) == (58, None)  # too few for any verdict
    assert planned("logistic", n=2000).n_scored == 1600


@pytest.mark.parametrize(
    ("columns", "roles", "per"),
    [
        ({"c": np.arange(400) % 40}, {"c": "group"}, ""),
        ({"c": np.where(np.arange(400) % 20 < 2, 1000.0, 1.0)}, {"c": "weight"}, ""),  # eight of each split outweigh the rest
        ({"c": np.arange(400) % 7}, {}, "c"),
    ],
    ids=["group", "weight", "per"],
)
def test_a_plan_counts_what_is_independent_as_the_board_does(columns, roles, per, tmp_path):
    """In a split of 80 rows 8 groups, or rows that weigh as much, leave fewer than the 13 that three methods need to tell."""
    data = dataset(
        {"x": np.arange(400.0), **columns, "y": np.array(["no", "yes"])[np.arange(400) // 2 % 2]}, {"x": "number"}, roles=roles
    )
    ready = ready_for(data, Ask(methods=f"logistic,naive-bayes,{DEAR}", per=per, metric="accuracy"), tmp_path)
    assert ready.plan.is_judged_on_one_split
    run_here(ready, [job for job in trials(ready) if (job.repeat, job.fold) in ready.trials_of(ready.by_name[job.method])])
    only_fold = {DEAR: ready.shared_fold}
    guesses = Guesses(tmp_path, ready.bench.splits, ready.bench.task, ready.y, only_fold=only_fold)
    evidence = evidence_of(ready, guesses, list(ready.by_name), "accuracy")
    assert evidence.one_split is None
    assert evidence.n_folds == 1
    assert len(evidence.y) == ready.plan.n_scored
    frame = data.frame.loc[ready.bench.splits.row_ids[evidence.rows]]
    assert units_of(data, frame, per) == pytest.approx(evidence.n_units)


def test_detectable_difference_falls_with_rows_and_grows_with_methods(tmp_path):
    def detectable(n, methods):
        return prepare(halves(n), Ask(methods=methods), tmp_path).plan.detectable

    assert detectable(400, "logistic") == pytest.approx(2 * detectable(2000, "logistic"))  # 1,600 rows, 400 being final
    assert detectable(400, "logistic,knn") > detectable(400, "logistic")
    assert detectable(400, "baseline") is None  # nothing to compare it with


def test_a_plan_counts_trials_and_final_rows(tmp_path):
    plan = prepare(rows("binary", 600), Ask(methods="logistic,lasso", splits="3x2"), tmp_path).plan
    assert (plan.protocol, plan.n_trials, plan.n_final, plan.metric) == ("3x2", 12, 120, "AUC")
    assert list(tmp_path.iterdir()) == []  # nothing is written
