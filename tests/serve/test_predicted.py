"""New rows are predicted in parts, so that what takes long shows how far it is; the predictions are those of all at once."""

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset

from tenon.catalogue import find
from tenon.data.new_rows import open_new
from tenon.serve import predicted
from tenon.tasks import Task
from tenon.watch import Watch


@pytest.mark.parametrize(
    ("columns", "kinds", "parts"),
    [
        ({"t": ["four"] * 5}, {"t": "text"}, [3, 2]),  # 4, 8 and 12 letters: the first that ends at ten is the last
        ({"t": ["x" * 100, "", None, "four"]}, {"t": "text"}, [1, 3]),
        ({"t": ["four"] * 5, "u": ["and more"] * 5}, {"t": "text", "u": "text"}, [1] * 5),
        ({"t": [["a", "b"] * 3] * 4}, {"t": "tokens"}, [2, 2]),
        ({"i": ["1.png"] * 3}, {"i": "image"}, [1] * 3),
        ({"x": [1.0] * 3, "c": ["a long category"] * 3}, {"x": "number", "c": "category"}, [3]),
    ],
    ids=["texts", "one is long", "two columns", "tokens", "images", "no text"],
)
def test_parts_by_hand(monkeypatch, columns, kinds, parts):
    monkeypatch.setattr(predicted, "MOST_LETTERS", 10)
    rows = dataset(columns | {"y": ["a"] * sum(parts)}, kinds | {"y": "category"})
    found = list(predicted.in_parts(rows))
    assert [len(part) for part in found] == parts
    assert np.concatenate([part.row_ids for part in found]).tolist() == rows.row_ids.tolist()


def test_how_far_it_is_is_told_after_each_part_and_nothing_else_changes(tmp_path, monkeypatch):
    texts = ["good film", "dull film", "fine", "slow"] * 10
    rows = dataset({"t": texts, "y": ["yes", "no"] * 20}, {"t": "text", "y": "category"})
    method = find("logistic")
    model = method.fit(rows, Task("binary", "y", ("no", "yes")), params=method.with_defaults({}), seed=0)
    pd.DataFrame({"t": texts}).to_csv(tmp_path / "new.csv", index=False)
    monkeypatch.setattr(predicted, "MOST_LETTERS", 26 * 4)  # the letters of four texts, four times
    told = []
    watch = Watch(lambda event: told.append((event["done"], event["total"])))
    new = open_new(tmp_path / "new.csv", model.schema)
    [(original, added)] = predicted.with_predictions(model, new, "the model", watch, "new.csv")
    assert told == [(0, 40), (16, 40), (32, 40), (40, 40)]
    assert original["t"].iloc[1:].tolist() == texts
    pd.testing.assert_frame_equal(added, model.predict(rows).to_frame(model.task.labels))
