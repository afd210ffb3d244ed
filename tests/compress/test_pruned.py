"""Encoders without some heads or units beside the originals, and their files."""

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

import pandas as pd  # noqa: E402
from tests.compress.test_nets import rows_of  # noqa: E402
from tests.compress.test_ways import WAY, fitted, smaller  # noqa: E402
from tests.datasets import texts  # noqa: E402
from tests.text.encoders import CLASSES, NUMBERS_OF, PAIRS, small_encoder  # noqa: E402

import tenon  # noqa: E402
from tenon.compress.int8 import copied  # noqa: E402
from tenon.compress.layers import write_cut  # noqa: E402
from tenon.compress.pruned import importance_of  # noqa: E402
from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.pruning import keep_heads  # noqa: E402
from tenon.tasks import infer_task  # noqa: E402
from tenon.text import Bert, BertConfig  # noqa: E402

D = 8  # width of a head


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"), n_heads=4)


@pytest.fixture(scope="module")
def bert(encoder):
    data, task = rows_of(CLASSES)
    return fitted("bert", data, task, checkpoint=str(encoder), rate=1e-3), data


def of_heads(model, data):
    layers = model.estimator.net_.bert.encoder.layers
    return importance_of(model, [layer.attention.out for layer in layers], 4, data).numpy()


def test_importance_is_what_differences_of_the_models_loss_say(bert):
    model, data = bert
    y, step = model.task.encode(data.target), 0.05

    def losses(layer, head, by):
        one = copied(model)
        columns = slice(head * D, (head + 1) * D)
        one.estimator.net_.bert.encoder.layers[layer].attention.out.weight.data[:, columns] *= 1 + by
        return -np.log(one.predict(data).proba[np.arange(len(y)), y])

    by_hand = [
        [np.abs(losses(layer, head, step) - losses(layer, head, -step)).mean() / (2 * step) for head in range(4)]
        for layer in range(2)
    ]
    # float32 sums of 1e-7 over a step of a tenth, and the third derivative
    np.testing.assert_allclose(of_heads(model, data), by_hand, rtol=0.05, atol=1e-5)


def test_heads_that_stay_say_what_they_said(bert, tmp_path):
    model, data = bert
    one = smaller("fewer-heads", model, data)(tmp_path)
    zeros = copied(model)
    for layer, of_layer in zip(zeros.estimator.net_.bert.encoder.layers, of_heads(model, data), strict=True):
        least = int(of_layer.argmin())
        for part in (layer.attention.value.weight, layer.attention.value.bias):
            part.data[least * D : (least + 1) * D] = 0.0
    np.testing.assert_allclose(one.predict(data).proba, zeros.predict(data).proba, atol=1e-5)
    assert one.estimator.net_.bert.encoder.layers[1].attention.key.weight.shape == (3 * D, 32)
    config = one.estimator.net_.bert.config
    assert (config.n_heads, config.d_head, config.d_model) == (3, D, 32)
    assert model.estimator.net_.bert.config.n_heads == 4  # the original stays as it is
    assert (one.predict(data).value == model.predict(data).value).mean() > 0.9


def test_units_that_stay_say_what_they_said(bert, tmp_path):
    model, data = bert
    one, zeros = smaller("fewer-units", model, data)(tmp_path), copied(model)
    parts = [layer.feed_forward.outer for layer in zeros.estimator.net_.bert.encoder.layers]
    for part, of_layer in zip(parts, importance_of(zeros, parts, 64, data), strict=True):
        part.weight.data[:, of_layer.argsort()[:16]] = 0.0
    np.testing.assert_allclose(one.predict(data).proba, zeros.predict(data).proba, atol=1e-5)
    assert one.estimator.net_.bert.config.d_hidden == 48
    sizes = [sum(w.numel() for w in made.estimator.net_.parameters()) for made in (model, one)]
    assert sizes[0] - sizes[1] == 2 * 16 * (32 + 1 + 32)
    assert (tmp_path / "model" / "text.safetensors").stat().st_size < 4 * sizes[0]


