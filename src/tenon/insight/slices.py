"""Where the chosen method is weaker: its score in slices of the rows, each compared with the other slices of its column.

{looked_at, too_small, undefined, least, limits, n_worse, rope, metric, title, greater_is_better, instead_of, score,
shown: [{column, by, slice, from, to, rows, score, low, high, rest, gap, p, p_corrected, verdict, metric, title}]}

limits: what was left aside: {columns: {most, of}, rows: {most, of}, levels: {most, columns: those that have more}}.

Scores, their variance (rows and training noise) and intervals come from the evidence that the board is judged on. `rest` is the
mean over the other slices by rows: of AUC the mean of AUCs inside them, since rows that share a strong column are harder to rank
and every slice would seem worse than all other rows thrown together. p is one-sided (worse than the rest; Welch), corrected over
all slices looked at (Holm 1979). "worse than the rest" needs p_corrected < 0.05 and a gap beyond the rope; otherwise nothing is
said. A slice has at least 30 rows, and for AUC 10 of either class.

Macro-F1 hangs on which classes stand in a slice, R² on how the target varies there: accuracy and RMSE take their place
(`instead_of`). Classes of the target are always scored by the share of their rows that are right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tenon.errors import DataError
from tenon.insight.partitions import LEAST_ROWS, MOST_COLUMNS, MOST_LEVELS, REST, Partition, cut_columns, partitions
from tenon.insight.points import evenly
from tenon.insight.seen import Section, Seen, few_rows, left_out
from tenon.metrics.evidence import Evidence, as_history, gather
from tenon.metrics.grouped import FEWEST_GROUPS
from tenon.metrics.intervals import method_intervals
from tenon.metrics.pairs import holm
from tenon.metrics.scores import METRICS, Metric
from tenon.metrics.student import below
from tenon.metrics.variance import board_variance

INSTEAD = {"macro_f1": "accuracy", "r2": "rmse"}
LEAST_OF_CLASS = 10  # rows of either class in a slice that is scored by AUC
MOST_SHOWN = 12
MOST_OF_COLUMN = 3
MOST_ROWS = 100_000  # beyond, evenly spaced rows are looked at
ALPHA = 0.05


@dataclass(frozen=True)
class Figures:
    """The chosen method in one slice, on the test scale (larger = better)."""

    level: float
    variance: float
    df: float
    n_rows: int


@dataclass(frozen=True)
class Finding:
    """A slice, what it scores, and how that stands to the other slices of its column."""

    partition: Partition
    s: int  # place of the slice in its partition
    metric: Metric
    figures: Figures
    rest: float | None  # level of the rest; None where no other slice could be scored
    t: float = 0.0
    p: float | None = None

    @property
    def gap(self) -> float | None:
        """Slice against rest in printed units, negative = worse."""
        if self.rest is None:
            return None
        return (self.figures.level - self.rest) * self.metric.unit(self.figures.level, self.rest)


def slices(seen: Seen) -> Section:
    """Return the section; left out below twice LEAST_ROWS, for the baseline, and where no column can be cut."""
    rows = seen.rows
    if len(rows) < 2 * LEAST_ROWS:
        return few_rows(len(rows), 2 * LEAST_ROWS)
    if seen.is_baseline:
        return left_out("baseline", "the baseline says the same of every row")
    rows = evenly(rows, MOST_ROWS)
    cut = list(partitions(seen, rows))
    said = Said(seen, rows)
    findings = [finding for partition in cut for finding in _findings(said, partition)]
    tested = [finding for finding in findings if finding.p is not None]
    if not tested:
        return left_out("no_slices", f"no column gives two slices of at least {LEAST_ROWS} rows that can be scored")
    corrected = holm(np.array([finding.p for finding in tested]))
    is_worse = [_is_worse(f, p, said.rope(f.metric)) for f, p in zip(tested, corrected.tolist(), strict=True)]
    order = sorted(range(len(tested)), key=lambda i: (not is_worse[i], tested[i].t))
    n_too_small = sum(partition.n_too_small for partition in cut)
    n_slices = sum(len(partition.slices) for partition in cut)
    return {
        "looked_at": len(tested),
        "too_small": n_too_small,
        "undefined": n_slices - n_too_small - len(tested),
        "least": LEAST_ROWS,
        "limits": _limits(seen, cut),
        "n_worse": sum(is_worse),
        "rope": said.rope(said.metric),
        **_about(said),
        "shown": [_shown(said, tested[i], corrected[i], is_worse[i]) for i in _telling(tested, order)],
    }


def _limits(seen: Seen, cut: list[Partition]) -> Section:
    """Return how much is looked at, and of how much."""
    return {
        "columns": {"most": MOST_COLUMNS, "of": len(cut_columns(seen))},
        "rows": {"most": MOST_ROWS, "of": len(seen.rows)},
        "levels": {"most": MOST_LEVELS, "columns": [partition.column for partition in cut if partition.n_left_out]},
    }


class Said:
    """What methods, or the chosen one alone, said about the rows looked at, by any metric."""

    def __init__(self, seen: Seen, rows: np.ndarray, names: Sequence[str] = ()):
        self.seen, self.rows, self.names = seen, rows, names or [seen.chosen]
        asked = seen.task.metric
        self.metric = METRICS[INSTEAD[asked.name]] if asked.name in INSTEAD else asked
        self.per = seen.per if self.metric is asked else None  # what takes its place is computed over all rows

    def metric_of(self, partition: Partition) -> Metric:
        return METRICS["accuracy"] if partition.slices[0].by == "class" else self.metric

    def rope(self, metric: Metric) -> float:
        """Return what the run was asked for, or for another metric than the run's what is used without being asked."""
        if metric is self.metric and not metric.in_target_units:
            return self.seen.rope
        of_own = metric.name == self.seen.task.metric_name
        return self.seen.rope if of_own else 0.01 * (self.seen.task.target_sd if metric.in_target_units else 1.0)

    def evidence(self, metric: Metric, at: np.ndarray, one_group_will_do: bool = False) -> Evidence:
        """Return the evidence on these of the rows, (k,) places among them.

        one_group_will_do : rows of a single group are taken as independent. Raises DataError where the metric is undefined.
        """
        seen, rows = self.seen, self.rows[at]
        groups = None if seen.groups is None else seen.groups[rows]
        if one_group_will_do and groups is not None and len(np.unique(groups)) == 1:
            groups = None
        per = self.per if metric is self.metric else None
        evidence = gather(
            metric,
            self.names,
            seen.y[rows],
            [[seen.guess(name, repeat, metric.reads)[rows] for name in self.names] for repeat in range(seen.n_repeats)],
            np.array([np.unique(fold, return_inverse=True)[1] for fold in seen.splits.fold[:, rows]]),  # those that it is in
            groups=groups,
            weights=None if seen.weights is None else seen.weights[rows],
            per=None if per is None else replace(per, groups=np.unique(per.groups[rows], return_inverse=True)[1]),
        )
        return evidence if seen.time is None else as_history(evidence, seen.time[rows])

    def rarest(self, metric: Metric, at: np.ndarray) -> int:
        """Return how many of these rows the rarer of two classes has where the metric ranks them, else how many there are."""
        return int(np.bincount(self.seen.y[self.rows[at]], minlength=2).min()) if metric.name == "auc" else len(at)

    def is_enough(self, metric: Metric, at: np.ndarray) -> bool:
        """Tell whether these rows are as many as a score takes."""
        return len(at) >= LEAST_ROWS and self.rarest(metric, at) >= LEAST_OF_CLASS

    def figures(self, metric: Metric, at: np.ndarray, one_group_will_do: bool = False) -> Figures | None:
        """Return level and variance of the first method on these rows, None where they cannot be had."""
        if not self.is_enough(metric, at):
            return None
        try:
            evidence = self.evidence(metric, at, one_group_will_do)
        except DataError:  # undefined here, or all rows of one group
            return None
        if evidence.per is not None and evidence.n_units < FEWEST_GROUPS:
            return None
        floor = len(at) ** -2 if metric.is_zero_one else 0.0
        df = min(evidence.df, self.rarest(metric, at) - 1.0)
        return Figures(float(evidence.level[0]), float(board_variance(evidence)[0, 0]) + floor, df, len(at))


