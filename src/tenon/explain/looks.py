"""Whom the tokens of a row look at, ready to be drawn."""

from typing import Any

import numpy as np

from tenon.explain.sight import drawn_map

MOST_TOKENS = 40  # whose maps are kept
Section = dict[str, Any]


def looks_section(known: Section) -> Section | None:
    """Return {tokens, n, layers, heads}: the first of n tokens, and their map in each layer, the mean over its heads.

    heads : pictures of the map of each head of each layer, a pixel a field. None where the model tells of none.
    """
    if "looks" not in known:
        return None
    [found] = known["looks"]
    layers = np.round(found.weights[:, :MOST_TOKENS, :MOST_TOKENS].astype(float), 3).tolist()
    n = min(len(found.tokens), MOST_TOKENS)
    heads = [[drawn_map(head[:n, :n], n) for head in layer] for layer in found.heads]
    return {"tokens": list(found.tokens[:n]), "n": len(found.tokens), "layers": layers, "heads": heads}
