"""What the rows of a group have more or less of than all rows: how far the mean of each feature is from that of all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import issparse

from tenon.features.origins import Origin
from tenon.overview.plane import heaviest

MOST_FEATURES = 4  # of a group
RARE = 0.01  # least share of the rows in which a feature has to differ from 0; of others deviations are mostly chance


def profiles(matrix: Any, of: Sequence[Origin], labels: np.ndarray) -> list[list[dict[str, Any]]]:
    """Return for each group the features that differ most, in standard deviations; matrix : (n, p), labels : (n,) from 0 on."""
    mean = np.asarray(matrix.mean(axis=0)).ravel()
    squares = matrix.multiply(matrix) if issparse(matrix) else np.square(matrix)  # type: ignore[attr-defined]
    sd = np.sqrt(np.maximum(np.asarray(squares.mean(axis=0)).ravel() - mean**2, 0.0))
    is_common = np.asarray((matrix != 0).mean(axis=0)).ravel() >= RARE
    found = []
    for group in range(labels.max() + 1):
        inside = np.asarray(matrix[labels == group].mean(axis=0)).ravel()
        away = np.divide(inside - mean, sd, out=np.zeros_like(mean), where=(sd > 1e-9) & is_common)
        found.append(heaviest(away, of)[:MOST_FEATURES])
    return found
