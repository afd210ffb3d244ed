"""What is said of a run's model when one part of it cannot be told."""

import numpy as np
from tests.datasets import dataset
from tests.explain.held import Formula, held_for

from tenon.explain.gather import overall
from tenon.tasks import Task
from tenon.watch import Watch


def test_a_model_that_knows_no_missing_cells_has_its_importance_all_the_same():
    rng, told = np.random.default_rng(0), []
    columns = {name: rng.normal(size=60) for name in "ab"}
    data = dataset(columns | {"y": columns["a"]}, dict.fromkeys([*columns, "y"], "number"))
    held = held_for(Formula(data, Task("regression", "y"), lambda frame: frame["a"].to_numpy()), data)
    found = overall(held, Watch(told.append))
    assert [one["columns"] for one in found["importance"]["columns"]] == [["a"], ["b"]]
    assert found["robustness"] is None
    [note] = [one["text"] for one in told if one["event"] == "note"]
    assert note.startswith("It is not told what disturbed rows cost: method ")
    assert "missing or infinite number" in note
