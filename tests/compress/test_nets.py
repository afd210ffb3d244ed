"""Networks for texts of 8 bits and of half of their layers beside the originals."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

import pandas as pd  # noqa: E402
from tests.compress.test_ways import WAY, fitted, smaller  # noqa: E402
from tests.datasets import texts  # noqa: E402
from tests.text.encoders import CLASSES, NUMBERS_OF, PAIRS, X, small_encoder  # noqa: E402

import tenon  # noqa: E402
from tenon.adapter import EstimatorModel  # noqa: E402
from tenon.catalogue import load_model  # noqa: E402
from tenon.errors import ModelFileError  # noqa: E402
from tenon.files import CHECKSUMS  # noqa: E402
from tenon.nn.int8 import int8_layers  # noqa: E402
from tenon.tasks import infer_task  # noqa: E402
from tenon.trees.fewer import n_trees  # noqa: E402


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """Wide enough for layers that are worth 8 bits."""
    return small_encoder(tmp_path_factory.mktemp("encoder"), d_model=104, n_layers=3, d_hidden=208)


def rows_of(target, texts=X):
    columns = {"review": texts} if texts.ndim == 1 else {"review": texts[:, 0], "other": texts[:, 1]}
    data = tenon.read(pd.DataFrame({**columns, "label": target}), target="label", kinds=dict.fromkeys(columns, "text"))
    return data, infer_task(data.target)[0]


@pytest.fixture(scope="module")
def bert(encoder):
    data, task = rows_of(CLASSES)
    return fitted("bert", data, task, checkpoint=str(encoder), rate=1e-3), data


def test_an_encoder_of_8_bits_says_what_it_said(bert, tmp_path):
    model, data = bert
    one = smaller("int8", model, data)(tmp_path)
    said, rounded = model.predict(data), one.predict(data)
    assert len(int8_layers(one.estimator.net_)) == 3 * 6 + 1  # of each layer 6, and the pooler; of so few tokens the vectors stay
    assert int8_layers(model.estimator.net_) == []  # the original stays as it is
    assert np.abs(said.proba - rounded.proba).max() < 0.02  # a hundredth of a step, through three layers
    assert (said.proba != rounded.proba).any()
    assert (tmp_path / "model" / "text.safetensors").stat().st_size < 0.4 * sum(
        4 * weight.numel() for weight in model.estimator.net_.state_dict().values()
    )
    assert WAY["int8"].why_not(one, data) == "has been done already"
    assert WAY["fewer-layers"].why_not(one, data) == "cannot change weights of 8 bits"


def test_static_rounding_says_of_a_row_the_same_whatever_stands_beside_it(bert, tmp_path):
    model, data = bert
    one = smaller("int8-static", model, data)(tmp_path)
    said, rounded = model.predict(data), one.predict(data)
    assert 0 < np.abs(said.proba - rounded.proba).max() < 0.05
    alone = np.concatenate([one.predict(data.rows(data.row_ids[i : i + 1])).proba for i in range(20)])
    # float32 sums of other blocks, and in rare cases an input that then falls to the other side of a step
    assert np.median(np.abs(alone - rounded.proba[:20]).max(axis=1)) < 1e-6


def test_names_of_layers_that_the_network_lacks_are_a_damaged_file(bert, tmp_path):
    model, data = bert
    smaller("int8", model, data)(tmp_path)
    file = tmp_path / "model" / "text.json"
    file.write_text(file.read_text(encoding="utf-8").replace("bert.pooler", "bert.cooler"), encoding="utf-8")
    (tmp_path / "model" / CHECKSUMS).unlink()
    with pytest.raises(ModelFileError, match="no text network that can be read"):
        load_model(tmp_path / "model")


@pytest.mark.parametrize(("name", "agree"), [("bert", 0.95), ("bert-frozen", 0.95), ("prototypes", 0.7)])
def test_half_of_the_layers_learn_what_all_said(name, agree, encoder, tmp_path):
    """Nearest means learn least: they stand on layers as chance drew them."""
    data, task = rows_of(CLASSES)
    given = {"rate": 1e-3} if name == "bert" else {}
    model = fitted(name, data, task, checkpoint=str(encoder), **given)
    one = smaller("fewer-layers", model, data)(tmp_path)
    assert (one.estimator.net_.bert.config.n_layers, model.estimator.net_.bert.config.n_layers) == (2, 3)
    assert len(one.estimator.net_.bert.encoder.layers) == 2
    said, learnt = model.predict(data), one.predict(data)
    assert (said.value == learnt.value).mean() > agree
    assert one.schema == model.schema


def test_half_of_the_layers_of_numbers_and_pairs(encoder, tmp_path):
    data, task = rows_of(NUMBERS_OF, PAIRS)
    model = fitted("bert", data, task, checkpoint=str(encoder), rate=1e-3)
    one = smaller("fewer-layers", model, data)(tmp_path)
    said, learnt = model.predict(data).value, one.predict(data).value
    assert np.corrcoef(said, learnt)[0, 1] > 0.95


def test_a_small_network_learns_what_an_encoder_says(bert, tmp_path):
    model, data = bert
    one = smaller("distilled-bilstm", model, data)(tmp_path)
    assert one.method_name == "bilstm-attention"
    assert (model.predict(data).value == one.predict(data).value).mean() > 0.95


def test_label_sets_keep_their_threshold(encoder, tmp_path):
    data, task = texts("multilabel")
    model = fitted("bert", data, task, checkpoint=str(encoder))
    model.threshold = 0.3
    one = smaller("int8", model, data)(tmp_path)
    assert isinstance(one, EstimatorModel)
    assert one.threshold == 0.3
    assert WAY["fewer-layers"].why_not(model, data) == "learns classes and numbers only"
    assert n_trees(model.estimator) == 0


def test_real_questions_by_half_of_minilm(minilm, tenon_data, tmp_path):
    """Half of the layers of an encoder that learnt English say of questions that neither saw mostly what all say."""
    rows = pd.read_csv(tenon_data / "trec" / "train.csv.gz").sample(700, random_state=0)[["text", "label"]]
    data = tenon.read(rows.iloc[:500].reset_index(drop=True), target="label", kinds={"text": "text"})
    task = infer_task(data.target)[0]
    model = fitted("bert-frozen", data, task, checkpoint=str(minilm))
    asked = rows.iloc[500:].reset_index(drop=True)
    said = model.predict(asked)
    for name, agree in (("fewer-layers", 0.6), ("int8", 0.95)):
        one = smaller(name, model, data)(tmp_path)
        assert (one.predict(asked).value == said.value).mean() > agree
