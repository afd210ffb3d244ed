"""Missing cells: how many rows have none, and which columns lack them together."""

from typing import Any

import numpy as np

from tenon.data.dataset import Dataset

MOST_PATTERNS = 8  # sets of columns, the most frequent first
MOST_NAMES = 20  # of the columns of a set


def gaps(data: Dataset) -> dict[str, Any] | None:
    """Return the share of rows without a gap and the most frequent sets of columns that lack their cells together.

    Looks at the features that methods read. None where no cell is missing.
    """
    names = [name for name in data.schema.features() if data.frame[name].isna().any()]
    if not names:
        return None
    is_missing = data.frame[names].isna().to_numpy()
    patterns, counts = np.unique(np.packbits(is_missing, axis=1), axis=0, return_counts=True)
    found: list[dict[str, Any]] = []
    for at in np.argsort(-counts, kind="stable"):
        lacking = np.unpackbits(patterns[at], count=len(names)).astype(bool)
        if lacking.any() and len(found) < MOST_PATTERNS:
            missing = [name for name, is_lacking in zip(names, lacking, strict=True) if is_lacking]
            found.append({"columns": missing[:MOST_NAMES], "n_columns": len(missing), "rows": int(counts[at])})
    return {"rows": len(data), "whole_rows": int((~is_missing.any(axis=1)).sum()), "together": found}
