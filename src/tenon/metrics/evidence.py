"""The arrays a board is judged on: the contribution of every row, repeat and method, gathered from saved predictions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from tenon.errors import DataError
from tenon.metrics.by_group import PerCount, PerGroup
from tenon.metrics.scores import Metric, RepeatScore

MOST_SKIPPED = 0.2  # share of folds in which a metric may be undefined
N_BLOCKS = 10  # blocks of equal length that a history is cut into
UNDEFINED = {  # metric -> the rows that it says nothing of, and a metric that does
    "auc": ("rows of one class only", "log_loss"),
    "r2": ("a target that does not vary", "rmse"),
    "entity_f1": ("no entity, neither tagged nor predicted", "tag_accuracy"),
    "micro_f1": ("no label, neither true nor predicted", "subset_accuracy"),
    "macro_f1_of_labels": ("no label", "subset_accuracy"),
}


def undefined_for(metric: Metric) -> tuple[str, str]:
    """Return which rows leave a metric undefined, in words, and which metric to take then; per group it is that of its metric."""
    return UNDEFINED.get(metric.name.split()[0], UNDEFINED["auc"])


@dataclass(frozen=True)
class OneSplit:
    """What is known of methods that ran on one split only, where their contributions are told from it (metrics/dear.py)."""

    is_dear: np.ndarray  # (m,) bool: which methods these are
    n_rows: float  # of the split; with weights equally weighted ones
    share: float  # of all rows, those in the split
    df: float  # degrees of freedom that the split leaves
    discordant: np.ndarray  # (m, m) rows of the split on which exactly one of two methods is right; for 0/1 metrics


@dataclass(frozen=True)
class Evidence:
    """m methods on the same R repeats of the same K folds, n rows; levels on the test scale, larger = better."""

    metric: Metric
    names: tuple[str, ...]  # (m,)
    y: np.ndarray  # (n,) int codes or float
    level: np.ndarray  # (m,) mean over repeats
    psi: np.ndarray  # (R, n, m) contributions
    folds: np.ndarray  # (J, m) level in each of the J folds in which the metric is defined, repeats one after another
    n_folds: int  # K
    rows: np.ndarray  # (n,) int, which of the rows handed to `gather` these are: those with a fold in every repeat
    groups: np.ndarray | None = None  # (n,) int codes; rows of one group are not independent
    weights: np.ndarray | None = None  # (n,) float
    question: str = "method"  # "method": trained afresh on another sample; "history": one path through time; "model": fixed
    per: PerCount | None = None  # of a metric per group, how many groups it could use
    one_split: OneSplit | None = None  # of the methods that ran on one split beside others that ran on all folds

    @property
    def is_dear(self) -> np.ndarray:
        """(m,) bool: whose level rests on one split; all, where there is one fold only."""
        return np.full(len(self.names), self.n_folds == 1) if self.one_split is None else self.one_split.is_dear

    @property
    def fewest(self) -> int:
        """Rows of the rarest class, or label, that has any."""
        labels = chain.from_iterable(self.y) if self.y.dtype == object else self.y.tolist()
        return min(Counter(labels).values(), default=0)

    @property
    def n_rows(self) -> float:
        """Rows, or with weights the number of equally weighted rows that are worth as much."""
        return effective_rows(self.weights, len(self.y))

    @property
    def n_units(self) -> float:
        """See `independent_units`."""
        return independent_units(self.groups, self.weights, len(self.y))

    @property
    def n_centred(self) -> int:
        """Units that the variance over units loses: one for each sum of contributions that is 0 by construction (the sum
        over all rows, or for AUC over groups that of every fold), and one more for blocks of time, which depend on their
        neighbours: how much was calibrated by simulation."""
        if self.groups is None:
            return 1
        blocks_of_time = self.question == "history" and self.per is None
        return (self.n_folds if self.metric.name == "auc" else 1) + int(blocks_of_time)

    @property
    def df(self) -> float:
        """Degrees of freedom of a variance over units."""
        return max(1.0, self.n_units - self.n_centred)


def effective_rows(weights: np.ndarray | None, n: int) -> float:
    """Return (sum w)^2 / sum w^2, or n without weights."""
    return float(n) if weights is None else float(weights.sum() ** 2 / np.square(weights).sum())


def independent_units(groups: np.ndarray | None, weights: np.ndarray | None, n: int) -> float:
    """Return how many independent units n rows are: their groups, of any type, or, where there are none, `effective_rows`."""
    return effective_rows(weights, n) if groups is None else float(len(np.unique(groups)))


def gather(
    metric: Metric,
    names: Sequence[str],
    y: np.ndarray,
    guesses: Sequence[Sequence[np.ndarray]],
    folds: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    per: PerGroup | None = None,
) -> Evidence:
    """Measure every method in every repeat.

    guesses[r][j] : what method j says about all n rows in repeat r, each row by the model that did not see it.
    folds : (R, n) int, the fold that each row was predicted in; -1 where it was in none. Rows that are in no fold of
    some repeat are left out. groups : (n,) of any type; weights : (n,) float > 0.
    per : compute the metric inside its groups, which then are the units; groups in which it is undefined are left out.
    Raises DataError where a guess or a weight is not a finite number, where fewer than two rows or groups are left, or
    where the metric is undefined in more than a fifth of the folds.
    """
    folds = np.atleast_2d(folds)
    rows = np.flatnonzero((folds >= 0).all(axis=0))
    if len(rows) < 2:
        raise DataError(
            f"only {len(rows)} of the rows has a prediction in every repeat; at least 2 are needed to score a method."
        )
    count = None
    if per is not None:
        first = [_finite(of_repeat[0], names[0]) for of_repeat in guesses]
        rows, count = per.kept(metric, y, first, folds, rows)
        metric, groups = per.metric(metric, rows), per.units(groups)
    y_kept, weights = y[rows], _kept_weights(weights, rows)
    scores: list[list[RepeatScore]] = []
    for fold_of_row, of_repeat in zip(folds, guesses, strict=True):
        checked = (_finite(guess[rows], name) for name, guess in zip(names, of_repeat, strict=True))
        scores.append([metric.measure(y_kept, guess, fold_of_row[rows], weights) for guess in checked])
    return Evidence(
        metric=metric,
        names=tuple(names),
        y=y_kept,
        level=np.array([[score.level for score in of_repeat] for of_repeat in scores]).mean(axis=0),
        psi=np.stack([np.column_stack([score.psi for score in of_repeat]) for of_repeat in scores]),
        folds=_defined_folds(metric, scores),
        n_folds=max(len(np.unique(fold_of_row[rows])) for fold_of_row in folds),
        rows=rows,
        groups=None if groups is None else group_codes(groups[rows]),
        weights=weights,
        per=count,
    )


def as_history(evidence: Evidence, time: np.ndarray) -> Evidence:
    """Return the same evidence for time-ordered folds: ten equal consecutive blocks are the independent units, twenty for AUC.

    time : (all rows handed to `gather`,) anything that sorts. There is one training path only, so the answer is about
    the models of this history and contains no training noise. A metric per group keeps its groups as units.
    """
    if evidence.per is not None:
        return replace(evidence, question="history")
    n_blocks = 2 * N_BLOCKS if evidence.metric.name == "auc" else N_BLOCKS  # AUC inside folds loses half of ten (see `df`)
    return replace(evidence, groups=time_blocks(time[evidence.rows], n_blocks), question="history")


def time_blocks(time: np.ndarray, n_blocks: int = N_BLOCKS) -> np.ndarray:
    """Return (n,) int: the consecutive block of each row; sizes differ by at most one, ties keep the order of rows."""
    place = np.empty(len(time), int)
    place[np.argsort(time, kind="stable")] = np.arange(len(time))
    return place * min(n_blocks, len(time)) // len(time)


def group_codes(groups: np.ndarray) -> np.ndarray:
    """Return (n,) int codes 0 ... G-1 of the groups. Raises DataError where all rows are one group."""
    codes = np.unique(groups, return_inverse=True)[1]
    if codes.max() == 0:
        raise DataError("all scored rows belong to one group; at least 2 groups are needed to know how sure a score is.")
    return codes


def _kept_weights(weights: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    if weights is None:
        return None
    kept = np.asarray(weights, float)[rows]
    if not np.isfinite(kept).all() or not (kept > 0).all():
        raise DataError("weights must be positive, finite numbers.")
    return kept


def _finite(guess: np.ndarray, name: str) -> np.ndarray:
    if not np.isfinite(guess).all():
        raise DataError(f"method {name!r} predicts a missing or infinite number.")
    return guess


def _defined_folds(metric: Metric, scores: list[list[RepeatScore]]) -> np.ndarray:
    """(J, m): a fold in which the metric is undefined for one method is left out for all."""
    levels = np.concatenate([np.column_stack([score.folds for score in of_repeat]) for of_repeat in scores])
    defined = np.isfinite(levels).all(axis=1)
    if (~defined).mean() > MOST_SKIPPED:
        why, other = undefined_for(metric)
        raise DataError(
            f"{metric.title} is undefined in {(~defined).sum()} of {len(defined)} folds ({why}); use --metric {other}, or fewer "
            "folds."
        )
    return levels[defined]
