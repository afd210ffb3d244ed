"""Text networks on the board: what they decline, settings that reach the network, budgets, ranges, and a comparison."""

from operator import attrgetter

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

from tests.datasets import sequences, texts  # noqa: E402
from tests.explain.held import held_for  # noqa: E402

import tenon  # noqa: E402
from tenon.catalogue import card, find  # noqa: E402
from tenon.data.dataset import Column, Schema  # noqa: E402
from tenon.errors import RunFolderError, SettingsError  # noqa: E402
from tenon.explain.single import single_row  # noqa: E402
from tenon.report.explained_row import row_view  # noqa: E402
from tenon.tasks import Task  # noqa: E402
from tenon.text.gates import NAMES  # noqa: E402
from tenon.text.kinds import KINDS, TRANSLATING  # noqa: E402
from tenon.text.methods import METHODS  # noqa: E402
from tenon.text.vector_files import save, write_text  # noqa: E402
from tenon.text.vectors import WordVectors  # noqa: E402

TASK = Task("binary", "y", ("no", "yes"))


def schema(*kinds: str) -> Schema:
    columns = [Column(f"{kind} {i}", kind) for i, kind in enumerate(kinds)]
    return Schema((*columns, Column("y", "category", "target")), 100)


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        (("text",), None),
        (("text", "ignore", "text"), None),
        (("number", "image"), "reads columns of text; there is none"),
        (("text", "number"), "reads texts alone, and would leave out 'number 1'; to let it, give --kind number 1=ignore"),
    ],
)
def test_what_is_declined(kinds, reason):
    assert {method.accepts(schema(*kinds), TASK) for method in METHODS} == {reason}


def test_tags_are_declined_and_translations_by_all_but_the_transformer():
    said = {method.name: method.accepts(schema("text"), Task("translation", "y")) for method in METHODS}
    assert said.pop("transformer") is None
    assert set(said.values()) == {"predicts classes and numbers only"}
    found = find("transformer")
    assert found.accepts(schema("tokens"), Task("tagging", "y")) == "predicts classes, numbers and translations only"
    first, second = schema("text", "text").features()
    assert found.accepts(schema("text", "text"), Task("translation", "y")) == (
        f"reads one column of texts; there are 2. To read {first!r} alone, give --kind '{second}=ignore'"
    )


def test_the_transformer_has_defaults_for_each_task_and_settings_reach_both():
    method = find("transformer")
    given = {"n_layers": 1, "n_heads": 2, "norm": "post", "width": 40, "word_dropout": 0.3, "beam": 2, "length_power": 0.5}
    for (data, task), kinds in ((texts("binary"), KINDS), (sequences("translation"), TRANSLATING)):
        own, net = kinds["transformer"], "net_" if task.has_classes else "net_.read_tokens"
        plain, changed = (
            method.fit(data, task, params=method.with_defaults(params), seed=0, budget="quick").estimator
            for params in ({}, given)
        )
        assert attrgetter(f"{net}.embedding.word_dropout")(plain) == own.word_dropout
        assert attrgetter(f"{net}.embedding.dropout.p")(plain) == own.dropout
        assert plain._recipe(*([100] if task.has_classes else [])).rate == own.rate
        assert (len(changed.net_.encoder.layers), changed.net_.encoder.layers[0].attention.n_heads) == (1, 2)
        assert isinstance(changed.net_.encoder.norm, torch.nn.Identity)
        assert (attrgetter(f"{net}.embedding")(changed).width, attrgetter(f"{net}.embedding")(changed).word_dropout) == (40, 0.3)
    assert (changed.beam, changed.length_power, changed.looks_back) == (2, 0.5, True)
    assert (plain.smoothing, plain.beam) == (0.1, 5)


def test_a_transformer_that_translates_starts_from_vectors_of_source_words(tmp_path):
    data, task = sequences("translation")
    save(WordVectors(["red", "cat", "nobody"], np.full((3, 24), 5.0)), tmp_path / "v")
    method = find("transformer")
    params = method.with_defaults({"vectors": str(tmp_path / "v"), "rate": 1e-12})
    model = method.fit(data, task, params=params, seed=0, budget="quick").estimator
    table, words = model.net_.source.vectors.weight.detach().numpy(), list(model.source_tokens_.words)
    np.testing.assert_allclose(table[[words.index("red"), words.index("cat")]], 5.0, rtol=1e-6)
    assert np.abs(table[words.index("dog")]).max() < 2  # five standard deviations of where chance puts it


def fitted(name: str, language: str = "en", budget: str = "quick", **params):
    data, task = texts("binary", language)
    method = find(name)
    return method.fit(data, task, params=method.with_defaults(params), seed=0, budget=budget).estimator


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_all_are_dear_and_a_budget_is_passes_over_the_rows(method):
    assert (method.cost, method.needs, method.is_seeded) == ("dear", "deep", True)
    passes = int(card(method).partition("passes over the rows:")[2].split(",")[0])
    assert len(fitted(method.name).history_.loss) == passes * 4  # 60 rows by 16


def test_settings_reach_the_network():
    given = {
        "units": "characters",
        "longest": 30,
        "width": 40,
        "word_dropout": 0.1,
        "smoothing": 0.1,
        "rate": 1e-4,
        "dropout": 0.2,
    }
    model = fitted("lstm", d_hidden=33, n_layers=2, pooling="mean", **given)
    assert {key: getattr(model, key) for key in given} == given
    assert (model.net_.layers.d_out, len(model.net_.layers.forwards), model.net_.pooling) == (66, 2, "mean")
    assert (model.net_.dropout.p, model.net_.embedding.dropout.p, model.net_.embedding.width) == (0.2, 0.2, 40)
    assert fitted("text-cnn", n_maps=50).net_.convolutions[0].out_channels == 50
    assert fitted("gru", "zh").tokens_.to_json()["units"] == "jieba"


