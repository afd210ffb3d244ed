"""Tagging, translation and language models through a whole comparison."""

import json
import random

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.cli.predict import predicted
from tenon.errors import MethodError
from tenon.method import Predictions
from tenon.serve.written import as_csv
from tenon.tasks import Task
from tenon.watch import SILENT

WORDS = {"Anna": "B-PER", "Bob": "B-PER", "Paris": "B-LOC", "sees": "O", "in": "O", "and": "O", "today": "O"}


@pytest.fixture(scope="module")
def sentences():
    chance = random.Random(0)
    tokens = [chance.choices(list(WORDS), k=chance.randint(3, 9)) for _ in range(90)]
    return pd.DataFrame({"tokens": tokens, "tags": [[WORDS[word] for word in one] for one in tokens]})


def test_tagged_sentences(sentences, tmp_path):
    data = tenon.read(sentences, target="tags")
    result = tenon.compare(data, methods="perceptron", splits="3x2", out=tmp_path / "run", jobs=1)
    rows = result.leaderboard
    assert rows["score"]["perceptron"] > 0.99  # a word has one tag
    assert rows["score"]["baseline"] == 0.0  # the commonest tag is O
    assert (result.board["task"], result.board["metric"], result.board["chosen"]) == ("tagging", "entity_f1", "perceptron")
    said = tenon.load(tmp_path / "run").predict(pd.DataFrame({"tokens": [["Bob", "sees", "Paris"], ["Paris"]]}))
    assert said.value.tolist() == [["B-PER", "O", "B-LOC"], ["B-LOC"]]
    asked = result.explain(row=5, data=data).content
    assert "".join(asked["row"]["text"].split()) == "".join(sentences["tokens"][4])
    assert asked["row"]["prediction"] == asked["row"]["label"]
    assert asked["sequences"]["n_wrong"] == len(asked["sequences"]["rows"]) < 3
    assert f"Row {asked['row']['row']}" in (tmp_path / "run" / "explain.html").read_text(encoding="utf-8")


def test_sentences_with_blanks_between_tokens_are_predicted(sentences, tmp_path):
    data = tenon.read(sentences, target="tags")
    tenon.compare(data, methods="perceptron", splits="3x1", out=tmp_path / "run", jobs=1)
    (tmp_path / "new.csv").write_text("tokens\nAnna in Paris\n")
    [(_, added)] = predicted(tmp_path / "run", str(tmp_path / "new.csv"), "", SILENT)[1]
    assert list(added["prediction"].iloc[0]) == ["B-PER", "O", "B-LOC"]
    (tmp_path / "new.jsonl").write_text('{"tokens": null}\n{"tokens": []}\n{"tokens": ["Anna", "in"]}\n')
    chunks = predicted(tmp_path / "run", str(tmp_path / "new.jsonl"), "", SILENT)[1]
    assert "".join(as_csv(chunks)) == "tokens,prediction\n,\n,\nAnna in,B-PER O\n"


@pytest.mark.mission("F7")
def test_translations(tmp_path):
    pytest.importorskip("sacrebleu")
    words = dict(zip("red blue cat dog runs sleeps".split(), "rote blaue katze hund rennt schläft".split(), strict=True))
    chance = random.Random(1)
    english = [" ".join(chance.choices(list(words), k=chance.randint(4, 8))) for _ in range(80)]
    frame = pd.DataFrame({"en": english, "de": [" ".join(words[word] for word in one.split()) for one in english]})
    data = tenon.read(frame, target="de", task="translation")
    methods = ["copy", "word-by-word"]
    result = tenon.compare(data, task="translation", methods=methods, splits="3x2", out=tmp_path / "run", jobs=1)
    rows = result.leaderboard
    assert rows["score"]["word-by-word"] == pytest.approx(1.0)
    assert rows["score"]["copy"] == 0.0
    assert tenon.load(tmp_path / "run").predict(pd.DataFrame({"en": ["blue dog runs"]})).value.tolist() == ["blaue hund rennt"]
    versions = json.loads((tmp_path / "run" / "run.json").read_text())["asked"]["versions"]
    assert "sacrebleu" in versions


def test_a_language_of_words_that_are_all_alike(tmp_path):
    chance = random.Random(2)
    texts = [" ".join(chance.choices("abcdefgh", k=6)) for _ in range(60)]
    data = tenon.read(pd.DataFrame({"text": texts}), task="language")
    result = tenon.compare(data, task="language", methods="baseline", splits="3x2", out=tmp_path / "run", jobs=1)
    assert result.leaderboard["score"].iloc[0] == pytest.approx(10)  # eight words, the end, and one that nobody knows


def test_texts_beside_other_columns_are_found_again_to_be_explained(tmp_path):
    chance, letters = random.Random(3), "abcdefghijklmnopqrstuvwxyz" * 2  # one follows the other
    texts = [" ".join(letters[k : k + n]) for k, n in ((chance.randrange(26), chance.randint(3, 20)) for _ in range(60))]
    rows = pd.DataFrame({"id": range(61), "said": ["a rose", *texts]})
    rows.to_csv(tmp_path / "said.csv", index=False)
    data = tenon.read(tmp_path / "said.csv", target="said", task="language")
    result = tenon.compare(data, task="language", methods="ngram", splits="3x1", out=tmp_path / "run", jobs=1)
    asked = result.explain(row=1).content["row"]
    assert (asked["text"], asked["label"]) == ("a rose", 3)
    assert [one[:2] for one in asked["units"]] == [[0, 1], [2, 6], [6, 6]]


@pytest.mark.parametrize(
    ("kind", "said", "message"),
    [
        ("tagging", [["O"], "O"], "it predicts what is no list of tags"),
        ("translation", ["a", ["b"]], "it predicts what is no text"),
        ("language", [1.0, float("nan")], "it predicts a missing or infinite number"),
    ],
)
def test_predictions_of_another_kind_are_refused(kind, said, message):
    value = np.empty(2, object if kind != "language" else float)
    value[:] = said
    with pytest.raises(MethodError, match=message):
        Predictions(np.arange(2), value).checked(Task(kind, "y"), np.arange(2))


def test_methods_for_rows_decline_sequences(sentences):
    data = tenon.read(sentences, target="tags")
    reasons = {row.method: row.reason for row in tenon.api.plan(data, tenon.trials.ask.Ask()).rows}
    assert reasons["logistic"] == "predicts classes only"
    assert reasons["word-by-word"] == "predicts translations only"
    assert reasons["perceptron"] == ""
