"""Files of ONNX beside the models that they were written of, asked by onnxruntime alone, with columns as they came in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("torch")

from tests.cli.fakes import run  # noqa: E402
from tests.compress.test_ways import WAY, fitted, smaller  # noqa: E402
from tests.datasets import dataset, target_of, task_of  # noqa: E402

import tenon  # noqa: E402
from tenon.compress.onnx_model import METHOD, MOST, OnnxModel, largest_difference, to_onnx  # noqa: E402
from tenon.compress.ways import parted  # noqa: E402
from tenon.data.samples import write_sample  # noqa: E402
from tenon.errors import MethodError, ModelFileError, SettingsError  # noqa: E402
from tenon.inner.adjusted import AdjustedModel, Adjustment  # noqa: E402
from tenon.inner.threshold import Threshold  # noqa: E402
from tenon.method import Predictions  # noqa: E402
from tenon.nn.activations import ACTIVATIONS  # noqa: E402
from tenon.tasks import infer_task  # noqa: E402
from tenon.watch import SILENT  # noqa: E402

TREES, LINEAR = ("boosting", "boosting-leafwise", "gbdt", "forest", "cart"), ("logistic", "linear", "ridge", "lasso")
NETS = ("mlp", "mlp-autoencoder")
LABELS = {"binary": ("no", "yes"), "multiclass": (1, 2, 5)}


def rows(kind, n=300, seed=0, has_gaps=True):
    """Numbers and categories with gaps, rare values, and a number column without any gap."""
    rng = np.random.default_rng(seed)
    size, colour, shape = (
        rng.normal(size=n),
        rng.choice(["red", "green", "蓝", "rare"], n, p=[0.5, 0.3, 0.19, 0.01]),
        rng.choice(list("abcdefgh"), n),
    )
    signal = size + (colour == "red") + np.isin(shape, ["a", "d", "e"]) + 0.3 * rng.normal(size=n)
    gap = rng.random((3, n)) < 0.1 * has_gaps
    columns = {
        "size": np.where(gap[0], np.nan, size), "age": rng.normal(40, 10, n),
        "colour": np.where(gap[1], None, colour.astype(object)), "shape": np.where(gap[2], None, shape.astype(object)),
        "y": target_of(kind, signal, LABELS.get(kind, ())),
    }  # fmt: skip
    data = dataset(columns, {"size": "number", "age": "number", "colour": "category", "shape": "category"})
    return data, task_of(kind, data)


def new_rows(n=200, seed=9):
    """Rows with gaps in every column, values that training never saw, and numbers far outside."""
    rng = np.random.default_rng(seed)
    frame = rows("binary", n, seed)[0].frame[["size", "age", "colour", "shape"]].copy()
    frame.loc[frame.index[::7], "age"] = np.nan
    frame.loc[frame.index[::5], "colour"] = "unseen"
    frame.loc[frame.index[::11], "shape"] = "z"
    frame.loc[frame.index[3], "size"] = 1e6
    return frame.sample(frac=1, random_state=rng.integers(100)).reset_index(drop=True)


def asked(content, frame):
    """What onnxruntime says, given columns as any program would."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    cells = {}
    for one in session.get_inputs():
        column = frame[one.name]
        is_number = one.type == "tensor(double)"
        cells[one.name] = (column.to_numpy(float) if is_number else column.fillna("").to_numpy(object))[:, None]
    return dict(zip([one.name for one in session.get_outputs()], session.run(None, cells), strict=True))


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("name", TREES + LINEAR + NETS)
def test_the_file_says_what_the_model_says(name, kind, tmp_path):
    if (kind == "regression") != (name in ("linear", "ridge", "lasso")) and name in LINEAR:
        return
    data, task = rows(kind)
    model = fitted(name, data, task)
    one, frame = smaller("onnx", model, data)(tmp_path), new_rows()
    said, found = model.predict(frame), asked((tmp_path / "model" / "model.onnx").read_bytes(), frame)
    if kind == "regression":
        np.testing.assert_allclose(found["value"], said.value, rtol=1e-5, atol=1e-5 * np.std(said.value))
        np.testing.assert_array_equal(one.predict(frame).value, found["value"])
        return
    # sums of trees leave onnxruntime in float32, seven digits; linear models and perceptrons stay in float64
    np.testing.assert_allclose(found["probabilities"], said.proba, atol=1e-5 if name in TREES else 1e-9)
    is_clear = np.sort(said.proba, axis=1)[:, -1] - np.sort(said.proba, axis=1)[:, -2] > 1e-4
    assert (found["label"] == said.value.astype(str))[is_clear].all()
    np.testing.assert_array_equal(one.predict(frame).proba, found["probabilities"])


