"""Rows that a model did not see, and what in each of them it goes by: where in an image, or which words of a text.

For networks that read one column alone, of which columns tell nothing. Half of the rows are called wrongly and half rightly,
where there are as many; each half goes from the worst to the best in even steps, since the worst alone would be odd ones.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenon.explain.held_out import HeldOut, Part
from tenon.explain.single import explained_row, shown
from tenon.watch import SILENT, Watch, in_turn

MOST_SHOWN = 8
PLACED = ("sights", "readings")  # what tells of places in a row
Section = dict[str, Any]


def placed_rows(held: HeldOut, known: Sequence[str], seed: int, watch: Watch = SILENT) -> Section | None:
    """Return {rows, n_wrong}: a few rows, each as `explained_row` says it, with row, label and is_right, the worst first.

    known : names of what the model tells. n_wrong, is_right : None of numbers. None where the model tells of no place in a row,
    or reads several columns.
    """
    if len(held.model.schema.features()) > 1 or not any(name in known for name in PLACED):
        return None
    losses, wrong = zip(*(_losses(part, held) for part in in_turn(held.parts, "predictions", watch)), strict=True)
    loss, is_wrong = np.concatenate(losses), np.concatenate(wrong)
    is_number = held.task.is_regression
    shown = [_row(i, held, seed) | {"is_right": None if is_number else not is_wrong[i]}
             for i in in_turn(_chosen(loss, is_wrong), "rows", watch)]  # fmt: skip
    return {"rows": shown, "n_wrong": None if is_number else int(is_wrong.sum())}


def _losses(part: Part, held: HeldOut) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each row is from what is true, (n,), and whether something else is said of it, (n,) bool; not of numbers."""
    task, said = held.task, part.model.predict_rows(part.rows)
    truth = held.data.frame.loc[part.rows.row_ids, task.target]
    y = task.encode(truth)
    if task.is_regression:
        return np.abs(said.value - y), np.zeros(len(y), bool)
    is_so = task.indicator(y) if task.has_sets else np.arange(len(task.labels)) == y[:, None]
    is_said = task.indicator(said.value) if task.has_sets else task.decode(np.arange(len(task.labels))) == said.value[:, None]
    proba = is_said.astype(float) if said.proba is None else said.proba
    return np.abs(is_so - proba).max(axis=1), (is_so != is_said).any(axis=1)


def _chosen(loss: np.ndarray, is_wrong: np.ndarray) -> list[int]:
    """Return places of rows: of the wrong and of the others, the greatest loss first."""
    order = np.argsort(-loss, kind="stable")
    wrong, right = order[is_wrong[order]], order[~is_wrong[order]]
    n_wrong = min(len(wrong), max(MOST_SHOWN // 2, MOST_SHOWN - len(right)))
    return [*_in_steps(wrong, n_wrong), *_in_steps(right, min(len(right), MOST_SHOWN - n_wrong))]


def _in_steps(order: np.ndarray, n: int) -> list[int]:
    """Return n of these, the first and the last among them, in even steps."""
    return order[np.linspace(0, max(len(order) - 1, 0), n).astype(int)].tolist()


def _row(i: int, held: HeldOut, seed: int) -> Section:
    part = held.parts[held.fold[i]]
    row_id = held.frame.index[i]
    truth = held.data.frame.at[row_id, held.task.target]
    said = explained_row(part.model, part.rows.rows(np.array([row_id])), None, seed)
    return {**said, "row": int(row_id) + 1, "label": shown(truth), "looks": None}
