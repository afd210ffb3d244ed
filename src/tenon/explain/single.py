"""One row: what is predicted, and what drove it.

Trees know it exactly (`contributions`, Shapley values on the scale of their answers). For any other model a column is asked what
it does here by giving the row the cells of other rows in this column, one after another: the prediction as it is less the mean
of those, as a number or a probability; where the model is so sure that no column alone moves the probability, in log odds.
Columns that act only together share no credit, each has all of it. Words of linear models and naive Bayes add up: coefficient
times weight.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.errors import DataError
from tenon.explain.held_out import HeldOut
from tenon.explain.known import by_column, plain
from tenon.insight.shown import cell_text, picture_of
from tenon.method import Model, Predictions

if TYPE_CHECKING:
    import pandas as pd

MOST_OTHERS, MOST_ASKED = 100, 20_000  # other rows whose cells are tried; rows that are predicted in all
MOST_WORDS = 20
UNMOVED = 0.01  # a probability that no column alone changes by more: log odds are looked at instead
LEAST_PROBA = 1e-300
Section = dict[str, Any]


def single_row(held: HeldOut, number: int, seed: int) -> Section:
    """Return what is said of the row of this number, counted from 1. Raises DataError where there is no such row."""
    ids, data = held.splits.row_ids, held.data
    if number - 1 not in ids:
        raise DataError(f"{data.name} has no row {number:,}; rows are counted from 1 to {int(ids.max()) + 1:,}.")
    model, row = held.model, conform(data.rows(np.array([number - 1])), held.model.schema)
    said = model.predict_rows(row)
    answer = said.value[0]
    known = model.explain_rows(row)
    drivers, scale = _contributed(known, answer, model) if "contributions" in known else _replaced(held, row, said, seed)
    cells = row.frame.iloc[0]
    images = model.schema.features("image")
    proba = None
    if said.proba is not None:
        proba = [[plain(label), float(p)] for label, p in zip(model.task.labels, said.proba[0], strict=True)]
    return {
        "row": number,
        "is_final": bool(held.splits.is_final[np.flatnonzero(ids == number - 1)[0]]),
        "label": plain(data.frame.loc[number - 1, model.task.target]),
        "prediction": plain(answer),
        "proba": proba,
        "drivers": [{"column": name, "cell": cell_text(cells[name]), "effect": effect} for name, effect in drivers],
        **scale,
        "words": _words(known, answer, model),
        "pictures": {name: picture for name in images if (picture := picture_of(cells[name], data.root))},
    }


def _contributed(known: Section, answer: Any, model: Model) -> tuple[list[tuple[str, float]], Section]:
    """Return the contributions to the predicted class, or the number, the greatest first."""
    table = by_column(known["contributions"]).droplevel("row")
    of = answer if answer in table.index else table.index[-1]
    effects, base = table.loc[of], float(known["base"].loc[of])
    total = base + float(effects.sum())
    sign = 1.0
    if known["unit"] == "score" and of != answer and not model.task.is_regression:
        of, sign = answer, -1.0  # the score speaks for the second class; this row is of the first
    drivers = [(str(name), sign * float(effect)) for name, effect in effects.items() if effect]
    return _sorted(drivers), {
        "how": "contributions",
        "unit": known["unit"],
        "of": plain(of),
        "base": sign * base,
        "answer": sign * total,
    }


def _replaced(held: HeldOut, row: Dataset, said: Predictions, seed: int) -> tuple[list[tuple[str, float]], Section]:
    """Return by how much the answer differs from the mean of those with other rows' cells in a column."""
    model, names = held.model, row.schema.features()
    others = conform(held.data.rows(_others(held, row, len(names), seed)), model.schema)
    asked = [(name, model.predict_rows(_with_cells_of(others, row, name))) for name in names]
    scale = {"how": "replaced", "unit": "number" if model.task.is_regression else "probability", "of": plain(said.value[0])}
    answer = _answer
    if not model.task.is_regression and max(_gap(said, one, model, answer) for _, one in asked) < UNMOVED:
        scale["unit"], answer = "log odds", _log_odds
    here = float(answer(said, said, model)[0])
    effects = [(name, float((here - answer(one, said, model)).mean())) for name, one in asked]  # exactly 0 where nothing moves
    return _sorted([(name, effect) for name, effect in effects if effect]), scale | {"base": None, "answer": here}


def _gap(said: Predictions, one: Predictions, model: Model, answer: Any) -> float:
    return abs(float((answer(said, said, model) - answer(one, said, model)).mean()))


def _with_cells_of(others: Dataset, row: Dataset, name: str) -> Dataset:
    """Return the row as often as there are others, each with another one's cell in this column."""
    frame = row.frame.loc[np.repeat(row.row_ids, len(others))].reset_index(drop=True)
    frame[name] = others.frame[name].array
    return replace(row, frame=frame, schema=replace(row.schema, n_rows=len(frame)))


def _others(held: HeldOut, row: Dataset, n_columns: int, seed: int) -> np.ndarray:
    ids = held.splits.row_ids[held.splits.row_ids != row.row_ids[0]]
    n = min(len(ids), MOST_OTHERS, max(10, MOST_ASKED // max(1, n_columns)))
    return np.sort(np.random.default_rng([seed, 4]).choice(ids, n, replace=False))


def _answer(of: Predictions, said: Predictions, model: Model) -> np.ndarray:
    """Return the number (n,), or the probability of the class that was predicted."""
    if of.proba is None or said.proba is None:
        return np.asarray(of.value, np.float64) if model.task.is_regression else (of.value == said.value[0]).astype(float)
    return of.proba[:, list(model.task.labels).index(plain(said.value[0]))]


def _log_odds(of: Predictions, said: Predictions, model: Model) -> np.ndarray:
    if of.proba is None:
        return _answer(of, said, model)
    k = list(model.task.labels).index(plain(said.value[0]))
    others = np.delete(of.proba, k, axis=1).sum(axis=1)  # not 1 - p, which is 0 where p rounds to 1
    return np.log(np.maximum(of.proba[:, k], LEAST_PROBA)) - np.log(np.maximum(others, LEAST_PROBA))


def _words(known: Section, answer: Any, model: Model) -> list[list[Any]]:
    """Return [word, what it adds to the predicted class] of the words that occur, the greatest first."""
    if "words" not in known:
        return []
    table: pd.DataFrame = known["words"].droplevel("row")
    of, sign = (answer, 1.0) if answer in table.index or model.task.is_regression else (table.index[-1], -1.0)
    effects = table.iloc[-1] if model.task.is_regression else sign * table.loc[of]
    merged = effects.groupby(level="part", sort=False).sum()  # a Chinese word of one letter stands twice
    pairs = _sorted([(str(word), float(effect)) for word, effect in merged.items() if effect])
    return [[word, effect] for word, effect in pairs[:MOST_WORDS]]


def _sorted(pairs: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(pairs, key=lambda pair: -abs(pair[1]))
