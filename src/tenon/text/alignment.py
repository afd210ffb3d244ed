"""What each token of a translation was said by: the weights of an attention, as a picture (an SVG).

Bahdanau, Cho & Bengio 2015, arXiv:1409.0473, figure 3: the darker a field, the more its column's token counted for its row's.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from tenon.text.grid_labels import FONT, GAP, above, beside, edge_of

CELL = 22.0  # pixels: side of a field
END, TITLE = "(end)", "what each token was said by"


@dataclass(frozen=True)
class Alignment:
    """source, target : tokens of a text and of its translation.

    weights : (len(target) + 1, len(source)), what each token was said by, and last the end; rows sum to 1.
    """

    source: list[str]
    target: list[str]
    weights: np.ndarray


def alignment_svg(alignment: Alignment, end: str = END, title: str = TITLE) -> str:
    """Return the drawing: source tokens above, those of the translation on the left; each field tells its share to the mouse."""
    rows = [*alignment.target, end]
    left, top = edge_of(rows), edge_of(alignment.source)
    width, height = left + GAP + CELL * len(alignment.source), top + GAP + CELL * len(rows)
    marks = [above(word, left + CELL * (i + 0.5), top) for i, word in enumerate(alignment.source)]
    for j, (word, weights) in enumerate(zip(rows, alignment.weights, strict=True)):
        y = top + GAP + CELL * j
        marks.append(beside(word, left, y + CELL / 2 + 4))
        for i, (source, weight) in enumerate(zip(alignment.source, weights, strict=True)):
            about = escape(f"{word} ← {source}: {weight:.2f}")
            place = f'x="{left + GAP + CELL * i:.1f}" y="{y:.1f}" width="{CELL:.0f}" height="{CELL:.0f}"'
            marks.append(f'<rect {place} fill="#333" fill-opacity="{weight:.3f}" stroke="#ddd"><title>{about}</title></rect>')
    size = f'viewBox="0 0 {width + GAP:.0f} {height + GAP:.0f}" width="{width + GAP:.0f}" height="{height + GAP:.0f}"'
    style = f"font: 12px {FONT}; fill: #333"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" style="{style}"><title>{escape(title)}</title>'
    return f"{head}{''.join(marks)}</svg>\n"
