"""What image files tell without a look at the picture: size, format, bytes; if these follow the class, a method learns them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tenon.data.pictures import opened
from tenon.errors import DataError


def file_properties(cells: Sequence[str | bytes | None], root: Path | None) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (name, values) of each property: codes (n,) int64, or float64 with NaN where there is no image.

    cells : paths that start from root, or the bytes of image files.
    """
    import pandas as pd

    heads = [_head(cell, root or Path()) for cell in cells]
    yield "the size in pixels of ", pd.factorize(pd.Series([f"{w} x {h}" for w, h, _, _ in heads]))[0].astype(np.int64)
    yield "the format of ", pd.factorize(pd.Series([form for _, _, form, _ in heads]))[0].astype(np.int64)
    yield "the number of bytes of ", np.array([n_bytes for _, _, _, n_bytes in heads], np.float64)


def _head(cell: str | bytes | None, root: Path) -> tuple[int, int, str, float]:
    """Return (width, height, format and mode, bytes) from the first bytes of the file."""
    if not isinstance(cell, str | bytes):
        return 0, 0, "", float("nan")
    source = root / cell if isinstance(cell, str) else cell
    n_bytes = float(source.stat().st_size if isinstance(source, Path) else len(source))
    try:
        with opened(source) as image:
            return *image.size, f"{image.format} {image.mode}", n_bytes
    except DataError:
        return 0, 0, "", n_bytes
