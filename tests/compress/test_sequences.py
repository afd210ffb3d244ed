"""Encoders that tag or answer without some heads, units or layers beside the originals, and their files."""

import numpy as np
import pytest
from scipy.special import log_softmax

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.compress.test_int8 import encoder  # noqa: E402, F401  # a fixture
from tests.compress.test_pruned import of_heads  # noqa: E402
from tests.compress.test_ways import WAY, fitted, smaller  # noqa: E402
from tests.datasets import sequences  # noqa: E402

import tenon  # noqa: E402
from tenon.compress.int8 import copied  # noqa: E402

GIVEN = {"bert-tagger": "tagging", "bert-answer": "answer"}
N_HEADS, N_LAYERS = 4, 2


@pytest.fixture(scope="module", params=GIVEN)
def learnt(request, encoder):  # noqa: F811
    data, task = sequences(GIVEN[request.param], 40)
    return fitted(request.param, data, task, checkpoint=str(encoder), rate=1e-3, fewest_steps=200), data


def losses_of(model, data):
    """By hand, of each row: nats of its tags over the mean number of tags in a row, or the mean of those of both ends."""
    estimator, X, y = model.estimator, model.transformer.transform(data.frame), model.task.encode(data.target)
    if model.task.kind == "tagging":
        logits = [log_softmax(one.numpy(), axis=1) for one in estimator._logits(X)]
        places = [np.searchsorted(estimator.tags_, tags) for tags in y]
        mean = np.mean([len(tags) for tags in y])
        return np.array([-one[range(len(one)), at].sum() / mean for one, at in zip(logits, places, strict=True)])
    rows = estimator.judged(X, y)[0]
    logits = [log_softmax(one, axis=0) for one in estimator._logits(rows.rows)]
    return np.array([-one[at, [0, 1]].mean() for one, at in zip(logits, rows.targets.numpy(), strict=True)])


def test_importance_is_what_differences_of_the_models_loss_say(learnt):
    model, data = learnt
    width, step = model.estimator.net_.bert.config.d_model // N_HEADS, 0.05

    def losses(layer, head, by):
        one = copied(model)
        columns = slice(head * width, (head + 1) * width)
        one.estimator.net_.bert.encoder.layers[layer].attention.out.weight.data[:, columns] *= 1 + by
        return losses_of(one, data)

    by_hand = [
        [np.abs(losses(layer, head, step) - losses(layer, head, -step)).mean() / (2 * step) for head in range(N_HEADS)]
        for layer in range(N_LAYERS)
    ]
    np.testing.assert_allclose(of_heads(model, data), by_hand, rtol=0.1, atol=1e-4)


@pytest.mark.parametrize(("way", "left"), [("fewer-heads", "n_heads"), ("fewer-units", "d_hidden"), ("fewer-layers", "n_layers")])
def test_what_is_left_says_about_the_same(way, left, learnt, tmp_path):
    model, data = learnt
    one = smaller(way, model, data)(tmp_path)
    whole, smaller_one = (getattr(of.estimator.net_.bert.config, left) for of in (model, one))
    assert smaller_one == whole // 2 if way == "fewer-layers" else whole - whole // 4
    n_weights = [sum(w.numel() for w in of.estimator.net_.parameters()) for of in (model, one)]
    assert n_weights[1] < n_weights[0]
    said, found = model.predict(data).value, one.predict(data).value
    assert np.mean([one == two for one, two in zip(said, found, strict=True)]) > 0.8
    assert one.schema == model.schema


def test_encoders_for_long_texts_are_declined(encoder):  # noqa: F811
    data, task = sequences("tagging")
    model = fitted("longformer-tagger", data, task, checkpoint=str(encoder), fewest_steps=0)
    for way in ("fewer-heads", "fewer-units", "fewer-layers"):
        assert WAY[way].why_not(model, data) == "is for encoders that read a text at once"


RUNS = {"tagging": "bert-tagger", "translation": "transformer"}


@pytest.mark.parametrize("kind", ["tagging", pytest.param("translation", marks=pytest.mark.slow)])
def test_a_run_of_sequences_is_compressed(kind, encoder, tmp_path):  # noqa: F811
    data, _ = sequences(kind, 520)
    name = RUNS[kind]
    settings = {} if kind == "translation" else {name: {"checkpoint": str(encoder)}}
    given = {"splits": "2x1", "jobs": 1, "budget": "quick", "settings": settings}
    ran = tenon.compare(data, out=tmp_path / "run", methods=name, task=kind, **given)
    done = ran.compress(["int8"], data=data)
    original, rounded = (done.table.loc[one] for one in ("original", "int8"))
    assert rounded["bytes"] < original["bytes"]
    assert rounded["score"] > original["score"] - 0.1
    said = tenon.load(done.place("int8")).predict(data.rows(data.row_ids[:5])).value
    assert len(said) == 5
