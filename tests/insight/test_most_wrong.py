"""The rows with the highest loss come first."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import log_loss
from tests.datasets import dataset
from tests.insight.said import numbers, seen_of, two

from tenon.insight.most_wrong import losses, most_wrong
from tenon.insight.shown import Cells
from tenon.tasks import Task


def section_of(seen):
    return most_wrong(seen, Cells.of(seen))


def test_classes_by_log_loss_and_only_wrong_ones():
    rng = np.random.default_rng(0)
    p = rng.random((2, 60))
    y = rng.choice(["no", "yes"], 60)
    seen = seen_of({"x": [f"cell {i}" for i in range(60)]}, y, {"m": two(p)}, kinds={"x": "text"})
    section = section_of(seen)
    theirs = [np.mean([log_loss([y[i]], [[1 - q, q]], labels=["no", "yes"]) for q in p[:, i]]) for i in range(60)]
    np.testing.assert_allclose(losses(seen), theirs, rtol=1e-9)
    wrong = [i for i in np.argsort(-np.array(theirs)) if (p[0, i] >= 0.5) != (y[i] == "yes")][:20]
    assert [row["row"] for row in section["rows"]] == [i + 1 for i in wrong]  # people count from 1
    first = section["rows"][0]
    assert first["cells"] == {"x": f"cell {wrong[0]}"}
    assert first["label"] == y[wrong[0]] != first["prediction"]
    assert first["loss"] == pytest.approx(theirs[wrong[0]])
    mean = p[:, wrong[0]].mean()
    assert first["proba"]["prediction"] == pytest.approx(mean if first["prediction"] == "yes" else 1 - mean)
    assert sum(first["proba"].values()) == pytest.approx(1)


def test_numbers_by_distance():
    y = np.arange(40.0)
    value = np.stack([y, y])
    value[:, 7], value[:, 9] = 100.0, -20.0
    section = section_of(seen_of({"x": y}, y, {"m": numbers(value)}, kinds={"x": "number"}))
    first, second = section["rows"][:2]
    assert (first["row"], first["residual"], first["loss"], first["proba"]) == (8, -93.0, 93.0, None)
    assert (second["row"], second["residual"], second["prediction"]) == (10, 29.0, -20.0)


def test_numbers_that_are_right_are_not_shown():
    y = np.arange(40.0)
    value = np.stack([y + 1e-15, y])
    value[0, 3] = 5.0
    rows = section_of(seen_of({"x": y}, y, {"m": numbers(value)}, kinds={"x": "number"}))["rows"]
    assert [row["row"] for row in rows] == [4]


def test_final_rows_are_never_shown():
    y = np.array(["no", "yes"] * 50)
    seen = seen_of({"x": y}, y, {"m": two(np.where(y == "yes", 0.1, 0.9)[None])}, final_share=0.5)
    section = section_of(seen)
    assert section["of"] == 50
    final = set((seen.splits.final() + 1).tolist())
    assert not final & {row["row"] for row in section["rows"]}


def test_of_tagged_sentences_it_is_said_which_tokens_are_what():
    tokens = [["王", "明", "in", "New", "York"], ["a"], ["a", "cat"]]
    tags = [["B-PER", "I-PER", "O", "B-LOC", "I-LOC"], ["O"], ["DT", "NN"]]
    data = dataset({"x": tokens, "y": tags}, {"x": "tokens", "y": "tokens"})
    seen = SimpleNamespace(data=data, task=Task("tagging", "y"), y=data.target.to_numpy(object))
    said = np.array([["O", "O", "O", "B-LOC", "O"], ["O"], ["DT", "DT"]], object)
    rows = [Cells(seen, said, None).row(i) for i in range(3)]
    assert [row["label"] for row in rows] == ["王明 PER · New York LOC", "–", "DT NN"]
    assert [row["prediction"] for row in rows] == ["New LOC", "–", "DT DT"]
