"""What drove one row's prediction, against formulas and models whose parts are known."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset
from tests.explain.held import Formula, held_for

from tenon.catalogue import find
from tenon.errors import DataError
from tenon.explain.single import _word_scale, _words, explained_row, single_row
from tenon.tasks import Task

RNG = np.random.default_rng(0)
COLUMNS = {"x": RNG.normal(size=60), "z": RNG.normal(size=60), "colour": RNG.choice(["red", "blue"], 60)}
KINDS = {"x": "number", "z": "number", "colour": "category", "y": "number"}


def test_a_linear_column_has_its_coefficient_times_the_distance_from_the_others():
    data = dataset(COLUMNS | {"y": 2 * COLUMNS["x"]}, KINDS)
    held = held_for(Formula(data, Task("regression", "y"), lambda f: 2 * f["x"] + (f["colour"] == "red")), data)
    said = single_row(held, 5, seed=0)
    others = np.delete(COLUMNS["x"], 4)
    effects = {one["column"]: one["effect"] for one in said["drivers"]}
    assert effects["x"] == pytest.approx(2 * (COLUMNS["x"][4] - others.mean()))
    reds = np.delete(COLUMNS["colour"] == "red", 4).mean()
    assert effects["colour"] == pytest.approx(float(COLUMNS["colour"][4] == "red") - reds)
    assert "z" not in effects
    assert (said["how"], said["unit"]) == ("sampled", "number")
    assert said["label"] == pytest.approx(2 * COLUMNS["x"][4])


def test_classes_by_the_probability_of_the_one_that_is_predicted():
    data = dataset(COLUMNS | {"y": np.where(COLUMNS["x"] > 0, "yes", "no")}, KINDS | {"y": "category"})
    task = Task("binary", "y", ("no", "yes"))
    held = held_for(Formula(data, task, lambda f: 1 / (1 + np.exp(-3 * f["x"]))), data)
    row = int(np.argmin(COLUMNS["x"])) + 1  # "no", for its small x
    said = single_row(held, row, seed=0)
    assert said["prediction"] == "no"
    assert [one["column"] for one in said["drivers"]] == ["x"]
    rest = 1 / (1 + np.exp(-3 * np.delete(COLUMNS["x"], row - 1)))
    assert said["drivers"][0]["effect"] == pytest.approx(said["answer"] - (1 - rest).mean())
    assert said["unit"] == "probability"


def test_a_model_that_no_column_can_move_is_asked_in_log_odds():
    """Whatever the columns hold, the probability is 1 - 1e-7 or more."""
    data = dataset(COLUMNS | {"y": np.where(COLUMNS["x"] > 0, "yes", "no")}, KINDS | {"y": "category"})
    log_odds = lambda f: 20 + 2 * np.tanh(f["x"]) + np.tanh(f["z"])  # noqa: E731
    held = held_for(Formula(data, Task("binary", "y", ("no", "yes")), lambda f: 1 / (1 + np.exp(-log_odds(f)))), data)
    said = single_row(held, 1, seed=0)
    effects = {one["column"]: one["effect"] for one in said["drivers"]}
    assert said["unit"] == "log odds"
    rest = np.tanh(np.delete(COLUMNS["x"], 0)).mean()
    assert effects["x"] == pytest.approx(2 * (np.tanh(COLUMNS["x"][0]) - rest), abs=1e-4)  # 1 - p of 1e-9 has seven digits


def together(f):
    return f["x"] * f["z"] + np.where(f["colour"] == "red", f["x"], 0.0)


def test_what_columns_do_together_is_shared_as_shapley_did():
    """The definition, over all orders of three columns and all other rows; what is sampled has their spread."""
    data = dataset(COLUMNS | {"y": COLUMNS["x"]}, KINDS)
    held = held_for(Formula(data, Task("regression", "y"), together), data)
    row, others = data.frame.iloc[7], data.frame.drop(index=7)
    exact = dict.fromkeys(("x", "z", "colour"), 0.0)
    for order in permutations(exact):
        frame = others.copy()
        for name in order:
            before = together(frame).mean()
            frame[name] = row[name]
            exact[name] += (together(frame).mean() - before) / 6
    said = single_row(held, 8, seed=0)
    found = {one["column"]: one["effect"] for one in said["drivers"]}
    assert found == pytest.approx(exact, abs=0.15)
    assert said["base"] == pytest.approx(together(others).mean())
    assert said["answer"] == pytest.approx(float(together(data.frame.loc[[7]]).iloc[0]))
    assert said["base"] + sum(found.values()) == pytest.approx(said["answer"])


@pytest.mark.parametrize("number", [0, 61, -1])
def test_a_row_that_there_is_not(number):
    data = dataset(COLUMNS | {"y": COLUMNS["x"]}, KINDS)
    held = held_for(Formula(data, Task("regression", "y"), lambda f: f["x"]), data)
    with pytest.raises(DataError, match="has no row .*; rows are counted from 1 to 60"):
        single_row(held, number, seed=0)


def words_in(text, **effects):
    """Return the words of a text that was read in these parts, each with what it does."""
    spans, end = [], 0
    for part in effects["parts"]:
        start = text.index(part, end)
        end = start + len(part)
        spans.append((start, end))
    starts, ends = np.array(spans, np.int64).reshape(-1, 2).T
    readings = pd.DataFrame({"start": starts, "end": ends, "effect": effects["does"]})
    data = dataset(COLUMNS | {"y": COLUMNS["x"]}, KINDS)
    return _words({"readings": readings, "texts": [text]}, None, Formula(data, Task("regression", "y"), lambda f: f["x"]))


def test_words_that_are_sentences_are_cut():
    long = "the " * 19 + "the"
    found = words_in(f"{long} dull fine Dull", parts=[long, "dull", "fine", "Dull"], does=[1.0, -2.0, 0.0, -0.5])
    assert found == [["dull", -2.5], ["the " * 10 + "…", 1.0]]


def test_parts_of_a_word_are_one_word():
    """As WordPiece cuts: marks and Chinese characters alone, words in parts, of which the first may be a word elsewhere."""
    text = "Play playing, dull-ish 不好看 2nd"
    parts = ["Play", "play", "ing", ",", "dull", "-", "ish", "不", "好", "看", "2", "nd"]
    found = words_in(text, parts=parts, does=[1.0, 20.0, 3.0, 0.5, 5.0, 0.25, 6.0, 7.0, 8.0, 9.0, -40.0, 10.0])
    assert found == [
        ["2nd", -30.0], ["playing", 23.0], ["看", 9.0], ["好", 8.0], ["不", 7.0], ["ish", 6.0], ["dull", 5.0], ["play", 1.0],
    ]  # fmt: skip


def test_marks_are_listed_only_where_there_is_nothing_else():
    assert words_in("?! 。 fine $", parts=["?!", "。", "fine", "$"], does=[9.0, 8.0, 1.0, -2.0]) == [["$", -2.0], ["fine", 1.0]]
    assert words_in("?! 。", parts=["?!", "。"], does=[8.0, -9.0]) == [["。", -9.0], ["?!", 8.0]]


def test_a_text_without_tokens_has_no_words():
    assert words_in("", parts=[], does=[]) == []


def test_words_of_networks_say_what_they_add_to():
    """Of numbers the number, of classes log odds of the class that the network thinks most probable, whatever is said."""
    readings = pd.DataFrame({"answer": ["spam"], "start": [0], "end": [3], "effect": [1.0]})
    data = dataset(COLUMNS | {"y": COLUMNS["x"]}, KINDS)
    of_numbers, of_classes = Task("regression", "y"), Task("binary", "y", ("ham", "spam"))
    for task, unit in ((of_numbers, "number"), (of_classes, "log odds")):
        model = Formula(data, task, lambda f: f["x"])
        assert _word_scale({"readings": readings, "texts": ["buy"]}, "ham", model) == {"unit": unit, "of": "spam"}
        assert _word_scale({"readings": readings[:0], "texts": [""]}, "ham", model) is None
        assert _word_scale({}, "ham", model) is None


@pytest.mark.parametrize("label", ["bad", "good"])
def test_words_of_linear_models_add_up_to_the_log_odds_that_they_name(label):
    """Without any of its words a text has the log odds of the intercept: p of what is said, less these, is the words' sum."""
    words = RNG.choice(["fine", "dull", "slow", "warm"], (60, 3))
    labels = np.where((words == "fine").sum(axis=1) > (words == "dull").sum(axis=1), "good", "bad")
    data = dataset({"text": [" ".join(row) for row in words], "y": labels}, {"text": "text", "y": "category"})
    task, logistic = Task("binary", "y", ("bad", "good")), find("logistic")
    model = logistic.fit(data, task, params=logistic.with_defaults({}), seed=0)
    row = int(np.flatnonzero(labels == label)[0])
    said = explained_row(model, data.rows(np.array([row])), None, seed=0)
    assert said["word_scale"] == {"unit": "log odds", "of": said["prediction"]}
    empty = model.predict(data.frame.iloc[[row]].assign(text="")).proba[0]
    p, p_empty = (np.array(one)[["bad", "good"].index(said["prediction"])] for one in ([v for _, v in said["proba"]], empty))
    log_odds = np.log(p / (1 - p)) - np.log(p_empty / (1 - p_empty))
    assert sum(effect for _, effect in said["words"]) == pytest.approx(log_odds)
