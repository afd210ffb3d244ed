"""How much the score falls when a column's cells are dealt anew among the rows: permutation importance of any model.

Breiman 2001, section 10; Fisher, Rudin & Dominici 2019 (model reliance), on rows that the model did not see. Columns that stand
in for each other hide each other's importance, so that they are also disturbed together.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.explain.alike import alike_columns
from tenon.explain.falls import Disturb, Scorer
from tenon.explain.held_out import HeldOut
from tenon.watch import SILENT, Watch, in_turn

N_PERMUTATIONS = 5


def importance(held: HeldOut, seed: int, watch: Watch = SILENT) -> dict[str, Any]:
    """Return {score, columns, together}: the fall for each feature column, and for columns that carry nearly the same.

    Both are sorted, the greatest fall first. Raises DataError where the metric is undefined on these rows.
    """
    scorer, orders = Scorer.of(held, N_PERMUTATIONS), _orders(held, seed)
    names, alike = held.model.schema.features(), alike_columns(held)
    sets = [*((name,) for name in names), *alike]
    falls = []
    for columns in in_turn(sets, "columns", watch):
        fall = scorer.fall(_dealing(columns, orders))
        falls.append({"columns": list(columns), "fall": fall.fall, "low": fall.low, "high": fall.high})
    return {
        "score": scorer.score(),
        "columns": _sorted(falls[: len(names)]),
        "together": _sorted(falls[len(names) :]),
        "n_permutations": N_PERMUTATIONS,
    }


def dealt_anew(rows: Dataset, columns: Sequence[str], order: np.ndarray) -> Dataset:
    """Return the rows with the cells of these columns taken from the rows at the places `order`, (n,) int."""
    frame = rows.frame.copy(deep=False)
    for name in columns:
        frame[name] = rows.frame[name].array.take(order)
    return replace(rows, frame=frame)


def _dealing(columns: Sequence[str], orders: list[list[np.ndarray]]) -> Disturb:
    return lambda rows, draw, part: dealt_anew(rows, columns, orders[draw][part])


def _orders(held: HeldOut, seed: int) -> list[list[np.ndarray]]:
    """Return new places of each part's rows, by permutation: the same ones for all columns, so that these can be compared."""
    return [
        [np.random.default_rng([seed, 2, k, i]).permutation(len(part.rows)) for i, part in enumerate(held.parts)]
        for k in range(N_PERMUTATIONS)
    ]


def _sorted(falls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(falls, key=lambda one: -one["fall"])  # stable: equal ones stay in the order of the file
