"""What is decided before the first fit, and what is refused there."""

from dataclasses import replace

import pytest
from tests.datasets import table
from tests.trials.small_run import rows

from tenon.catalogue import METHODS
from tenon.data.dataset import Schema
from tenon.errors import DataError, SettingsError
from tenon.inner import Inner
from tenon.trials.ask import Ask
from tenon.trials.prepare import prepare


def test_task_splits_and_methods(tmp_path):
    ready = prepare(rows("multiclass", 90), Ask(methods="knn,lasso", metric="accuracy", splits="3x2", seed=7), tmp_path)
    assert (ready.bench.task.kind, ready.bench.task.labels) == ("multiclass", ("a", "b", "c"))
    assert ready.bench.task.metric_name == "accuracy"
    assert [method.name for method in ready.methods] == ["baseline", "knn", "lasso"]
    assert [method.name for method in ready.running] == ["baseline", "knn"]
    assert (ready.bench.splits.n_folds, ready.bench.splits.n_repeats) == (3, 2)
    assert ready.bench.task.decode(ready.y).tolist() == ready.bench.dataset.target.tolist()
    assert ready.bench.run == tmp_path


def test_all_methods_by_default_and_by_name(tmp_path):
    ready = prepare(table()[0], Ask(), tmp_path)
    assert ready.methods == tuple(method for method in METHODS if not method.required)
    assert list(ready.by_name) == [method.name for method in ready.methods]


def test_the_seed_deals_the_folds(tmp_path):
    first, again, other = (prepare(rows("binary", 90), Ask(seed=seed), tmp_path).bench.splits for seed in (3, 3, 4))
    assert first.same_as(again)
    assert not first.same_as(other)


def test_costs_of_mistakes_become_the_metric(tmp_path):
    ask = Ask(methods="logistic", inner=Inner.parse(cost="fn=5,fp=1"))
    assert prepare(rows("binary", 90), ask, tmp_path).bench.task.metric_name == "cost"
    assert prepare(rows("binary", 90), replace(ask, metric="auc"), tmp_path).bench.task.metric_name == "auc"


def test_tuning_takes_its_fits_more_seconds(tmp_path):
    plain = prepare(rows("binary", 90), Ask(methods="knn"), tmp_path).plan.seconds
    tuned = prepare(rows("binary", 90), Ask(methods="knn", inner=Inner(tune=4)), tmp_path).plan.seconds
    assert tuned == pytest.approx(13 * plain)  # 4 configurations on 3 folds, and the fit that is kept


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (Ask(metric="rmse"), "no metric 'rmse' for a binary task"),
        (Ask(methods="knn", settings={"logistic": {"C": 1.0}}), "no method on this board 'logistic'"),
        (Ask(methods="knn", settings={"knn": {"kk": 1}}), "no setting of knn 'kk'; did you mean 'k'"),
        (Ask(methods="knn", settings={"all": {"k": 1}}), r"--set all\.NAME takes balance, calibrate and augment, .* got k"),
        (Ask(methods="knn", settings={"all": {"balance": "evenly"}}), "no way to balance 'evenly'"),
        (Ask(task="regression", methods="ridge"), "does not hold numbers"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path, ask, message):
    with pytest.raises((SettingsError, DataError), match=message):
        prepare(rows("binary", 90), ask, tmp_path)


def test_balance_is_for_classes(tmp_path):
    with pytest.raises(SettingsError, match="balance=weights is for tasks with classes"):
        prepare(rows("regression", 90), Ask(settings={"ridge": {"balance": "weights"}}), tmp_path)


def test_a_target_is_needed(tmp_path):
    data = rows("binary", 90)
    columns = tuple(replace(column, role="feature") for column in data.schema.columns)
    with pytest.raises(DataError, match=r"--target\. Columns: 'x', 'other', 'colour', 'y'\."):
        prepare(replace(data, schema=Schema(columns, 90)), Ask(), tmp_path)
