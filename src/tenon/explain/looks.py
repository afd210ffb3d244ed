"""Whom the tokens of a row look at, ready to be drawn."""

from typing import Any

import numpy as np

MOST_TOKENS = 40  # whose maps are kept
Section = dict[str, Any]


def looks_section(known: Section) -> Section | None:
    """Return {tokens, n, layers}: the first of n tokens, and their map in each layer; None where the model tells of none."""
    if "looks" not in known:
        return None
    [found] = known["looks"]
    layers = np.round(found.weights[:, :MOST_TOKENS, :MOST_TOKENS].astype(float), 3).tolist()
    return {"tokens": list(found.tokens[:MOST_TOKENS]), "n": len(found.tokens), "layers": layers}
