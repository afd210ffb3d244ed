"""Whom the tokens of a text look at, as people see it: a map for each layer, and one for each of its heads."""

from typing import Any

import numpy as np

from tenon.text.looks import looks_svg

CAPTION = (
    "A row is a token that looks, a column one that is looked at: the darker, the more, and black is the most of a layer; the "
    "mean over its heads. Those stand below it, the tokens in the same order, each by its own scale."
)
Content = dict[str, Any]  # of explain.json


def looks_view(looks: Content | None) -> Content | None:
    """Return {maps, says}: the name, the map and those of its heads of each layer, and sentences; None where there are none."""
    if not looks:
        return None
    tokens, maps = looks["tokens"], [np.array(layer) for layer in looks["layers"]]
    says = [CAPTION]
    if looks["n"] > len(tokens):
        says.append(f"The first {len(tokens):,} of {looks['n']:,} tokens are shown.")
    layers = zip(maps, looks["heads"], strict=True)
    return {"maps": [(f"Layer {i}", looks_svg(tokens, one), heads) for i, (one, heads) in enumerate(layers, 1)], "says": says}