def _findings(said: Said, partition: Partition) -> Iterator[Finding]:
    """Yield every slice of a partition that can be scored, compared with the others."""
    metric, is_group = said.metric_of(partition), partition.slices[0].by == "group"
    places = [np.flatnonzero(partition.code == s) for s in (*range(len(partition.slices)), REST)]
    all_figures = [said.figures(metric, at, is_group) for at in places]
    for s, own in enumerate(all_figures[:-1]):
        others = [figures for other, figures in enumerate(all_figures) if other != s and figures]
        if own:
            yield _against(Finding(partition, s, metric, own, None), others)


def _against(finding: Finding, others: list[Figures]) -> Finding:
    """Compare a slice with others, which are independent of it and of each other (Welch)."""
    total = sum(figures.n_rows for figures in others)
    if not total:
        return finding
    own = finding.figures
    shares = [figures.n_rows / total for figures in others]
    rest = sum(share * figures.level for share, figures in zip(shares, others, strict=True))
    parts = [(own.variance, own.df), *((share**2 * f.variance, f.df) for share, f in zip(shares, others, strict=True))]
    variance = sum(part for part, _ in parts)
    if not variance > 0:  # every row contributes the same: nothing can be tested
        return replace(finding, rest=rest, p=1.0)
    df = variance**2 / sum(part**2 / df for part, df in parts)
    t = (own.level - rest) / np.sqrt(variance)
    return replace(finding, rest=rest, t=float(t), p=float(below(t, df)))


