"""How many folds and repeats a run makes: a fixed function of rows, columns and the dearest method's cost class.

Never of measured time, so that the same line gives the same splits on every machine. The table is in docs/verdicts.md.
"""

from dataclasses import dataclass

import numpy as np

from tenon.caller import typed_whole
from tenon.data.dataset import Dataset
from tenon.data.questions import PASSAGE
from tenon.errors import DataError, SettingsError

ONE_SPLIT = "1 split"  # what stands in the place of folds x repeats
FINAL_SHARE = 0.2  # of the rows, put aside for the very end
FINAL_FROM_ROWS = 500  # with fewer rows none are put aside
MANY_ROWS = 100_000  # from here on medium methods run on one split, too
MOST_REPEATS = 100
FEWEST_FOLDS = 3  # a rare class does not push the number of folds below this


@dataclass(frozen=True)
class Protocol:
    """n_folds folds, n_repeats times over; final_share of the rows put aside first."""

    n_folds: int
    n_repeats: int
    final_share: float
    one_split: tuple[str, ...] = ("dear",)  # cost classes of methods that run on one of these splits only

    def __str__(self) -> str:
        return f"{self.n_folds}x{self.n_repeats}"

    def n_trials(self, cost: str) -> int:
        """Trials of a method of this cost class."""
        return 1 if cost in self.one_split else self.n_folds * self.n_repeats

    def splits_of(self, cost: str) -> str:
        """Return "5x4", or "1 split"."""
        return ONE_SPLIT if cost in self.one_split else str(self)


def choose_protocol(dataset: Dataset, y: np.ndarray, *, is_classification: bool, splits: str = "") -> Protocol:
    """Return the protocol for this data set; `splits` ("5x4") overrides folds and repeats, for dear methods too.

    Rare classes: the number of folds falls to the size of the smallest class, but not below 3; groups: to their number.
    Raises SettingsError for a malformed `splits`, DataError where there are too few rows or groups to split at all.
    """
    has_own_final = len(dataset.final_ids) > 0
    share = FINAL_SHARE if len(dataset) >= FINAL_FROM_ROWS and not has_own_final else 0.0
    n_working = len(dataset) - len(dataset.final_ids) - round(share * len(dataset))
    if n_working < 6:
        rows = f"{n_working} row{'' if n_working == 1 else 's'}"
        raise DataError(f"{dataset.name} has {rows} with a target; at least 6 are needed to train and score anything.")
    if splits and _parse(splits)[0] > n_working // 2:
        raise SettingsError(f"--splits {splits}: {n_working} rows allow at most {n_working // 2} folds.")
    n_folds, n_repeats = _parse(splits) if splits else _table(n_working, len(dataset.schema.features()))
    one_split = () if splits else ("medium", "dear") if n_working >= MANY_ROWS else ("dear",)
    if dataset.schema.with_role("time"):
        return Protocol(n_folds, 1, share, one_split)
    if is_classification and not splits:
        counts = np.bincount(y)
        n_folds = min(n_folds, max(FEWEST_FOLDS, int(counts[counts > 0].min())))
    if group := dataset.schema.with_role("group"):
        n_groups = dataset.frame[group.name].nunique(dropna=False)
        n_folds = min(n_folds, n_groups)
        if n_groups < 3:
            raise _too_few_groups(dataset, group.name, n_groups)
    return Protocol(n_folds, n_repeats, share, one_split)


def _too_few_groups(dataset: Dataset, column: str, n_groups: int) -> DataError:
    """Return what to tell where no split can keep groups together."""
    if dataset.schema.is_of_questions and column == PASSAGE:  # which no file holds
        contexts = "all questions are on one context" if n_groups == 1 else f"the questions are on {n_groups} contexts"
        return DataError(
            f"{dataset.name}: {contexts}; at least 3 are needed, since no split parts those on one; add questions on others."
        )
    return DataError(f"column {column!r} has {n_groups} groups; at least 3 are needed to split by group.")


def shared_fold(fold: np.ndarray, y: np.ndarray, in_time: bool) -> int:
    """Return the fold of the first repeat that methods on one split run on: the first, in time order the last.

    The last has the longest past to train on. y : (n,) class codes, or zeros for numbers; a fold that lacks a class gives
    way to the next one that has them all. fold : (n,) int, -1 = in no fold.
    """
    folds = range(int(fold.max()) + 1)
    in_order = list(reversed(folds) if in_time else folds)
    n_classes = len(np.unique(y[fold >= 0]))
    return next((k for k in in_order if len(np.unique(y[fold == k])) == n_classes), in_order[0])


def _table(n_rows: int, n_columns: int) -> tuple[int, int]:
    if n_rows < 200:
        return (10, 4) if n_columns > n_rows / 10 and n_rows >= 60 else (5, 4)
    return (5, 4) if n_rows < 5_000 else (5, 2)


def _parse(text: str) -> tuple[int, int]:
    folds, _, repeats = text.partition("x")
    n_folds, n_repeats = typed_whole(folds) or 0, typed_whole(repeats) or 0
    if n_folds < 2 or n_repeats < 1:
        raise SettingsError(f"--splits takes FOLDSxREPEATS with at least 2 folds, such as 5x4; got {text!r}.")
    if n_repeats > MOST_REPEATS:
        raise SettingsError(f"--splits takes at most {MOST_REPEATS} repeats; got {text!r}.")
    return n_folds, n_repeats
