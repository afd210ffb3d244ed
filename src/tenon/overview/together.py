"""Which columns go together: a measure from 0 to 1 for each pair, by the kinds of the two.

Two numbers: Spearman's rank correlation, with its sign (1904). Two categories: Cramér's V (1946). A number and a category: the
correlation ratio η, the share of the number's standard deviation that lies between the categories (Fisher 1925). Cells that are
missing in either column are left out. Of few rows and many categories V and η are above 0 by chance alone, so columns with more
than MOST_VALUES values are passed over.
"""

from itertools import combinations
from typing import Any, cast

import numpy as np
import pandas as pd

from tenon.data.dataset import Dataset

MOST_COLUMNS = 60  # compared with each other, the target first
MOST_VALUES = 50  # of a category
MOST_PAIRS = 15  # named, the strongest first
MOST_IN_SQUARE = 12  # numbers whose correlations are all shown
FEWEST_ROWS = 10  # that both columns must share
MEASURES = {"nn": "Spearman", "cc": "Cramér's V", "cn": "η"}
Content = dict[str, Any]


def together(data: Dataset) -> Content:
    """Return the strongest pairs, and the correlations of the first numbers; {"reason": …} where nothing is to compare."""
    columns, n_left_out = _columns(data)
    if len(columns) < 2:
        return {"reason": "there are fewer than two columns of numbers and categories to compare."}
    numbers = [name for name, (letter, _) in columns.items() if letter == "n"]
    ranked = pd.DataFrame({name: columns[name][1] for name in numbers}).corr("spearman", min_periods=FEWEST_ROWS)
    pairs = [pair for a, b in combinations(columns, 2) if (pair := _pair(a, b, columns, ranked)) is not None]
    pairs.sort(key=lambda pair: -abs(pair["value"]))
    square = numbers[:MOST_IN_SQUARE]
    values = ranked.loc[square, square].to_numpy()
    return {
        "rows": len(data),
        "pairs": pairs[:MOST_PAIRS],
        "n_pairs": len(pairs),
        "n_left_out": n_left_out,
        "square": {"columns": square, "values": [[None if np.isnan(v) else float(v) for v in row] for row in values]},
    }


def _columns(data: Dataset) -> tuple[dict[str, tuple[str, pd.Series]], int]:
    """Return (letter of the kind, cells) of each column that is compared, and how many there are beyond these."""
    found = {}
    for column in sorted(data.schema.columns, key=lambda column: column.role != "target"):
        if column.role not in ("feature", "target"):
            continue
        cells = data.frame[column.name].reset_index(drop=True)
        if column.kind == "number":
            found[column.name] = "n", cells.astype(np.float64).replace([np.inf, -np.inf], np.nan)
        elif column.kind == "category" and 2 <= cells.nunique() <= MOST_VALUES:
            found[column.name] = "c", cells
    names = list(found)
    return {name: found[name] for name in names[:MOST_COLUMNS]}, max(0, len(names) - MOST_COLUMNS)


def _pair(a: str, b: str, columns: dict[str, tuple[str, pd.Series]], ranked: pd.DataFrame) -> Content | None:
    (kind_a, cells_a), (kind_b, cells_b) = columns[a], columns[b]
    kinds = "".join(sorted(kind_a + kind_b))
    if kinds == "nn":
        value = float(cast(float, ranked.loc[a, b]))
    elif kinds == "cc":
        value = cramers_v(cells_a, cells_b)
    else:
        value = correlation_ratio(*((cells_b, cells_a) if kind_a == "n" else (cells_a, cells_b)))
    return None if np.isnan(value) else {"columns": [a, b], "measure": MEASURES[kinds], "value": value}


def cramers_v(a: pd.Series, b: pd.Series) -> float:
    """Return Cramér's V of two categories, from 0 to 1; NaN where one of them has a single value in the rows that hold both."""
    from scipy.stats.contingency import association

    counts = pd.crosstab(a, b).to_numpy()
    if min(counts.shape) < 2 or counts.sum() < FEWEST_ROWS:
        return float("nan")
    return float(association(counts, method="cramer"))


def correlation_ratio(categories: pd.Series, numbers: pd.Series) -> float:
    """Return η: the root of the share of the numbers' variance that lies between the means of the categories; NaN for none."""
    both = pd.DataFrame({"c": categories, "x": numbers}).dropna()
    total = float(((both["x"] - both["x"].mean()) ** 2).sum())
    if len(both) < FEWEST_ROWS or both["c"].nunique() < 2 or not total > 0:
        return float("nan")
    groups = both.groupby("c", observed=True)["x"]
    between = float((groups.size() * (groups.mean() - both["x"].mean()) ** 2).sum())
    return float(np.sqrt(min(1.0, between / total)))
