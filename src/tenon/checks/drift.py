"""Do the final rows that a user brings come from the same world as the others? Column by column, and all together.

Each column is tested on its own, against chance (Kolmogorov–Smirnov for numbers and lengths of texts, chi-square for
categories, classes and missing cells), corrected over columns by Holm; differences too small to matter are not told. All
together: how well a forest tells final rows from others by its out-of-bag votes (Lopez-Paz & Oquab 2017, a classifier two-
sample test). Dates are left out: later rows have later ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tenon.checks.finding import Finding
from tenon.checks.forest import told_apart
from tenon.checks.subject import MOST_CELLS, SAMPLE, Subject, one_of_each, some_rows
from tenon.checks.wording import percent, quoted
from tenon.data.dataset import Dataset
from tenon.data.duplicates import has_content, tied_rows
from tenon.metrics.pairs import holm

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.01  # chance of any false alarm, over all columns
LEAST_GAP = 0.1  # share of the rows by which the two must differ to be told
FEWEST = 20  # rows on either side
MOST_VALUES = 30  # of a category; rarer ones are taken together
FEWEST_EXPECTED = 5.0  # rows of a value on either side, else it is taken together with the others


@dataclass(frozen=True)
class Shift:
    """How final rows differ from the others in one respect."""

    name: str  # of the column
    gap: float  # largest difference of the shares below any number, or half the sum of the differences over all values
    p: float  # of a difference so large, or larger, by chance
    words: str  # "median 38 → 45", "'Male' 67 % → 41 %"


def drift(subject: Subject) -> Iterator[Finding]:
    """Yield how the user's own final rows differ from the others."""
    if not len(subject.data.final_ids):
        return
    n_most = max(FEWEST, min(SAMPLE, MOST_CELLS // max(1, len(subject.looked_at))))
    others = some_rows(_independent(subject.train), n_most)
    final = some_rows(_independent(subject.data.rows(subject.data.row_ids[subject.is_final])), n_most)
    if min(len(others), len(final)) < FEWEST:
        return
    columns = [column for column in subject.looked_at if column.kind != "date"]
    if subject.task is not None and (target := subject.data.schema.with_role("target")):
        columns.append(target)
    shifts = [shift for column in columns for shift in _shifts(column.kind, others.frame[column.name], final.frame[column.name])]
    corrected = holm(np.array([shift.p for shift in shifts])) if shifts else np.empty(0)
    told = [shift for shift, p in zip(shifts, corrected, strict=True) if p < ALPHA and shift.gap >= LEAST_GAP]
    auc = told_apart(subject, others, final)
    if told or auc is not None:
        yield _finding(sorted(told, key=lambda shift: -shift.gap), auc, len(columns))


def _independent(rows: Dataset) -> Dataset:
    """Return one row of every group, and one of every set of copies where there are texts or images."""
    return one_of_each(rows, tied_rows(rows)) if has_content(rows) or rows.schema.with_role("group") else rows


def _shifts(kind: str, others: "pd.Series", final: "pd.Series") -> Iterator[Shift]:
    """Yield the tests of one column; kind : of the column."""
    name = str(others.name)
    if kind in ("text", "tokens"):
        length = (lambda cells: cells.str.len()) if kind == "text" else (lambda cells: cells.map(len))
        lengths = [length(cells).dropna().to_numpy(np.float64) for cells in (others, final)]
        yield from _of_numbers(name, lengths[0], lengths[1], what="median length")
    elif kind == "number":
        numbers = [cells.dropna().to_numpy(np.float64) for cells in (others, final)]
        yield from _of_numbers(name, numbers[0], numbers[1], what="median")
    elif kind == "category":
        yield from _of_values(name, others, final)
    if kind != "tokens" and (others.isna().any() or final.isna().any()):
        yield from _of_missing(name, others.isna(), final.isna())


def _of_numbers(name: str, others: np.ndarray, final: np.ndarray, what: str) -> Iterator[Shift]:
    """Yield the two-sample Kolmogorov–Smirnov test with its limit law, which errs on the safe side for equal numbers."""
    from scipy.special import kolmogorov

    if min(len(others), len(final)) < FEWEST:
        return
    every = np.sort(np.concatenate([others, final]))
    below = [np.searchsorted(np.sort(part), every, side="right") / len(part) for part in (others, final)]
    gap = float(np.abs(below[0] - below[1]).max())
    p = float(kolmogorov(gap * np.sqrt(len(others) * len(final) / (len(others) + len(final)))))
    yield Shift(name, gap, p, f"{what} {np.median(others):.4g} → {np.median(final):.4g}")


def _of_missing(name: str, others: "pd.Series", final: "pd.Series") -> Iterator[Shift]:
    """Yield the same test of which cells are missing."""
    for shift in _of_values(name, others, final):
        yield replace(shift, words=f"missing {percent(float(others.mean()))} → {percent(float(final.mean()))}")


def _of_values(name: str, others: "pd.Series", final: "pd.Series") -> Iterator[Shift]:
    """Yield Pearson's chi-square test over the common values; rarer ones are taken together."""
    import pandas as pd
    from scipy.special import chdtrc

    others, final = others.dropna(), final.dropna()
    if min(len(others), len(final)) < FEWEST:
        return
    codes, values = pd.factorize(pd.concat([others, final]))
    table = np.stack([np.bincount(part, minlength=len(values)) for part in np.split(codes, [len(others)])])
    share = table.sum(axis=0) / table.sum()
    is_common = share * min(len(others), len(final)) >= FEWEST_EXPECTED
    is_common[np.argsort(-share, kind="stable")[MOST_VALUES:]] = False
    rest = table[:, ~is_common].sum(axis=1, keepdims=True)
    table = np.concatenate([table[:, is_common], rest], axis=1) if rest.any() else table[:, is_common]
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    if table.shape[1] < 2 or expected.min() < FEWEST_EXPECTED / 2:
        return
    shares = table / table.sum(axis=1, keepdims=True)
    change = shares[1] - shares[0]
    k = int(np.abs(change).argmax())
    value = values[is_common][k] if k < is_common.sum() else "(rarer values)"
    words = f"{quoted(value)} {percent(shares[0, k])} → {percent(shares[1, k])}"
    p = float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))
    yield Shift(name, float(np.abs(change).sum() / 2), p, words)


def _finding(told: list[Shift], auc: float | None, n_columns: int) -> Finding:
    apart = "" if auc is None else f"told apart with AUC {auc:.2f}"
    if told:
        most = f"{quoted(told[0].name)} ({told[0].words})"
        where = f"in {most}" if len(told) == 1 else f"in {len(told)} respects, most in {most}"
        sentence = f"final rows differ from the others {where}{'; ' + apart if apart else ''}"
    else:
        sentence = f"final rows differ from the others in no single column, but all together: {apart}"
    return Finding(
        check="drift",
        severity="warning",
        sentence=sentence,
        advice=(
            "The final score then says how a model does on rows unlike those it learned from, and folds say something else. "
            "If new rows will be like the final ones, take the final score seriously and look for train rows like them."
        ),
        columns=tuple(dict.fromkeys(shift.name for shift in told)),
        figures={
            "shifts": [{"column": s.name, "gap": s.gap, "p": s.p, "words": s.words} for s in told],
            "auc": auc,
            "n_columns": n_columns,
        },
    )
