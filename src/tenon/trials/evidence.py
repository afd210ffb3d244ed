"""Saved predictions of a run as the evidence that a board is judged on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Dataset
from tenon.metrics.evidence import Evidence, as_history, gather
from tenon.trials.guesses import Guesses
from tenon.trials.prepare import Prepared

if TYPE_CHECKING:
    import pandas as pd


def evidence_of(ready: Prepared, guesses: Guesses, names: Sequence[str], metric_name: str) -> Evidence:
    """Gather what these methods said about every working row, by this metric."""
    data, splits = ready.bench.dataset, ready.bench.splits
    metric = ready.bench.task.metric_of(metric_name)
    frame = data.frame.loc[splits.row_ids]
    evidence = gather(
        metric,
        names,
        ready.y,
        [[guesses.of(name, repeat, metric.reads) for name in names] for repeat in range(len(splits.fold))],
        splits.fold,
        groups=column_of(data, frame, "group"),
        weights=column_of(data, frame, "weight"),
    )
    time = column_of(data, frame, "time")
    return evidence if time is None else as_history(evidence, time)


def column_of(data: Dataset, frame: "pd.DataFrame", role: str) -> np.ndarray | None:
    """Return the cells of the column with this role in some rows of the data, None where no column has it."""
    column = data.schema.with_role(role)
    return None if column is None else frame[column.name].to_numpy()
