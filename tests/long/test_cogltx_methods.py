"""CogLTX on the board: what it declines, settings that reach the networks, how long it takes, what it tells of a row."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.datasets import dataset, sequences  # noqa: E402
from tests.text.encoders import small_encoder  # noqa: E402
from tests.text.planted import CLASSES, planted  # noqa: E402

from tenon.catalogue import find  # noqa: E402
from tenon.data.dataset import Column, Schema  # noqa: E402
from tenon.inside import Said, kept  # noqa: E402
from tenon.tasks import Task  # noqa: E402

PLANTED = planted(30, (300, 350), "word", 3)
TASK = Task("multiclass", "kind", CLASSES)
QUICK = {"longest": 256, "block": 62, "kept": 1, "rounds": 1, "fewest_steps": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"), texts=PLANTED.texts, n_positions=256)


@pytest.fixture(scope="module")
def documents():
    return dataset({"text": PLANTED.texts, "kind": PLANTED.classes}, {"text": "text"}, target="kind")


def test_what_is_declined():
    def said(*shares):
        columns = (Column(f"text {i}", "text", long_share=share) for i, share in enumerate(shares))
        return find("cogltx").accepts(Schema((*columns, Column("kind", "category", "target")), 100), TASK)

    assert said(0.5) is None
    assert "texts are short: 1 % of them are longer than 510 parts of words" in said(0.01)
    assert said(0.5, 0.5) == "reads one column of texts; there are 2"
    assert find("cogltx").accepts(Schema((Column("a", "number"), Column("y", "category", "target")), 9), TASK) == (
        "reads columns of text; there is none"
    )


def test_settings_reach_the_networks(folder, documents):
    method = find("cogltx")
    given = method.with_defaults({"checkpoint": str(folder), "rate": 1e-4, **QUICK})
    model = method.fit(documents, TASK, params=given, seed=0, budget="quick").estimator
    assert {name: getattr(model, name) for name in QUICK} == QUICK | {"kept": (1,)}
    assert (model.rate, model.epochs, model.judge) == (1e-4, 1, None)
    assert len(model.history_.loss) == -(-2 * 30 // 16)
    one_step = method.with_defaults({"checkpoint": str(folder), **QUICK, "kept": 0})
    assert method.fit(documents, TASK, params=one_step, seed=0, budget="quick").estimator.kept == ()


@pytest.mark.parametrize("labels", [("amber", "beryl"), ("amber", "beryl", "coral")])
def test_names_of_classes_in_texts_tell_what_is_relevant(folder, labels):
    """As many sentences name each class in each text, so that no word tells one but its name; coral is in no train row."""
    filler = " ".join(PLANTED.texts[0].split()[:70])
    texts = [f"{filler}. It is {a}. {filler}. It is {b}. {filler}." for a, b in (("amber", "beryl"), ("beryl", "amber")) * 3]
    classes = ["beryl", "beryl", "amber", "amber", "beryl", "amber"]
    method, data = find("cogltx"), dataset({"text": texts, "kind": classes}, {"text": "text"}, target="kind")
    given = method.with_defaults({"checkpoint": str(folder), **QUICK, "block": 30, "fewest_steps": 1})
    model = method.fit(data, Task("multiclass", "kind", labels), params=given, seed=0, budget="quick").estimator
    for text, own, relevance in zip(texts, classes, model.relevance_, strict=True):
        document = model.reader_.encoded(text)
        spans = [document.spans[document.block(i)] for i in range(len(document.ends))]
        named = [own in text[block[0, 0] : block[-1, 1]] for block in spans]
        assert 0 < sum(named) < len(named)
        assert ((relevance >= 1) == named).all()


def test_longer_texts_more_rounds_and_blocks_that_are_kept_take_longer(documents):
    method, own = find("cogltx"), {"checkpoint": "prepared"}
    plain = method.expected(documents, 1_000, 1, own, "normal")
    assert 1.9 < method.expected(documents, 1_000, 1, own | {"rounds": 4}, "normal") / plain < 2.3
    assert method.expected(documents, 1_000, 1, own | {"kept": 0}, "normal") < plain
    assert method.expected(documents, 1_000, 1, own, "thorough") > 1.5 * plain
    longer = dataset({"text": PLANTED.texts + PLANTED.texts, "kind": PLANTED.classes}, {"text": "text"}, target="kind")
    assert method.expected(longer, 1_000, 1, own, "normal") > 1.05 * plain


def test_the_model_tells_what_it_kept(folder, documents):
    method = find("cogltx")
    given = method.with_defaults({"checkpoint": str(folder), **QUICK})
    model = method.fit(documents, TASK, params=given, seed=0, budget="quick")
    rows = documents.rows(np.array([3, 7]))
    assert model.predict(rows).read_share == 1.0
    found = kept(Said(model.estimator, PLANTED.texts[[3, 7]], (), np.array([3, 7]), CLASSES))["kept"]
    for row in (3, 7):
        [own] = model.estimator.recalled_in([PLANTED.texts[row]])
        table = found[found["row"] == row]
        assert table[["start", "end"]].to_numpy().tolist() == own.spans.tolist()
        np.testing.assert_allclose(table["score"], own.scores, rtol=1e-4)
    assert kept(Said(object(), PLANTED.texts, (), np.arange(60), CLASSES)) == {}


def test_answers_from_contexts_that_are_long():
    data, task = sequences("answer", n=20)
    method, own = find("cogltx-answer"), {"checkpoint": "prepared"}
    assert method.accepts(data.schema, task) is None
    columns = tuple(replace(column, long_share=0.04) for column in data.schema.columns)
    assert method.accepts(Schema(columns, 20), task) == (
        "contexts are short: 4 % of them are longer than 510 parts of words; bert-answer reads the others in two windows at most "
        "with longest=512"
    )
    assert method.accepts(data.schema, TASK) == "predicts answers only"
    plain = method.expected(data, 1_000, 1, own, "normal")
    assert method.expected(data, 1_000, 1, own | {"kept": 0}, "normal") < plain
    assert method.expected(data, 1_000, 1, own, "thorough") > 1.5 * plain


def test_settings_of_answers_reach_the_estimator(folder):
    data, task = sequences("answer", n=20)
    method = find("cogltx-answer")
    given = {"checkpoint": str(folder), "rate": 1e-4, "fewest_steps": 2, "longest_question": 9, "longest_answer": 7, "n_best": 3}
    model = method.fit(data, task, params=method.with_defaults(given), seed=0, budget="quick")
    own = {"longest": 512, "block": 62, "kept": (2,), "judge": None, "epochs": 1}
    assert {name: getattr(model.estimator, name) for name in given | own} == given | own
    assert model.estimator.reader_.longest == 256, "of the encoder"
    known = model.explain_rows(data.rows(data.row_ids[:2]))
    X = list(zip(*(data.frame[name].iloc[:2] for name in ("question", "context")), strict=True))
    spans = [of.spans.tolist() for of in model.estimator.recalled_in(X)]
    assert known["kept"][["start", "end"]].to_numpy().tolist() == [span for of in spans for span in of]
    assert set(known["candidates"]["row"]) == set(data.row_ids[:2])


def test_settings_of_tags_reach_the_estimator_and_more_queries_take_longer(folder):
    data, task = sequences("tagging", n=20)
    method, given = find("cogltx-tagger"), {"checkpoint": str(folder), "rate": 1e-4, "fewest_steps": 2, "queries": 3, "rounds": 1}
    model = method.fit(data, task, params=method.with_defaults(given), seed=0, budget="quick").estimator
    own = {"longest": 512, "block": 62, "kept": (2,), "judge": None, "epochs": 1}
    assert {name: getattr(model, name) for name in given | own} == given | own
    words = [["Anna"] * 600, ["Bob"] * 600]
    long = dataset({"x": words, "y": [["O"] * 600] * 2}, {"x": "tokens", "y": "tokens"})
    few, many, all_ = (method.expected(long, 1_000, 1, {"checkpoint": "prepared", "queries": n}, "normal") for n in (2, 4, 64))
    assert many == pytest.approx(2 * few, rel=0.01)
    assert all_ == method.expected(long, 1_000, 1, {"checkpoint": "prepared", "queries": 32}, "normal") > 2 * many