@pytest.mark.parametrize("way", ["fewer-heads", "fewer-units"])
@pytest.mark.parametrize(("name", "target", "rows"), [("bert", NUMBERS_OF, PAIRS), ("prototypes", CLASSES, None)])
def test_numbers_pairs_and_encoders_that_learnt_nothing(name, target, rows, way, encoder, tmp_path):
    data, task = rows_of(target) if rows is None else rows_of(target, rows)
    model = fitted(name, data, task, checkpoint=str(encoder))
    one = smaller(way, model, data)(tmp_path)
    said, left = model.predict(data), one.predict(data)
    assert (left.value != said.value if said.proba is None else left.proba != said.proba).any()
    assert one.method_name == name


def test_label_sets(encoder, tmp_path):
    data, task = texts("multilabel")
    model = fitted("bert", data, task, checkpoint=str(encoder))
    assert smaller("fewer-heads", model, data)(tmp_path).estimator.net_.bert.config.n_heads == 3


def test_a_pruned_encoder_is_a_checkpoint_as_any_other(bert, tmp_path):
    model, data = bert
    one = smaller("fewer-heads", model, data)(tmp_path)
    again = smaller("fewer-units", one, data)(tmp_path / "twice")
    assert WAY["fewer-layers"].why_not(again, data) is None
    write_cut(again.estimator, tmp_path)
    read, whole = Bert.from_pretrained(tmp_path), copy.deepcopy(again.estimator.net_.bert)
    assert (read.config.n_layers, read.config.n_heads, read.config.d_head, read.config.d_hidden) == (1, 3, D, 48)
    whole.encoder.layers = whole.encoder.layers[:1]
    ids = torch.tensor([[1, 5, 6, 7]])
    torch.testing.assert_close(read(ids), whole(ids))


def test_what_is_not_for_it(encoder, tmp_path):
    data, task = rows_of(CLASSES)
    model = fitted("prototypes", data, task, checkpoint=str(small_encoder(tmp_path, n_heads=1)))
    assert WAY["fewer-heads"].why_not(model, data) == "finds a single head in a layer"
    assert WAY["fewer-units"].why_not(model, data) is None
    with pytest.raises(SettingsError, match="d_head is of networks that read a text at once, and not of kind big_bird"):
        BertConfig("big_bird", d_head=8)


def test_real_questions_without_a_quarter(minilm, tenon_data, tmp_path):
    """What matters least by train rows is missed less, on questions that nobody saw, than as many by chance and the most."""
    rows = pd.read_csv(tenon_data / "trec" / "train.csv.gz").sample(700, random_state=0)[["text", "label"]]
    data = tenon.read(rows.iloc[:500].reset_index(drop=True), target="label", kinds={"text": "text"})
    model = fitted("bert-frozen", data, infer_task(data.target)[0], checkpoint=str(minilm))
    said = model.predict(rows.iloc[500:].reset_index(drop=True)).value
    agree = {}
    for way in ("fewer-heads", "fewer-units"):
        one = smaller(way, model, data)(tmp_path / way)
        agree[way] = (one.predict(rows.iloc[500:].reset_index(drop=True)).value == said).mean()
    least, chance = copied(model), copied(model)
    layers = model.estimator.net_.bert.encoder.layers
    matters = importance_of(model, [layer.attention.out for layer in layers], 12, data)
    picks = {"least": (least, lambda one: one.argsort()[:9]), "chance": (chance, lambda one: torch.arange(9))}
    for name, (other, pick) in picks.items():
        for layer, of_layer in zip(other.estimator.net_.bert.encoder.layers, matters, strict=True):
            keep_heads(layer.attention, pick(of_layer).sort().values)
        agree[name] = (other.predict(rows.iloc[500:].reset_index(drop=True)).value == said).mean()
    assert min(agree["fewer-heads"], agree["fewer-units"]) > 0.85
    assert agree["least"] < agree["fewer-heads"] - 0.05
    assert agree["chance"] < agree["fewer-heads"]
