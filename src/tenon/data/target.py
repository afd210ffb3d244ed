"""The target column: classes keep their own values, so that labels in = labels out; numbers become float64."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tenon.data.cell_notes import MOSTLY, form_notes, thousands_note
from tenon.data.cells import convert, is_bytes, is_list_of_text, is_real, is_time
from tenon.data.dataset import Dataset, Schema
from tenon.data.infer import Reading
from tenon.data.label_cells import check_labels, label_sets, refuse_written_lists
from tenon.data.text_cells import TextCells
from tenon.data.wording import as_missing, bad_cells, different_cells, where
from tenon.errors import DataError

WHOLE = r"^(0|-?[1-9]\d{0,17})$"  # what str(int) writes and int64 holds
ZERO_FIRST = r"^-?0\d"
FEW = 10  # as many different whole numbers are still taken for classes
FEWEST_OF_FEW, FEWEST_OF_MANY = 2, 10  # rows that a class must have on average, where there are over 20 or over 1,000
SOME_CLASSES, MANY_CLASSES = 20, 1000
OF_SEQUENCES = {"tokens": "tagging", "text": "translation", "answers": "answer"}  # kind of the target -> task


@dataclass(frozen=True)
class Target:
    """The target of the rows that have one."""

    values: pd.Series  # (m,) int64, bool or str classes, or float64; index: 0-based row in the file
    kind: str  # "category" for classes, "number", "tokens" for tags, "text", "answers" or "labels"
    has_thousands: bool = False  # numbers with commas between thousands
    notes: tuple[str, ...] = ()
    separator: str = ""  # what cells of several labels were cut at


def convert_target(
    file: str, column: pa.ChunkedArray, name: str, *, task: str = "", missing: tuple[str, ...] = (), has_thousands: bool = False
) -> Target:
    """Return the target; `task` says whether classes or numbers are wanted, else the cells decide.

    Text becomes int64 where every cell is as str(int) writes it, float64 where all are numbers too many or too uneven for
    classes; else it stays text. Commas between thousands are read over where `TextCells.with_thousands` sees them, or
    `has_thousands` says so. Raises DataError naming rows and cells where numbers are wanted, or nearly all cells are
    numbers, and some cell is none; and for columns that can be no target.
    """
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    if task == "answer":
        values = pd.Series(column.to_pylist(), dtype=object, name=name)
        return Target(values[values.notna()], "answers")
    if task == "multilabel":
        values, separator, notes = label_sets(file, column, name, missing)
        return Target(values, "labels", notes=notes, separator=separator)
    if is_list_of_text(column.type) or task == "tagging":
        return _tags(file, column, name, task)
    is_odd = pa.types.is_nested(column.type) or isinstance(column.type, pa.BaseExtensionType)
    if is_odd or is_time(column.type) or is_bytes(column.type):
        raise DataError(
            f"{file}, column {name!r} holds values of the type {column.type}; a target must be classes, numbers or lists of "
            "texts."
        )
    if pa.types.is_uint64(column.type) and (pc.max(column).as_py() or 0) >= 2**63:  # more than int64 holds
        column = pc.cast(column, pa.large_string())
    if pa.types.is_integer(column.type) or is_real(column.type) or pa.types.is_boolean(column.type):
        return _typed(file, column, name, task)
    cells = TextCells.of(column, missing)
    if not task:
        refuse_written_lists(file, name, cells)
    if task == "translation":
        return Target(cells.strings(cells.distinct)[~cells.is_missing[cells.codes]].rename(name), "text")
    if task not in ("", "regression"):
        return _from_text(file, column, name, task, cells)
    cells = replace(cells, has_thousands=True) if has_thousands else cells.with_thousands()
    target = _from_text(file, column, name, task, cells)
    if target.kind == "category":
        return replace(target, notes=tuple(form_notes(name, cells, np.where(cells.is_missing, 0, cells.counts), "category")))
    if not cells.has_thousands:
        return target
    notes = () if has_thousands else (thousands_note(name, cells, "--task multiclass predicts classes"),)
    return replace(target, has_thousands=True, notes=notes)


def convert_like(file: str, column: pa.ChunkedArray, name: str, *, like: Target, missing: tuple[str, ...] = ()) -> Target:
    """Return the target of further rows in the dtype of `like`: the same label must be the same value in both files.

    Raises DataError naming rows and cells that are no such value.
    """
    if like.kind == "labels":
        values, _, notes = label_sets(file, column, name, missing, like.separator)
        return Target(values, "labels", notes=notes)
    if like.kind in OF_SEQUENCES:
        return convert_target(file, column, name, task=OF_SEQUENCES[like.kind], missing=missing)
    if like.kind == "number":
        return convert_target(file, column, name, task="regression", missing=missing, has_thousands=like.has_thousands)
    target = convert_target(file, column, name, task="multiclass", missing=missing)
    if target.values.dtype == like.values.dtype:
        return target
    if pd.api.types.is_string_dtype(like.values):
        cells = TextCells.of(column, missing)
        present = ~cells.is_missing[cells.codes]
        return Target(cells.strings(cells.distinct)[present].rename(name), "category")
    if pd.api.types.is_numeric_dtype(target.values) and pd.api.types.is_numeric_dtype(like.values):
        return Target(target.values.astype(like.values.dtype), "category")
    rows = target.values.index[pd.to_numeric(target.values, errors="coerce").isna()].to_numpy()
    rows = rows if len(rows) else target.values.index.to_numpy()
    where = bad_cells(file, name, column[int(rows[0])].as_py(), rows, "number")
    raise DataError(f"{where}, but the labels of the other rows are.")


def names_of_classes(column: pa.ChunkedArray, name: str) -> Target:
    """Return cells as classes called as they are written: folders 0 to 46 are classes, where such cells are amounts elsewhere."""
    cells = TextCells.of(column)
    return Target(cells.strings(cells.distinct).rename(name), "category")


def check_classes(file: str, target: Target) -> None:
    """Raise DataError for a column with so many different values that there is nothing to learn a class or label from."""
    if target.kind == "labels":
        check_labels(file, target.values)
    if target.kind != "category" or not (n := len(target.values)):
        return
    d = target.values.nunique()
    fewest = FEWEST_OF_MANY if d > MANY_CLASSES else FEWEST_OF_FEW if d > SOME_CLASSES else 1
    if n < fewest * d or (d == n and d > 2):
        raise DataError(
            f"{file}: column {target.values.name!r}, the target, has {d:,} different values in {n:,} rows, too few of each to "
            "learn from; name another column with --target, or write rare values as one."
            + "".join(f" {note}" for note in target.notes)
        )


def check_aligned(file: str, tokens: list[list[str]], tags: list[list[str]]) -> None:
    """Raise DataError where a sentence has not a tag for each token."""
    for row, (of_row, their) in enumerate(zip(tokens, tags, strict=True)):
        if len(of_row) != len(their):
            raise DataError(
                f"{file}, row {row + 1:,}: {len(of_row):,} tokens have {len(their):,} tags; each token needs one "
                f"(the sentence begins {' '.join(of_row[:5])!r})."
            )


def unlabelled_rows(dataset: Dataset, readings: Mapping[str, Reading], target: Target) -> Dataset | None:
    """Return the feature columns of the rows that have no target, None where every row has one.

    readings : every column of the file but the target, all rows of it, the row ids being places in it.
    """
    kept = {column.name: column for column in dataset.schema.columns if column.role == "feature"}
    values = {name: readings[name].values for name in kept}
    n_rows = len(next(iter(values.values())))
    if n_rows == len(target.values):
        return None
    rows = np.setdiff1d(np.arange(n_rows), target.values.index.to_numpy())
    frame = pd.DataFrame({name: cells.iloc[rows] for name, cells in values.items()})
    frame.index = pd.Index(rows, name="row")
    schema = Schema(tuple(kept.values()), len(frame))
    return replace(dataset, frame=frame, schema=schema, final_ids=np.empty(0, np.int64), notes=())


def _tags(file: str, column: pa.ChunkedArray, name: str, task: str) -> Target:
    """Return lists of tags; text is cut at blanks. Raises DataError where another task was asked for."""
    if task not in ("", "tagging"):
        raise DataError(
            f"{file}, column {name!r} holds lists, so the task cannot be {task}; leave --task out: it is tagging where a column "
            "holds tokens, else multilabel."
        )
    values = convert(column, "tokens").values
    return Target(values[values.map(len) > 0].rename(name), "tokens")


def _typed(file: str, column: pa.ChunkedArray, name: str, task: str) -> Target:
    numbers = pc.cast(column, pa.float64(), safe=False).to_numpy()
    if len(infinite := np.flatnonzero(np.isinf(numbers))):
        raise DataError(
            f"{where(file, int(infinite[0]))}, column {name!r}: {numbers[infinite[0]]} is not a finite number; leave such cells "
            "empty, or write a number."
        )
    rows = np.flatnonzero(~np.isnan(numbers))
    kind = _kind(numbers[rows], task)
    if pa.types.is_integer(column.type) and kind == "category":
        values = pc.cast(pc.drop_null(column), pa.int64()).to_numpy()
    elif pa.types.is_boolean(column.type) and kind == "category":
        values = pc.drop_null(column).to_numpy()
    else:
        values = numbers[rows]
    return Target(pd.Series(values, index=rows, name=name), kind)


def _from_text(file: str, column: pa.ChunkedArray, name: str, task: str, cells: TextCells) -> Target:
    rows = cells.rows_where(~cells.is_missing)
    is_number = np.isfinite(cells.numbers)
    n_numbers = int(cells.counts[is_number].sum())
    wants_numbers = task == "regression" or (not task and n_numbers >= MOSTLY * len(rows))
    if wants_numbers and n_numbers < len(rows):
        raise _not_numbers(file, column, name, cells.rows_where(~is_number & ~cells.is_missing))
    numbers = cells.numbers[cells.codes[rows]]
    kind = _kind(numbers, task) if wants_numbers else "category"
    used = cells.distinct.filter(pa.array(~cells.is_missing))
    if kind == "number" and (task == "regression" or not _any(used, ZERO_FIRST)):
        return Target(pd.Series(numbers, index=rows, name=name), "number")
    if pc.all(pc.match_substring_regex(used, WHOLE)).as_py():
        whole = pc.cast(pc.take(cells.distinct, pa.array(cells.codes[rows])), pa.int64())
        return Target(pd.Series(whole.to_numpy(), index=rows, name=name), "category")
    return Target(cells.strings(cells.distinct).iloc[rows].rename(name), "category")


def _kind(numbers: np.ndarray, task: str) -> str:
    """Say whether these numbers are amounts or the names of classes: two of them, or a few whole ones, are classes."""
    if task:
        return "number" if task in ("regression", "language") else "category"
    n_different = len(np.unique(numbers))
    is_whole = np.array_equal(numbers, np.round(numbers))
    return "category" if n_different <= 2 or (is_whole and n_different <= FEW) else "number"


def _any(cells: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(cells, pattern)).as_py())


def _not_numbers(file: str, column: pa.ChunkedArray, name: str, rows: np.ndarray) -> DataError:
    missing = as_missing(different_cells(column, rows, most=3))
    return DataError(
        f"{bad_cells(file, name, column[int(rows[0])].as_py(), rows, 'number')}.\n"
        f"  {f'Treat it as missing: {missing}      ' if missing else ''}Predict classes instead: --task multiclass"
    )
