"""Labels beside and above the fields of a grid, in SVG: how wide they are, and how one is read upwards."""

from collections.abc import Iterable
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

LETTER, GAP = 7.0, 8.0  # pixels: width of a Latin letter (others are twice as wide), space beside labels
FONT = "system-ui, 'Noto Sans CJK SC', sans-serif"


def edge_of(labels: Iterable[str]) -> float:
    """Return how far from the edge of the drawing labels end."""
    return GAP + max(map(_width, labels), default=0.0)


def above(label: str, x: float, y: float) -> str:
    """Return a label that is read upwards from (x, y); a single character stands upright."""
    if len(label) == 1:
        return f'<text x="{x + GAP:.1f}" y="{y:.1f}" text-anchor="middle">{escape(label)}</text>'
    return f'<text transform="translate({x + GAP + 4:.1f} {y:.1f}) rotate(-90)">{escape(label)}</text>'


def beside(label: str, x: float, y: float) -> str:
    """Return a label that ends at (x, y)."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="end">{escape(label)}</text>'


def _width(label: str) -> float:
    return sum(LETTER * (2 if east_asian_width(letter) in "WF" else 1) for letter in label)
