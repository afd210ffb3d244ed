"""Predictions that somebody brings in a file: read, checked, and put in the order of the rows that they are about.

A file holds a column `prediction` and perhaps one `p_<label>` for each class, as `tenon predict -o` writes it, or just one column
of values; other columns are not looked at. Rows are found by a column `id`, or by their order where nobody has one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.sources import open_source
from tenon.data.wording import MOST_ROWS, listed, row_numbers, shown
from tenon.errors import DataError
from tenon.method import PREDICTION, PROBA, proba_names
from tenon.tasks import LARGEST_TARGET, Task

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ID = "id"  # the column that tells rows apart
MOST_OVER_ONE = 0.02  # by which rounded probabilities of a row may exceed 1


@dataclass(frozen=True)
class Keys:
    """What tells the rows of a file apart: the cells of its column `id`, or their place where it has none."""

    file: str
    n_rows: int
    ids: np.ndarray | None = None  # (n_rows,) str, all different

    def where(self, row: int) -> str:
        """Return "old.csv, row 4 (id 'x7')" for a 0-based row."""
        return f"{self.file}, row {row + 1:,}" + (f" (id {shown(self.ids[row])})" if self.ids is not None else "")


@dataclass(frozen=True)
class Answers:
    """A prediction file as read; `frame` reads its cells for a task."""

    name: str  # of the model
    keys: Keys
    table: "pa.Table"
    column: str  # that holds the predictions

    def has_proba(self, labels: Sequence[Any]) -> bool:
        """Tell whether the file has a probability of every class. Raises DataError where it has some, but not all."""
        missing = [name for name in proba_names(labels) if name not in self.table.column_names]
        if 0 < len(missing) < len(labels):
            raise DataError(f"{self.keys.file} lacks {listed(missing)}: it needs a probability of every class, or of none.")
        return not missing and len(labels) > 0

    def other_labels(self, labels: Sequence[Any]) -> list[Any]:
        """Return predicted classes that stand in no truth row, but for which the file has a column of probabilities."""
        known = {str(label) for label in labels}
        names = [cell for cell in self._cells(self.column)[0] if cell not in known and PROBA + cell in self.table.column_names]
        return [type(labels[0])(name) for name in names]

    def frame(self, task: Task, labels: Sequence[Any]) -> "pd.DataFrame":
        """Return `prediction` (labels of their own type, tuples of them, float64), with probabilities `p_<label>`, in file order.

        labels : classes whose probability the file must have, if it has any; that of others is 0 where it is not there.
        Raises DataError for an unknown label and for cells that are no number or no probability.
        """
        import pandas as pd

        columns: dict[str, Any] = {PREDICTION: self._said(task)}
        if self.has_proba(labels):
            names, nought = proba_names(task.labels), np.zeros(self.keys.n_rows)
            proba = np.column_stack([self._numbers(name) if name in self.table.column_names else nought for name in names])
            self._check_proba(proba, is_one_of=task.has_classes)
            columns |= dict(zip(names, proba.T, strict=True))
        return pd.DataFrame(columns)

    def _said(self, task: Task) -> np.ndarray:
        if task.has_sets:
            return self._sets(task)
        return self._numbers(self.column) if task.is_regression else self._labels(task)

    def _sets(self, task: Task) -> np.ndarray:
        """Return label sets, (n,) object, of lists or of texts that are lists written out."""
        from tenon.data.label_cells import AS_LISTS, label_sets

        found, _, _ = label_sets(self.keys.file, self.table[self.column], self.column, separator=AS_LISTS)
        if len(lacking := np.setdiff1d(np.arange(self.keys.n_rows), found.index)):
            raise self._refused(lacking, self.column, "is no list of labels; one of none is [].")
        known = set(task.labels)
        if len(bad := np.flatnonzero([not known.issuperset(cell) for cell in found])):
            raise self._refused(
                bad, self.column, f"holds a label that is none of {listed(task.labels)}; write labels as the truth has them."
            )
        return found.to_numpy(object)

    def _labels(self, task: Task) -> np.ndarray:
        distinct, codes = self._cells(self.column)
        position = {str(label): k for k, label in enumerate(task.labels)}
        of_distinct = np.array([position.get(cell, -1) for cell in distinct])
        bad = np.flatnonzero(of_distinct[codes] < 0)
        if len(bad):
            probably = ""
            if not any(name in self.table.column_names for name in proba_names(task.labels)) and self._is_number(bad):
                probably = f" Probabilities belong into columns called {listed(proba_names(task.labels))}."
            raise self._refused(
                bad,
                self.column,
                f"is none of the labels {listed(task.labels)}; write labels as they stand in the truth.{probably}",
            )
        return task.decode(of_distinct[codes])

    def _is_number(self, rows: np.ndarray) -> bool:
        from tenon.data.cells import convert

        return bool(convert(self.table[self.column], "number").values[rows].notna().all())

    def _cells(self, name: str) -> tuple[list[str], np.ndarray]:
        from tenon.data.text_cells import TextCells

        cells = TextCells.of(self.table[name])
        return cells.trimmed.to_pylist(), cells.codes

    def _numbers(self, name: str) -> np.ndarray:
        from tenon.data.cells import convert

        values = convert(self.table[name], "number").values.to_numpy(np.float64)
        bad = np.flatnonzero(np.isnan(values))
        if len(bad):
            raise self._refused(bad, name, "is not a finite number; every row needs one.")
        if len(large := np.flatnonzero(np.abs(values) > LARGEST_TARGET)):
            raise self._refused(
                large, name, f"is beyond {LARGEST_TARGET:g}, too large to calculate with; divide all numbers first."
            )
        return values

    def _check_proba(self, proba: np.ndarray, is_one_of: bool) -> None:
        outside = np.flatnonzero(((proba < 0) | (proba > 1)).any(axis=1))
        if len(outside):
            raise DataError(
                f"{self.keys.where(int(outside[0]))}: a probability lies outside 0 to 1 ({len(outside):,} such rows)."
            )
        over = np.flatnonzero(is_one_of & (proba.sum(axis=1) > 1 + MOST_OVER_ONE))
        if len(over):
            total = proba[over[0]].sum()
            raise DataError(
                f"{self.keys.where(int(over[0]))}: the probabilities add up to {total:.3g}, not 1; {len(over):,} such rows."
            )

    def _refused(self, rows: np.ndarray, name: str, why: str) -> DataError:
        cell = shown(self.table[name][int(rows[0])].as_py())
        others = f" ({len(rows):,} such cells, rows {row_numbers(rows)})" if len(rows) > 1 else ""
        return DataError(f"{self.keys.where(int(rows[0]))}, column {name!r}: {cell}{others} {why}")


def read_answers(name: str, given: "str | Path | pd.DataFrame") -> Answers:
    """Read a prediction file, or take a frame. Raises DataError where no column can be the predictions, and for bad ids."""
    source = open_source(given)
    file = source.name if isinstance(given, (str, Path)) else name
    names = source.table.column_names
    column = PREDICTION
    if PREDICTION not in names:
        values = [other for other in names if other != ID]
        if len(values) != 1:
            raise DataError(
                f"{file} has no column 'prediction', nor just one column beside 'id'; name the column of predictions so. "
                f"Columns: {listed(names)}."
            )
        column = values[0]
    return Answers(name, keys_of(file, source.table), source.table, column)


def keys_of(file: str, table: "pa.Table") -> Keys:
    """Return what tells the rows of a table apart. Raises DataError for an id that is missing or stands twice."""
    from tenon.data.text_cells import TextCells

    if ID not in table.column_names:
        return Keys(file, table.num_rows)
    cells = TextCells.of(table[ID])
    if len(empty := cells.rows_where(cells.is_missing)):
        raise DataError(
            f"{file}, row {empty[0] + 1:,}, column 'id': {shown(table[ID][int(empty[0])].as_py() or '')} is no id; every row "
            f"needs one ({len(empty):,} such rows)."
        )
    ids = np.array(cells.trimmed.to_pylist(), object)[cells.codes]
    different, first, count = np.unique(ids.astype(str), return_index=True, return_counts=True)
    if len(different) < len(ids):
        twice = int(np.flatnonzero(count > 1)[np.argmin(first[count > 1])])
        rows = np.flatnonzero(ids == different[twice])
        raise DataError(
            f"{file}: the id {shown(different[twice])} stands in {count[twice]} rows ({row_numbers(rows)}); an id may stand once "
            f"({(count > 1).sum():,} such ids)."
        )
    return Keys(file, table.num_rows, ids)


def places(answers: Keys, wanted: Keys, may_lack: np.ndarray | None = None) -> np.ndarray:
    """Return for each wanted row its 0-based place in the answers, (n,) int; -1 where there is none.

    may_lack : (n,) bool, rows that need no answer; the answers may then also hold other rows. Raises DataError where
    rows cannot be matched: ids on one side only, a missing or an unknown id, or without ids different lengths.
    """
    if (answers.ids is None) != (wanted.ids is None):
        with_ids, without = (answers, wanted) if wanted.ids is None else (wanted, answers)
        raise DataError(
            f"{without.file} has no column 'id', but {with_ids.file} has; give both one, or take it out of both to match rows by "
            "their order."
        )
    if answers.ids is None or wanted.ids is None:
        if answers.n_rows != wanted.n_rows:
            raise DataError(
                f"{answers.file} has {answers.n_rows:,} rows, {wanted.file} has {wanted.n_rows:,}; without a column 'id' in each "
                "they must have the same rows in the same order."
            )
        return np.arange(wanted.n_rows)
    place = {key: i for i, key in enumerate(answers.ids)}
    found = np.array([place.pop(key, -1) for key in wanted.ids])
    _check_ids(
        answers, wanted, found if may_lack is None else np.where(may_lack, 0, found), list(place) if may_lack is None else []
    )
    return found


def _check_ids(answers: Keys, wanted: Keys, found: np.ndarray, extra: list[str]) -> None:
    assert wanted.ids is not None
    if len(lacking := np.flatnonzero(found < 0)):
        raise DataError(
            f"{answers.file} lacks {len(lacking):,} of the {wanted.n_rows:,} ids of {wanted.file}: "
            f"{listed(wanted.ids[lacking], MOST_ROWS)}; every row needs a prediction."
        )
    if extra:
        raise DataError(
            f"{answers.file} has {len(extra):,} id{'' if len(extra) == 1 else 's'} that {wanted.file} does not have: "
            f"{listed(extra, MOST_ROWS)}; take those rows out."
        )
