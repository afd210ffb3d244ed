"""The rows most like a row, for tables of numbers, categories and dates."""

import numpy as np

from tenon.insight.points import evenly, points
from tenon.insight.seen import Seen

N_NEAREST = 20
MOST_ROWS = 5_000  # evenly spaced rows among which is looked
LEAST_ROWS = 5 * N_NEAREST


def nearest_rows(seen: Seen, places: np.ndarray) -> np.ndarray | None:
    """Return (k, N_NEAREST) int, the nearest of other rows; both are places among `seen.rows`.

    None where columns are texts or images, and where there are too few rows for any to be near.
    """
    from sklearn.neighbors import NearestNeighbors

    data, rows = seen.data, seen.rows
    if data.schema.features("text", "image", "tokens") or len(rows) < LEAST_ROWS or not len(places):
        return None
    sample = evenly(np.arange(len(rows)), MOST_ROWS)
    ids = data.row_ids[rows]
    known, asked = points(data.rows(ids[sample]), data.rows(ids[places]))
    found = sample[NearestNeighbors(n_neighbors=N_NEAREST + 1).fit(known).kneighbors(asked, return_distance=False)]
    is_self = found == places[:, None]
    is_self[~is_self.any(axis=1), -1] = True  # a row outside the sample: its farthest is left out instead
    return found[~is_self].reshape(len(places), N_NEAREST)
