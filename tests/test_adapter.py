"""The adapter: what it accepts, how it treats estimators that lack something, weights, warnings, and model files."""

import logging
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from tenon.adapter import estimator_method, from_estimator
from tenon.catalogue import METHODS, find
from tenon.data.dataset import Column, Dataset, Schema
from tenon.errors import MethodError, ModelFileError, SettingsError
from tenon.estimator_file import NAME, read_estimator, write_estimator
from tenon.inner.balance import balanced
from tenon.method import Method, Model
from tenon.tasks import Task
from tenon.watch import Watch
from tests.datasets import dataset, table, texts

BINARY, REGRESSION = Task("binary", "y", ("no", "yes")), Task("regression", "y")


def schema(n_rows: int, *kinds: str) -> Schema:
    return Schema((*(Column(f"c{i}", kind) for i, kind in enumerate(kinds)), Column("y", "category", "target")), n_rows)


def fit(method: Method, data, task, watch: Watch | None = None) -> Model:
    return method.fit(data, task, params=method.with_defaults({}), seed=1, budget="normal", watch=watch or Watch())


@pytest.mark.parametrize(
    ("name", "data", "task", "reason"),
    [
        ("logistic", schema(9, "number"), BINARY, None),
        ("logistic", schema(9, "number"), REGRESSION, "predicts classes only"),
        ("ridge", schema(9, "number"), BINARY, "predicts numbers only"),
        (
            "knn", schema(9, "tokens", "ignore"), BINARY,
            "reads columns of these kinds: number, category, date, text, image; there is none",
        ),
        ("baseline", schema(9, "tokens"), BINARY, None),
        ("svm-rbf", schema(20_000, "number"), BINARY, None),
        (
            "svm-rbf", schema(1_204_000, "number"), BINARY,
            "grows with the square of the rows; 1,204,000 rows > 20,000. Try logistic or ridge, or a sample",
        ),
        ("svm-rbf", schema(9, "number", "text"), BINARY, "is slow on text, where svm-linear does as well"),
        ("mlp", schema(9, "number", "text"), BINARY, "reads no text"),
        ("mlp", schema(9, "image"), REGRESSION, None),
    ],
)  # fmt: skip
def test_accepts(name, data, task, reason):
    assert find(name).accepts(data, task) == reason


def with_weights(data: Dataset, weights) -> Dataset:
    return replace(data, frame=data.frame.assign(importance=pd.Series(weights, index=data.frame.index, dtype=float)))


@pytest.mark.parametrize("kind", ["binary", "regression"])
@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_row_weights_are_used(method, kind):
    data, task = table(kind)
    columns = tuple(replace(c, kind="ignore") if c.kind == "text" else c for c in data.schema.columns)
    data = replace(data, schema=Schema(columns, len(data)))
    if method.accepts(data.schema, task):
        return
    grown, even = (fit(method, with_weights(data, w), task).predict_rows(data.without_target()) for w in (np.arange(90), 1.0))
    ours, theirs = (p.value if task.is_regression else p.proba for p in (grown, even))
    assert np.abs(ours - theirs).max() > 1e-3  # far above rounding


def test_twice_the_weight_is_twice_the_row():
    data, task = table()
    twice = np.concatenate([data.row_ids, data.row_ids[:30]])
    repeated = replace(data, schema=replace(data.schema, n_rows=len(twice)), frame=data.frame.loc[twice].reset_index(drop=True))
    weighted = with_weights(data, np.where(np.arange(len(data)) < 30, 2, 1))
    models = [fit(find("baseline"), d, task) for d in (weighted, with_weights(repeated, 1.0))]
    ours, theirs = (model.predict_rows(data.without_target()).proba for model in models)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)  # sums of float64


def test_weights_that_cannot_be_used_are_noted():
    data, task = table()
    events: list[dict] = []
    fit(estimator_method(LinearDiscriminantAnalysis, "lda"), data, task, Watch(events.append))
    assert "LinearDiscriminantAnalysis takes no row weights; column 'importance' was not used." in [e["text"] for e in events]


