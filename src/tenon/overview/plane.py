"""The map: rows by their first two principal components, and which features these stand for."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenon.features.origins import Origin
from tenon.overview.space import Space

MOST_FEATURES = 6  # of a component, the heaviest first
Content = dict[str, Any]


def plane(space: Space, of: Sequence[Origin]) -> Content:
    """Return the place of each row, the share of the variance of each component, and the features of the first two."""
    points = space.points[:, :2]
    if points.shape[1] < 2:
        points = np.column_stack([points, np.zeros(len(points))])
    return {
        "rows": len(points),
        "points": points.round(4).tolist(),
        "shares": space.shares.tolist(),
        "axes": [] if _are_pixels(of) else [heaviest(axis, of) for axis in space.axes[:2]],
    }


def _are_pixels(of: Sequence[Origin]) -> bool:
    """Tell whether the features are all pixels, whose names say nothing."""
    return all(origin.kind == "image" for origin in of)


def heaviest(weights: np.ndarray, of: Sequence[Origin]) -> list[Content]:
    """Return the features with the largest weights (p,), whatever their sign, each name once; pixels are left out."""
    found: dict[tuple[str, str, str], float] = {}
    for j in np.argsort(-np.abs(weights), kind="stable").tolist():
        if of[j].kind != "image" and weights[j] and len(found) < MOST_FEATURES:
            found.setdefault((of[j].column, of[j].part, of[j].kind), float(weights[j]))
    return [{"column": column, "part": part, "kind": kind, "weight": weight} for (column, part, kind), weight in found.items()]
