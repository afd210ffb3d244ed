"""The whole inside of a trial: what the method is shown, what is saved, and that held-out rows are never there."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset, table
from tests.inner.toys import Toy, toy

from tenon.catalogue import find, load_model
from tenon.data.splits import make_splits
from tenon.errors import DataError, ModelFileError, SettingsError
from tenon.inner import AdjustedModel, Cost, Inner, fit_inside
from tenon.inner.adjusted import NAME
from tenon.inner.calibrate import fit_calibration
from tenon.inner.settings import ADJUST_FOLDS
from tenon.method import Param, Predictions
from tenon.metrics import METRICS
from tenon.tasks import Task
from tenon.watch import Watch

RNG = np.random.default_rng(0)
N = 120
X = RNG.normal(size=N)
Y = np.where(X + RNG.normal(size=N) > 0.8, "yes", "no")
BINARY = Task("binary", "y", ("no", "yes"))
COST = Cost(10.0, 1.0)
EVERYTHING = Inner(tune=3, cost=COST, balance="over", calibrate="isotonic")
SHARPNESS = {"sharpness": Param(30.0, 0.01, 100.0, log=True)}
MORE = {
    "plain": ({}, {}, {}),
    "grouped": ({"g": [f"g{i % 17}" for i in range(N)]}, {}, {"g": "group"}),
    "time": ({"t": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N) // 2, unit="D")}, {"t": "date"}, {"t": "time"}),
    "copies": ({"text": [f"text {i // 2}" for i in range(N)]}, {"text": "text"}, {}),
    "weighted": ({"w": RNG.uniform(0.5, 2, N)}, {"w": "number"}, {"w": "weight"}),
}


def rows(order="plain", x=X, y=Y, mark=None):
    columns, kinds, roles = MORE[order]
    mark = np.arange(N, dtype=float) if mark is None else mark
    if order == "copies":
        x, mark = x[np.arange(N) // 2], mark[np.arange(N) // 2]
    return dataset({"x": x, "mark": mark, **columns, "y": y}, {"x": "number", "mark": "number", **kinds}, roles=roles)


def fitted(method, train, inner, task=BINARY, seed=0, watch=None):
    return fit_inside(method, train, task, params={}, inner=inner, seed=seed, watch=watch or Watch())


def test_the_default_is_the_method_alone():
    shown, told = [], []
    method, train = toy(SHARPNESS, shown), rows()
    made = fit_inside(method, train, BINARY, params={"sharpness": 2.0}, inner=Inner(), seed=0, watch=Watch(told.append))
    assert [(what, data) for what, data in shown] == [("fit", train)]
    assert type(made.model).__mro__[1] is Toy
    assert made.model.params == {"sharpness": 2.0}
    assert made.report == {}
    assert [event["event"] for event in told] == ["note", "progress"]


@pytest.mark.parametrize("order", MORE)
def test_no_held_out_row_is_ever_seen(order):
    """Not by a fit, not by a prediction inside; and inside, no row that is predicted was fitted, nor one that belongs to it."""
    data = rows(order)
    splits = make_splits(data, BINARY.encode(data.target), n_folds=3, n_repeats=1, final_share=0.2, seed=0)
    train = data.rows(splits.train(0, 2))
    shown = []
    fitted(toy(SHARPNESS, shown), train, EVERYTHING)
    assert len(shown) == 2 * (3 * 3 + ADJUST_FOLDS) + 1
    allowed = set(train.frame["mark"])
    for (_, inside), (_, outside) in zip(shown[:-1:2], shown[1:-1:2], strict=True):
        assert set(inside.frame["mark"]) <= allowed
        assert set(outside.frame["mark"]) <= allowed
        assert not set(inside.frame["mark"]) & set(outside.frame["mark"])
        assert not {"y", "g", "w"} & set(outside.frame.columns)
        if order == "grouped":
            groups = data.frame.set_index("mark")["g"]
            assert not set(inside.frame["g"]) & set(groups[outside.frame["mark"]])
        if order == "time":
            assert inside.frame["t"].max() < data.frame.set_index("mark")["t"][outside.frame["mark"]].min()
        if order == "copies":
            assert not set(inside.frame["text"]) & set(outside.frame["text"])
        assert inside.target.value_counts().nunique() == 1  # balanced, and so are only the rows that are fitted
    last = shown[-1][1]
    assert set(last.frame["mark"]) == allowed


@pytest.mark.mission("A8")
@pytest.mark.parametrize("order", MORE)
def test_poisoned_held_out_rows_change_nothing(order):
    data = rows(order)
    splits = make_splits(data, BINARY.encode(data.target), n_folds=3, n_repeats=1, final_share=0.2, seed=0)
    seen = splits.train(0, 2)
    is_seen = np.isin(data.row_ids, seen)
    assert 0 < is_seen.sum() < N
    poisoned = rows(order)
    poisoned.frame.loc[~is_seen, "x"] = np.nan
    poisoned.frame.loc[~is_seen, "y"] = "poison"
    one, other = (fitted(find("logistic"), whole.rows(seen), EVERYTHING) for whole in (data, poisoned))
    assert one.report == other.report
    new = pd.DataFrame({name: data.frame[name] for name in data.schema.features()})
    assert np.array_equal(one.model.predict(new).proba, other.model.predict(new).proba)


@pytest.mark.parametrize("name", ["logistic", "naive-bayes", "svm-linear", "baseline"])
@pytest.mark.parametrize(
    "inner",
    [
        Inner(calibrate="sigmoid"),
        Inner(calibrate="isotonic", balance="weights"),
        Inner(cost=Cost(7.0, 1.0, "no")),
        Inner(tune=2, cost=COST, calibrate="sigmoid", balance="under"),
    ],
    ids=["sigmoid", "isotonic", "cost", "all"],
)
def test_saved_and_loaded_it_predicts_the_same(tmp_path, name, inner):
    train, task = table("binary")
    made = fitted(find(name), train, inner, task)
    said = made.model.predict(train)
    made.model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert isinstance(again, AdjustedModel)
    assert again.adjustment == made.model.adjustment
    assert np.array_equal(again.predict(train).proba, said.proba)
    assert np.array_equal(again.predict(train).value, said.value)
    np.testing.assert_allclose(said.proba.sum(axis=1), 1, rtol=1e-12)
    assert set(said.value) <= {"no", "yes"}
    json.dumps(made.report, allow_nan=False)


def test_several_classes_are_calibrated(tmp_path):
    train, task = table("multiclass")
    made = fitted(find("logistic"), train, Inner(calibrate="sigmoid", balance="over"), task)
    said = made.model.predict(train)
    assert said.proba.shape == (len(train), 3)
    assert np.array_equal(said.value, task.decode(said.proba.argmax(axis=1)))
    made.model.save(tmp_path / "model")
    assert np.array_equal(load_model(tmp_path / "model").predict(train).proba, said.proba)


def test_a_damaged_file_is_told(tmp_path):
    train, task = table("binary")
    fitted(find("baseline"), train, Inner(cost=COST), task).model.save(tmp_path / "model")
    (tmp_path / "model" / NAME).write_text('{"calibration": null}')
    with pytest.raises(ModelFileError, match="adjust.json is damaged"):
        load_model(tmp_path / "model")


def test_what_was_saved_without_adjustment_loads_plain(tmp_path):
    train, task = table("binary")
    fitted(find("logistic"), train, Inner(balance="weights"), task).model.save(tmp_path / "model")
    assert not isinstance(load_model(tmp_path / "model"), AdjustedModel)


def test_calibration_helps_a_model_that_is_too_sure():
    """The toy's log-odds are 30 x; the true ones about 1.7 (x - 0.8)."""
    made, plain = (fitted(toy(SHARPNESS), rows(), inner) for inner in (Inner(calibrate="sigmoid"), Inner()))
    x = np.random.default_rng(5).normal(size=2000)
    new = pd.DataFrame({"x": x, "mark": 0.0})
    y = (x + np.random.default_rng(6).normal(size=2000) > 0.8).astype(int)
    after, before = (METRICS["log_loss"].score(y, one.model.predict(new).proba) for one in (made, plain))
    assert before > 2
    assert after < 0.5
    assert made.report == {"calibrate": "sigmoid"}