@pytest.mark.mission("D12")
@pytest.mark.parametrize("name", ["boosting", "forest", "logistic", "mlp"])
def test_real_rows(name, tmp_path):
    [path] = write_sample("breast-cancer", tmp_path)
    data = tenon.read(path, target="diagnosis")
    model = fitted(name, data, infer_task(data.target)[0])
    one = smaller("onnx", model, data)(tmp_path)
    np.testing.assert_allclose(one.predict(data).proba, model.predict(data).proba, atol=1e-5)


@pytest.mark.parametrize("name", ["logistic", "mlp"])
def test_a_column_without_gaps_in_training_takes_them_later(name):
    data, task = rows("binary", has_gaps=False)
    model = fitted(name, data, task)
    made = to_onnx(model, data, 0, SILENT)
    np.testing.assert_allclose(made.predict(new_rows()).proba, model.predict(new_rows()).proba, atol=1e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_perceptrons_bend_as_there(activation):
    data, task = rows("binary")
    model = fitted("mlp", data, task, activation=activation)
    made = to_onnx(model, data, 0, SILENT)
    atol = 1e-6 if activation == "gelu" else 1e-9  # whose operator takes float32 alone
    np.testing.assert_allclose(made.predict(new_rows()).proba, model.predict(new_rows()).proba, atol=atol)


def test_minmax_is_known_and_unit_is_not():
    data, task = rows("binary")
    model = fitted("logistic", data, task, scaling="minmax")
    np.testing.assert_allclose(
        to_onnx(model, data, 0, SILENT).predict(new_rows()).proba, model.predict(new_rows()).proba, atol=1e-9
    )
    assert WAY["onnx"].why_not(fitted("logistic", data, task, scaling="unit"), data) == "knows the scalings standard and minmax"


def test_a_file_that_says_something_else_is_refused(monkeypatch):
    data, task = rows("regression")
    model = fitted("ridge", data, task)
    right = OnnxModel.predict_rows

    def wrong(self, dataset):
        said = right(self, dataset)
        said.value[0] += 2 * MOST * np.std(said.value)
        return said

    monkeypatch.setattr(OnnxModel, "predict_rows", wrong)
    with pytest.raises(
        MethodError, match=r"the file of ONNX differs from the model by 0\.0002 on 300 rows, where 0\.0001 is the most"
    ):
        to_onnx(model, data, 0, SILENT)


@pytest.mark.parametrize("spread", [1.0, 1e-2, 1e-4])
@pytest.mark.parametrize("name", ["boosting", "forest", "cart"])
def test_rounding_of_numbers_that_hardly_vary_is_no_difference(name, spread):
    """Trees leave a file in float32, which tells numbers about a million apart by a sixteenth."""
    data, _ = rows("regression")
    data = replace(data, frame=data.frame.assign(y=1e6 + spread * data.frame["y"]))
    model = fitted(name, data, task_of("regression", data))
    said = model.predict(new_rows()).value
    np.testing.assert_allclose(to_onnx(model, data, 0, SILENT).predict(new_rows()).value, said, atol=1 / 16)


@pytest.mark.parametrize(
    ("said", "other", "expected"),
    [
        ([0.0, 2.0], [0.0, 2.5], 0.5),  # the deviation is 1
        ([1e6, 1e6], [1e6, 1e6 * (1 + 2**-22)], 2 * MOST),  # twice what float32 tells apart
        ([0.0, 0.0], [0.0, 0.25], 0.25),
    ],
)
def test_differences_by_hand(said, other, expected):
    numbers = [Predictions(np.arange(2), np.array(values)) for values in (said, other)]
    assert largest_difference(*numbers) == pytest.approx(expected)


@pytest.mark.parametrize("columns", [["size", "age"], ["colour", "shape"]])
def test_a_perceptron_of_one_kind_of_column(columns):
    data, task = rows("binary")
    data = dataset({name: data.frame[name] for name in [*columns, "y"]}, {name: data.schema[name].kind for name in columns})
    model = fitted("mlp", data, task)
    np.testing.assert_allclose(
        to_onnx(model, data, 0, SILENT).predict(new_rows()).proba, model.predict(new_rows()).proba, atol=1e-9
    )


def test_what_is_not_for_it():
    data, task = rows("binary")
    assert "is for boosting, forests" in WAY["onnx"].why_not(fitted("knn", data, task), data)
    days = pd.date_range("2020-01-01", periods=len(data))
    dated = dataset({"day": days, "y": data.frame["y"].to_numpy()}, {"day": "date"})
    for name in ("mlp", "boosting"):
        assert WAY["onnx"].why_not(fitted(name, dated, task), dated) == "reads columns of numbers and categories"
    with pytest.raises(SettingsError, match="onnx would lose what calibrates its probabilities"):
        parted(AdjustedModel(fitted("forest", data, task), Adjustment(threshold=Threshold(0.9, 1))), data, ["onnx"])


def test_without_the_package_it_says_which_extra_to_install(monkeypatch):
    data, task = rows("binary")
    model = fitted("logistic", data, task)
    monkeypatch.setattr("tenon.method._is_installed", lambda extra: extra != "onnx")
    assert WAY["onnx"].why_not(model, data) == "needs tenon[onnx]: pip install 'tenon[onnx]'"


def test_a_file_is_not_fitted():
    data, task = rows("binary")
    with pytest.raises(MethodError, match="a file of ONNX is written of a model, and is not fitted"):
        METHOD.fit(data, task, params={}, seed=0)
    assert METHOD.accepts(data.schema, task) == "is written of a model"


def kept_by(model, data, folder):
    """Return the folder of the file of ONNX of a model, in one that looks as a run's."""
    (folder / "run.json").touch()
    to_onnx(model, data, 0, SILENT).save(folder / "compressed" / "onnx")
    return folder / "compressed" / "onnx"


def test_a_file_that_is_missing_or_damaged_is_named(tmp_path):
    data, task = rows("binary")
    folder = kept_by(fitted("logistic", data, task), data, tmp_path)
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").unlink()
    with pytest.raises(
        ModelFileError, match=rf"^{folder}/model\.onnx is missing\. Run tenon compress {tmp_path} again, which makes"
    ):
        tenon.load(folder)
    (folder / "checksums.txt").unlink()
    with pytest.raises(ModelFileError, match=rf"^{folder}/model\.onnx is missing; run tenon compress again\.$"):
        tenon.load(folder)
    (folder / "model.onnx").write_bytes(content[:100])
    with pytest.raises(
        ModelFileError, match=r"model\.onnx cannot be read by onnxruntime: it is damaged, or of a later version; run "
    ):
        tenon.load(folder)


@pytest.mark.parametrize("verb", ["explain", "card", "compress"])
def test_what_takes_a_run_alone_names_that_of_a_smaller_model(verb, tmp_path):
    data, task = rows("binary")
    folder = kept_by(fitted("logistic", data, task), data, tmp_path)
    done = run(verb, folder)
    assert done.exit_code == 2
    assert done.stderr == (
        f"tenon: {folder} holds a smaller model, which predicts and is served; for all else name its run, {tmp_path}.\n"
    )
