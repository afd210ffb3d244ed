"""Ways in which rows come out worse in practice than they were collected: noise, gaps, typos, noisy and blurred images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.dataset import Dataset, Schema

if TYPE_CHECKING:
    import pandas as pd

Change = Callable[["pd.Series", Dataset, np.random.Generator], Any]  # (cells of a column, its data set) -> the cells disturbed
WITH_GAPS = ("number", "category", "date")
LONGEST_SIDE = 512  # pixels; larger images are disturbed at this size


@dataclass(frozen=True)
class Disturbance:
    """A change of every column of some kinds."""

    what: str  # as a report says it
    kinds: tuple[str, ...]
    change: Change

    def names(self, schema: Schema) -> list[str]:
        """Return the feature columns that it changes."""
        return list(schema.features(*self.kinds))

    def apply(self, rows: Dataset, rng: np.random.Generator) -> Dataset:
        """Return the rows with all of these columns changed."""
        frame = rows.frame.copy(deep=False)
        for name in self.names(rows.schema):
            frame[name] = self.change(frame[name], rows, rng)
        return replace(rows, frame=frame)


def noisy(share: float, cells: "pd.Series", rows: Dataset, rng: np.random.Generator) -> Any:
    """Add normal noise of this share of the column's standard deviation."""
    numbers = cells.to_numpy(np.float64, na_value=np.nan)
    spread = np.nanstd(numbers) if np.isfinite(numbers).any() else 0.0
    return numbers + share * spread * rng.normal(size=len(cells))


def with_gaps(share: float, cells: "pd.Series", rows: Dataset, rng: np.random.Generator) -> Any:
    """Lose this share of the cells."""
    return cells.mask(rng.random(len(cells)) < share)


def mistyped(share: float, cells: "pd.Series", rows: Dataset, rng: np.random.Generator) -> Any:
    """Exchange this share of the letters with the letter after it."""

    def mistype(text: str) -> str:
        letters = list(text)
        for i in np.flatnonzero(rng.random(max(0, len(letters) - 1)) < share):
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
        return "".join(letters)

    return cells.map(mistype, na_action="ignore").astype(cells.dtype)


def shortened(share: float, cells: "pd.Series", rows: Dataset, rng: np.random.Generator) -> Any:
    """Leave out this share of the words; of the characters where words are not set apart."""

    def shorten(text: str) -> str:
        between = " " if " " in text.strip() else ""
        pieces = text.split(" ") if between else list(text)
        kept = rng.random(len(pieces)) >= share
        return between.join(piece for piece, is_kept in zip(pieces, kept, strict=True) if is_kept) or text

    return cells.map(shorten, na_action="ignore").astype(cells.dtype)


def grainy(size: float, cells: "pd.Series", rows: Dataset, rng: np.random.Generator) -> Any:
    """Add normal noise to the pixels; size : its standard deviation, as a share of the way from black to white."""

    def grain(pixels: np.ndarray) -> np.ndarray:
        return pixels + 255 * size * rng.normal(size=pixels.shape)

    return _redrawn(cells, rows, grain)


def blurred(share: float, cells: "pd.Series", rows: Dataset, rng: np.random.Generator) -> Any:
    """Blur by a normal kernel whose standard deviation is this share of the image's shorter side."""
    from scipy.ndimage import gaussian_filter

    def blur(pixels: np.ndarray) -> np.ndarray:
        sigma = share * min(pixels.shape[:2])
        return gaussian_filter(pixels, (sigma, sigma, 0))

    return _redrawn(cells, rows, blur)


def darkened(share: float, cells: "pd.Series", rows: Dataset, rng: np.random.Generator) -> Any:
    """Leave this share of the light."""
    return _redrawn(cells, rows, lambda pixels: share * pixels)


def _redrawn(cells: "pd.Series", rows: Dataset, draw: Callable[[np.ndarray], np.ndarray]) -> Any:
    """Return each image as the bytes of a PNG of its pixels, (height, width, channels) float64 in 0 … 255, drawn anew."""
    import pandas as pd

    from tenon.features.columns import located
    from tenon.features.decode import as_png, as_unit, common_shape

    def redraw(cell: Any) -> bytes:
        place = located(cell, rows)
        pixels = draw(as_unit(place, common_shape([place], LONGEST_SIDE)).astype(np.float64) * 255)
        return as_png(np.rint(pixels).clip(0, 255).astype(np.uint8))

    return pd.Series([redraw(cell) for cell in cells], index=cells.index, dtype=object)


AGAINST = (  # steps against networks that know them: what is said, kind of column, size as `Model.moved_against` takes it
    ("numbers 0.1 standard deviations off, as harms most", "number", 0.1),
    ("numbers 0.3 standard deviations off, as harms most", "number", 0.3),
    ("pixels 1 % of the range off, as harms most", "image", 0.01),
    ("pixels 3 % of the range off, as harms most", "image", 0.03),
)
DISTURBANCES: Sequence[Disturbance] = (
    Disturbance("noise of 0.1 standard deviations on numbers", ("number",), partial(noisy, 0.1)),
    Disturbance("noise of 0.5 standard deviations on numbers", ("number",), partial(noisy, 0.5)),
    Disturbance("one cell in twenty missing", WITH_GAPS, partial(with_gaps, 0.05)),
    Disturbance("one cell in four missing", WITH_GAPS, partial(with_gaps, 0.25)),
    Disturbance("one letter in fifty exchanged with the next", ("text",), partial(mistyped, 0.02)),
    Disturbance("one letter in ten exchanged with the next", ("text",), partial(mistyped, 0.1)),
    Disturbance("one word in five left out", ("text",), partial(shortened, 0.2)),
    Disturbance("images with noise of 5 % of the range", ("image",), partial(grainy, 0.05)),
    Disturbance("images with noise of 20 % of the range", ("image",), partial(grainy, 0.2)),
    Disturbance("images blurred over 3 % of their side", ("image",), partial(blurred, 0.03)),
    Disturbance("images with half the light", ("image",), partial(darkened, 0.5)),
)