class Noisy(ClassifierMixin, BaseEstimator):
    """Warns, draws from the global generator, and says the same class always."""

    def fit(self, X, y):
        warnings.warn("first line\nsecond line", UserWarning, stacklevel=1)
        warnings.warn("first line\nsecond line", UserWarning, stacklevel=1)
        warnings.warn("of no interest to users", DeprecationWarning, stacklevel=1)
        self.drawn_ = np.random.random()  # noqa: NPY002
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        check_is_fitted(self)
        return np.zeros(X.shape[0], int)


def test_warnings_become_one_note_and_global_draws_are_seeded():
    data, task = table()
    method = Method(card="", cost_rank=1, **from_estimator("noisy", lambda task, params, seed: Noisy()))
    data = replace(data, schema=Schema(tuple(c for c in data.schema.columns if c.role != "weight"), len(data)))
    events: list[dict] = []
    models = [fit(method, data, task, Watch(events.append)) for _ in range(2)]
    assert [e["text"] for e in events] == ["noisy: first line"] * 2
    assert models[0].estimator.drawn_ == models[1].estimator.drawn_
    assert (models[0].predict_rows(data.without_target()).proba == [1, 0]).all()  # it knows no probabilities


@pytest.mark.parametrize(
    "estimator",
    [GaussianNB, DecisionTreeClassifier, RandomForestClassifier(n_estimators=5), RidgeClassifier, NearestCentroid,
     make_pipeline(StandardScaler(with_mean=False), SGDClassifier())],
    ids=lambda e: e.__name__ if isinstance(e, type) else type(e).__name__,
)  # fmt: skip
def test_any_estimator_becomes_a_method(estimator, tmp_path):
    """On text too, where GaussianNB takes no sparse matrix."""
    method = estimator_method(estimator, "theirs")
    for data, task in (texts(), table()):
        train, new = data.rows(data.row_ids[:40]), data.rows(data.row_ids[40:]).without_target()
        model = fit(method, train, task)
        proba = model.predict_rows(new).proba
        np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-12)  # K numbers of float64
        assert proba.tobytes() == fit(method, train, task).predict_rows(new).proba.tobytes()
    model.save(tmp_path / "model")
    again = method.load(tmp_path / "model", data.schema, task)
    assert again.predict_rows(new).proba.tobytes() == proba.tobytes()


def test_a_model_says_what_it_is():
    assert repr(fit(find("logistic"), *table())) == "logistic model of y (binary), 5 columns"  # the ignored one is not read


def test_settings_of_an_estimator_can_be_set():
    method = estimator_method(RandomForestRegressor(n_estimators=7, max_depth=2), "forest")
    assert method.is_seeded
    assert method.params["n_estimators"].default == 7
    assert {"random_state", "n_jobs"} & set(method.params) == set()
    data, task = table("regression")
    model = method.fit(data, task, params=method.with_defaults({"max_depth": 3}), seed=11, budget="quick")
    settings = model.estimator.get_params()
    assert [settings[name] for name in ("n_estimators", "max_depth", "random_state", "n_jobs")] == [7, 3, 11, 1]
    assert method.accepts(data.schema, BINARY) == "predicts numbers only"


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (StandardScaler, "mine is no scikit-learn estimator: it lacks fit, predict or get_params"),
        (dict, "mine is no scikit-learn estimator"),
        (lambda: None, "mine is no scikit-learn estimator"),
    ],
)
def test_what_is_no_estimator_is_refused(thing, message):
    with pytest.raises(SettingsError, match=message):
        estimator_method(thing, "mine")


def test_what_groups_rows_but_predicts_nothing_is_refused():
    with pytest.raises(SettingsError, match="mine is neither a classifier nor a regressor in scikit-learn's sense"):
        estimator_method(KMeans, "mine")


def test_model_of_own_types_loads_only_with_its_method(tmp_path):
    method = estimator_method(Noisy, "noisy")
    data, task = texts()
    model = fit(method, data, task)
    model.save(tmp_path / "model")
    with pytest.raises(ModelFileError, match="holds tests.test_adapter.Noisy, which no model of this method holds; not loaded"):
        find("logistic").load(tmp_path / "model", data.schema, task)
    again = method.load(tmp_path / "model", data.schema, task)
    assert again.estimator.drawn_ == model.estimator.drawn_


class Unpickled:
    """Whoever loads this by running what it says has been had."""

    def __reduce__(self):
        return print, ("had",)


