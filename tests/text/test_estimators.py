"""Text networks as estimators: what they learn, equal seeds, files, held-out rows, effects of tokens by hand, and refusals."""

import json

import numpy as np
import pytest
from sklearn.base import clone

torch = pytest.importorskip("torch")

from tests.text.encoders import CLASSES, GOOD, IS_GOOD, NUMBERS_OF, RNG, N, X  # noqa: E402

from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.text.estimators import TextClassifier, TextRegressor  # noqa: E402
from tenon.text.kinds import KINDS  # noqa: E402
from tenon.text.net_of_texts import NUMBERS, WORDS  # noqa: E402
from tenon.text.token_rows import of_like_length  # noqa: E402
from tenon.watch import Watch  # noqa: E402

QUICK = {"width": 16, "epochs": 6, "rate": 0.02, "n_jobs": 1, "random_state": 0}
SLOWER = {"reformer": {"rate": 0.005}}  # at .02 it misses numbers by more
OF_LSTM = {"input", "forget", "output"}
GATES = {"lstm": OF_LSTM, "bilstm-attention": OF_LSTM, "gru": {"update", "reset"}}
TRAIN, TEST = slice(0, 160), slice(160, N)


@pytest.mark.parametrize("net", KINDS)
def test_classes_and_numbers_are_learnt_and_the_same_from_a_file(net, tmp_path):
    quick = QUICK | SLOWER.get(net, {})
    model = TextClassifier(net, **quick).fit(X[TRAIN], CLASSES[TRAIN])
    assert model.classes_.tolist() == ["上", "下"]
    assert (model.predict(X[TEST]) == CLASSES[TEST]).mean() > 0.9
    proba = model.predict_proba(X[TEST])
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=0, atol=1e-12)
    model.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    loaded = TextClassifier.read_files(tmp_path)
    assert loaded.predict_proba(X[TEST]).tobytes() == proba.tobytes()
    assert loaded.get_params() == model.get_params()
    assert [set(of_text) for of_text in loaded.gates_in(X[:1])] == [GATES.get(net, set())]
    numbers = TextRegressor(net, **quick).fit(X[TRAIN], NUMBERS_OF[TRAIN])
    assert numbers.score(X[TEST], NUMBERS_OF[TEST]) > 0.7


@pytest.mark.parametrize("kind", [TextClassifier, TextRegressor])
def test_equal_seeds_are_equal_bits_and_others_are_not(kind):
    target = CLASSES if kind is TextClassifier else NUMBERS_OF
    first = kind("gru", **QUICK | {"epochs": 1}, word_dropout=0.1).fit(X, target)
    torch.manual_seed(77)
    again, other = clone(first).fit(list(X), target), clone(first).set_params(random_state=1).fit(X, target)
    for name, tensor in first.net_.state_dict().items():
        assert torch.equal(again.net_.state_dict()[name], tensor)
    assert not torch.equal(other.net_.state_dict()["head.weight"], first.net_.state_dict()["head.weight"])


def test_a_text_gets_the_same_answer_in_any_company():
    """Seven digits: sums of float32 in another order."""
    model = TextClassifier("bilstm-attention", **QUICK | {"epochs": 1}).fit(X, CLASSES)
    together = model.predict_proba(X[:40])
    np.testing.assert_allclose(model.predict_proba(X[:40][::-1])[::-1], together, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(X[7:8]), together[7:8], rtol=1e-5, atol=1e-6)
    assert model.predict_proba([]).shape == (0, 2)


@pytest.mark.mission("F4")
def test_a_row_held_out_is_neither_learnt_from_nor_in_the_vocabulary():
    is_out = np.zeros(N, bool)
    is_out[:20] = True
    texts, labels = X.copy(), CLASSES.copy()
    first = TextClassifier("text-cnn", **QUICK | {"epochs": 2}).fit(texts, labels, held_out=is_out)
    texts[:20], labels[:20] = "unheard unheard words", labels[:20][::-1]
    again = clone(first).fit(texts, labels, held_out=is_out)
    assert first.history_.loss == again.history_.loss
    assert first.history_.held_out != again.history_.held_out
    assert len(first.history_.held_out) == 2
    assert "unheard" not in again.tokens_.words
    assert not TextClassifier("text-cnn", **QUICK | {"epochs": 1}).fit(X[:100], CLASSES[:100]).history_.held_out


def test_rows_of_no_weight_are_not_listened_to():
    wrong, weight = CLASSES[TRAIN].copy(), np.ones(160)
    wrong[:80], weight[:80] = np.where(CLASSES[:80] == "上", "下", "上"), 0.0
    model = TextClassifier("text-cnn", **QUICK).fit(X[TRAIN], wrong, sample_weight=weight)
    assert (model.predict(X[TEST]) == CLASSES[TEST]).mean() > 0.85


def test_what_is_cut_off_is_told_and_not_read():
    events: list[dict] = []
    model = TextClassifier("rnn", **QUICK | {"epochs": 1}, longest=4)
    model.watch = Watch(events.append)
    model.fit(X, CLASSES)
    share = np.mean([len(text.split()) > 4 for text in X])
    notes = [event for event in events if event["event"] == "note"]
    assert f"{100 * share:.3g} % of the texts are longer than 4 tokens, of which no more are read." in str(notes)
    assert model.read_share(["a the film plot good", "a the film", ""]) == 7 / 8
    assert model.cut_share_ == share  # of the train texts
    assert model.predict_proba(["a the film plot good"]).tobytes() == model.predict_proba(["a the film plot"]).tobytes()


