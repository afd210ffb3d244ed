"""Whom the tokens of a text look at in a Transformer: a map for each head of each layer, and one drawn (SVG).

As in Vaswani et al. 2017, arXiv:1706.03762, figures 3 to 5, but as fields of a table, for all tokens at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tenon.text.grid_labels import FONT, GAP, above, beside, edge_of

CELL = 15.0  # pixels: side of a field
LONGEST_LABEL = 12  # letters of a token
LEVELS = 10  # shades of a field
MOST_SHOWN = 256  # tokens of a row: there are as many fields as their square


class Looks(NamedTuple):
    """tokens : the t tokens of a text. heads : (H, t, t) of each layer, from row to column; rows sum to 1."""

    tokens: list[str]
    heads: list[np.ndarray]

    @property
    def weights(self) -> np.ndarray:
        """Return the mean over the heads of each layer, (n_layers, t, t)."""
        return np.stack([layer.mean(axis=0) for layer in self.heads])


def looks_svg(tokens: Sequence[str], weights: np.ndarray) -> str:
    """Return the drawing of a map (t, t): tokens that look on the left, those looked at above; the darkest is the largest."""
    labels = [token if len(token) <= LONGEST_LABEL else f"{token[: LONGEST_LABEL - 1]}…" for token in tokens]
    edge = edge_of(labels)
    marks = [above(label, edge + CELL * (i + 0.5), edge) for i, label in enumerate(labels)]
    marks += [beside(label, edge, edge + GAP + CELL * (i + 0.75)) for i, label in enumerate(labels)]
    levels = np.rint(LEVELS * weights / (weights.max(initial=0.0) or 1.0)).astype(int)
    for level in range(1, LEVELS + 1):
        fields = "".join(
            f"M{edge + GAP + CELL * j:.0f} {edge + GAP + CELL * i:.0f}h{CELL:.0f}v{CELL:.0f}h-{CELL:.0f}z"
            for i, j in np.argwhere(levels == level)
        )
        marks.append(f'<path d="{fields}" fill-opacity="{level / LEVELS:g}" shape-rendering="crispEdges"/>' if fields else "")
    side = CELL * len(labels)
    marks.append(
        f'<rect x="{edge + GAP:.0f}" y="{edge + GAP:.0f}" width="{side:.0f}" height="{side:.0f}" fill="none" stroke="#ccc"/>'
    )
    size = edge + 2 * GAP + side
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size:.0f} {size:.0f}" width="{size:.0f}" height="{size:.0f}"'
    return f'{head} style="font: 11px {FONT}; fill: #333">{"".join(marks)}</svg>'
