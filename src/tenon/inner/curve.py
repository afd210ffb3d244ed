"""Parts of the train rows for learning curves: a smaller part lies inside every larger one."""

import numpy as np

from tenon.data.dataset import Dataset
from tenon.errors import SettingsError
from tenon.tasks import Task

STREAM = 103  # of random numbers: apart from those of splits, balance and search


def shrunk(train: Dataset, task: Task, share: float, seed: int) -> np.ndarray:
    """Return the ids of this share of the train rows, in the order of the rows.

    Every class keeps its share, to within a row, and at least one row. Groups are kept or left out whole (their class is
    the commonest in them); in time order the latest rows are kept, those of one time all or none.
    Raises SettingsError for a share that is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise SettingsError(f"a part of the train rows is a share above 0 and at most 1; got {share:g}.")
    assert train.target is not None, "train rows have a target"
    if time := train.schema.with_role("time"):
        moments = np.unique(train.frame[time.name].to_numpy(), return_inverse=True)[1]
        places = _places(np.arange(moments.max(), -1, -1), np.bincount(moments))[moments]
    else:
        places = _drawn(train, task, np.random.default_rng([seed, STREAM]))
    return train.row_ids[places < share]


def _drawn(train: Dataset, task: Task, rng: np.random.Generator) -> np.ndarray:
    """Return the place of each row, (n,) in [0, 1): its unit's place in a random order of the units of its class."""
    group = train.schema.with_role("group")
    cells = train.frame[group.name].to_numpy() if group else np.arange(len(train))
    unit_of_row, sizes = _units(cells)
    classes = task.strata(task.encode(train.target))  # type: ignore[arg-type]
    counts = np.zeros((len(sizes), classes.max() + 1), np.int64)
    np.add.at(counts, (unit_of_row, classes), 1)
    class_of_unit = counts.argmax(axis=1)
    places = np.zeros(len(sizes))
    for k in np.unique(class_of_unit):
        units = np.flatnonzero(class_of_unit == k)
        places[units] = _places(rng.permutation(len(units)), sizes[units])
    return places[unit_of_row]


def _units(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (unit of each row counted from 0, rows of each unit); missing cells are one unit."""
    import pandas as pd

    unit_of_row = pd.factorize(cells, use_na_sentinel=False)[0]
    return unit_of_row, np.bincount(unit_of_row)


def _places(order: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return where the middle of each unit stands, (m,) in [0, 1), when units follow each other in this order.

    order : (m,) the units, first to last. sizes : (m,) rows of each. The first unit stands at 0, so that it is never left out.
    """
    ends = np.cumsum(sizes[order])
    places = np.empty(len(sizes))
    places[order] = (ends - sizes[order] / 2) / ends[-1]
    places[order[0]] = 0.0
    return places
