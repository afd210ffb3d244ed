"""Which rows train, which score and which are kept for the end; made once, from the seed alone, and saved.

random   every working row is in one fold per repeat; classes are spread evenly; equal texts or images stay together, and
         nearly equal ones
grouped  the same, and no group is on both sides
time     forward chaining: fold f is the (f+2)-th block of time, trained on all blocks before it; one repeat
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.deal import choose_share, deal_folds
from tenon.data.duplicates import tied_rows
from tenon.errors import DataError
from tenon.files import new_file

IN_NO_FOLD = -1


@dataclass(frozen=True, eq=False)
class Splits:
    """The rows of every split. In time order, rows of the first block are in no fold: nothing stands before them."""

    row_ids: np.ndarray  # (n,) int64
    is_final: np.ndarray  # (n,) bool
    fold: np.ndarray  # (n_repeats, n) int32, IN_NO_FOLD for final rows
    order: str = "random"  # or "grouped", "time"

    @property
    def n_repeats(self) -> int:
        return len(self.fold)

    @property
    def n_folds(self) -> int:
        return int(self.fold.max()) + 1

    def train(self, repeat: int, fold: int) -> np.ndarray:
        """Return the ids of the rows that a method may see in this trial, in file order."""
        at = self.fold[repeat]
        is_seen = at < fold if self.order == "time" else at != fold
        return self.row_ids[is_seen & ~self.is_final]

    def held_out(self, repeat: int, fold: int) -> np.ndarray:
        """Return the ids of the rows that this trial is scored on, in file order."""
        return self.row_ids[self.fold[repeat] == fold]

    def working(self) -> np.ndarray:
        """Return the ids of all rows that are not final."""
        return self.row_ids[~self.is_final]

    def final(self) -> np.ndarray:
        """Return the ids of the final rows."""
        return self.row_ids[self.is_final]

    def same_as(self, other: "Splits") -> bool:
        """Say whether the other splits put the same rows into the same places."""
        pairs = ((self.row_ids, other.row_ids), (self.is_final, other.is_final), (self.fold, other.fold))
        return self.order == other.order and all(np.array_equal(mine, theirs) for mine, theirs in pairs)

    def save(self, path: Path) -> None:
        """Write splits.parquet: columns row, final, fold_0, fold_1, …; whole or not at all."""
        import pyarrow as pa
        import pyarrow.parquet

        columns = {"row": self.row_ids, "final": self.is_final}
        columns |= {f"fold_{repeat}": fold for repeat, fold in enumerate(self.fold)}
        table = pa.table(columns).replace_schema_metadata({"order": self.order})
        with new_file(path) as unfinished:
            pyarrow.parquet.write_table(table, unfinished)

    @classmethod
    def load(cls, path: Path) -> "Splits":
        """Read what `save` wrote."""
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(path)
        row_ids, is_final, *folds = (column.to_numpy() for column in table.columns)
        return cls(row_ids, is_final, np.stack(folds), table.schema.metadata[b"order"].decode())


def make_splits(dataset: Dataset, strata: np.ndarray, *, n_folds: int, n_repeats: int, final_share: float, seed: int) -> Splits:
    """Return the splits of all rows; group and time columns are found by their role, and time goes before group.

    strata : (n,) codes whose shares are kept, in the order of the rows (`Task.strata`). final_share : in [0, 1), not looked at
    where the data set brings its own final rows. Repeat r draws from (seed, r) alone. With fewer groups than n_folds there are as
    many folds as groups. Raises DataError where the working rows cannot be split.
    """
    classes = _numbered(strata)
    if time := dataset.schema.with_role("time"):
        return _in_time(dataset, time.name, n_folds, final_share)
    group = dataset.schema.with_role("group")
    units = tied_rows(dataset)
    if len(dataset.final_ids):
        is_final = np.isin(dataset.row_ids, dataset.final_ids)
    else:
        is_final = choose_share(units, classes, final_share, np.random.default_rng([seed, 2**31]))  # no repeat's number
    working = np.flatnonzero(~is_final)
    n_folds = min(n_folds, len(np.unique(units[working])))
    if n_folds < 2:
        rows = "all rows but the final ones are" if is_final.any() else "all its rows are"
        alike = f"of one {group.name!r} group" if group else "alike, and copies stay on one side"
        raise DataError(f"{dataset.name} cannot be split: {rows} {alike}.")
    fold = np.full((n_repeats, len(dataset)), IN_NO_FOLD, np.int32)
    for repeat in range(n_repeats):
        rng = np.random.default_rng([seed, repeat])
        fold[repeat, working] = deal_folds(units[working], classes[working], n_folds, rng)
    return Splits(dataset.row_ids, is_final, fold, "grouped" if group else "random")


def put_aside(dataset: Dataset, strata: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Return which rows are put aside, (n,) bool, as `make_splits` chooses final rows; none where all are of one time.

    share : in [0, 1). strata : as for `make_splits`. Rows that were made of others are where these are.
    """

    def aside(rows: Dataset, strata: np.ndarray) -> np.ndarray:
        if share == 0:
            return np.zeros(len(rows), bool)
        if time := rows.schema.with_role("time"):
            stamps = rows.frame[time.name].to_numpy()
            return _block(stamps, [1 - share]) == 1 if len(np.unique(stamps)) > 1 else np.zeros(len(rows), bool)
        return choose_share(tied_rows(rows), _numbered(strata), share, np.random.default_rng([seed, 2**31]))

    return with_their_first(dataset, strata, aside)