def _is_worse(finding: Finding, p_corrected: float, rope: float) -> bool:
    return p_corrected < ALPHA and finding.gap is not None and finding.gap < -rope


def _telling(tested: list[Finding], order: list[int]) -> list[int]:
    """Return the first in this order, at most MOST_OF_COLUMN of a column as long as there are others."""
    rank: dict[str, int] = {}
    nth = {}
    for i in order:
        column = tested[i].partition.column
        nth[i] = rank[column] = rank.get(column, 0) + 1
    taken = sorted(order, key=lambda i: nth[i] > MOST_OF_COLUMN)[:MOST_SHOWN]  # stable
    return [i for i in order if i in taken]


def _about(said: Said) -> Section:
    """Return by which metric, and what the method scores on all rows looked at."""
    asked, evidence = said.seen.task.metric, said.evidence(said.metric, np.arange(len(said.rows)))
    return {
        "metric": evidence.metric.name,
        "title": evidence.metric.title,
        "greater_is_better": evidence.metric.greater_is_better,
        "instead_of": asked.title if asked.name in INSTEAD else None,
        "score": evidence.metric.from_level(float(evidence.level[0])),
    }


def _shown(said: Said, finding: Finding, p_corrected: float, is_worse: bool) -> Section:
    name, metric = finding.partition.slices[finding.s], finding.metric
    at = np.flatnonzero(finding.partition.code == finding.s)
    evidence = said.evidence(metric, at, one_group_will_do=name.by == "group")
    low, high = (float(end) + 0.0 if np.isfinite(end) else None for end in method_intervals(evidence)[0])  # never -0.0
    return {
        "column": finding.partition.column, "by": name.by, "slice": name.name, "from": name.low, "to": name.high,
        "rows": finding.figures.n_rows, "score": metric.from_level(finding.figures.level), "low": low, "high": high,
        "rest": None if finding.rest is None else metric.from_level(finding.rest), "gap": finding.gap,
        "p": finding.p, "p_corrected": float(p_corrected), "verdict": "worse than the rest" if is_worse else "",
        "metric": evidence.metric.name, "title": evidence.metric.title,
    }  # fmt: skip
