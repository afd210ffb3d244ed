"""Rows of a table that are nearly the same: equal once numbers are rounded and dates left out."""

from collections.abc import Iterator

import numpy as np

from tenon.checks.finding import Finding
from tenon.checks.sets import MANY, Copies, as_rows, shown
from tenon.checks.subject import Subject
from tenon.data.dataset import Column, Dataset
from tenon.data.duplicates import equal_rows, has_content

DIGITS = 3  # figures of the numbers that rows must share
MOSTLY_ONCE = 0.5  # least share of the rows that nothing resembles; below it, resemblance is what such columns give
MANY_WAYS = 20  # ways to combine the different numbers, a row, below which rows agree in them by chance


def alike(found: Copies) -> Iterator[Finding]:
    """Yield rows of a table that are equal once numbers are rounded and dates left out, but are not as they stand."""
    subject = found.subject
    if has_content(subject.data) or not _can_tell(subject):
        return
    same, near = found.same[found.train], equal_rows(subject.train, lambda column, rows: _roughly(subject.train, column, rows))
    is_near = (np.bincount(near)[near] > 1) & (np.bincount(same)[same] == 1)
    n = int(is_near.sum())
    if n < MANY * len(near) or (np.bincount(near)[near] == 1).mean() < MOSTLY_ONCE:
        return
    sets = found.sets(_whole(near, found), found.train[np.flatnonzero(is_near)])
    yield Finding(
        check="alike",
        severity="warning",
        sentence=f"{n:,} of {len(near):,} rows are nearly the same as others (numbers to {DIGITS} figures): rows {shown(sets)}",
        advice="If they are copies with small changes, remove them or name the original in a column and give that as --group.",
        rows=as_rows(sets),
        figures={"n": n, "n_rows": len(near), "digits": DIGITS, "sets": sets},
    )


def _can_tell(subject: Subject) -> bool:
    """Say whether the numbers, rounded, can be combined in so many ways that rows hardly agree in all of them by chance."""
    numbers = (subject.sample.frame[column.name] for column in subject.looked_at if column.kind == "number")
    ways = (max(1, len(np.unique(_rounded(cells.dropna().to_numpy(np.float64))))) for cells in numbers)
    return sum(map(np.log, ways)) >= np.log(MANY_WAYS * len(subject.train))


def _whole(labels: np.ndarray, found: Copies) -> np.ndarray:
    """Return the labels of train rows at the places of all rows; final ones get -1."""
    whole = np.full(len(found.subject.data), -1)
    whole[found.train] = labels
    return whole


def _roughly(rows: Dataset, column: Column, places: np.ndarray) -> np.ndarray:
    """Return (k,) int64, the same number for cells that are equal once numbers are rounded; dates all count as equal."""
    import pandas as pd

    if column.kind == "date":
        return np.zeros(len(places), np.int64)
    cells = rows.frame[column.name].iloc[places]
    if column.kind == "tokens":
        cells = cells.map(tuple)
    elif column.kind == "number":
        cells = pd.Series(_rounded(cells.to_numpy(np.float64)))
    return pd.factorize(cells, use_na_sentinel=False)[0].astype(np.int64)


def _rounded(values: np.ndarray) -> np.ndarray:
    """Return the numbers with DIGITS figures."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = 10.0 ** (np.floor(np.log10(np.abs(values))) - DIGITS + 1)
        return np.where(values == 0, 0.0, np.round(values / size) * size)
