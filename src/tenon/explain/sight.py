"""Where in its image a network sees what it answers, drawn over the image."""

from typing import Any

import numpy as np

from tenon.insight.shown import PICTURE, data_uri

COLOUR = np.array([217, 79, 30])  # of what speaks for the answer
PALE = 0.5  # of the image's own contrast that is left


MAP = 48  # pixels, the longer side of a feature map


def drawn_map(values: np.ndarray, longer: int = MAP) -> Any:
    """Return a data URI of a map (h, w) from 0 on: white where it is 0, dark where it is greatest; longer : side in pixels."""
    from PIL import Image

    share = values.astype(np.float64) / max(float(values.max()), 1e-30)
    height, width = share.shape
    times = longer / max(height, width)
    size = max(1, round(width * times)), max(1, round(height * times))
    return data_uri(Image.fromarray(np.rint(255 * (1 - share)).astype(np.uint8)).resize(size, Image.Resampling.NEAREST))


def drawn_sight(picture: np.ndarray, where: np.ndarray) -> Any:
    """Return a data URI of picture (H, W, C) uint8, grey and pale, in colour where `where` (H, W), 0 to 1, is large."""
    from PIL import Image

    height, width = where.shape
    times = PICTURE / max(height, width)
    size = max(1, round(width * times)), max(1, round(height * times))
    grey = Image.fromarray(picture.mean(axis=2).astype(np.uint8)).resize(size, Image.Resampling.NEAREST)
    share = np.asarray(Image.fromarray(where.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)).clip(0, 1)[..., None]
    pale = 255 - PALE * (255 - np.asarray(grey, np.float64)[..., None])
    return data_uri(Image.fromarray(np.rint((1 - share) * pale + share * COLOUR).astype(np.uint8)))