def test_effects_are_the_answer_less_that_without_the_token():
    model = TextClassifier("lstm", **QUICK).fit(X, CLASSES)
    text, other = "the film, a Good plot", ""
    [found, nothing] = model.effects_in([text, other], np.array([0, 1]))
    assert [text[start:end] for start, end in found.spans] == ["the", "film", ",", "a", "Good", "plot"]

    def log_odds(words: str) -> float:
        p = model.predict_proba([words])[0]
        return np.log(p[0] / p[1])

    without = ["film, a Good plot", "the, a Good plot", "the film a Good plot", "the film, Good plot", "the film, a plot",
               "the film, a Good"]  # fmt: skip
    np.testing.assert_allclose(found.effects, [log_odds(text) - log_odds(one) for one in without], atol=1e-4)
    assert found.effects.argmax() == 4
    assert (nothing.spans.shape, len(nothing.effects)) == ((0, 2), 0)
    numbers = TextRegressor("text-cnn", **QUICK).fit(X, NUMBERS_OF)
    [found] = numbers.effects_in(["good film"], np.array([0]))
    assert found.effects[0] == pytest.approx(float(np.diff(numbers.predict(["film", "good film"]))[0]), abs=1e-4)


def test_gates_are_of_the_first_layer_forwards():
    model = TextClassifier("gru", **QUICK | {"epochs": 1}).fit(X, CLASSES)
    [found, nothing] = model.gates_in(["a good film", ""])
    ids = torch.from_numpy(model.tokens_.encode("a good film").ids)
    layer, x = model.net_.layers.forwards[0], model.net_.embedding.vectors(ids)[:1]
    update = torch.sigmoid(layer.weight_ih_l0[100:200] @ x[0] + (layer.bias_ih_l0 + layer.bias_hh_l0)[100:200])
    assert found["update"][0] == pytest.approx(update.mean().item(), abs=1e-6)  # the state before the first token is 0
    assert (len(found["reset"]), len(nothing["reset"])) == (3, 0)
    assert TextClassifier("text-cnn", **QUICK | {"epochs": 1}).fit(X, CLASSES).gates_in(["a film"]) == [{}]


def test_effects_of_one_class_of_three_compare_it_with_all_others():
    labels = np.where(IS_GOOD, "a", np.where(RNG.random(N) < 0.5, "b", "c"))
    model = TextClassifier("text-cnn", **QUICK | {"epochs": 1}).fit(X, labels)
    [found] = model.effects_in(["good film"], np.array([2]))
    p, q = model.predict_proba(["good film", "film"])[:, 2]
    assert found.effects[0] == pytest.approx(np.log(p / (1 - p)) - np.log(q / (1 - q)), abs=1e-4)


def test_vectors_are_a_start_and_lie_in_the_weights_of_the_file(tmp_path):
    vectors = {word: np.full(16, 5.0) for word in GOOD}
    model = TextClassifier("text-cnn", **QUICK | {"epochs": 1, "rate": 1e-9}, vectors=vectors).fit(X, CLASSES)
    place = list(model.tokens_.words).index("good")
    assert model.net_.embedding.vectors.weight[place].tolist() == pytest.approx([5.0] * 16, rel=1e-4)
    model.write_files(tmp_path)
    assert TextClassifier.read_files(tmp_path).predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_texts_answered_together_are_alike_in_length_and_bounded():
    lengths = torch.tensor([3, 50, 1, 20, 7, 7, 100, 2] * 3)
    parts = of_like_length(lengths, 40)
    assert sorted(torch.cat(parts).tolist()) == list(range(24))
    assert all(len(part) == 1 or len(part) * lengths[part].max() <= 40 for part in parts)
    assert len(parts) < 20
    assert of_like_length(torch.tensor([], dtype=torch.int64), 40) == []


def test_settings_reach_the_network():
    model = TextClassifier("lstm", {"n_layers": 2, "pooling": "last"}, "characters", width=8, epochs=1).fit(X[:60], CLASSES[:60])
    assert (len(model.net_.layers.forwards), model.net_.pooling, model.net_.embedding.width) == (2, "last", 8)
    assert all(len(word) == 1 for word in model.tokens_.words[2:])
    sizes = {n: model._recipe(n).batch_size for n in (50, 1600, 4000, 100_000)}
    assert sizes == {50: 16, 1600: 16, 4000: 40, 100_000: 64}


def test_what_cannot_be_is_told(tmp_path):
    with pytest.raises(SettingsError, match="net takes one of 'text-cnn', .*; got 'ltsm'; did you mean 'lstm'"):
        TextClassifier("ltsm").fit(X, CLASSES)
    with pytest.raises(SettingsError, match="longest takes a whole number from 1 on; got 0"):
        TextClassifier(longest=0).fit(X, CLASSES)
    for strange in ("one text", [1.0, 2.0], ["a", None]):
        with pytest.raises(DataError, match=r"texts are a list or an array \(n,\) of str; missing ones are ''"):
            TextClassifier().fit(strange, ["a", "b"])
    TextClassifier("text-cnn", **QUICK | {"epochs": 1}).fit(X, CLASSES).write_files(tmp_path)
    words = json.loads((tmp_path / WORDS).read_text(encoding="utf-8"))
    words["settings"]["width"] = 3
    (tmp_path / WORDS).write_text(json.dumps(words), encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"holds no text network that can be read \(RuntimeError: Error\(s\) in loading"):
        TextClassifier.read_files(tmp_path)
