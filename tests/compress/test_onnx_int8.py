"""Networks for images as files of ONNX in 8 bits: weights and ranges by hand, answers near the original's."""

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs tenon[onnx]")
torch = pytest.importorskip("torch")

import onnx  # noqa: E402
from onnx import numpy_helper  # noqa: E402
from tests.compress.test_onnx_pictures import coloured, pictures  # noqa: E402
from tests.compress.test_ways import WAY, fitted, smaller  # noqa: E402
from tests.datasets import table, texts  # noqa: E402

from tenon.compress.onnx_int8 import to_onnx_int8  # noqa: E402
from tenon.compress.onnx_model import to_onnx  # noqa: E402
from tenon.data.conform import conform  # noqa: E402
from tenon.features.columns import plain  # noqa: E402
from tenon.image.augment import in_unit  # noqa: E402
from tenon.watch import SILENT  # noqa: E402

STEPS = 255


@pytest.fixture(scope="module")
def learnt():
    data, task = pictures("multiclass", coloured(28, 24))
    model = fitted("lenet", data, task, budget="normal")
    return model, data, to_onnx_int8(model, data, 0, SILENT)


def dequantised(graph):
    """Weights by what they were called: whole numbers times the scale of each channel, and that scale."""
    kept = {one.name: numpy_helper.to_array(one) for one in graph.graph.initializer}
    assert not any(name.endswith("_zero_point") and values.dtype == np.int8 and values.any() for name, values in kept.items())
    return {
        name.removesuffix("_quantized"): (
            values.astype(float) * _along(kept[f"{stem}_scale"], values.ndim),
            kept[f"{stem}_scale"],
        )
        for name, values in kept.items()
        if name.endswith("_quantized") and values.dtype == np.int8 and (stem := name.removesuffix("_quantized"))
    }


def _along(scale, n_axes):
    return scale.reshape(-1, *[1] * (n_axes - 1))


@pytest.mark.mission("D12")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_it_says_about_the_same(kind, tmp_path):
    data, task = pictures(kind)
    model = fitted("lenet", data, task, budget="normal")
    made = smaller("onnx-int8", model, data)(tmp_path)
    said, found = model.predict(data), made.predict(data)
    if task.is_regression:
        assert np.abs(found.value - said.value).mean() < 0.05 * np.std(said.value)
    else:
        assert np.abs(found.proba - said.proba).mean() < 0.02
        assert np.mean(found.value == said.value) > 0.9


def test_weights_are_rounded_by_channel(learnt):
    model, data, made = learnt
    whole = onnx.load_from_string(to_onnx(model, data, 0, SILENT).content)
    original = {one.name: numpy_helper.to_array(one) for one in whole.graph.initializer}
    found = dequantised(onnx.load_from_string(made.content))
    large = {name for name, values in original.items() if values.ndim > 1 and name.endswith(".weight")}
    assert len(large) == 5  # LeNet-5: two convolutions, three layers behind them
    assert large <= set(found)
    for name in large:
        weights, scale = found[name]
        greatest = np.abs(original[name]).reshape(len(scale), -1).max(axis=1)
        np.testing.assert_allclose(scale, greatest / 127, rtol=1e-5)
        assert (np.abs(weights - original[name]) <= 0.51 * _along(scale, weights.ndim)).all()


def test_ranges_are_those_of_train_rows(learnt):
    """The step of what the first layer reads, and 0 is one of its steps."""
    model, data, made = learnt
    graph = onnx.load_from_string(made.content).graph
    kept = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    first = next(node for node in graph.node if node.op_type == "Conv")
    read = next(node for node in graph.node if first.input[0] in node.output)
    pixels = torch.as_tensor(model.transformer.transform(plain(conform(data, model.schema))))
    seen = model.estimator.channels_.standardised(in_unit(pixels.permute(0, 3, 1, 2)))
    step = (max(seen.max().item(), 0.0) - min(seen.min().item(), 0.0)) / STEPS
    assert kept[read.input[1]] == pytest.approx(step, rel=1e-4)


def test_the_file_is_smaller_and_always_the_same(learnt):
    model, data, made = learnt
    assert len(made.content) < 0.45 * len(to_onnx(model, data, 0, SILENT).content)
    assert to_onnx_int8(model, data, 0, SILENT).content == made.content


def test_what_is_declined():
    data, task = table("binary")
    assert WAY["onnx-int8"].why_not(fitted("mlp", data, task), data) == "is for networks for images"
    data, task = texts()
    assert WAY["onnx-int8"].why_not(fitted("text-cnn", data, task), data) == "is for networks for images"
    data, task = pictures("binary")
    reason = "would lose the mean over views of a picture"
    assert WAY["onnx-int8"].why_not(fitted("lenet", data, task, views="yes"), data) == reason
