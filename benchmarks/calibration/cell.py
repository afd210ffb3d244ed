"""What a design is, and what one of its boards said."""

from dataclasses import dataclass

import numpy as np

from calibration.learners import Learner
from calibration.populations import Draw
from tenon.metrics import METRICS
from tenon.metrics.ratio import BLEU, ENTITY_F1

ALL_METRICS = METRICS | {metric.name: metric for metric in (ENTITY_F1, BLEU)}
ROPE = 0.01


@dataclass(frozen=True)
class Cell:
    """One design at one size: `boards` boards of up to `m` methods; smaller boards are its first methods."""

    design: str
    population: Draw
    learner: Learner
    n: int  # units: rows, groups or sentences
    boards: int
    metrics: tuple[str, ...] = ("accuracy", "auc")
    sizes: tuple[int, ...] = (5, 10, 20)
    splits: tuple[str, ...] = ("5x2", "5x4")  # also "1 split"; "5x4 + 1 dear": the last method ran on one split only
    kind: str = "folds"  # "folds"; "history": forward in time; "fixed": models on final rows; "nested": choice inside folds
    truth: str = "equal"  # "equal"; "half": every other method is worse; "spread": levels drawn anew for each board
    per_group: bool = False  # the metric is computed per group, whose rows may be in different folds
    any_seeded: bool = False

    @property
    def name(self) -> str:
        return f"{self.design} n={self.n}"


@dataclass(frozen=True)
class Outcome:
    """What one board said, for one metric, size and protocol; arrays are per method."""

    key: tuple[str, int, str]  # metric, m, splits
    tied: np.ndarray  # (m,) bool
    interval: np.ndarray  # (m, 2)
    score: np.ndarray  # (m,) printed
    level: np.ndarray  # (m,) on the test scale
    fresh: np.ndarray  # (m,) level of one model of each method on fresh rows
    signal: np.ndarray | None  # (m,)
    naive: bool  # is some method told from the leader by an uncorrected Nadeau-Bengio test?
    optimism: float  # as estimated
    p_better: np.ndarray | None = None  # (pairs, 3): i, j, P(i better than j by more than the rope); for truth "spread"
