"""Columns of images: sizes, colours and formats of the files, how bright they are, and some of them to look at."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.pictures import opened, upright_size
from tenon.features.columns import located
from tenon.features.decode import GREY_MODES, Shape, as_unit
from tenon.insight.shown import picture_of
from tenon.tasks import Task

if TYPE_CHECKING:
    import pandas as pd

MOST_SIZES = 6  # the most frequent first
SMALL = Shape(16, 16, 1)  # pixels that the brightness is the mean of
MOST_BRIGHT = 1_000  # images whose brightness is looked at
MOST_LABELS, EACH = 10, 5  # classes of which some images are shown, the most frequent, and how many of each
Content = dict[str, Any]


def images(data: Dataset, task: Task | None = None) -> list[Content]:
    """Return what is known of each column of images; data : the rows that are looked at. Raises DataError for a broken one.

    task : where its target is a class, some images of each are shown, {label, pictures}; else of all, whose label is None.
    """
    labels = None if task is None or not task.has_classes else task.target
    return [_images(data, name, labels) for name in data.schema.features("image")]


def _images(data: Dataset, name: str, labels: str | None) -> Content:
    cells = [located(cell, data) for cell in data.frame[name].dropna()]
    if not cells:
        return {"name": name, "reason": "no row has an image."}
    sizes: Counter[tuple[int, int]] = Counter()
    formats, colours = Counter[str](), Counter[str]()
    for cell in cells:
        with opened(cell) as image:
            sizes[upright_size(image)] += 1
            formats[image.format or "unknown"] += 1
            colours["grey" if image.mode in GREY_MODES or image.mode.startswith("I") else "colour"] += 1
    bright = np.array([as_unit(cell, SMALL).mean() for cell in cells[:MOST_BRIGHT]])
    widths, heights = (np.array([size[i] for size in sizes.elements()]) for i in (0, 1))
    return {
        "name": name,
        "rows": len(cells),
        "sizes": [[*size, n] for size, n in sorted(sizes.items(), key=lambda one: (-one[1], one[0]))[:MOST_SIZES]],
        "n_sizes": len(sizes),
        "width": _range(widths),
        "height": _range(heights),
        "formats": [[kind, n] for kind, n in formats.most_common()],
        "colours": [[kind, n] for kind, n in colours.most_common()],
        "brightness": {key: float(np.quantile(bright, q)) for key, q in (("q05", 0.05), ("median", 0.5), ("q95", 0.95))},
        "samples": _samples(data, name, labels),
    }


def _samples(data: Dataset, name: str, labels: str | None) -> list[Content]:
    frame = data.frame[data.frame[name].notna()]
    if labels is None:
        return [{"label": None, "pictures": _pictures(frame[name], 2 * EACH, data)}]
    most = frame[labels].value_counts(sort=True).index[:MOST_LABELS]
    return [{"label": str(one), "pictures": _pictures(frame.loc[frame[labels] == one, name], EACH, data)} for one in most]


def _pictures(cells: "pd.Series", n: int, data: Dataset) -> list[str]:
    """Return n of the images, in even steps from the first to the last, small, as data URIs."""
    places = np.unique(np.linspace(0, len(cells) - 1, n).astype(int))
    return [picture for place in places if (picture := picture_of(cells.iloc[place], data.root))]


def _range(values: np.ndarray) -> Content:
    return {"low": int(values.min()), "median": float(np.median(values)), "high": int(values.max())}