def test_nothing_in_a_file_is_run(tmp_path, capsys):
    write_estimator(tmp_path, {"transformer": Unpickled(), "estimator": None, "present": np.empty(0, int)})
    with pytest.raises(ModelFileError, match="not loaded"):
        read_estimator(tmp_path)
    assert capsys.readouterr().out == ""


def test_damaged_files_are_refused(tmp_path):
    with pytest.raises(ModelFileError, match=f"holds no {NAME}"):
        read_estimator(tmp_path)
    (tmp_path / NAME).write_bytes(b"no archive")
    with pytest.raises(ModelFileError, match="is damaged"):
        read_estimator(tmp_path)
    with zipfile.ZipFile(tmp_path / NAME, "w") as archive:
        archive.writestr("schema.json", "{}")
    with pytest.raises(ModelFileError, match="is damaged"):
        read_estimator(tmp_path)
    write_estimator(tmp_path, {"transformer": None})
    with pytest.raises(ModelFileError, match="does not hold the parts"):
        read_estimator(tmp_path)


def test_a_label_training_never_heard_of_is_refused():
    data, _ = table()
    with pytest.raises(ValueError, match="a label that training never saw: 'yes'"):
        fit(find("knn"), data, Task("binary", "y", ("no", "maybe")))


def test_one_column_of_each_kind_alone():
    """Each kind of column makes a matrix by itself, for every recipe."""
    data, task = table()
    for name in ("size", "colour", "when", "remark"):
        alone = dataset({name: data.frame[name], "y": data.target}, {name: data.schema[name].kind})
        for method in ("naive-bayes", "logistic"):
            proba = fit(find(method), alone, task).predict_rows(alone.without_target()).proba
            np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-12)  # two numbers of float64


class DearForest(RandomForestClassifier):
    tenon_cost = "dear"


def test_an_estimator_may_say_that_it_is_dear():
    assert estimator_method(RandomForestClassifier, "forest").cost == "cheap"
    assert estimator_method(RandomForestClassifier(), "forest", cost="medium").cost == "medium"
    assert estimator_method(DearForest, "forest").cost == "dear"
    assert estimator_method(DearForest(), "forest", cost="cheap").cost == "cheap"  # what the caller says goes first
    with pytest.raises(SettingsError, match="no cost class of forest 'deer'"):
        estimator_method(DearForest, "forest", cost="deer")


def test_a_dear_estimator_gets_all_cores():
    data, task = table("binary")
    for method, n_jobs in ((estimator_method(DearForest(5), "f"), -1), (estimator_method(DearForest(5), "f", cost="cheap"), 1)):
        assert fit(method, data, task).estimator.n_jobs == n_jobs


