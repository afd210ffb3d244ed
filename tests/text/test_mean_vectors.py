"""Means of the vectors of words, by hand; what the method that reads them takes, declines and says of itself."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from tests.datasets import table, texts

from tenon.catalogue import find, load_model
from tenon.data.dataset import Column, Schema
from tenon.errors import SettingsError
from tenon.features.tfidf import TEXT_LENGTH
from tenon.tasks import Task
from tenon.text import WordVectors
from tenon.text.mean_vectors import MeanVectors
from tenon.text.vector_files import save

VECTORS = WordVectors(["good", "bad", "rare", "film"], np.array([[1.0, 0], [0, 2], [4, 4], [8, 0]]))
METHOD = find("word2vec-logistic")


def test_the_mean_by_hand():
    """Three train texts have the means (1, 0), (1/2, 1) and (4, 1); the fourth knows no word, and so tells nothing of the others.

    So the numbers have the means 11/6 and 2/3, the variances 2.38889 and 2/9, and are scaled to 9 / 2.
    """
    train = pd.Series(["Good, good!", "good bad", "BAD film unknown", "nobody"])
    means = MeanVectors.of(VECTORS).fit(train)
    said = means.transform(pd.Series(["rare", "film good film", "nobody knows", ""]))
    mean, variance = np.array([11 / 6, 2 / 3]), np.array([(1 + 0.25 + 16) / 3 - 121 / 36, 2 / 3 - 4 / 9])
    expected = [(np.array(of) - mean) * np.sqrt(4.5 / variance) for of in ((4, 4), (17 / 3, 0))]
    np.testing.assert_allclose(said, [*expected, [0, 0], [0, 0]], rtol=1e-6)
    assert (means.fit_transform(train[:3]) ** 2).sum(axis=1).mean() == pytest.approx(TEXT_LENGTH**2)


def test_chinese_is_cut_into_words():
    pytest.importorskip("jieba")
    vectors = WordVectors(["酒店", "干净", "酒"], np.eye(3))
    means = MeanVectors.of(vectors).fit(pd.Series(["这家酒店很干净。", "干净"]))
    hotel, clean = means.transform(pd.Series(["这家酒店很干净。", "干净"]))
    assert hotel[0] > clean[0]
    assert hotel[1] < clean[1]
    assert hotel[2] == clean[2] == 0  # the character in the word is no word


def test_no_vectors_at_all_give_zeros():
    means = MeanVectors.of(WordVectors([], np.zeros((0, 3)))).fit(pd.Series(["good"]))
    assert means.transform(pd.Series(["good", ""])).tolist() == [[0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("kinds", "kind", "reason"),
    [
        (("text", "number"), "binary", None),
        (("number",), "binary", "reads columns of text; there is none"),
        (("text",), "regression", "predicts classes only"),
    ],
)
def test_what_is_declined(kinds, kind, reason):
    columns = [Column(f"{of} {i}", of) for i, of in enumerate(kinds)]
    schema = Schema((*columns, Column("y", "category", "target")), 100)
    assert METHOD.accepts(schema, Task(kind, "y", ("no", "yes") if kind == "binary" else ())) == reason


@pytest.mark.parametrize("value", ["", "none"])
def test_it_cannot_do_without_vectors(value):
    with pytest.raises(SettingsError, match=f"or prepared; {value!r} is nothing of these"):
        METHOD.with_defaults({"vectors": value})


def test_vectors_of_a_folder_are_read_and_kept_in_the_model(tmp_path):
    data, task = texts("binary", n=120)
    save(WordVectors(["warm", "dull"], np.array([[1.0, 0, 0], [0, 1, 0]])), tmp_path / "v")
    params = METHOD.with_defaults({"vectors": str(tmp_path / "v")})
    model = METHOD.fit(data, task, params=params, seed=0, budget="quick")
    model.save(tmp_path / "model")
    (tmp_path / "v").rename(tmp_path / "elsewhere")
    rows = data.without_target()
    assert load_model(tmp_path / "model").predict(rows).proba.tobytes() == model.predict(rows).proba.tobytes()


def test_other_columns_are_read_beside_texts():
    """A number that decides the class is found, though the texts say nothing."""
    data, task = table("binary")
    frame = data.frame.assign(size=np.where(data.target == task.labels[1], 1.0, -1.0), remark="the same")
    model = METHOD.fit(type(data)(frame, data.schema), task, params=METHOD.with_defaults({}), seed=0, budget="quick")
    assert (model.predict(frame).value == data.target).mean() == 1
    known = model.explain(frame)
    assert "words" not in known
    assert known["coefficients"].set_index("part").loc["number 1", "kind"] == "vector"


def test_no_network_is_loaded():
    code = """
import sys
from tests.datasets import texts
from tenon.catalogue import find
method = find("word2vec-logistic")
data, task = texts("binary")
assert method.lacks() == ""
method.fit(data, task, params=method.with_defaults({}), seed=0, budget="quick")
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
