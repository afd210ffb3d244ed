"""The distribution of each column by itself, of rows at hand or of rows that are gone, and how two of them differ.

A column is looked at in one respect or more (a number; of a text its length and its script; which cells are missing). Two
distributions are tested by Kolmogorov–Smirnov for numbers and lengths, by chi-square for values. Of rows that are gone 101
quantiles and the common values are known: the gap is then the least that these allow, so that a test errs on the safe side.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.checks.wording import percent, quoted
from tenon.data.language import script_of
from tenon.data.pictures import opened, upright_size
from tenon.metrics.pairs import holm

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.01  # chance of any false alarm, over all respects
LEAST_GAP = 0.1  # share of the rows by which the two must differ to be told
FEWEST = 20  # rows on either side
MOST_VALUES = 30  # of a category; rarer ones are taken together
FEWEST_EXPECTED = 5.0  # rows of a value on either side, else it is taken together with the others
HEAD = 100  # characters of a text that its script is found by
N_STEPS = 100  # quantiles of rows that are gone lie so many to the whole
WHAT = {"number": "median", "length": "median length", "width": "median width", "height": "median height"}


@dataclass(frozen=True)
class Shift:
    """How rows differ from others in one respect."""

    name: str  # of the column
    gap: float  # largest difference of the shares below any number, or half the sum of the differences over all values
    p: float  # of a difference so large, or larger, by chance
    words: str  # "median 38 → 45", "'Male' 67 % → 41 %"


@dataclass(frozen=True)
class Numbers:
    """How numbers lie: all of them in order; or, where they are gone, their quantiles at 0, 1/100, …, 1."""

    n: int
    sorted: np.ndarray
    are_quantiles: bool = False

    @classmethod
    def of(cls, numbers: np.ndarray) -> "Numbers":
        return cls(len(numbers), np.sort(numbers))

    @property
    def median(self) -> float:
        return float(np.median(self.sorted))

    def below(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and the greatest share of the numbers that may not lie above each of the points."""
        n_known = np.searchsorted(self.sorted, points, side="right")
        if not self.are_quantiles:
            return n_known / self.n, n_known / self.n
        return np.maximum(n_known - 1, 0) / N_STEPS, np.where(n_known, np.minimum(n_known, N_STEPS), 0) / N_STEPS

    def summary(self) -> "Numbers":
        """Return the quantiles: each the least number that so large a share does not lie above."""
        places = -(-np.arange(N_STEPS + 1) * self.n // N_STEPS)  # in whole numbers: 0.07 times 200 would be above 14
        return Numbers(self.n, self.sorted[np.maximum(places - 1, 0)], are_quantiles=True)


@dataclass(frozen=True)
class Values:
    """How often each value occurs; `n_rarer` rows hold others."""

    counts: dict[Any, int]
    n_rarer: int = 0

    @classmethod
    def of(cls, cells: "pd.Series") -> "Values":
        counts = cells.value_counts()
        return cls(dict(zip(counts.index.tolist(), counts.tolist(), strict=True)))

    @property
    def n(self) -> int:
        return sum(self.counts.values()) + self.n_rarer

    def summary(self) -> "Values":
        """Return the most common values, without texts so rare that no test looks at them by themselves."""
        common = sorted(self.counts.items(), key=lambda item: -item[1])[:MOST_VALUES]
        kept = {value: n for value, n in common if n >= FEWEST_EXPECTED or isinstance(value, bool)}
        return Values(kept, self.n - sum(kept.values()))

    def only(self, known: Iterable[Any]) -> "Values":
        """Return the counts of these values; the rest are rarer ones."""
        kept = {value: self.counts[value] for value in known if value in self.counts}
        return Values(kept, self.n - sum(kept.values()))


Margins = dict[str, Numbers | Values]  # respect (of WHAT, or value, script, missing) -> how a column's cells lie in it


def margins(kind: str, cells: "pd.Series", root: Path | None) -> Margins:
    """Return how the cells of a column lie in each respect. Dates are not looked at: later rows have later ones.

    root : folder that image paths start from.
    """
    found: Margins = {}
    if kind == "number":
        found["number"] = Numbers.of(cells.dropna().to_numpy(np.float64))
    elif kind == "category":
        found["value"] = Values.of(cells.dropna())
    elif kind in ("text", "tokens"):
        lengths = cells.str.len() if kind == "text" else cells.map(len)
        found["length"] = Numbers.of(lengths.dropna().to_numpy(np.float64))
    elif kind == "image":
        sides = _sides(cells.dropna(), root)
        found |= {"width": Numbers.of(sides[:, 0]), "height": Numbers.of(sides[:, 1])}
    if kind == "text":
        found["script"] = Values.of(cells.dropna().str[:HEAD].map(lambda text: script_of([text])))
    if kind not in ("tokens", "date"):
        found["missing"] = Values.of(cells.isna())
    return found


def _sides(cells: "pd.Series", root: Path | None) -> np.ndarray:
    """Return (n, 2) float64, width and height of images."""
    sizes = []
    for cell in cells:
        with opened((root or Path()) / cell if isinstance(cell, str) else cell) as image:
            sizes.append(upright_size(image))
    return np.array(sizes, np.float64).reshape(-1, 2)


def shifts(name: str, others: Margins, rows: Margins) -> Iterator[Shift]:
    """Yield the tests of a column of some rows against that of others, in the respects that both know."""
    for respect, one in others.items():
        other = rows.get(respect)
        if isinstance(one, Numbers) and isinstance(other, Numbers):
            yield from _of_numbers(name, one, other, WHAT[respect])
        elif isinstance(one, Values) and isinstance(other, Values):
            for shift in _of_values(name, one, other, "script " if respect == "script" else ""):
                yield replace(shift, words=_missing(one, other)) if respect == "missing" else shift


def _missing(others: Values, rows: Values) -> str:
    shares = (percent(part.counts.get(True, 0) / part.n) for part in (others, rows))
    return f"missing {' → '.join(shares)}"


def told(found: list[Shift]) -> list[Shift]:
    """Return the shifts that are no chance, by Holm's correction over all, and large enough to matter, the largest first."""
    corrected = holm(np.array([shift.p for shift in found])) if found else np.empty(0)
    kept = [shift for shift, p in zip(found, corrected, strict=True) if p < ALPHA and shift.gap >= LEAST_GAP]
    return sorted(kept, key=lambda shift: -shift.gap)


def _of_numbers(name: str, others: Numbers, rows: Numbers, what: str) -> Iterator[Shift]:
    """Yield the two-sample Kolmogorov–Smirnov test with its limit law, which errs on the safe side for equal numbers."""
    from scipy.special import kolmogorov

    if min(others.n, rows.n) < FEWEST:
        return
    points = np.union1d(others.sorted, rows.sorted)
    (low, high), (low_rows, high_rows) = others.below(points), rows.below(points)
    gap = float(np.maximum(np.maximum(low_rows - high, low - high_rows), 0).max())
    p = float(kolmogorov(gap * np.sqrt(others.n * rows.n / (others.n + rows.n))))
    yield Shift(name, gap, p, f"{what} {others.median:.4g} → {rows.median:.4g}")


def _of_values(name: str, others: Values, rows: Values, what: str) -> Iterator[Shift]:
    """Yield Pearson's chi-square test over the common values; rarer ones are taken together."""
    from scipy.special import chdtrc

    if min(others.n, rows.n) < FEWEST:
        return
    if others.n_rarer:
        rows = rows.only(others.counts)
    values = list(dict.fromkeys([*others.counts, *rows.counts]))
    table = np.array([[*(part.counts.get(value, 0) for value in values)] for part in (others, rows)], np.int64)
    is_common = table.sum(axis=0) / (others.n + rows.n) * min(others.n, rows.n) >= FEWEST_EXPECTED
    is_common[np.argsort(-table.sum(axis=0), kind="stable")[MOST_VALUES:]] = False
    rest = np.array([[part.n_rarer] for part in (others, rows)]) + table[:, ~is_common].sum(axis=1, keepdims=True)
    table = np.concatenate([table[:, is_common], rest], axis=1) if rest.any() else table[:, is_common]
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    if table.shape[1] < 2 or expected.min() < FEWEST_EXPECTED / 2:
        return
    shares = table / table.sum(axis=1, keepdims=True)
    change = shares[1] - shares[0]
    k = int(np.abs(change).argmax())
    value = values[np.flatnonzero(is_common)[k]] if k < is_common.sum() else "(rarer values)"
    words = f"{what}{quoted(value)} {percent(shares[0, k])} → {percent(shares[1, k])}"
    p = float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))
    yield Shift(name, float(np.abs(change).sum() / 2), p, words)