class Draws(ClassifierMixin, BaseEstimator):
    """Says what the global generators draw, when it is fitted and when it predicts."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        first = np.random.rand(X.shape[0])  # noqa: NPY002
        return np.column_stack([first, 1 - first])

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)


def test_a_seed_of_numpy_is_one():
    data, task = table()
    method = estimator_method(RandomForestClassifier(n_estimators=5), "forest")
    models = [method.fit(data, task, params=method.with_defaults({}), seed=seed) for seed in (3, np.int64(3))]
    one, two = (model.predict_rows(data.without_target()).proba for model in models)
    assert one.tobytes() == two.tobytes()


def test_a_prediction_that_draws_is_the_same_every_time_and_disturbs_nobody():
    data, task = table()
    model = fit(estimator_method(Draws, "draws"), data, task)
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    one, two = (model.predict_rows(data.without_target()).proba for _ in range(2))
    assert one.tobytes() == two.tobytes()
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


class Odd(Draws):
    """Gives `proba` for every row."""

    def __init__(self, proba=None):
        self.proba = proba

    def predict_proba(self, X):
        return np.tile(self.proba, (X.shape[0], 1))


@pytest.mark.parametrize(
    ("proba", "said"),
    [
        ([1.5, -0.5], "it gives a probability below 0 or above 1"),
        ([2.0, 1.0], "it gives a probability below 0 or above 1"),
        ([0.3, 0.3], "its probabilities of a row do not add up to 1"),
        ([np.nan, 1.0], "it gives a missing or infinite probability"),
        ([0.2, 0.3, 0.5], r"its probabilities have the shape \(90, 3\); \(rows, classes\) are \(90, 2\)"),
    ],
)
def test_what_an_estimator_calls_probabilities_is_checked_before_it_is_scaled(proba, said):
    data, task = table()
    model = fit(estimator_method(Odd(proba), "odd"), data, task)
    with pytest.raises(MethodError, match=said):
        model.predict_rows(data.without_target())


def test_probabilities_in_float32_are_brought_to_a_sum_of_1():
    data, task = table()
    third = [float(np.float32(1 / 3)), float(np.float32(2 / 3))]
    proba = fit(estimator_method(Odd(third), "odd"), data, task).predict_rows(data.without_target()).proba
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-15)
    np.testing.assert_allclose(proba[:, 0], 1 / 3, atol=1e-7)  # seven digits of float32


def test_what_the_code_logs_while_it_fits_is_noted():
    class Telling(GaussianNB):
        def fit(self, X, y, sample_weight=None):
            logging.getLogger("tenon.trees").warning("compiling the kernels")
            return super().fit(X, y, sample_weight)

    data, task = table()
    notes: list[str] = []
    method = Method(card="", cost_rank=1, **from_estimator("mine", lambda task, params, seed: Telling()))
    method.fit(data, task, params={}, seed=0, watch=Watch(lambda event: notes.append(event["text"])))
    assert "compiling the kernels" in notes
    assert logging.getLogger("tenon").handlers == []


class Curious(GaussianNB):
    """Keeps what the adapter hands to networks."""

    watch = Watch()

    def fit(self, X, y, sample_weight=None, held_out=None):
        self.held_out_ = held_out
        self.watch.progress(1, 2, loss=0.5)
        return super().fit(X, y, sample_weight)


def held_out_of(data: Dataset, task: Task, heard: list | None = None) -> np.ndarray:
    method = Method(card="", cost_rank=1, **from_estimator("mine", lambda task, params, seed: Curious()))
    listen = (heard if heard is not None else []).append
    return method.fit(data, task, params={}, seed=3, watch=Watch(listen)).estimator.held_out_


def test_networks_get_rows_to_choose_the_epoch_and_a_watch():
    data, task = table(n=300)
    heard: list[dict] = []
    is_out = held_out_of(data, task, heard)
    assert {"event": "progress", "done": 1, "total": 2, "loss": 0.5} in heard
    assert held_out_of(data.rows(data.row_ids[:199]), task).sum() == 0  # too few rows
    users = data.frame["user"].to_numpy()
    assert set(users[is_out]).isdisjoint(users[~is_out])  # a third of the rows each, so one is out or none
    alone = replace(data, schema=Schema(tuple(c for c in data.schema.columns if c.role != "group"), len(data)))
    by_chance = held_out_of(alone, task)
    assert by_chance.sum() == 30
    yes = (data.target == "yes").to_numpy()
    assert abs(by_chance[yes].mean() - by_chance[~yes].mean()) < 0.02  # classes keep their shares, to a row


def test_networks_are_judged_by_the_latest_rows_where_there_is_time():
    n = 400
    rng = np.random.default_rng(0)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D")
    columns = {"x": rng.normal(size=n), "when": when, "y": rng.choice(["no", "yes"], n)}
    data = dataset(columns, {"x": "number", "when": "date"}, roles={"when": "time"})
    is_out = held_out_of(data, BINARY)
    assert 0.05 < is_out.mean() < 0.15
    assert when[is_out].min() > when[~is_out].max()  # and no day on both sides
    one_day = replace(data, frame=data.frame.assign(when=when[0]))
    assert held_out_of(one_day, BINARY).sum() == 0


def test_repeated_rows_are_held_out_with_their_first():
    data, task = table(n=400)
    columns = tuple(c for c in data.schema.columns if c.kind != "text" and c.role != "group")
    rare = np.where(np.arange(400) < 60, "yes", "no")
    data = replace(data, schema=Schema(columns, 400), frame=data.frame.assign(y=rare))
    repeated = balanced(data, task, "over", 0)
    is_out, age = held_out_of(repeated, task), repeated.frame["age"]
    assert len(repeated) == 680
    assert 0.05 < is_out.mean() < 0.15
    assert set(age[is_out]).isdisjoint(age[~is_out])