@pytest.mark.parametrize("calibrate", ["", "sigmoid", "isotonic"])
def test_costs_move_the_label_and_not_the_probability(calibrate):
    inners = (Inner(cost=COST, calibrate=calibrate), Inner(calibrate=calibrate))
    made, plain = (fitted(toy({"sharpness": Param(30.0)}), rows(), inner) for inner in inners)
    one, other = made.model.predict(rows()), plain.model.predict(rows())
    report = made.report["threshold"]
    assert np.array_equal(one.proba, other.proba)
    assert np.array_equal(one.value == "yes", one.proba[:, 1] >= report["value"])
    assert (report["positive"], report["bayes"]) == ("yes", 1 / 11)
    metric = COST.applied(BINARY).metric
    by_hand = metric.score(BINARY.encode(rows().target), BINARY.encode(pd.Series(one.value)))
    assert report["cost"] == pytest.approx(by_hand, rel=1e-12)  # the toy is the same model in every fold
    assert report["cost"] <= report["cost_bayes"]


def test_weights_of_rows_count_in_all_of_it():
    """The toy is the same model in every fold, so its predictions for all rows are its held-out ones."""
    data = rows("weighted")
    made = fitted(toy({"sharpness": Param(2.0)}), data, Inner(cost=COST, calibrate="isotonic"))
    y, weights = BINARY.encode(data.target), data.frame["w"].to_numpy()
    order = np.argsort(X, kind="stable")  # of equal probabilities there are none, so the rows may stand in any order
    raw = toy({"sharpness": Param(2.0)}).fit(data, BINARY, params={"sharpness": 2.0}, seed=0).predict(data).proba[order]
    calibration = fit_calibration("isotonic", raw, y[order], weights[order])
    # sums of weights in another order
    np.testing.assert_allclose(made.model.predict(data).proba[order], calibration(raw), atol=1e-9)
    metric, said = COST.applied(BINARY).metric, made.model.predict(data)
    report = made.report["threshold"]
    by_hand = metric.score(y, BINARY.encode(pd.Series(said.value)), weights)
    assert report["cost"] == pytest.approx(by_hand, rel=1e-12)
    levels = np.append(np.unique(said.proba[:, 1]), 2.0)
    assert report["cost"] == pytest.approx(
        min(metric.score(y, (said.proba[:, 1] >= cut).astype(int), weights) for cut in levels), rel=1e-9
    )


