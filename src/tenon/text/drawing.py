"""Words as a picture: their vectors in two dimensions, near words beside one another (an SVG).

Principal components, or t-SNE (van der Maaten & Hinton 2008) of scikit-learn, which keeps neighbours and lets distances go.
"""

from collections.abc import Sequence
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import numpy as np

from tenon import ranges
from tenon.errors import DataError, SettingsError
from tenon.text.vectors import WordVectors

WIDTH, HEIGHT, MARGIN = 760, 560, 30  # pixels
LETTER, LINE, DOT = 6.4, 14.0, 2.5  # pixels: width of a Latin letter (others are twice as wide), height of a line, radius
MOST_NEIGHBOURS = 30.0  # t-SNE's perplexity
FEWEST, FEW = 3, 150  # words: for a picture, and for all distances at once
Box = tuple[float, float, float, float]  # left, top, right, bottom


def word_map(
    vectors: WordVectors, words: Sequence[str] | None = None, n: int = 100, method: str = "tsne", random_state: int = 0
) -> str:
    """Return a drawing of these words, by default of the first n. method : "tsne" or "pca".

    Each has a dot; where names would lie upon one another only the earlier is written, the other shows under the mouse.
    Raises DataError for a word without a vector, SettingsError for fewer than three words.
    """
    ranges.one_of("method", method, ("tsne", "pca"))
    ranges.whole("n", n, FEWEST)
    shown = list(vectors.words[:n] if words is None else dict.fromkeys(words))
    if missing := [word for word in shown if word not in vectors]:
        raise DataError(f"{missing[0]!r} has no vector; of the words asked for, {len(missing)} have none.")
    if len(shown) < FEWEST:
        raise SettingsError(f"a map takes {FEWEST} words or more; got {len(shown)}.")
    unit = vectors.unit[[vectors.ids[word] for word in shown]]
    return _svg(shown, _in_pixels(_flattened(unit, method, random_state)), method)


def _flattened(unit: np.ndarray, method: str, random_state: int) -> np.ndarray:
    """Return the points (n, 2)."""
    if method == "pca":
        centred = unit - unit.mean(axis=0)
        left, strength, _ = np.linalg.svd(centred, full_matrices=False)
        flat = np.zeros((len(unit), 2))  # vectors of one number have no second component
        flat[:, : left.shape[1]] = (left * strength)[:, :2]
        return flat
    from sklearn.manifold import TSNE

    how = "exact" if len(unit) <= FEW else "barnes_hut"  # few points are sooner done than other threads have woken
    perplexity = min(MOST_NEIGHBOURS, (len(unit) - 1) / 3)
    tsne = TSNE(2, perplexity=perplexity, metric="cosine", init="random", method=how, random_state=random_state)
    return tsne.fit_transform(unit)


def _in_pixels(points: np.ndarray) -> np.ndarray:
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    size = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    return MARGIN + (points - low) / np.where(span == 0, 1, span) * size


def _svg(words: Sequence[str], places: np.ndarray, method: str) -> str:
    taken: list[Box] = []
    marks = []
    for word, (x, y) in zip(words, places, strict=True):
        label = escape(word)
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{DOT}"><title>{label}</title></circle>')
        if (box := _free_box(word, x, y, taken)) is not None:
            taken.append(box)
            marks.append(f'<text x="{box[0]:.1f}" y="{box[3] - 3:.1f}">{label}</text>')
    about = f"{len(words)} words by {'t-SNE' if method == 'tsne' else 'principal components'}; near words are used alike"
    style = "font: 12px system-ui, 'Noto Sans CJK SC', sans-serif; fill: #333"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
    return f'{head} style="{style}"><title>{about}</title>{"".join(marks)}</svg>\n'


def _free_box(word: str, x: float, y: float, taken: Sequence[Box]) -> Box | None:
    """Return where a word may be written, right or left of its dot, inside the picture and on no other word."""
    wide = sum(LETTER * (2 if east_asian_width(letter) in "WF" else 1) for letter in word)
    for left in (x + DOT + 2, x - DOT - 2 - wide):
        box = left, y - LINE / 2, left + wide, y + LINE / 2
        is_free = all(box[2] <= b[0] or b[2] <= box[0] or box[3] <= b[1] or b[3] <= box[1] for b in taken)
        if is_free and 0 <= left and box[2] <= WIDTH:
            return box
    return None
