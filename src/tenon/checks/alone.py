"""Columns that give the target away on their own.

Every column alone predicts each row from the other rows (leave one out): from those with the same value, else from the
nearest values, so that a name which stands only once knows nothing. What counts is the share of the errors that this takes
away from always saying the commonest class; of numbers, the share of the variance of the target's ranks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenon.checks.finding import Finding
from tenon.checks.subject import Subject
from tenon.checks.wording import percent, quoted
from tenon.data.dataset import Column
from tenon.data.wording import option

if TYPE_CHECKING:
    import pandas as pd

GIVEN_AWAY = 0.99  # least share of the errors that goes, for a leak
NEARLY = 0.95  # for a warning
FEWEST_ERRORS = 10  # of the commonest class; with fewer, a column may be right by chance
FEWEST_ROWS = 30
ROWS_OF_A_NAME = 20  # rows a value on average, below which a perfect category names things that have one target each


@dataclass(frozen=True)
class Alone:
    """What one column, or one property of it, says about the target."""

    column: Column
    what: str  # "" for the values themselves, or the property, such as "the length of"
    share: float  # of the errors or of the variance of ranks that it takes away, at most 1
    n_right: int  # rows predicted right, of classes
    n_different: int  # values


def alone(subject: Subject, passed_over: set[str]) -> Iterator[Finding]:
    """Yield what is almost perfect alone; columns that another finding names are passed over."""
    y, task = subject.y, subject.task
    if y is None or task is None or len(y) < FEWEST_ROWS:
        return
    if not task.is_regression and len(y) - np.bincount(y).max() < FEWEST_ERRORS:
        return
    for column in subject.looked_at:
        if column.name in passed_over:
            continue
        found = [_judged(column, what, values, y, task.is_regression) for what, values in _properties(subject, column)]
        best = max(found, key=lambda one: one.share, default=None)
        if best is not None and best.share >= NEARLY:
            yield _finding(subject, best, y)


def _properties(subject: Subject, column: Column) -> "Iterator[tuple[str, np.ndarray]]":
    """Yield what can be read off a column at once: (name, values); numbers as float64 with NaN, all else as codes (int64)."""
    cells = subject.sample.frame[column.name]
    match column.kind:
        case "number":
            yield "", cells.to_numpy(np.float64)
        case "date":
            seconds = cells.to_numpy().astype("datetime64[s]").astype(np.float64)
            yield "", np.where(cells.isna(), np.nan, seconds)
        case "category":
            yield "", _codes(cells)
        case "text":
            yield "the length of ", cells.str.len().to_numpy(np.float64, na_value=np.nan)
        case "tokens":
            yield "the number of words in ", cells.map(len).to_numpy(np.float64)
        case "image":
            from tenon.checks.image_files import file_properties

            yield from file_properties(cells.tolist(), subject.data.root)


def _codes(cells: "pd.Series") -> np.ndarray:
    import pandas as pd

    return pd.factorize(cells, use_na_sentinel=False)[0].astype(np.int64)


def _judged(column: Column, what: str, values: np.ndarray, y: np.ndarray, is_regression: bool) -> Alone:
    """values : (n,) float64 numbers or int64 codes."""
    codes = np.unique(values, return_inverse=True)[1]  # in the order of the numbers; NaN equals NaN
    n_different = int(codes.max()) + 1
    order = np.argsort(values, kind="stable") if values.dtype == np.float64 else None
    if is_regression:
        return Alone(column, what, _variance_taken(codes, order, values, y), 0, n_different)
    is_right = _same_value(codes, y)
    if order is not None:
        is_right = np.where(np.bincount(codes)[codes] == 1, _nearest(order, values, y), is_right)
    n_errors = len(y) - np.bincount(y).max()
    return Alone(column, what, 1 - float((~is_right).sum() / n_errors), int(is_right.sum()), n_different)


def _same_value(codes: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return (n,) bool: whether the most common class of the other rows with the same code is the row's own, ties apart.

    A row whose code stands once is right where its class is the most common one of all.
    """
    n_classes = int(y.max()) + 1
    pairs, pair_of, counts = np.unique(codes * n_classes + y, return_inverse=True, return_counts=True)
    order = np.lexsort((counts, pairs // n_classes))
    code_of_pair = pairs[order] // n_classes
    last = np.flatnonzero(np.append(code_of_pair[1:] != code_of_pair[:-1], True))  # each code's most common class
    first = np.append(0, last[:-1] + 1)
    top = counts[order[last]]
    second = np.where(last > first, counts[order[np.maximum(last - 1, 0)]], 0)
    code = pairs // n_classes  # of every pair; codes count from 0 without gaps
    is_top = np.zeros(len(pairs), bool)
    is_top[order[last]] = True
    rival = np.where(is_top, second[code], top[code])
    is_right = counts - 1 > rival
    alone = np.bincount(codes)[codes] == 1
    return np.where(alone, y == np.bincount(y).argmax(), is_right[pair_of])


def _nearest(order: np.ndarray, values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return (n,) bool: whether the row with the nearest other value has the row's class."""
    x = values[order]
    gap = np.concatenate([[np.inf], np.diff(x), [np.inf]])
    gap = np.where(np.isnan(gap), np.inf, gap)
    step = np.where(gap[:-1] < gap[1:], -1, 1)
    neighbour = np.clip(np.arange(len(x)) + step, 0, len(x) - 1)
    is_right = np.empty(len(x), bool)
    is_right[order] = y[order][neighbour] == y[order]
    return is_right


def _variance_taken(codes: np.ndarray, order: np.ndarray | None, values: np.ndarray, y: np.ndarray) -> float:
    """Return the share of the variance of y's ranks that the other rows take away; the two ends of a scale are left out."""
    ranks = _ranks(y)
    n, total = np.bincount(codes)[codes], np.bincount(codes, ranks)[codes]
    guess = np.where(n > 1, (total - ranks) / np.maximum(n - 1, 1), ranks.mean())
    is_counted = np.ones(len(y), bool)
    if order is not None:
        single = order[np.isfinite(values[order])]
        x, r = values[single], ranks[single]
        if len(single) > 2:
            width = np.maximum(x[2:] - x[:-2], np.finfo(float).tiny)
            between = r[:-2] + (r[2:] - r[:-2]) * (x[1:-1] - x[:-2]) / width
            inner = single[1:-1]
            guess[inner] = np.where(n[inner] > 1, guess[inner], between)
            is_counted[single[[0, -1]]] = False
    kept = ranks[is_counted]
    spread = ((kept - kept.mean()) ** 2).sum()
    return 1 - float(((kept - guess[is_counted]) ** 2).sum() / spread) if spread > 0 else 0.0


def _ranks(y: np.ndarray) -> np.ndarray:
    """Return (n,) float64: 1 for the least; equal ones share the mean of their ranks."""
    code, counts = np.unique(y, return_inverse=True, return_counts=True)[1:]
    return (np.cumsum(counts) - (counts - 1) / 2)[code]


def _finding(subject: Subject, best: Alone, y: np.ndarray) -> Finding:
    name, is_leak = best.column.name, best.share >= GIVEN_AWAY
    task = subject.task
    assert task is not None
    figures = {"share": best.share, "n_rows": len(y), "n_different": best.n_different, "what": best.what}
    if task.is_regression:
        what_it_does = f"orders the rows almost as {quoted(task.target)} does (rank R² {best.share:.3f})"
    else:
        commonest = float(np.bincount(y).max() / len(y))
        figures |= {"right": best.n_right / len(y), "commonest": commonest}
        what_it_does = f"is right in {percent(best.n_right / len(y))} of the rows (the commonest class: {percent(commonest)})"
    todo, options = "see how the rows were gathered", tuple[str, ...]()
    leave_out = option("kind", f"{name}=ignore")
    is_name = best.column.kind == "category" and best.n_different * ROWS_OF_A_NAME > len(y)
    if not best.what and is_name:
        leave_out = option("group", name)
        todo, options = f"rows of one {quoted(name)} belong together? {leave_out}", (leave_out,)
    elif not best.what:
        todo = f"unless it is known beforehand, {leave_out}" if is_leak else f"known beforehand? Else {leave_out}"
        options = (leave_out,)
    return Finding(
        check="alone",
        severity="leak" if is_leak else "warning",
        sentence=f"{best.what}{quoted(name)} alone {what_it_does}: {todo}",
        advice=(
            "A column that knows the answer by itself is often written down after the answer, or made from it. A model that "
            "reads it scores well here and fails where the column is not known yet. If it is known when you predict, keep it."
        ),
        columns=(name,),
        options=options,
        figures=figures,
    )
