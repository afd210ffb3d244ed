"""How the answers change with a column while all others stay as they are: partial dependence, on rows that the model did not see.

Friedman 2001 (doi:10.1214/aos/1013203451, section 8.2); single rows beside it, Goldstein et al. 2015
(doi:10.1080/10618600.2014.907095, section 3). Rows differ in level more than in what a column does to them, so an interval is
that of the mean change from each row's own mean over the values. Where columns hang together, rows are asked about that there
are not.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.explain.held_out import HeldOut
from tenon.explain.known import plain
from tenon.metrics.student import quantile
from tenon.trials.per import column_of
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS, MOST_VALUES, MOST_CATEGORIES, MOST_ROWS, MOST_ANSWERS = 6, 11, 8, 300, 6
BETWEEN = (0.05, 0.95)  # quantiles of a number that it is varied between
OF_ROWS = (0.1, 0.9)  # quantiles of the answers of single rows
KINDS = ("number", "category")


def dependence(held: HeldOut, names: Sequence[str], seed: int, watch: Watch = SILENT) -> list[dict[str, Any]]:
    """Return {column, kind, values, answers} for the first of these columns that are numbers or categories.

    answers : of classes and labels those that change most, else one: {answer, mean, low, high, least, most}, one of each a value:
    the mean answer with the 95 % interval of its change, and between which answers four fifths of the rows lie.
    """
    schema = held.model.schema
    parts = [_some(part.rows, len(held.frame), seed) for part in held.parts]
    clusters, found = _clusters(held, parts), list[dict[str, Any]]()
    if clusters.max() == 0:  # one cluster says nothing of others
        return found
    chosen = [name for name in names if schema[name].kind in KINDS]
    for i, name in enumerate(chosen):
        watch.step("values", i, min(len(chosen), MOST_COLUMNS))
        values = values_of(held.frame[name], schema[name].kind)
        if len(values) > 1:
            said = np.stack([_said(held, [with_value(rows, name, value) for rows in parts]) for value in values])
            found.append({
                "column": name, "kind": schema[name].kind, "values": [plain(value) for value in values],
                "answers": _answers(held, said, clusters),
            })  # fmt: skip
        if len(found) == MOST_COLUMNS:
            break
    return found


def values_of(cells: "pd.Series", kind: str) -> list[Any]:
    """Return the values that a column is given: of a number quantiles, or all, if few; of a category the commonest.

    Where most rows have the same few numbers, the quantiles are of the different numbers, beside those.
    """
    cells = cells.dropna()
    if kind == "category":
        return list(cells.value_counts().index[:MOST_CATEGORIES])
    numbers = cells.to_numpy(np.float64)
    numbers = numbers[np.isfinite(numbers)]
    different = np.unique(numbers)
    if len(different) <= MOST_VALUES:
        return different.tolist()
    of_rows, of_values = (
        np.quantile(these, np.linspace(*BETWEEN, MOST_VALUES), method="nearest") for these in (numbers, different)
    )
    return np.unique(of_rows if len(np.unique(of_rows)) > MOST_VALUES // 2 else np.append(of_values, of_rows)).tolist()


def with_value(rows: Dataset, name: str, value: Any) -> Dataset:
    """Return the rows with this value in each cell of a column."""
    import pandas as pd

    frame = rows.frame.copy(deep=False)
    frame[name] = pd.Series([value] * len(frame), index=frame.index).astype(rows.frame[name].dtype)
    return replace(rows, frame=frame)


def _some(rows: Dataset, n_all: int, seed: int) -> Dataset:
    if n_all <= MOST_ROWS:
        return rows
    n = max(1, MOST_ROWS * len(rows) // n_all)
    return rows.rows(np.sort(np.random.default_rng([seed, 7]).choice(rows.row_ids, n, replace=False)))


def _clusters(held: HeldOut, parts: Sequence[Dataset]) -> np.ndarray:
    """Return the number of each row's group, (n,) int; of rows without groups each its own."""
    ids = np.concatenate([rows.row_ids for rows in parts])
    groups = column_of(held.data, held.data.frame.loc[ids], "group")
    return np.arange(len(ids)) if groups is None else np.unique(groups, return_inverse=True)[1]


def _said(held: HeldOut, parts: Sequence[Dataset]) -> np.ndarray:
    """Return what the models say of rows, (n, K) probabilities or (n, 1) numbers."""
    said = [part.model.predict_rows(rows) for part, rows in zip(held.parts, parts, strict=True)]
    return np.concatenate([np.asarray(one.value, np.float64)[:, None] if one.proba is None else one.proba for one in said])


def _answers(held: HeldOut, said: np.ndarray, clusters: np.ndarray) -> list[dict[str, Any]]:
    """said : (v, n, K). Returns the answers whose mean changes most, in the order of the labels."""
    labels = [""] if held.task.is_regression else [str(label) for label in held.task.labels]
    means = said.mean(axis=1)
    order = np.argsort(-np.ptp(means, axis=0), kind="stable")[:MOST_ANSWERS]
    shown = [1] if held.task.kind == "binary" else sorted(order.tolist())
    return [{"answer": labels[k], **curve(said[:, :, k], clusters)} for k in shown]


def curve(said: np.ndarray, clusters: np.ndarray) -> dict[str, list[float]]:
    """Return {mean, low, high, least, most} of answers (v, n), v values in n rows.

    clusters : (n,) int from 0 on, two at least, of rows that go together.
    """
    mean = said.mean(axis=1)
    change = said - said.mean(axis=0)
    excess = change - change.mean(axis=1, keepdims=True)
    sums = np.stack([np.bincount(clusters, row) for row in excess])  # rows of a cluster err together
    n = sums.shape[1]
    half = quantile(0.975, n - 1) * np.sqrt((sums**2).sum(axis=1) * n / (n - 1)) / said.shape[1]
    least, most = np.quantile(said, OF_ROWS, axis=1)
    figures = {"mean": mean, "low": mean - half, "high": mean + half, "least": least, "most": most}
    return {name: values.tolist() for name, values in figures.items()}
