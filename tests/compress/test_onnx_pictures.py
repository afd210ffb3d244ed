"""Networks for images as files of ONNX: any number of pictures, the same answers, and what is not for it."""

import io

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("onnxruntime", reason="needs tenon[onnx]")
torch = pytest.importorskip("torch")

import onnxruntime  # noqa: E402
from tests.compress.test_ways import WAY, fitted, smaller  # noqa: E402
from tests.datasets import dataset, target_of, task_of  # noqa: E402
from tests.serve.models import picture  # noqa: E402

from tenon.compress.onnx_model import to_onnx  # noqa: E402
from tenon.compress.onnx_pictures import _means  # noqa: E402
from tenon.watch import SILENT  # noqa: E402

N = 40
SHADES = np.random.default_rng(0).integers(0, 256, N)


def pictures(kind, images=None):
    labels = {"binary": ("no", "yes"), "multiclass": (1, 2, 5)}.get(kind, ())
    images = [picture(s) for s in SHADES] if images is None else images
    data = dataset({"image": images, "y": target_of(kind, SHADES / 99.0, labels)}, {"image": "image"})
    return data, task_of(kind, data)


def coloured(width, height):
    """Images of noise, each around a shade of its own."""
    rng, made = np.random.default_rng(1), []
    for shade in SHADES:
        pixels = rng.normal(shade, 40.0, (height, width, 3)).clip(0, 255).astype(np.uint8)
        written = io.BytesIO()
        Image.fromarray(pixels).save(written, "PNG")
        made.append(written.getvalue())
    return made


@pytest.mark.mission("D12")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_pictures(kind, tmp_path):
    data, task = pictures(kind)
    model = fitted("lenet", data, task)
    made = smaller("onnx", model, data)(tmp_path)
    rows = data.rows(data.row_ids[:7])
    if task.is_regression:
        np.testing.assert_allclose(made.predict(rows).value, model.predict(rows).value, rtol=1e-5)
    else:
        np.testing.assert_allclose(made.predict(rows).proba, model.predict(rows).proba, atol=1e-5)
        assert made.predict(rows).value.tolist() == model.predict(rows).value.tolist()


@pytest.mark.parametrize(("name", "size"), [("lenet", (40, 36)), ("lenet", (64, 64)), ("alexnet", (64, 52))])
def test_maps_that_are_averaged_to_another_size(name, size):
    data, task = pictures("multiclass", coloured(*size))
    model = fitted(name, data, task)
    made = to_onnx(model, data, 0, SILENT)
    np.testing.assert_allclose(made.predict(data).proba, model.predict(data).proba, atol=1e-4)


@pytest.mark.parametrize(("n", "m"), [(13, 5), (5, 5), (3, 6), (8, 6), (7, 1)])
def test_means_are_those_of_torch(n, m):
    x = torch.randn(2, 3, n, 9, dtype=torch.float64)
    ours = _means(n, m).double() @ x @ _means(9, 4).double().T
    torch.testing.assert_close(ours, torch.nn.functional.adaptive_avg_pool2d(x, (m, 4)), atol=1e-6, rtol=1e-6)


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("alexnet", "vgg", "googlenet", "efficientnet")]


@pytest.mark.parametrize("name", ["resnet", *SLOW])
def test_every_network(name):
    data, task = pictures("multiclass")
    model = fitted(name, data, task)
    made = to_onnx(model, data, 0, SILENT)
    np.testing.assert_allclose(made.predict(data).proba, model.predict(data).proba, atol=1e-4)


def test_another_program_reads_names_sizes_and_labels():
    data, task = pictures("multiclass")
    model = fitted("lenet", data, task)
    session = onnxruntime.InferenceSession(to_onnx(model, data, 0, SILENT).content)
    [given] = session.get_inputs()
    assert (given.name, given.type, given.shape[1:]) == ("image", "tensor(uint8)", [8, 8, 1])
    shades = np.array([3, 250], np.uint8)
    labels, proba = session.run(["label", "probabilities"], {"image": np.broadcast_to(shades[:, None, None, None], (2, 8, 8, 1))})
    assert labels.tolist() == [str(task.labels[k]) for k in proba.argmax(axis=1)]


def test_views_are_not_for_it():
    data, task = pictures("binary")
    assert WAY["onnx"].why_not(fitted("lenet", data, task, views="yes"), data) == "would lose the mean over views of a picture"
