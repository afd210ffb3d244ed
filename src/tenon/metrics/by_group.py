"""Any metric computed inside every group of rows and averaged: GAUC per user on a board, with groups as the units.

A *cell* is what one group has in one fold, since an AUC must never be pooled over folds, whose models differ. The score of
a repeat is the mean over cells, weighted by rows or so that every group counts alike; a cell in which the metric is
undefined (AUC of one class) is left out. The contribution of a row is the score plus the row's share of its cell's
distance from it, so that the sums of groups have the variance of a weighted mean over groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from tenon.errors import DataError
from tenon.metrics.grouped import aucs_of_groups, figures_one_by_one
from tenon.metrics.scores import KAPPA_OF_OTHERS, Metric, RepeatScore, Weights

NOT_LINEAR = ("rmse", "r2")  # means of row losses over all rows, but not inside groups
ONE_BY_ONE = ("macro_f1", "r2")  # what no vectorised form is known for


@dataclass(frozen=True)
class PerCount:
    """How many groups and rows a metric per group could use."""

    column: str
    n_groups: int  # all groups that have a row in a fold of every repeat
    n_left_out: int  # of these, groups in which the metric is undefined in every fold
    n_rows_left_out: int


@dataclass(frozen=True)
class PerGroup:
    """Which group each row belongs to, for a metric that is computed per group."""

    column: str  # name of the groups, for people
    groups: np.ndarray  # (n,) int codes 0 ... G-1 of all rows handed to `gather`
    is_alike: bool = False  # each group counts the same; otherwise as much as it has rows (or weight)

    def metric(self, base: Metric, rows: np.ndarray | None = None) -> Metric:
        """Return the metric per group, to be asked about these rows (all by default) and no others."""
        groups = self.groups if rows is None else self.groups[rows]
        measure = partial(_measure, base, groups, self.is_alike)
        return replace(
            base,
            name=f"{base.name} per {self.column}{':groups' if self.is_alike else ''}",
            title=title_per_group(base.title, self.column, self.is_alike),
            kappa=KAPPA_OF_OTHERS if base.name in NOT_LINEAR else base.kappa,
            level=partial(_level, measure),
            measure=measure,
            is_zero_one=False,
            is_macro=False,
            is_root=False,
        )

    def kept(
        self, base: Metric, y: np.ndarray, guesses: Sequence[np.ndarray], folds: np.ndarray, rows: np.ndarray
    ) -> tuple[np.ndarray, PerCount]:
        """Return those of `rows` whose group has the metric in some fold of some repeat, and how many have not.

        guesses : (R,) one method's; whether a metric is defined hangs on the truth alone.
        Raises DataError where no group has it.
        """
        groups = self.groups[rows]
        is_defined = np.zeros(self.groups.max() + 1, bool)
        for fold_of_row, guess in zip(folds, guesses, strict=True):
            cell, figures = _cell_figures(base, y[rows], guess[rows], fold_of_row[rows], groups)
            is_defined[groups[np.isfinite(figures)[cell]]] = True
        n_groups = len(np.unique(groups))
        if not is_defined.any():
            raise DataError(
                f"{base.title} is undefined in each of the {n_groups} groups by {self.column!r} (rows of one class only inside "
                "a fold); leave out --per, or use another metric."
            )
        is_kept = is_defined[groups]
        count = PerCount(self.column, n_groups, n_groups - int(is_defined.sum()), int((~is_kept).sum()))
        return rows[is_kept], count

    def units(self, groups: np.ndarray | None) -> np.ndarray:
        """Return the independent units: these groups, or wider ones that hold each of them whole (users in households)."""
        if groups is None:
            return self.groups
        wider = np.unique(groups, return_inverse=True)[1]
        pairs = np.unique(np.column_stack([self.groups, wider]), axis=0)
        return wider if len(pairs) == len(np.unique(self.groups)) else self.groups


def title_per_group(title: str, column: str, is_alike: bool = False) -> str:
    """Return "GAUC per user_id"; with "(groups alike)" where each group counts the same."""
    return f"{'G' if title == 'AUC' else ''}{title} per {column}{' (groups alike)' if is_alike else ''}"


def _level(measure: "partial[RepeatScore]", y: np.ndarray, guess: np.ndarray, weights: Weights = None) -> float:
    return measure(y, guess, np.zeros(len(y), int), weights).level


def _measure(
    base: Metric, groups: np.ndarray, is_alike: bool, y: np.ndarray, guess: np.ndarray, folds: np.ndarray, weights: Weights = None
) -> RepeatScore:
    """Level NaN where no cell has the metric. With groups alike, a group's cells share its weight of 1 by rows."""
    cell, figures = _cell_figures(base, y, guess, folds, groups, weights)
    is_defined = np.isfinite(figures)
    gain = np.where(is_defined, figures if base.greater_is_better else -figures, 0.0)[cell]
    share = np.where(is_defined[cell], 1.0 if weights is None else weights, 0.0)
    if is_alike:
        of_group = np.bincount(groups, share)[groups]
        share = np.divide(share, of_group, out=np.zeros_like(share), where=of_group > 0)
    in_fold, won = np.bincount(folds, share), np.bincount(folds, share * gain)
    levels = np.divide(won, in_fold, out=np.full(len(in_fold), np.nan), where=in_fold > 0)
    total = share.sum()
    level = float(won.sum() / total) if total > 0 else float("nan")
    return RepeatScore(level, levels, level + len(y) * share * (gain - level) / total if total > 0 else np.full(len(y), np.nan))


def _cell_figures(
    base: Metric, y: np.ndarray, guess: np.ndarray, folds: np.ndarray, groups: np.ndarray, weights: Weights = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the cell of each row (n,) int, and the printed figure of each cell, NaN where it is undefined."""
    names, cell = np.unique(groups * (folds.max() + 1) + folds, return_inverse=True)
    if base.name == "auc":
        row_weight = np.ones(len(y)) if weights is None else weights
        return cell, aucs_of_groups(cell, y == 1, guess[:, 1], row_weight, len(names))
    if base.name not in ONE_BY_ONE:
        levels = base.measure(y, guess, cell, weights).folds
        return cell, np.array([base.from_level(one) for one in levels])
    return cell, figures_one_by_one(base, y, guess, cell, weights)
