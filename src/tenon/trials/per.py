"""Columns that say how rows are scored: `--per COLUMN` and `--per COLUMN:groups`, and those with a role; read from rows."""

from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.wording import no_column
from tenon.errors import DataError
from tenon.metrics.by_group import PerGroup
from tenon.metrics.evidence import independent_units

if TYPE_CHECKING:
    import pandas as pd

    from tenon.data.splits import Splits

ALIKE, BY_ROWS = ":groups", ":rows"


def split_per(text: str) -> tuple[str, bool]:
    """Return the column and whether each of its groups counts alike: "user_id:groups" gives ("user_id", True)."""
    return text.removesuffix(ALIKE).removesuffix(BY_ROWS), text.endswith(ALIKE)


def per_group(file: str, frame: "pd.DataFrame", text: str) -> PerGroup | None:
    """Return the groups of these rows, None for "". The index of the frame counts the rows of the file from 0.

    Raises DataError where there is no such column, or where a row has no group.
    """
    import pandas as pd

    if not text:
        return None
    column, is_alike = split_per(text)
    if column not in frame:
        raise no_column(file, column, [str(name) for name in frame.columns])
    codes = pd.factorize(frame[column])[0]
    if len(missing := np.flatnonzero(codes < 0)):
        row = int(frame.index[missing[0]])
        raise DataError(
            f"{file}, row {row + 1:,}, column {column!r} is empty ({len(missing):,} such rows); --per needs a group in each."
        )
    return PerGroup(column, codes.astype(np.int64), is_alike)


def shares_groups(frame: "pd.DataFrame", column: str, splits: "Splits") -> bool:
    """Tell whether rows of one group are in different folds of the first repeat."""
    import pandas as pd

    in_fold = splits.fold[0] >= 0
    fold = pd.Series(splits.fold[0][in_fold])
    groups = frame[column].loc[splits.row_ids[in_fold]].reset_index(drop=True)
    return bool((fold.groupby(groups).nunique() > 1).any())


def column_of(data: Dataset, frame: "pd.DataFrame", role: str) -> np.ndarray | None:
    """Return the cells of the column with this role in some rows of the data, None where no column has it."""
    column = data.schema.with_role(role)
    return None if column is None else frame[column.name].to_numpy()


def units_of(data: Dataset, frame: "pd.DataFrame", per: str) -> float:
    """Return how many independent units the metric has in some rows of the data, as `metrics.evidence` counts them.

    Of a metric per group, groups in which it will be undefined count, too.
    """
    groups, of_metric = column_of(data, frame, "group"), per_group(data.name, frame, per)
    return independent_units(
        groups if of_metric is None else of_metric.units(groups), column_of(data, frame, "weight"), len(frame)
    )
