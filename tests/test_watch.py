"""It is told how far work on a finished run is, in every part of it that may take long."""

import numpy as np

from tenon.explain.gather import overall
from tenon.explain.single import single_row
from tenon.tasks import Task
from tenon.watch import Watch
from tests.datasets import dataset
from tests.explain.held import Formula, held_for


def test_each_part_of_the_work_tells_how_far_it_is():
    rng, told = np.random.default_rng(0), []
    columns = {name: rng.normal(size=60) for name in "ab"}
    data = dataset(columns | {"y": columns["a"]}, dict.fromkeys([*columns, "y"], "number"))
    held = held_for(Formula(data, Task("regression", "y"), lambda frame: frame["a"].fillna(0).to_numpy()), data)
    single_row(held, 3, 0, Watch(told.append))
    assert len(told) >= 10, "so that the time left can be told"
    overall(held, Watch(told.append))
    assert list(dict.fromkeys(one["doing"] for one in told)) == ["row", "columns", "disturbances", "values"]
    for doing in ("row", "columns", "disturbances", "values"):
        events = [one for one in told if one["doing"] == doing]
        assert [one["done"] for one in events] == list(range(events[0]["total"])), doing


def test_the_progress_of_a_fit_is_that_of_all_fits():
    told = []
    watch = Watch(told.append).of_step("fold", 1, 4)
    watch.progress(3, 12, loss=0.5)
    watch.progress(0, 0)
    watch.note("cut")
    assert told == [{"event": "step", "doing": "fold", "done": 1.25, "total": 4}, {"event": "note", "text": "cut"}]
