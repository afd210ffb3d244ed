"""What each token of a translation was said by: the weights of an attention, as a picture (an SVG).

Bahdanau, Cho & Bengio 2015, arXiv:1409.0473, figure 3: the darker a field, the more its column's token counted for its row's.
"""

from dataclasses import dataclass
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import numpy as np

CELL, LETTER, GAP = 22.0, 7.0, 8.0  # pixels: side of a field, width of a Latin letter (others are twice as wide), beside labels
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
    left, top = (GAP + max(map(_width, words), default=0.0) for words in (rows, alignment.source))
    width, height = left + GAP + CELL * len(alignment.source), top + GAP + CELL * len(rows)
    marks = [_above(word, left + CELL * (i + 0.5), top) for i, word in enumerate(alignment.source)]
    for j, (word, weights) in enumerate(zip(rows, alignment.weights, strict=True)):
        y = top + GAP + CELL * j
        marks.append(f'<text x="{left:.1f}" y="{y + CELL / 2 + 4:.1f}" text-anchor="end">{escape(word)}</text>')
        for i, (source, weight) in enumerate(zip(alignment.source, weights, strict=True)):
            about = escape(f"{word} ← {source}: {weight:.2f}")
            place = f'x="{left + GAP + CELL * i:.1f}" y="{y:.1f}" width="{CELL:.0f}" height="{CELL:.0f}"'
            marks.append(f'<rect {place} fill="#333" fill-opacity="{weight:.3f}" stroke="#ddd"><title>{about}</title></rect>')
    size = f'viewBox="0 0 {width + GAP:.0f} {height + GAP:.0f}" width="{width + GAP:.0f}" height="{height + GAP:.0f}"'
    style = "font: 12px system-ui, 'Noto Sans CJK SC', sans-serif; fill: #333"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" style="{style}"><title>{escape(title)}</title>'
    return f"{head}{''.join(marks)}</svg>\n"


def _above(word: str, x: float, y: float) -> str:
    """Return a label that is read upwards; a single character stands upright."""
    if len(word) == 1:
        return f'<text x="{x + GAP:.1f}" y="{y:.1f}" text-anchor="middle">{escape(word)}</text>'
    return f'<text transform="translate({x + GAP + 4:.1f} {y:.1f}) rotate(-90)">{escape(word)}</text>'


def _width(word: str) -> float:
    return sum(LETTER * (2 if east_asian_width(letter) in "WF" else 1) for letter in word)
