"""What is decided before the first fit, and what is refused there."""

from dataclasses import replace

import pandas as pd
import pytest
from tests.datasets import table
from tests.trials.small_run import rows

from tenon.catalogue import METHODS
from tenon.data.dataset import Schema
from tenon.data.read import read
from tenon.errors import DataError, SettingsError
from tenon.inner import Inner
from tenon.trials.ask import Ask
from tenon.trials.plan import SECONDS_TO_START, Plan
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


def test_fits_inside_the_train_rows_take_their_seconds(tmp_path):
    """Wherever they are asked for: those of a search, those that calibrate, and those to copies of texts."""
    frame = pd.DataFrame({"text": [f"a fine film and warm {k}" for k in range(90)], "y": ["yes", "no"] * 45})
    data = read(frame, "y", kinds={"text": "text"})

    def plan(**given) -> Plan:
        return prepare(data, Ask(methods="knn", **given), tmp_path).plan

    once, tuned = plan(), plan(inner=Inner(tune=4))
    assert tuned.trial_seconds == of_each(once, knn=13, baseline=13)  # 4 configurations on 3 folds, and the fit that is kept
    assert tuned.seconds - SECONDS_TO_START == pytest.approx(13 * (once.seconds - SECONDS_TO_START))
    calibrated = plan(settings={"knn": {"calibrate": "sigmoid"}})
    assert calibrated.trial_seconds == of_each(once, knn=6, baseline=1)  # 5 folds, and the fit that is kept
    copied = plan(settings={"all": {"augment": "eda"}})
    assert copied.trial_seconds == of_each(once, knn=17, baseline=17)  # 16 copies of up to 500 rows
    both = plan(settings={"knn": {"augment": "eda"}}, inner=Inner(tune=4))
    assert both.trial_seconds == of_each(once, knn=13 * 17, baseline=13)


def of_each(plan: Plan, **times: int) -> dict[str, float]:
    """Return the seconds of one trial of each method, so many times."""
    return pytest.approx({name: times[name] * seconds for name, seconds in plan.trial_seconds.items()})


def test_texts_of_rows_without_a_target_are_told_of(tmp_path):
    lines = [f"a fine film {k}," + ("yes", "no")[k % 2] for k in range(60)]
    file = tmp_path / "films.csv"
    file.write_text("\n".join(["text,y", *lines, *(f"a dull film {k}," for k in range(7))]), encoding="utf-8")
    data = read(file, "y", kinds={"text": "text"})
    assert prepare(data, Ask(methods="logistic,word2vec-logistic"), tmp_path).plan.unlabelled == (
        f"7 rows without a target have texts, too: --unlabelled {file} lets word2vec-logistic learn from them."
    )
    assert prepare(data, Ask(methods="logistic"), tmp_path).plan.unlabelled == ""
    taken = prepare(data, Ask(methods="word2vec-logistic", unlabelled=str(file)), tmp_path)
    assert taken.texts["unlabelled"].texts == tuple(f"a dull film {k}" for k in range(7))
    assert taken.plan.unlabelled == "60 of 67 unlabelled texts in films.csv equal labelled rows and are left out."


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (Ask(metric="rmse"), "no metric 'rmse' for a binary task"),
        (
            Ask(methods="knn", settings={"logistic": {"C": 1.0}}),
            "--set logistic: --methods leaves logistic out; leave out the setting, or add",
        ),
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