def test_a_vocabulary_of_ones_own_is_read(tmp_path):
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\nwarm\ndull\n", encoding="utf-8")
    assert list(fitted("text-cnn", vocabulary=str(tmp_path / "vocab.txt")).tokens_.words) == ["[PAD]", "[UNK]", "warm", "dull"]


VECTORS = WordVectors(["warm", "dull", "nobody"], np.full((3, 24), 5.0))


@pytest.mark.parametrize("form", ["folder", "file"])
def test_tokens_start_from_vectors_whose_width_the_network_has(form, tmp_path):
    path = tmp_path / "vectors"
    save(VECTORS, path) if form == "folder" else write_text(VECTORS, path)
    model = fitted("text-cnn", vectors=str(path), rate=1e-12)
    table, words = model.net_.embedding.vectors.weight.detach().numpy(), list(model.tokens_.words)
    assert table.shape == (len(words), 24)
    known = [words.index("warm"), words.index("dull")]
    np.testing.assert_allclose(table[known], 5.0, rtol=1e-6)
    assert "nobody" not in words
    assert np.abs(np.delete(table, known, axis=0)).max() < 2  # five standard deviations of where chance puts the others: 24^-0.5


def test_a_network_may_be_told_to_start_from_none():
    said = [fitted("text-cnn", vectors=where).predict_proba(["a warm film"]).tobytes() for where in ("", "none")]
    assert said[0] == said[1]


@pytest.mark.parametrize("where", ["nowhere", ".", 3])
def test_a_place_without_vectors_is_told(where, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = "lstm.vectors takes a folder that tenon pretrain wrote, a file in word2vec's formats, or prepared or none; "
    said += f"{where!r} is nothing of"
    with pytest.raises(SettingsError, match=said):
        find("lstm").with_defaults({"vectors": where})


def test_other_vectors_in_the_same_place_are_another_run(tmp_path):
    data, _ = texts("binary")
    given = {
        "methods": "text-cnn",
        "settings": {"text-cnn": {"vectors": str(tmp_path / "v")}},
        "budget": "quick",
        "splits": "2x1",
    }
    save(VECTORS, tmp_path / "v")
    result = tenon.compare(data, out=tmp_path / "run", jobs=1, **given)
    assert {row["status"] for row in result.board["rows"]} == {"ok"}
    assert tenon.compare(data, out=tmp_path / "run", jobs=2, **given).board == result.board
    save(WordVectors(["warm", "dull"], np.eye(2, 24)), tmp_path / "v")
    with pytest.raises(RunFolderError, match="holds another run: weights .*v was"):
        tenon.compare(data, out=tmp_path / "run", **given)


@pytest.mark.parametrize("name", [name for name, param in find("lstm").params.items() if param.choices or param.low is not None])
def test_ends_of_every_range_can_be_used(name):
    param = find("lstm").params[name]
    for value in param.choices or (param.low, param.high):
        assert np.isfinite(fitted("lstm", **{name: value}).predict_proba(["a film", ""])).all()


@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_predictions_say_which_share_of_the_texts_was_read(kind):
    data, task = texts(kind)
    method = find("text-cnn")
    model = method.fit(data, task, params=method.with_defaults({"longest": 16}), seed=0, budget="quick")
    assert model.predict(pd.DataFrame({"评论": ["a " * 32, "a"]})).read_share == 17 / 33
    assert model.predict(pd.DataFrame({"评论": ["a " * 16, ""]})).read_share == 1


def test_a_row_is_explained_by_its_tokens_and_gates():
    data, task = texts("binary", n=120)
    method = find("lstm")
    model = method.fit(data, task, params=method.with_defaults({}), seed=0, budget="quick")
    row, said = single_row(held_for(model, data), 5, seed=0), model.explain(data.rows(data.row_ids[4:5]))["readings"]
    reading = row["reading"]
    assert reading["text"] == data.frame["评论"][4]
    assert reading["tokens"] == said[["start", "end", "effect"]].to_numpy().tolist()
    assert [reading["text"][start:end] for start, end in said[["start", "end"]].to_numpy()] == said["token"].tolist()
    assert {name: len(values) for name, values in reading["gates"].items()} == dict.fromkeys(NAMES["lstm"], len(said))
    strongest = said.groupby(said["token"].str.lower())["effect"].sum().abs().max()
    assert abs(row["words"][0][1]) == pytest.approx(strongest)
    content = {"method": "lstm", "task": "binary", "target": "y", "kinds": {"评论": "text"}}
    assert row_view(row, content, True)["reading"]["gates"].count("<title>forget 0.") == len(said)
    assert row_view(row, content, False)["reading"] is None  # nor does a page without cells show the text


def test_from_a_file_to_predictions(tmp_path):
    data, _ = texts("binary")
    frame = pd.DataFrame({"review": data.frame["评论"].fillna(""), "label": data.target}).reset_index(drop=True)
    reviews = tenon.read(frame, target="label", kinds={"review": "text"})
    given = {"methods": "text-cnn", "also": ["text-cnn.vectors=prepared"], "budget": "quick", "splits": "2x1", "jobs": 2}
    result = tenon.compare(reviews, out=tmp_path / "run", **given)
    said = {row["method"]: row["status"] for row in result.board["rows"]}
    assert said == {"baseline": "ok", "text-cnn": "ok", "text-cnn vectors=prepared": "ok"}
    proba = tenon.load(tmp_path / "run").predict(frame[["review"]]).proba
    assert proba.tobytes() == result.model.predict(frame).proba.tobytes()
