"""Whom the tokens of a text look at, as people see it: a map for each layer."""

from typing import Any

import numpy as np

from tenon.text.looks import looks_svg

CAPTION = (
    "A row is a token that looks, a column one that is looked at: the darker, the more, and black is the most of a layer; the "
    "mean over its heads."
)
Content = dict[str, Any]  # of explain.json


def looks_view(looks: Content | None) -> Content | None:
    """Return {maps, says}: each map with its name, and sentences about them; None where there are none."""
    if not looks:
        return None
    tokens, maps = looks["tokens"], [np.array(layer) for layer in looks["layers"]]
    says = [CAPTION]
    if looks["n"] > len(tokens):
        says.append(f"The first {len(tokens):,} of {looks['n']:,} tokens are shown.")
    return {"maps": [(f"Layer {i}", looks_svg(tokens, one)) for i, one in enumerate(maps, 1)], "says": says}
