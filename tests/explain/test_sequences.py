"""Rows of sequences: which are shown, and what of each, by hand."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset
from tests.explain.held import held_for
from tests.test_contract import CASES, fitted, made

from tenon.errors import DataError
from tenon.explain.gather import about, overall
from tenon.explain.sequences import (
    MOST_SHOWN,
    MOST_UNITS,
    answer_effects_section,
    entity_effects_section,
    sequence_row,
    sequence_rows,
)
from tenon.explain.single import single_row
from tenon.method import Model, Predictions
from tenon.report.explained_text import explained_lines
from tenon.tasks import Task


class Says(Model):
    """A model that says of each row what it was given, and knows what it was given."""

    def __init__(self, data, kind, said, **known):
        super().__init__(data.schema, Task(kind, "y"), "says")
        self.said, self.known, self.asked = said, known, []

    def predict_rows(self, dataset):
        value = np.empty(len(dataset), object)
        value[:] = [self.said[i] for i in dataset.row_ids]
        return Predictions(dataset.row_ids, value)

    def explain_rows(self, dataset, only=()):
        self.asked.append(only)
        return {name: self.known[name] for name in self.known if not only or name in only}

    def save_parts(self, folder): ...


def held_of(kind, read, truth, said, **known):
    kinds = {"tagging": ("tokens", "tokens"), "translation": ("text", "text"), "language": ("text", "number")}[kind]
    data = dataset({"x": read, "y": truth}, dict(zip("xy", kinds, strict=True)))
    model = Says(data, kind, said, **known)
    return held_for(model, data)


def test_entities_stand_in_characters_of_the_sentence():
    tokens, truth, said = (
        ["王", "明", "likes", "New", "York", "."],
        ["B-P", "I-P", "O", "B-L", "I-L", "O"],
        ["B-P", "I-P", "O", "B-L", "O", "O"],
    )
    held = held_of("tagging", [tokens], [truth], [said])
    found = sequence_row(held, held.model, 0)
    assert found == {
        "row": 1, "text": "王明likes New York.", "label": [["P", 0, 2], ["L", 8, 16]], "prediction": [["P", 0, 2], ["L", 8, 11]],
    }  # fmt: skip


def test_effects_stand_in_characters_of_the_sentence():
    tokens = ["王", "明", "likes", "it"]
    table = pd.DataFrame(
        [(0, 0, "P", 0, 2, i, i + 1, token, i / 8) for i, token in enumerate(tokens)],
        columns=["row", "entity", "type", "start", "end", "first", "behind", "token", "effect"],
    )
    assert entity_effects_section({"entity_effects": table}, tokens) == [
        {"entity": ["P", 0, 2], "tokens": [[0, 1, 0.0], [1, 2, 0.125], [2, 7, 0.25], [8, 10, 0.375]], "run": 1}
    ]
    runs = table.iloc[[0, 3]].assign(first=[0, 3], behind=[3, 4])
    assert entity_effects_section({"entity_effects": runs}, tokens) == [
        {"entity": ["P", 0, 2], "tokens": [[0, 7, 0.0], [8, 10, 0.375]], "run": 3}
    ]
    assert entity_effects_section({}, tokens) == entity_effects_section({"entity_effects": table[:0]}, tokens) == []


def test_effects_on_an_answer_are_of_question_and_context():
    table = pd.DataFrame(
        [(0, "question", 0, 3, "Who", 1.23456), (0, "context", 10, 12, "an", -0.5), (0, "context", 13, 16, "Eve", 7.0)],
        columns=["row", "of", "start", "end", "token", "effect"],
    )
    held = held_of_questions("Bob meets an Eve.", [["Eve"]], ["Eve"], answer_effects=table)
    section = {"question": [[0, 3, 1.2346]], "context": [[10, 12, -0.5], [13, 16, 7.0]]}
    assert single_row(held, 1, seed=0)["effects"] == section
    assert answer_effects_section({"answer_effects": table[:0]}) == {"question": [], "context": []}
    held.model.asked.clear()
    assert "effects" not in sequence_rows(held)["rows"][0]
    assert held.model.asked == [("candidates", "kept")], "of rows that are shown beside others it is not worked out"
    held = held_of_questions("Bob meets an Eve.", [["Eve"]], ["Eve"])
    assert single_row(held, 1, seed=0)["effects"] is None


def test_tags_of_no_entities_are_shown_token_by_token():
    held = held_of("tagging", [["a", "cat"]], [["DT", "NN"]], [["DT", "O"]])
    found = sequence_row(held, held.model, 0)
    assert (found["label"], found["prediction"]) == ([["DT", 0, 1], ["NN", 2, 5]], [["DT", 0, 1], ["O", 2, 5]])
    held = held_of("tagging", [["a", "cat"]], [["O", "O"]], [["O", "O"]])
    assert sequence_row(held, held.model, 0)["label"] == []


def test_a_translation_has_its_alignment_where_the_model_knows_one():
    one = SimpleNamespace(source=["红", "猫"], target=["red"], weights=np.array([[0.25, 0.75], [1.0, 0.0]], np.float32))
    held = held_of("translation", ["红猫"], ["red cat"], ["red"], alignments=[one])
    found = sequence_row(held, held.model, 0)
    assert found["alignment"] == {"source": ["红", "猫"], "target": ["red"], "weights": [[0.25, 0.75], [1.0, 0.0]]}
    assert (found["text"], found["label"], found["prediction"]) == ("红猫", "red cat", "red")
    held = held_of("translation", [None], ["red cat"], ["red"])
    assert sequence_row(held, held.model, 0) == {
        "row": 1, "text": "", "label": "red cat", "prediction": "red", "alignment": None,
    }  # fmt: skip


def test_surprises_of_a_text_are_those_of_its_first_units():
    n = MOST_UNITS + 5
    table = pd.DataFrame({"start": np.arange(n), "end": np.arange(n) + 1, "nats": 0.5})
    held = held_of("language", ["x" * n], [n + 1.0], [200.0], surprises=table)
    found = sequence_row(held, held.model, 0)
    assert (found["label"], found["prediction"]) == (n + 1, 200.0)
    assert found["units"][-1] == [MOST_UNITS - 1, MOST_UNITS, 0.5]
    held = held_of("language", ["x"], [2.0], [3.0])
    assert sequence_row(held, held.model, 0)["units"] is None


@pytest.mark.parametrize("n_wrong", [0, 1, 2, MOST_SHOWN, 15, 50])
def test_rows_go_from_the_worst_to_the_best_of_the_wrong_ones(n_wrong):
    """Row i of the wrong ones, of 60 rows, misses i + 1 entities of 60."""
    tokens = [["a"] * 60] * 60
    said = [["O"] * (i + 1) + ["B-P"] * (59 - i) if i < n_wrong else ["B-P"] * 60 for i in range(60)]
    found = sequence_rows(held_of("tagging", tokens, [["B-P"] * 60] * 60, said))
    rows = [one["row"] for one in found["rows"]]
    assert found["n_wrong"] == n_wrong
    assert len(rows) == min(n_wrong, MOST_SHOWN)
    assert rows == sorted(rows, reverse=True)
    if n_wrong:
        assert (rows[0], rows[-1]) == (n_wrong, 1)
    if n_wrong == 15:
        assert rows == [15, 13, 11, 9, 7, 5, 3, 1]


def answers_of(texts, context):
    return [{"text": text, "start": context.index(text), "script": "other"} for text in texts]


def held_of_questions(context, truth, said, **known):
    """Questions on one context; truth : texts of each; said : of each, as a model that tells no places says it."""
    columns = {"question": ["Who?"] * len(truth), "context": [context] * len(truth)}
    data = dataset(
        columns | {"y": [answers_of(one, context) for one in truth]}, {"question": "text", "context": "text", "y": "answers"}
    )
    return held_for(Says(data, "answer", said, **known), data)


def test_an_answer_stands_in_its_context():
    table = pd.DataFrame({"row": 0, "text": ["Eve", "Bob", ""], "start": [13, 0, -1], "score": [0.61234, 0.3, 0.1]})
    kept = pd.DataFrame({"row": 0, "start": [0, 10], "end": [4, 17], "score": [0.25, 0.99996]})
    held = held_of_questions("Bob meets an Eve.", [["Eve", "an Eve"]], ["Eve"], candidates=table, kept=kept)
    assert sequence_row(held, held.model, 0) == {
        "row": 1, "text": "Bob meets an Eve.", "label": [[10, 16], [13, 16]], "prediction": [[13, 16]], "question": "Who?",
        "answer": "Eve", "f1": 1.0, "is_match": True, "candidates": [["Eve", 0.6123], ["Bob", 0.3], ["", 0.1]],
        "kept": {"text": "Bob meets an Eve.", "blocks": [[0, 4, 0.25], [10, 17, 1.0]]},
    }  # fmt: skip
    held = held_of_questions("Bob meets an Eve.", [[]], [""])
    found = sequence_row(held, held.model, 0)
    assert (found["label"], found["prediction"], found["f1"], found["is_match"]) == ([], [], 1.0, True)
    assert found["kept"] is None


def test_answers_are_shown_from_the_worst_to_the_best_right_ones_included():
    found = sequence_rows(held_of_questions("a b c d", [["a b c d"]] * 9, ["b", "b c", "b c d", *["a b c d"] * 6]))
    assert found["n_wrong"] == 2  # of a b c d and b c d the article goes
    assert [one["row"] for one in found["rows"]] == [1, 2, 3, 4, 5, 6, 7, 9]
    assert [one["is_match"] for one in found["rows"]] == [False, False, *[True] * 6]


class FindsItsMark(Says):
    """Answers by the word of the context in angle brackets, whatever the question."""

    def predict_rows(self, dataset):
        found = np.array([re.search("<(.+?)>", text)[1] for text in dataset.frame["context"]], object)
        return Predictions(dataset.row_ids, found)


def test_the_score_of_answers_hangs_on_the_context_that_is_read_and_not_on_the_question():
    contexts = [f"one <word{i}> two" for i in range(30)]
    columns = {"question": [f"Which {i}?" for i in range(30)], "context": contexts}
    answers = [answers_of([f"word{i}"], text) for i, text in enumerate(contexts)]
    data = dataset(columns | {"y": answers}, {"question": "text", "context": "text", "y": "answers"})
    held = held_for(FindsItsMark(data, "answer", contexts), data)
    content = {**about(held), **overall(held), "row": None}
    first, second = content["importance"]["columns"]
    assert (first["columns"], second["columns"]) == (["context"], ["question"])
    assert first["low"] > 0.8  # of an F1 of 1; a context stays with its row once in 30
    assert (second["fall"], second["low"], second["high"]) == (0, 0, 0)
    lines = explained_lines(content, 80)
    assert any("answer F1 gets worse by" in line for line in lines)
    assert all(len(line) <= 80 for line in lines)


SEQUENCES = [case for case in CASES if case.values[1] == "sequences"]


@pytest.mark.parametrize(("method", "data", "kind"), SEQUENCES)
def test_every_method_for_sequences_is_explained_the_same_way_twice(method, data, kind):
    train, new, _ = made(data, kind)
    held = held_for(fitted(method.name, data, kind), replace(train, frame=pd.concat([train.frame, new.frame])), new.row_ids)
    number = int(new.row_ids[0]) + 1
    first, again = ({**about(held), **overall(held), "row": single_row(held, number, seed=0)} for _ in range(2))
    assert json.dumps(first, allow_nan=False) == json.dumps(again, allow_nan=False)
    assert first["row"]["is_final"]
    assert len(first["sequences"]["rows"]) <= MOST_SHOWN
    for content in (first, first | {"row": None}):
        assert all(len(line) <= 80 for line in explained_lines(content, 80))
    if method.name == "seq2seq-attention":
        np.testing.assert_allclose(np.sum(first["row"]["alignment"]["weights"], axis=1), 1, atol=0.01)  # rounded to 4 digits
    if kind == "language" and method.name != "baseline":
        assert sum(nats for _, _, nats in first["row"]["units"]) == pytest.approx(first["row"]["prediction"], abs=0.01)
    if kind == "answer":
        is_told = method.name not in ("baseline", "lexical-answer")
        assert is_told == bool(first["row"]["effects"] and first["row"]["effects"]["question"])
        assert ("because of the question: " in "\n".join(explained_lines(first, 80))) == is_told
    with pytest.raises(DataError, match="has no row 9,999; rows are counted from 1 to 60"):
        single_row(held, 9999, seed=0)
