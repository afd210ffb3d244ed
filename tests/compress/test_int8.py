"""Networks of tables and sequences in 8 bits beside the originals; those of whole texts are in test_nets.py."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.compress.test_onnx_pictures import pictures  # noqa: E402
from tests.compress.test_ways import WAY, fitted, smaller  # noqa: E402
from tests.datasets import TAGS, sequences, table  # noqa: E402
from tests.text.encoders import small_encoder  # noqa: E402

import tenon  # noqa: E402
from tenon.nn.int8 import Int8Linear, int8_layers  # noqa: E402
from tenon.watch import SILENT  # noqa: E402

WAYS = pytest.mark.parametrize("way", ["int8", "int8-static"])


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    known = [*TAGS, "Where does live How many crowns did the house of cost lives in Paris Rome 1998 12 张三 北京 1,200 . ?"]
    return small_encoder(tmp_path_factory.mktemp("encoder"), texts=known * 3, d_model=104, d_hidden=208, n_heads=4)


def rounded(way, name, kind, place, **settings):
    """What the original says, what the one of 8 bits does that was written and read, and the layers of 8 bits in that."""
    data, task = sequences(kind, 200)
    model = fitted(name, data, task, "normal", **settings)
    one = smaller(way, model, data)(place)
    return model.predict(data).value, one.predict(data).value, int8_layers(one.estimator.net_)


@WAYS
def test_a_tagger_on_an_encoder(way, encoder, tmp_path):
    said, found, layers = rounded(way, "bert-tagger", "tagging", tmp_path, checkpoint=str(encoder))
    assert len(layers) >= 6
    assert (
        np.mean([tag == other for one, two in zip(said, found, strict=True) for tag, other in zip(one, two, strict=True)]) > 0.97
    )


@WAYS
def test_an_encoder_that_answers(way, encoder, tmp_path):
    said, found, layers = rounded(way, "bert-answer", "answer", tmp_path, checkpoint=str(encoder), fewest_steps=0)
    assert len(layers) >= 6
    assert np.mean([one == two for one, two in zip(said, found, strict=True)]) > 0.8


@WAYS
def test_a_transformer_that_translates(way, tmp_path):
    said, found, layers = rounded(way, "transformer", "translation", tmp_path)
    assert layers
    assert np.mean(said == found) > 0.9


@WAYS
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_a_perceptron_of_double_precision(way, kind, tmp_path):
    data, task = table(kind)
    model = fitted("mlp", data, task)
    WAY[way].make(model, data, 0, SILENT).save(tmp_path / "model")  # in float32, so that what is read may fall to another step
    one = tenon.load(tmp_path / "model")
    assert len(int8_layers(one.estimator.net_)) == 1  # of 256 to 128 units; of so few columns the first is small
    said, found = model.predict(data), one.predict(data)
    if task.is_regression:
        assert 0 < np.abs(said.value - found.value).max() < 0.05 * task.target_sd
    else:
        assert 0 < np.abs(said.proba - found.proba).max() < 0.05


def test_a_layer_keeps_the_precision_around_it():
    layer = torch.nn.Linear(30, 20).double()
    x = torch.randn(4, 30, dtype=torch.float64)
    ours = Int8Linear.of(layer).double()
    assert ours(x).dtype == torch.float64
    np.testing.assert_allclose(ours(x), torch.nn.functional.linear(x, ours.weight, layer.bias).detach(), atol=0.05)


def test_images_have_a_way_of_their_own():
    data, task = pictures("binary")
    assert WAY["int8"].why_not(fitted("lenet", data, task), data).endswith("of images onnx-int8 is")


def test_a_tagger_of_few_words_has_no_layer_that_is_worth_it():
    data, task = sequences("tagging")
    reason = "finds no layer that is large enough to gain anything"
    assert WAY["int8"].why_not(fitted("bilstm-crf", data, task), data) == reason
