"""Columns that carry nearly the same: numbers whose ranks go together."""

import numpy as np

from tenon.explain.held_out import HeldOut

ALIKE = 0.9  # Spearman's correlation, either sign
MOST_COLUMNS = 500  # more are not compared: each pair costs


def alike_columns(held: HeldOut) -> list[tuple[str, ...]]:
    """Return sets of number columns in which each goes with another one by at least ALIKE; missing cells count as middling."""
    from scipy.sparse.csgraph import connected_components

    names = held.model.schema.features("number")
    if not 2 <= len(names) <= MOST_COLUMNS:
        return []
    ranks = held.frame[names].rank(pct=True).fillna(0.5).to_numpy()
    varies = ranks.std(axis=0) > 0
    ranks, kept = ranks[:, varies], [name for name, does in zip(names, varies, strict=True) if does]
    if len(kept) < 2 or len(ranks) < 3:
        return []
    n_sets, of = connected_components(np.abs(np.corrcoef(ranks, rowvar=False)) >= ALIKE, directed=False)
    sets = [tuple(name for name, its in zip(kept, of, strict=True) if its == k) for k in range(n_sets)]
    return [names for names in sets if len(names) > 1]
