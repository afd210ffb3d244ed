"""The words that a network goes by: means over rows by hand, and which of them are told."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp
from tests.datasets import dataset
from tests.explain.held import Formula, held_for

from tenon.explain.gather import Explained, overall
from tenon.explain.spoken import spoken_words
from tenon.tasks import Task

KINDS = {"text": "text", "y": "category"}
EFFECTS = {"good": 2.0, "bad": -1.0, "so": 0.0, ",": 5.0}


class Reader(Formula):
    """Sums what its words do, each a little more in longer texts; of classes the effects are on that which is said."""

    def explain_rows(self, dataset, only=()):
        texts = dataset.frame["text"].tolist()
        said = self.predict_rows(dataset).value
        rows = []
        for text, answer in zip(texts, said, strict=True):
            sign = -1.0 if answer == "no" else 1.0
            start = 0
            for word in text.split(" "):
                effect = sign * EFFECTS.get(word, 0.0) * (1 + 0.1 * len(text.split(" ")))
                rows.append({"answer": answer, "start": start, "end": start + len(word), "effect": effect})
                start += len(word) + 1
        return {"readings": pd.DataFrame(rows), "texts": texts}


def score(frame):
    return np.array([sum(EFFECTS.get(word, 0.0) for word in text.split(" ")) for text in frame["text"]])


def share(frame):
    return 1 / (1 + np.exp(-score(frame)))


TEXTS = ["good so", "bad , so", "good good bad", "so so bad bad", "good", "bad", "good so bad so", "rare good"]


def held(texts=TEXTS, task=None):
    data = dataset({"text": texts, "y": ["yes", "no"] * (len(texts) // 2)}, KINDS)
    return held_for(Reader(data, task or Task("binary", "y", ("no", "yes")), share), data)


def by_hand(word):
    """What it does in each text where it stands: to "yes", whatever is said of the text, and summed over its places."""
    return [
        EFFECTS[word] * text.split(" ").count(word) * (1 + 0.1 * len(text.split(" ")))
        for text in TEXTS
        if word in text.split(" ")
    ]


def test_means_over_rows_and_their_intervals():
    sides = spoken_words(held(), seed=0)
    assert [(side["answer"], [word for word, _ in side["words"]], side["rows"]) for side in sides] == [
        ("yes", ["good"], 8),
        ("no", ["bad"], 8),
    ]  # "rare" stands in one row, "so" does nothing, and a comma is no word
    for side, word, sign in zip(sides, ("good", "bad"), (1, -1), strict=True):
        effects = sign * np.array(by_hand(word))
        interval = ttest_1samp(effects, 0.0).confidence_interval(0.95)
        assert side["words"][0][1] == pytest.approx(effects.mean())
        assert side["ends"][0] == pytest.approx([interval.low, interval.high])


def test_numbers_have_words_for_more_and_less():
    data = dataset({"text": TEXTS, "y": np.arange(8.0)}, KINDS | {"y": "number"})
    sides = spoken_words(held_for(Reader(data, Task("regression", "y"), score), data), seed=0)
    assert [(side["answer"], side["words"][0][0]) for side in sides] == [("more", "good"), ("less", "bad")]


def test_a_word_whose_effect_varies_about_nothing_is_not_told(monkeypatch):
    monkeypatch.setitem(EFFECTS, "bad", 0.0)
    assert [side["answer"] for side in spoken_words(held(), seed=0)] == ["yes"]


def test_it_stops_where_rows_are_too_long_for_a_few_to_be_read(monkeypatch):
    monkeypatch.setattr("tenon.explain.spoken.MOST_PRODUCTS", 1)
    assert spoken_words(held(), seed=0) == []


def test_they_stand_in_the_explanation(tmp_path):
    content = overall(held())
    assert content["word_scale"] == "log odds"
    frame = Explained(tmp_path, content).words
    assert frame[["answer", "word"]].to_numpy().tolist() == [["yes", "good"], ["no", "bad"]]
    assert (frame["low"] < frame["weight"]).all()
    assert (frame["weight"] < frame["high"]).all()
