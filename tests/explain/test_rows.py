"""Which rows that a model did not see are shown, and in which order."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset
from tests.explain.held import Formula, held_for

from tenon.explain.gather import Explained, overall
from tenon.explain.rows import MOST_SHOWN, placed_rows
from tenon.tasks import Task

KINDS = {"text": "text", "y": "category"}
BINARY = Task("binary", "y", ("no", "yes"))


def said_first(frame: pd.DataFrame) -> np.ndarray:
    """Return the number that a text begins with, in hundredths; a half where letters were exchanged."""
    return np.array([int(text[:2]) if text[:2].isdigit() else 50 for text in frame["text"]]) / 100


class Reader(Formula):
    """Goes by the first token of a text."""

    def explain_rows(self, dataset, only=()):
        texts = dataset.frame["text"].tolist()
        table = pd.DataFrame({"answer": "yes", "start": 0, "end": 2, "effect": 100 * said_first(dataset.frame)})
        return {"readings": table, "texts": texts}


def held(sure: list[int], labels: list[str]):
    """Return rows whose text begins with how sure, in per cent, the model is of "yes"."""
    data = dataset({"text": [f"{p:02d} stars" for p in sure], "y": labels}, KINDS)
    return held_for(Reader(data, BINARY, said_first), data)


def test_wrong_rows_come_before_right_ones_and_each_go_from_the_worst_to_the_best():
    section = placed_rows(held([60, 95, 80, 10, 30], ["no", "no", "yes", "no", "no"]), ["readings"], 0)
    assert section["n_wrong"] == 2
    assert [(one["row"], one["is_right"]) for one in section["rows"]] == [(2, False), (1, False), (5, True), (3, True), (4, True)]
    assert section["rows"][0]["reading"]["tokens"] == [[0, 2, 95.0]]
    assert (section["rows"][0]["prediction"], section["rows"][0]["label"]) == ("yes", "no")


@pytest.mark.parametrize(("n_wrong", "shown"), [(40, 4), (3, 3), (97, 5), (100, 8), (0, 0)])
def test_half_are_wrong_ones_where_there_are_as_many_of_both(n_wrong, shown):
    labels = ["no"] * n_wrong + ["yes"] * (100 - n_wrong)
    rows = placed_rows(held([51 + i // 3 for i in range(100)][::-1], labels), ["readings"], 0)["rows"]
    assert len(rows) == MOST_SHOWN
    assert sum(not one["is_right"] for one in rows) == shown
    assert len({one["row"] for one in rows}) == MOST_SHOWN


def test_numbers_go_from_the_farthest_to_the_nearest():
    data = dataset({"text": ["10 a", "20 b", "30 c"], "y": [11.0, 50.0, 30.0]}, KINDS | {"y": "number"})
    model = Reader(data, Task("regression", "y"), lambda frame: 100 * said_first(frame))
    section = placed_rows(held_for(model, data), ["readings"], 0)
    assert [one["row"] for one in section["rows"]] == [2, 1, 3]
    assert section["n_wrong"] is None


def test_of_label_sets_a_row_is_wrong_if_any_label_is():
    data = dataset({"text": ["80 a", "80 b", "10 c"], "y": [("yes",), ("no", "yes"), ("yes",)]}, KINDS | {"y": "labels"})

    class OfSets(Reader):
        def predict_rows(self, dataset):
            said = super().predict_rows(dataset)
            return type(said)(said.row_ids, self.task.sets_of(said.proba >= 0.5), said.proba)

    model = OfSets(data, Task("multilabel", "y", ("no", "yes")), said_first)
    section = placed_rows(held_for(model, data), ["readings"], 0)
    assert [(one["row"], one["is_right"]) for one in section["rows"]] == [(3, False), (2, False), (1, True)]
    assert section["rows"][1]["label"] == "no · yes"


def test_none_are_shown_of_several_columns_or_by_a_model_that_tells_of_no_places():
    one = held([60, 20], ["no", "no"])
    assert placed_rows(one, ["coefficients"], 0) is None
    data = dataset({"text": ["60 a"], "more": [1.0], "y": ["no"]}, KINDS | {"more": "number"})
    assert placed_rows(held_for(Reader(data, BINARY, lambda frame: np.full(len(frame), 0.6)), data), ["readings"], 0) is None


def test_they_stand_in_all_that_is_said_of_a_model():
    found = overall(held([95, 80, 10, 30], ["no", "yes", "no", "no"]))
    assert [one["row"] for one in found["placed"]["rows"]] == [1, 4, 2, 3]
    table = Explained(Path(), found).rows
    assert table.index.tolist() == [1, 4, 2, 3]
    assert table.loc[1].tolist() == ["no", "yes", False]
    assert Explained(Path(), {"placed": None}).rows.empty
