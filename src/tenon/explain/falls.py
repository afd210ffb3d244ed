"""By how much a model's score falls where its rows are disturbed: the difference of two scores on the same rows.

The interval is that of such a difference (`metrics.variance`), the contributions of each row averaged over the draws, so that it
holds what rows and draws vary; groups of rows, or blocks of time, are its units.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tenon.data.dataset import Dataset
from tenon.explain.held_out import HeldOut
from tenon.method import Model
from tenon.metrics.evidence import Evidence, as_history, gather
from tenon.metrics.sequences import COUNTED
from tenon.metrics.student import quantile
from tenon.metrics.variance import averaged_variance
from tenon.trials.per import column_of, per_group

Disturb = Callable[[Dataset, int, int], Dataset]  # (rows of a part, number of the draw, of the part) -> the same rows, disturbed


@dataclass(frozen=True)
class Fall:
    """A fall, in units of the metric: worse is above 0."""

    score: float  # of the disturbed rows
    fall: float
    error: float  # standard error
    df: float

    @property
    def low(self) -> float:
        return self.fall - quantile(0.975, self.df) * self.error

    @property
    def high(self) -> float:
        return self.fall + quantile(0.975, self.df) * self.error


@dataclass(frozen=True)
class Scorer:
    """Scores the parts of a run as they are and disturbed."""

    held: HeldOut
    n_draws: int
    y: np.ndarray
    intact: np.ndarray  # guesses on the rows as they are

    @classmethod
    def of(cls, held: HeldOut, n_draws: int) -> "Scorer":
        intact = np.concatenate([_guess(part.model, part.rows, held) for part in held.parts])
        return cls(held, n_draws, held.task.encode(held.frame[held.task.target]), intact)

    def evidence(self, disturb: Disturb | None) -> Evidence:
        """Return the scores of the rows as they are and disturbed, in each draw; None disturbs nothing."""
        held = self.held
        disturbed = [self.intact if disturb is None else self._disturbed(disturb, draw) for draw in range(self.n_draws)]
        data, frame = held.data, held.frame
        found = gather(
            held.task.metric, ["as it is", "disturbed"], self.y, [[self.intact, one] for one in disturbed],
            np.tile(held.fold, (self.n_draws, 1)),
            groups=column_of(data, frame, "group"), weights=column_of(data, frame, "weight"),
            per=per_group(data.name, frame, held.run["asked"].get("per", "")),
        )  # fmt: skip
        time = column_of(data, frame, "time")
        return replace(found, question="model") if time is None else as_history(found, time)

    def fall(self, disturb: Disturb) -> Fall:
        """Return by how much the score falls. Raises DataError where the metric is undefined on these rows."""
        evidence = self.evidence(disturb)
        before, after = (float(level) for level in evidence.level)
        S, unit = averaged_variance(evidence), evidence.metric.unit(before, after)
        variance = max(0.0, float(S[0, 0] + S[1, 1] - 2 * S[0, 1]))
        return Fall(evidence.metric.from_level(after), (before - after) * unit, float(np.sqrt(variance)) * unit, evidence.df)

    def score(self) -> float:
        """Return the score of the rows as they are."""
        evidence = self.evidence(None)
        return evidence.metric.from_level(float(evidence.level[0]))

    def _disturbed(self, disturb: Disturb, draw: int) -> np.ndarray:
        """Return the guesses on all parts, disturbed."""
        held = self.held
        return np.concatenate([_guess(part.model, disturb(part.rows, draw, i), held) for i, part in enumerate(held.parts)])


def _guess(model: Model, rows: Dataset, held: HeldOut) -> np.ndarray:
    """Return what the model says of rows, as the metric reads it."""
    import pandas as pd

    said, reads = model.predict_rows(rows), held.task.metric.reads
    if reads in COUNTED:
        y = held.task.encode(held.data.frame.loc[rows.row_ids, held.task.target])
        return held.task.counted(y, said.value, reads)
    if reads == "proba":
        assert said.proba is not None, "it was scored by probabilities"
        return said.proba
    return model.task.encode(pd.Series(said.value)) if reads == "label" else np.asarray(said.value, np.float64)
