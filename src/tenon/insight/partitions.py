"""Ways to cut rows into slices that a person would name: levels of a category, quartiles of a number, years, scripts.

A partition puts every row into one slice. Slices that nobody would look at (rare levels) stand together under REST: they are
part of what the others are compared with, and are not looked at themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Column
from tenon.insight.seen import Seen
from tenon.insight.shown import cell_text

if TYPE_CHECKING:
    import pandas as pd

LEAST_ROWS = 30  # of a slice
MOST_LEVELS = 20  # of a column, the largest
MOST_COLUMNS = 100  # of a data set, the target first, then in file order
FEW_VALUES = 8  # a number with so few different values is cut by value
HEAD = 500  # characters of a text in which its script is looked for
MIXED = (0.1, 0.7)  # between these shares of Chinese letters a text is in both scripts
REST = -1


@dataclass(frozen=True)
class Slice:
    """What a slice is called: by what it was cut, its name, and its ends where it is a range (from < x <= to)."""

    by: str  # level, value, quartile, year, month, length, script, group, class, missing
    name: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Partition:
    """A column of the data cut into slices."""

    column: str
    slices: tuple[Slice, ...]
    code: np.ndarray  # (m,) int, the slice of each row; REST where it is in none of them
    n_left_out: int = 0  # levels beyond MOST_LEVELS, whose rows are in REST

    @property
    def n_too_small(self) -> int:
        """Slices with fewer rows than LEAST_ROWS."""
        return sum(int((self.code == s).sum()) < LEAST_ROWS for s in range(len(self.slices)))


def partitions(seen: Seen, rows: np.ndarray) -> Iterator[Partition]:
    """Yield every partition of these rows (places, as in `seen.rows`) that has at least two slices."""
    frame = seen.data.frame.iloc[rows]
    for column in cut_columns(seen)[:MOST_COLUMNS]:
        cells = frame[column.name]
        if column.role == "target":
            yield from _several(_classes(seen, rows, column.name))
        elif column.role == "group":
            yield from _several(_by_level(cells, "group"))
        else:
            for cut in _CUTS[column.kind]:
                yield from _several(cut(cells))


def cut_columns(seen: Seen) -> list[Column]:
    """Return the columns that can be cut, the target first."""
    columns = seen.data.schema.columns
    target = [column for column in columns if column.role == "target"] if seen.task.has_classes else []
    return target + [c for c in columns if c.role == "group" or (c.role in ("feature", "time") and c.kind in _CUTS)]


def _several(partition: Partition) -> Iterator[Partition]:
    if len(partition.slices) + int((partition.code == REST).any()) > 1:
        yield partition


def _classes(seen: Seen, rows: np.ndarray, column: str) -> Partition:
    codes = seen.y[rows]
    sizes = np.bincount(codes, minlength=len(seen.task.labels))
    kept = np.argsort(-sizes, kind="stable")[:MOST_LEVELS]
    place = np.full(len(sizes), REST)
    place[kept] = np.arange(len(kept))
    slices = tuple(Slice("class", str(seen.task.labels[code])) for code in kept)
    return Partition(column, slices, place[codes], len(sizes) - len(kept))


def _by_level(cells: "pd.Series", by: str = "level") -> Partition:
    """The largest levels; equal sizes in the order of their names."""
    import pandas as pd

    codes, levels = pd.factorize(cells, sort=True)
    sizes = np.bincount(codes[codes >= 0], minlength=len(levels))
    kept = np.argsort(-sizes, kind="stable")[:MOST_LEVELS]
    place = np.full(len(levels) + 1, REST)
    place[kept] = np.arange(len(kept))
    slices = [Slice(by, str(levels[k])) for k in kept]
    return _with_missing(str(cells.name), slices, place[codes], codes < 0, len(levels) - len(kept))


def _by_number(cells: "pd.Series") -> Partition:
    values = cells.to_numpy(np.float64)
    different = np.unique(values[np.isfinite(values)])
    if len(different) > FEW_VALUES:
        return _by_quantile(str(cells.name), values, "quartile", 4)
    code = np.searchsorted(different, values)
    names = [Slice("value", str(cell_text(float(value)))) for value in different]
    is_missing = ~np.isfinite(values)
    return _with_missing(str(cells.name), names, np.where(is_missing, REST, code), is_missing)


def _by_quantile(column: str, values: np.ndarray, by: str, n: int) -> Partition:
    """So many parts of the rows of one size, fewer where values repeat; the ends are values that occur."""
    is_missing = ~np.isfinite(values)
    there = values[~is_missing]
    cuts = np.empty(0)
    if len(below := there[there < there.max(initial=-np.inf)]):  # a cut at the largest value would part nothing
        inner = np.quantile(there, np.arange(1, n) / n, method="inverted_cdf")
        cuts = np.unique(np.minimum(inner, below.max()))
    code = np.where(is_missing, REST, np.searchsorted(cuts, values))
    ends = [there.min(initial=np.inf), *cuts, there.max(initial=-np.inf)]
    slices = [
        Slice(by, _range(float(a), float(b)), float(a), float(b)) for a, b in zip(ends, ends[1:], strict=False) if len(there)
    ]
    return _with_missing(column, slices, code, is_missing)


def _range(low: float, high: float) -> str:
    return f"{cell_text(low)}–{cell_text(high)}" if low < high else str(cell_text(low))


def _by_date(cells: "pd.Series") -> Partition:
    """Years, or months where all rows are of fewer than three years; the latest of them."""
    import pandas as pd

    years = cells.dt.year
    by = "year" if years.nunique() > 2 else "month"
    names = pd.Series(cells.dt.strftime("%Y" if by == "year" else "%Y-%m"), dtype=object, name=cells.name)
    codes, levels = pd.factorize(names, sort=True)
    first = max(0, len(levels) - MOST_LEVELS)
    slices = [Slice(by, str(level)) for level in levels[first:]]
    return _with_missing(str(cells.name), slices, np.where(codes < first, REST, codes - first), codes < 0, first)


def by_length(cells: "pd.Series", n: int = 4) -> Partition:
    """Return texts, or lists of tokens, in n parts from short ones to long ones, as many in each; fewer where lengths repeat."""
    return _by_quantile(str(cells.name), cells.str.len().to_numpy(np.float64, na_value=np.nan), "length", n)


def _by_script(cells: "pd.Series") -> Partition:
    """Chinese, Latin letters, both, or no letters, by the share of Chinese characters and kana among the letters."""
    import pyarrow as pa
    import pyarrow.compute as pc

    heads = pc.utf8_slice_codeunits(pa.array(cells, pa.large_string()), 0, HEAD)
    n_chinese, n_letters = (
        pc.count_substring_regex(heads, pattern).to_numpy(zero_copy_only=False).astype(float)
        for pattern in (r"[\p{Han}\p{Hiragana}\p{Katakana}]", r"\pL")
    )
    share = np.divide(n_chinese, n_letters, out=np.zeros(len(n_letters)), where=n_letters > 0)
    code = np.select([n_letters == 0, share >= MIXED[1], share >= MIXED[0]], [3, 0, 2], default=1)
    is_missing = cells.isna().to_numpy()
    names = [Slice("script", name) for name in ("Chinese", "Latin", "mixed", "none")]
    return _only_used(_with_missing(str(cells.name), names, np.where(is_missing, REST, code), is_missing))


def _only_used(partition: Partition) -> Partition:
    used = np.unique(partition.code[partition.code >= 0])
    code = np.where(partition.code < 0, REST, np.searchsorted(used, partition.code))
    return Partition(partition.column, tuple(partition.slices[u] for u in used), code)


def _with_missing(column: str, slices: list[Slice], code: np.ndarray, is_missing: np.ndarray, n_left_out: int = 0) -> Partition:
    """Return the partition with the rows without a value as a slice of their own, where there are any."""
    if is_missing.any():
        code = np.where(is_missing, len(slices), code)
        slices = [*slices, Slice("missing")]
    return Partition(column, tuple(slices), code, n_left_out)


_CUTS = {"category": (_by_level,), "number": (_by_number,), "date": (_by_date,), "text": (by_length, _by_script)}
