"""The perceptron on tables: columns by hand, answers learnt, the same bits again, files, and what it refuses."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from tests.datasets import dataset, table

from tenon.catalogue import find, load_model
from tenon.data.dataset import Schema
from tenon.errors import ModelFileError, NeedsExtra, SettingsError
from tenon.inner import Inner, fit_inside
from tenon.tasks import Task
from tenon.watch import Watch

torch = pytest.importorskip("torch")

from tenon.tabular.mlp import NUMBERS, WORDS, MLPClassifier, MLPRegressor  # noqa: E402
from tenon.tabular.mlp_columns import NetColumns  # noqa: E402

RNG = np.random.default_rng(0)
N = 600
FRAME = pd.DataFrame({
    "größe": np.where(RNG.random(N) < 0.1, np.nan, RNG.normal(5.0, 2.0, N)),
    "颜色": pd.Categorical(RNG.choice(["rot", "蓝", "grün", None], N, p=[0.4, 0.3, 0.2, 0.1])),
    "half": RNG.normal(size=N),
})  # fmt: skip
SIGN = np.where(FRAME["颜色"].astype(object) == "蓝", -1.0, 1.0)
SCORE = SIGN * FRAME["half"].to_numpy() + 0.1 * RNG.normal(size=N)  # a product of a number and a category
CLASSES = np.where(SCORE > 0, "yes", "no")
QUICK = {"hidden": (32, 16), "epochs": 25, "batch_size": 32, "rate": 0.01, "n_jobs": 1, "random_state": 0}
TRAIN, TEST = slice(0, 450), slice(450, N)


def test_columns_are_filled_marked_scaled_and_coded():
    train = pd.DataFrame({
        "a": [1.0, 2.0, 3.0, np.nan, 1e9],
        "b": pd.Categorical(["x", "y", "x", None, "y"]),
        "c": pd.Categorical(["u", "u", None, None, "v"]),
        "d": [2.0, 2.0, 2.0, 2.0, 2.0],
    })  # fmt: skip
    columns = NetColumns().fit(train)
    assert columns.n_values == [3, 3]  # x, y; u, missing: what is there once, v, shares its code with the unknown
    new = pd.DataFrame({"a": [np.nan, 1e30], "b": ["y", "new"], "c": [None, "v"], "d": [2.0, 5.0]})
    numbers, codes = columns.transform(new)
    filled = np.array([1.0, 2.0, 3.0, 2.5, 1e9])  # the median of 1, 2, 3 and 1e9
    expected = (2.5 - filled.mean()) / filled.std()
    assert numbers[:, 0] == pytest.approx([expected, 10.0])
    assert numbers[:, 1] == pytest.approx([0.0, 3.0])  # a column without spread keeps its unit
    assert numbers[:, 2].tolist() == [1.0, 0.0]  # the mark of gaps in a; d had none
    assert codes[:, 0].tolist() == [2, 0]
    assert codes[:, 1].tolist() == [columns.values_[1].index("\0missing") + 1, 0]


@pytest.mark.mission("D2")
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "leaky_relu", "mish"])
def test_each_activation_learns_and_comes_back_from_a_file(activation, tmp_path):
    model = MLPClassifier(**QUICK, activation=activation).fit(FRAME[TRAIN], CLASSES[TRAIN])
    assert model.score(FRAME[TEST], CLASSES[TEST]) > 0.85
    model.write_files(tmp_path)
    again = MLPClassifier.read_files(tmp_path)
    np.testing.assert_array_equal(again.predict_proba(FRAME[TEST]), model.predict_proba(FRAME[TEST]))


@pytest.mark.mission("D13")
def test_the_mean_of_weights_is_the_result():
    """At the same steps as without; of one step the mean is a tenth of the first weights and nine tenths of the last."""
    once = QUICK | {"epochs": 1, "batch_size": 450}
    last, mean = (
        MLPClassifier(**once, average=average).fit(FRAME[TRAIN], CLASSES[TRAIN], held_out=np.zeros(450, bool))
        for average in (0.0, 0.9)
    )
    first = MLPClassifier(**once | {"rate": 1e-30}).fit(FRAME[TRAIN], CLASSES[TRAIN], held_out=np.zeros(450, bool))
    assert last.history_.loss == mean.history_.loss
    for a, b, c in zip(first.net_.parameters(), last.net_.parameters(), mean.net_.parameters(), strict=True):
        torch.testing.assert_close(c, 0.1 * a + 0.9 * b, rtol=1e-4, atol=1e-6)


@pytest.mark.mission("D1")
def test_a_product_of_number_and_category_is_learnt():
    model = MLPClassifier(**QUICK).fit(FRAME[TRAIN], CLASSES[TRAIN])
    assert (model.predict(FRAME[TEST]) == CLASSES[TEST]).mean() > 0.9
    proba = model.predict_proba(FRAME[TEST])
    assert proba.sum(axis=1) == pytest.approx(np.ones(150))
    numbers = MLPRegressor(**QUICK).fit(FRAME[TRAIN], 100.0 + 5.0 * SCORE[TRAIN])
    assert numbers.score(FRAME[TEST], 100.0 + 5.0 * SCORE[TEST]) > 0.85


@pytest.mark.parametrize(("kind", "target"), [(MLPClassifier, CLASSES), (MLPRegressor, SCORE)])
def test_equal_seeds_are_equal_bits_also_from_a_file(kind, target, tmp_path):
    first = kind(**QUICK | {"epochs": 3}).fit(FRAME, target)
    torch.manual_seed(77)
    again = clone(first).fit(FRAME, target)
    other = clone(first).set_params(random_state=1).fit(FRAME, target)
    strange = FRAME.assign(颜色="never seen", größe=np.nan)
    first.write_files(tmp_path)
    loaded = kind.read_files(tmp_path)
    for frame in (FRAME, strange):
        assert again._answers(frame).tobytes() == first._answers(frame).tobytes()
        assert loaded._answers(frame).tobytes() == first._answers(frame).tobytes()
    assert not np.array_equal(other._answers(FRAME), first._answers(FRAME))
    assert loaded.predict(FRAME[:5]).tolist() == first.predict(FRAME[:5]).tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]


def test_a_row_is_answered_alike_alone_and_among_others():
    model = MLPClassifier(**QUICK | {"epochs": 3}).fit(FRAME, CLASSES)
    alone = np.vstack([model.predict_proba(FRAME[i : i + 1]) for i in range(20)])
    assert alone == pytest.approx(model.predict_proba(FRAME)[:20], abs=1e-6)


def test_rows_of_little_weight_are_not_listened_to():
    wrong, weight = CLASSES[TRAIN].copy(), np.ones(450)
    wrong[:225], weight[:225] = np.where(CLASSES[:225] == "yes", "no", "yes"), 1e-6
    model = MLPClassifier(**QUICK).fit(FRAME[TRAIN], wrong, sample_weight=weight)
    assert (model.predict(FRAME[TEST]) == CLASSES[TEST]).mean() > 0.85


def test_few_rows_hold_none_out_and_many_stop_early():
    few = MLPClassifier(**QUICK).fit(FRAME[:100], CLASSES[:100])
    assert few.history_.held_out == []
    noise = RNG.permutation(CLASSES)
    many = MLPClassifier(**QUICK | {"epochs": 60, "patience": 2}).fit(FRAME, noise)
    assert len(many.history_.held_out) < 60
    assert many.history_.stopped == "no better loss of the held-out rows in 2 epochs"


def test_what_cannot_be_is_told(tmp_path):
    with pytest.raises(SettingsError, match="rate takes a number above 0; got 0"):
        MLPClassifier(rate=0).fit(FRAME, CLASSES)
    with pytest.raises(SettingsError, match="dropout takes a number from 0 to 1; got 2"):
        MLPClassifier(dropout=2).fit(FRAME, CLASSES)
    model = MLPClassifier(**QUICK | {"epochs": 1}).fit(FRAME, CLASSES)
    model.write_files(tmp_path)
    (tmp_path / NUMBERS).write_bytes((tmp_path / NUMBERS).read_bytes()[:-40])
    with pytest.raises(ModelFileError, match="holds no network that can be read"):
        MLPClassifier.read_files(tmp_path)


def dataset_of(kind: str, seed: int = 0):
    data, task = table(kind, n=300, seed=seed)
    columns = tuple(replace(c, kind="ignore") if c.kind == "text" else c for c in data.schema.columns)
    return replace(data, schema=Schema(columns, len(data))), task


@pytest.mark.mission("D15")
@pytest.mark.parametrize(("kind", "estimator"), [("multiclass", MLPClassifier), ("regression", MLPRegressor)])
def test_settings_of_the_method_reach_the_network(kind, estimator):
    data, task = dataset_of(kind)
    method = find("mlp")
    given = {"width": 40, "layers": 4, "rate": 0.02, "dropout": 0.3, "input_noise": 0.2, "weight_noise": 0.03, "smoothing": 0.1}
    heard = []
    model = method.fit(
        data, task, params=method.with_defaults(given), seed=5, budget="quick", watch=Watch(heard.append)
    ).estimator
    assert isinstance(model, estimator)
    assert [layer[0].out_features for layer in model.net_.body] == [40, 20, 10, 8]
    assert model.epochs == 10
    recipe = model._recipe(270)
    assert (recipe.rate, recipe.input_noise, recipe.weight_noise) == (0.02, 0.2, 0.03)
    assert kind == "regression" or model.smoothing == 0.1
    progress = [event for event in heard if event["event"] == "progress"]
    assert progress[-1]["done"] == progress[-1]["total"] == len(model.history_.loss)
    assert len(model.history_.held_out) == 10  # rows were held out


@pytest.mark.mission("D3")
def test_weights_of_classes_reach_the_loss():
    """A rare class that cannot be told from the others by its columns: its probability is its share of the weight."""
    rng = np.random.default_rng(0)
    data = dataset({"x": rng.normal(size=800), "y": np.where(np.arange(800) % 10 == 0, "yes", "no")}, {"x": "number"})
    task, method = Task("binary", "y", ("no", "yes")), find("mlp")
    for how, share in (("", 0.1), ("weights", 0.5)):
        inner = Inner(balance=how)
        model = fit_inside(method, data, task, params={"width": 8}, inner=inner, seed=0, budget="quick").model
        assert model.predict(data.without_target()).proba[:, 1].mean() == pytest.approx(share, abs=0.05)


def test_without_pytorch_the_board_and_a_saved_model_say_what_is_missing(tmp_path, monkeypatch):
    data, task = dataset_of("binary")
    method = find("mlp")
    method.fit(data, task, params=method.with_defaults({}), seed=0, budget="quick").save(tmp_path / "model")
    assert method.lacks() == ""
    monkeypatch.setattr("tenon.method._is_installed", lambda extra: extra != "deep")
    assert method.lacks() == "needs tenon[deep]: pip install 'tenon[deep]'"
    with pytest.raises(NeedsExtra, match=r"model holds a model of mlp, which needs tenon\[deep\]: pip install 'tenon\[deep\]'"):
        load_model(tmp_path / "model")


@pytest.mark.mission("D10")
def test_pretraining_is_no_worse_on_handwritten_digits():
    """Digits of scikit-learn, 8 x 8 pixels: the difference, with its interval, allows for pretraining to be as good."""
    X, y = load_digits(return_X_y=True)
    train, test = np.arange(len(y)) % 3 > 0, np.arange(len(y)) % 3 == 0
    settings = {"hidden": (64, 32), "epochs": 15, "n_jobs": 1, "random_state": 0}
    plain = MLPClassifier(**settings).fit(X[train], y[train])
    made = MLPClassifier(**settings, pretraining=10).fit(X[train], y[train])
    assert plain.history_.before == {}
    assert list(made.history_.before) == ["layer 1", "layer 2"]
    for history in made.history_.before.values():
        assert np.mean(history.loss[-5:]) < 0.7 * np.mean(history.loss[:5])
    hits = [model.predict(X[test]) == y[test] for model in (plain, made)]
    assert hits[0].mean() > 0.95
    difference = hits[1].astype(float) - hits[0]
    assert difference.mean() + 1.96 * difference.std() / np.sqrt(len(difference)) >= 0
    with pytest.raises(SettingsError, match="pretraining takes a whole number from 0 on; got -1"):
        MLPClassifier(**settings, pretraining=-1).fit(X[train], y[train])


def test_a_calibrated_network_keeps_its_curves():
    data, task = dataset_of("binary")
    inner = Inner(calibrate="sigmoid")
    model = fit_inside(find("mlp"), data, task, params={"width": 8}, inner=inner, seed=0, budget="quick").model
    assert model.history() == model.model.estimator.history_.brief()
    assert len(model.history()["held_out"]) == 10
    assert find("logistic").fit(data, task, params=find("logistic").with_defaults({}), seed=0).history() is None