def deal_parts(dataset: Dataset, strata: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Return the part of each row, (n_rows,) int64 from 0 to n - 1, as `make_splits` deals folds; in time order, blocks of time.

    With fewer groups, or times, than n there are as many parts; with one there is none, and all rows are IN_NO_FOLD.
    strata : as for `make_splits`. Rows that were made of others are where these are.
    """

    def part(rows: Dataset, strata: np.ndarray) -> np.ndarray:
        time = rows.schema.with_role("time")
        units = rows.frame[time.name].to_numpy() if time else tied_rows(rows)
        n_parts = min(n, len(np.unique(units)))
        if n_parts < 2:
            return np.full(len(rows), IN_NO_FOLD)
        if time:
            return _block(units, [i / n_parts for i in range(1, n_parts)])
        return deal_folds(units, _numbered(strata), n_parts, np.random.default_rng([seed, 0]))

    return with_their_first(dataset, strata, part)


def with_their_first(dataset: Dataset, y: np.ndarray, place: Callable[[Dataset, np.ndarray], np.ndarray]) -> np.ndarray:
    """Return where `place` puts rows by them and their y, (n,); those that were made of others are where these are."""
    import pandas as pd

    if dataset.made_of is None:
        return place(dataset, y)
    ids = dataset.row_ids[~dataset.is_made]
    placed = pd.Series(place(dataset.rows(ids), y[~dataset.is_made]), ids)
    return placed.loc[dataset.made_of.loc[dataset.row_ids]].to_numpy()


def _numbered(strata: np.ndarray) -> np.ndarray:
    """Return strata as codes (n,) int64 from 0 on."""
    return np.unique(strata, return_inverse=True)[1]


def _in_time(dataset: Dataset, time: str, n_folds: int, final_share: float) -> Splits:
    """Cut the rows into final ones, the last, and n_folds + 1 blocks; rows of the same time are never parted."""
    stamps = np.unique(dataset.frame[time].to_numpy(), return_inverse=True)[1]  # 0, 1, … in the order of time
    if len(dataset.final_ids):
        is_final = np.isin(dataset.row_ids, dataset.final_ids)
    else:
        is_final = _block(stamps, [1 - final_share]) == 1 if final_share else np.zeros(len(stamps), bool)
    working = np.flatnonzero(~is_final)
    if len(np.unique(stamps[working])) < n_folds + 1:
        raise DataError(
            f"{dataset.name}, column {time!r}: {stamps.max() + 1} different times are too few for {n_folds} folds in time order."
        )
    blocks = _block(stamps[working], [i / (n_folds + 1) for i in range(1, n_folds + 1)])
    fold = np.full((1, len(stamps)), IN_NO_FOLD, np.int32)
    fold[0, working] = blocks - 1
    return Splits(dataset.row_ids, is_final, fold, "time")


def _block(stamps: np.ndarray, shares: list[float]) -> np.ndarray:
    """Return the block of each row, (n,) int64, cut after these shares of the rows, each cut moved to a change of time.

    Every block gets at least one time. stamps : (n,) of a kind that can be sorted; needs more different ones than cuts.
    """
    counts = np.unique(stamps, return_counts=True)[1]
    rows_until = np.concatenate([[0], np.cumsum(counts)])  # rows before the j-th time
    cuts: list[int] = []
    for i, share in enumerate(shares):
        least = cuts[-1] + 1 if cuts else 1
        most = len(counts) - (len(shares) - i)
        nearest = int(np.argmin(np.abs(rows_until - share * len(stamps))))
        cuts.append(min(max(nearest, least), most))
    rank = np.unique(stamps, return_inverse=True)[1]
    return np.searchsorted(cuts, rank, side="right")
