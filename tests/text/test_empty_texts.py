"""Methods on an encoder with texts, sentences, questions and contexts that hold nothing, in training and in prediction."""

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import CLASSES, NUMBERS_OF, PAIRS, X, small_encoder  # noqa: E402
from tests.text.sentences import made  # noqa: E402

import tenon  # noqa: E402
from tenon.catalogue import find  # noqa: E402
from tenon.tasks import infer_task  # noqa: E402
from tenon.text import BertAnswer, BertTagger  # noqa: E402

N = 40
BLANK = ["", " ", "\t\n", "\u200b", "\x00"]  # of which nothing is left to read


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"))


def fitted(name, folder, columns, y, **more):
    """Return the method fitted to the columns, in one pass where it has passes."""
    data = tenon.read(pd.DataFrame({**columns, "y": y}), "y", kinds=dict.fromkeys(columns, "text"))
    method, (task, _) = find(name), infer_task(data.target)
    given = method.with_defaults({"checkpoint": str(folder), **more} | ({"fewest_steps": 0} if name == "bert" else {}))
    return method.fit(data, task, params=given, seed=0, budget="quick")


@pytest.mark.parametrize(("name", "y"), [
    ("bert", CLASSES), ("bert", NUMBERS_OF), ("bert-frozen", CLASSES), ("bert-frozen", NUMBERS_OF), ("prototypes", CLASSES),
])  # fmt: skip
def test_texts_without_a_word_are_learnt_from_and_answered_alike(name, y, folder):
    model = fitted(name, folder, {"x": [*BLANK, None, *X[:N]]}, y[: N + len(BLANK) + 1])
    said = model.predict(pd.DataFrame({"x": [*BLANK, None]}))
    figures = said.proba if said.proba is not None else said.value[:, None]
    assert np.isfinite(figures).all()
    np.testing.assert_allclose(figures, figures[:1].repeat(len(figures), axis=0), atol=1e-6)
    assert not len(model.explain(pd.DataFrame({"x": [""]})).get("readings", []))


@pytest.mark.parametrize("name", ["bert", "bert-frozen", "prototypes"])
def test_where_no_text_says_anything_all_get_one_answer(name, folder):
    model = fitted(name, folder, {"x": [""] * N}, CLASSES[:N])
    proba = model.predict(pd.DataFrame({"x": ["", "a good film"]})).proba
    assert np.isfinite(proba).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1)


@pytest.mark.parametrize("name", ["bert", "bert-frozen", "prototypes"])
def test_either_text_of_a_pair_may_be_empty(name, folder):
    pairs = np.array([("", ""), ("", "red"), ("blue", ""), *PAIRS[:N]], object)
    model = fitted(name, folder, {"a": pairs[:, 0], "b": pairs[:, 1]}, CLASSES[: N + 3])
    assert np.isfinite(model.predict(pd.DataFrame(pairs[:3], columns=["a", "b"])).proba).all()


def test_empty_sentences_and_tokens_are_tagged(folder):
    X, y = made(30)
    model = BertTagger(folder, epochs=1, fewest_steps=0, n_jobs=1, random_state=0)
    model.fit([*X, [], [""], BLANK], [*y, [], ["O"], ["O"] * len(BLANK)])
    assert [len(tags) for tags in model.predict([[], [""], BLANK])] == [0, 1, len(BLANK)]
    alone = BertTagger(folder, epochs=1, fewest_steps=0, n_jobs=1, random_state=0).fit(X, y)
    again = BertTagger(folder, epochs=1, fewest_steps=0, n_jobs=1, random_state=0).fit([*X, []], [*y, []])
    assert again.predict(X) == alone.predict(X), "an empty sentence teaches nothing"


@pytest.mark.parametrize("blank", BLANK)
def test_empty_questions_and_contexts_are_answered_by_nothing(blank, folder):
    """Without a question the context may be answered; without a context nothing can be."""
    X = [("film", "a good film")] * 10 + [(blank, "a good film"), ("film", blank), (blank, blank)]
    y = [[{"text": "good", "start": 2, "script": "other"}]] * 10 + [[{"text": "good", "start": 2, "script": "other"}], [], []]
    model = BertAnswer(folder, longest=16, stride=4, epochs=1, fewest_steps=0, n_jobs=1, random_state=0).fit(X, y)
    _, without, neither = model.predict(X[-3:])
    assert (without.text, without.start, neither.text, neither.start) == ("", -1, "", -1)
    model.threshold_ = np.inf
    assert [span.text != "" for span in model.predict(X[-3:])] == [True, False, False]
    assert model.candidates([("film", blank)])[0][0].score == pytest.approx(1.0)
