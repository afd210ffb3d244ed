"""Seq2Seq: a made-up language that it learns, company, alignments, files, held-out rows, equal seeds, and refusals."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from sklearn.base import clone

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.text.alignment import Alignment, alignment_svg  # noqa: E402
from tenon.text.seq2seq import NUMBERS, WORDS, Seq2Seq  # noqa: E402
from tenon.watch import Watch  # noqa: E402

WORDS_OF = {"red": "红", "blue": "蓝", "old": "老", "new": "新", "cat": "猫", "dog": "狗", "bird": "鸟", "fish": "鱼"}
RNG = np.random.default_rng(0)


def pairs(n):
    """Adjective and noun change places: "red cat old dog" is 猫红狗老."""
    found = []
    for _ in range(n):
        words = [
            RNG.choice([["red", "blue", "old", "new"], ["cat", "dog", "bird", "fish"]][i % 2])
            for i in range(2 * RNG.integers(1, 4))
        ]
        said = [WORDS_OF[words[i ^ 1]] for i in range(len(words))]
        found.append((" ".join(words), "".join(said)))
    return [list(side) for side in zip(*found, strict=True)]


X, Y = pairs(400)
NEW, NEW_Y = pairs(30)
QUICK = {
    "width": 24,
    "d_hidden": 32,
    "epochs": 10,
    "batch_size": 16,
    "rate": 0.01,
    "dropout": 0.0,
    "n_jobs": 1,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def learnt():
    recurrent = {attention: Seq2Seq(attention, **QUICK).fit(X, Y) for attention in ("additive", "dot")}
    return {**recurrent, "transformer": Seq2Seq(None, "transformer", n_heads=2, **QUICK | {"rate": 0.003}).fit(X, Y)}


@pytest.mark.mission("F7")
@pytest.mark.parametrize("attention", ["additive", "dot", "transformer"])
def test_a_small_language_is_learnt_and_the_same_from_a_file(learnt, attention, tmp_path):
    model = learnt[attention]
    said = model.predict(NEW)
    assert np.mean([one == other for one, other in zip(said, NEW_Y, strict=True)]) > 0.9
    model.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    loaded = Seq2Seq.read_files(tmp_path)
    assert loaded.predict(NEW) == said
    assert loaded.get_params() == model.get_params()
    (tmp_path / WORDS).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"holds no translating network that can be read \(KeyError"):
        Seq2Seq.read_files(tmp_path)


@pytest.mark.parametrize("attention", ["additive", "transformer"])
@pytest.mark.parametrize("beam", [1, 4])
def test_a_text_gets_the_same_translation_in_any_company(learnt, attention, beam):
    model = learnt[attention]
    model.beam = beam
    together = model.predict([*NEW, "", "unheard 字"])
    assert [model.predict([one])[0] for one in (*NEW, "", "unheard 字")] == together
    assert model.predict([]) == []
    model.beam = 5


def test_what_is_cut_off_is_told_and_not_read():
    """Sources of 4 tokens and translations of 6 in a vocabulary that they share."""
    notes: list[dict] = []
    model = Seq2Seq("dot", "gru", "words", longest=5, **QUICK | {"epochs": 1})
    model.watch = Watch(notes.append)
    model.fit(["red cat old dog"] * 40, ["a b c d e f"] * 40)
    assert [note["text"] for note in notes if note["event"] == "note"] == [
        "100 % of the translations are longer than 5 tokens, of which no more are read."
    ]
    assert model.longest_ == 5
    assert model.read_share(["red cat old dog", "red cat old dog red cat", "old"]) == 10 / 11
    assert model.predict(["red cat old dog red cat"]) == model.predict(["red cat old dog red"])


def test_alignments_look_where_the_word_stands(learnt):
    [found] = learnt["additive"].alignments(["red cat old dog"])
    assert (found.source, found.target) == (["red", "cat", "old", "dog"], list("猫红狗老"))
    assert found.weights.shape == (5, 4)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, atol=1e-5)
    drawn = ET.fromstring(alignment_svg(found))
    texts = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert alignment_svg(found).count("rotate") == 4  # English words above; single characters would stand upright
    assert "rotate" not in alignment_svg(Alignment(found.target, found.source, np.full((5, 4), 0.25)))
    assert texts == [*found.source, *found.target, "(end)"]
    shares = [float(rect.get("fill-opacity")) for rect in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    np.testing.assert_allclose(shares, found.weights.ravel(), atol=0.0006)  # three digits


def test_equal_seeds_are_equal_bits_and_others_are_not():
    first = Seq2Seq(None, "lstm", n_layers=2, **QUICK | {"epochs": 1, "dropout": 0.2}).fit(X[:60], Y[:60])
    torch.manual_seed(77)
    again, other = clone(first).fit(X[:60], Y[:60]), clone(first).set_params(random_state=1).fit(X[:60], Y[:60])
    for name, tensor in first.net_.state_dict().items():
        assert torch.equal(again.net_.state_dict()[name], tensor)
    assert not torch.equal(other.net_.state_dict()["mixed.weight"], first.net_.state_dict()["mixed.weight"])


def test_a_row_held_out_is_neither_learnt_from_nor_in_the_vocabularies():
    is_out, X_other, Y_other = np.arange(60) < 6, list(X[:60]), list(Y[:60])
    X_other[:6], Y_other[:6] = ["unheard unheard"] * 6, ["闻闻"] * 6
    first, again = (
        Seq2Seq("dot", **QUICK | {"epochs": 1}).fit(*both, held_out=is_out) for both in ((X[:60], Y[:60]), (X_other, Y_other))
    )
    assert first.history_.loss == again.history_.loss
    assert first.history_.held_out != again.history_.held_out
    assert "闻" not in again.target_tokens_.words


def test_words_of_a_spaced_script_come_back_with_blanks_and_marks():
    texts = ["The cafés sat , the dog ran .", "The dogs sat .", "the café ran .", "it's l’"] * 4
    text = "The cafés ran, the dog sat. l’it's"
    for is_cased, said in ((False, "the cafes ran, the dog sat. l’it's"), (True, text)):
        tokens = Seq2Seq()._learnt(texts, is_cased)
        assert tokens.decode(tokens.encode(text).ids) == said


@pytest.mark.parametrize("units", ["words", "wordpiece"])
def test_what_is_said_keeps_its_capitals_whatever_case_the_source_has(units):
    targets = [one.replace("红", "Rot ").replace("猫", "Katze ").strip() for one in Y]
    model = Seq2Seq("dot", units=units, **QUICK).fit(X, targets)
    assert model.predict(["red cat"]) == model.predict(["RED Cat"]) == ["Katze Rot"]


def test_what_cannot_be_is_told():
    for wrong, message in (
        ({"attention": "cosine"}, "attention takes one of 'additive', 'dot'; got 'cosine'"),
        ({"units": "bpe"}, "units takes one of 'auto', 'words', 'jieba', 'characters', 'wordpiece'; got 'bpe'"),
        ({"kind": "rnn"}, "kind takes one of 'gru', 'lstm', 'transformer'; got 'rnn'"),
        ({"kind": "transformer", "norm": "middle"}, "norm takes one of 'pre', 'post'; got 'middle'"),
        ({"kind": "transformer", "activation": "mihs"}, "activation takes one of .*got 'mihs'; did you mean 'mish'"),
        ({"beam": 0}, "beam takes a whole number from 1 on; got 0"),
    ):
        with pytest.raises(SettingsError, match=message):
            Seq2Seq(**QUICK | wrong).fit(X[:40], Y[:40])
    with pytest.raises(DataError, match=r"texts are a list or an array \(n,\) of str"):
        Seq2Seq().fit(X, [1.0] * len(X))
    with pytest.raises(DataError, match="each text has its translation; got 400 texts and 1 translations"):
        Seq2Seq().fit(X, ["字"])
    with pytest.raises(SettingsError, match="attention is None, so that no token looks at any other"):
        Seq2Seq(None).alignments(["a"])
