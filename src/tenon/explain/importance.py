"""How much the score falls when a column's cells are dealt anew among the rows: permutation importance of any model.

Breiman 2001, section 10; Fisher, Rudin & Dominici 2019 (model reliance), on rows that the model did not see. The interval is that
of a difference of two scores on the same rows (`metrics.variance`), the contributions of each row averaged over the
permutations, so that it holds what rows and permutations vary; groups of rows, or blocks of time, are its units. Columns that
stand in for each other hide each other's importance, so that they are also disturbed together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.explain.alike import alike_columns
from tenon.explain.held_out import HeldOut
from tenon.method import Model
from tenon.metrics.evidence import Evidence, as_history, gather
from tenon.metrics.student import quantile
from tenon.metrics.variance import averaged_variance
from tenon.trials.evidence import column_of
from tenon.trials.per import per_group
from tenon.watch import SILENT, Watch

N_PERMUTATIONS = 5


@dataclass(frozen=True)
class Fall:
    """By how much the score gets worse, in units of the metric, with its 95 % interval."""

    columns: tuple[str, ...]
    fall: float
    low: float
    high: float

    def to_json(self) -> dict[str, Any]:
        return {"columns": list(self.columns), "fall": self.fall, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class _Scorer:
    """Scores the parts of a run as they are and disturbed."""

    held: HeldOut
    y: np.ndarray
    orders: list[list[np.ndarray]]  # by permutation and part: new places of a part's rows
    intact: np.ndarray  # guesses on the rows as they are

    @classmethod
    def of(cls, held: HeldOut, seed: int) -> "_Scorer":
        """Draw the permutations: the same ones for all columns, so that these can be compared."""
        orders = [
            [np.random.default_rng([seed, 2, k, i]).permutation(len(part.rows)) for i, part in enumerate(held.parts)]
            for k in range(N_PERMUTATIONS)
        ]
        reads = held.task.metric.reads
        intact = np.concatenate([_guess(part.model, part.rows, reads) for part in held.parts])
        return cls(held, held.task.encode(held.frame[held.task.target]), orders, intact)

    def evidence(self, columns: Sequence[str]) -> Evidence:
        """Return the scores of the rows as they are and with these columns disturbed, in each permutation."""
        held, reads = self.held, self.held.task.metric.reads
        guesses = []
        for of_parts in self.orders:
            disturbed = [
                _guess(part.model, dealt_anew(part.rows, columns, order), reads)
                for part, order in zip(held.parts, of_parts, strict=True)
            ]
            guesses.append([self.intact, np.concatenate(disturbed)])
        data, frame = held.data, held.frame
        found = gather(
            held.task.metric, ["as it is", "disturbed"], self.y, guesses, np.tile(held.fold, (len(guesses), 1)),
            groups=column_of(data, frame, "group"), weights=column_of(data, frame, "weight"),
            per=per_group(data.name, frame, held.run["asked"].get("per", "")),
        )  # fmt: skip
        time = column_of(data, frame, "time")
        return replace(found, question="model") if time is None else as_history(found, time)


def importance(held: HeldOut, seed: int, watch: Watch = SILENT) -> dict[str, Any]:
    """Return {score, columns, together}: the fall for each feature column, and for columns that carry nearly the same.

    Both are sorted, the greatest fall first. Raises DataError where the metric is undefined on these rows.
    """
    scorer = _Scorer.of(held, seed)
    names, alike = held.model.schema.features(), alike_columns(held)
    sets = [*((name,) for name in names), *alike]
    falls = []
    for i, columns in enumerate(sets):
        watch.tell({"event": "explain", "doing": "columns", "done": i, "total": len(sets)})
        falls.append(_fall(columns, scorer.evidence(columns)))
    evidence = scorer.evidence(())
    return {
        "score": evidence.metric.from_level(float(evidence.level[0])),
        "columns": [one.to_json() for one in _sorted(falls[: len(names)])],
        "together": [one.to_json() for one in _sorted(falls[len(names) :])],
        "n_permutations": N_PERMUTATIONS,
    }


def dealt_anew(rows: Dataset, columns: Sequence[str], order: np.ndarray) -> Dataset:
    """Return the rows with the cells of these columns taken from the rows at the places `order`, (n,) int."""
    frame = rows.frame.copy(deep=False)
    for name in columns:
        frame[name] = rows.frame[name].array.take(order)
    return replace(rows, frame=frame)


def _fall(columns: Sequence[str], evidence: Evidence) -> Fall:
    before, after = (float(level) for level in evidence.level)
    S = averaged_variance(evidence)
    variance = max(0.0, float(S[0, 0] + S[1, 1] - 2 * S[0, 1]))
    unit = evidence.metric.unit(before, after)
    half = quantile(0.975, evidence.df) * np.sqrt(variance) * unit
    fall = (before - after) * unit
    return Fall(tuple(columns), fall, fall - half, fall + half)


def _sorted(falls: Sequence[Fall]) -> list[Fall]:
    return sorted(falls, key=lambda one: -one.fall)  # stable: equal ones stay in the order of the file


def _guess(model: Model, rows: Dataset, reads: str) -> np.ndarray:
    """Return what the model says of rows, as the metric reads it."""
    import pandas as pd

    said = model.predict_rows(rows)
    if reads == "proba":
        assert said.proba is not None, "it was scored by probabilities"
        return said.proba
    return model.task.encode(pd.Series(said.value)) if reads == "label" else np.asarray(said.value, np.float64)