def test_the_other_label_may_be_the_positive_one():
    made = fitted(toy({"sharpness": Param(2.0)}), rows(), Inner(cost=Cost(10.0, 1.0, "no")))
    said = made.model.predict(rows())
    assert made.report["threshold"]["positive"] == "no"
    assert np.array_equal(said.value == "no", said.proba[:, 0] >= made.report["threshold"]["value"])
    assert (said.value == "no").mean() > 0.8  # missing a "no" costs ten times as much


def test_balance_moves_the_share_and_calibration_moves_it_back():
    """A fifth of the rows is "yes": weighted it is predicted half the time, calibrated about as often as it is."""
    data = rows(y=np.where(RNG.random(N) < 0.2, "yes", "no"))
    share = (data.target == "yes").mean()
    means = {
        name: fitted(find("logistic"), data, inner).model.predict(data).proba[:, 1].mean()
        for name, inner in {
            "plain": Inner(),
            "weighted": Inner(balance="weights"),
            "over": Inner(balance="over"),
            "back": Inner(balance="weights", calibrate="sigmoid"),
        }.items()
    }
    assert means["plain"] == pytest.approx(share, abs=0.001)  # what a logistic regression fits, but for its penalty
    assert means["weighted"] == pytest.approx(0.5, abs=0.05)
    assert means["over"] == pytest.approx(0.5, abs=0.1)  # and the luck of the draw
    assert means["back"] == pytest.approx(share, abs=0.05)


def test_the_schema_is_that_of_the_rows():
    for inner in (Inner(balance="over"), Inner(balance="weights")):
        assert fitted(find("logistic"), rows(), inner).model.schema == rows().schema


def test_rows_that_cannot_be_split_get_the_bayes_threshold():
    told = []
    data = dataset({"x": X, "g": ["a"] * N, "y": Y}, {"x": "number"}, roles={"g": "group"})
    made = fitted(toy(SHARPNESS), data, Inner(cost=COST, calibrate="sigmoid"), watch=Watch(told.append))
    assert "probabilities are taken at their word" in told[0]["text"]
    assert made.report["threshold"]["value"] == 1 / 11
    assert made.model.adjustment.calibration is None
    plain = fitted(toy(SHARPNESS), data, Inner(calibrate="sigmoid"))
    assert not isinstance(plain.model, AdjustedModel)


def test_rows_set_aside_as_final_are_train_rows_once_they_are_given():
    shown = []
    fitted(toy(SHARPNESS, shown), replace(rows(), final_ids=np.arange(50, 60)), Inner(calibrate="sigmoid"))
    assert sum(len(outside) for what, outside in shown if what == "predict") == N


def test_few_times_make_few_folds():
    """Five folds in time order need six times; with three times there are two."""
    shown = []
    t = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N) // 40, unit="D")
    data = dataset({"x": X, "mark": X, "t": t, "y": Y}, {"x": "number", "mark": "number", "t": "date"}, roles={"t": "time"})
    fitted(toy(SHARPNESS, shown), data, Inner(calibrate="sigmoid"))
    assert [len(inside) for what, inside in shown] == [40, 40, 80, 40, 120]


def test_probabilities_are_needed(monkeypatch):
    monkeypatch.setattr(Toy, "predict_rows", lambda self, data: Predictions(data.row_ids, np.full(len(data), "no")))
    method = toy({"sharpness": Param(1.0)})
    with pytest.raises(DataError, match="toy gives no probabilities, which calibrate=sigmoid needs"):
        fitted(method, rows(), Inner(calibrate="sigmoid"))
    with pytest.raises(DataError, match="toy gives no probabilities, which --cost needs"):
        fitted(method, rows(), Inner(cost=COST))


def test_what_the_task_does_not_have_is_refused():
    task = Task("regression", "y", target_sd=1.0)
    with pytest.raises(SettingsError, match="balance=over is for tasks with classes"):
        fitted(toy({"shift": Param(1.0)}), rows(y=X), Inner(balance="over"), task)


@pytest.mark.parametrize("name", ["logistic", "svm-linear"])
def test_same_seed_same_answer(name):
    train, task = table("binary")
    first, again, other = (fitted(find(name), train, EVERYTHING, task, seed=seed) for seed in (0, 0, 1))
    assert first.report == again.report != other.report
    assert np.array_equal(first.model.predict(train).proba, again.model.predict(train).proba)
