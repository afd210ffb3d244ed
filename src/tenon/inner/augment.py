"""More train rows: copies of each with its texts changed a little, by EDA (Wei & Zou 2019), and with the same target."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Dataset
from tenon.inner.repeat import repeated

if TYPE_CHECKING:
    import pandas as pd


STREAM = 104  # of random numbers: apart from those of splits, balance, search and curves
AMOUNTS = ((500, 16, 0.05), (2000, 8, 0.05))  # up to so many rows: copies of each, share of words; from the paper's table 3
OF_MORE = 4, 0.1  # of more rows


def augmented(train: Dataset, how: str, seed: int) -> Dataset:
    """Return the train rows, each followed by changed copies of it; with how="" just as they are.

    All columns of texts are changed, each on its own; all other cells are as they were. The copies get new row ids, above
    all others, and `made_of` says what they are copies of.
    """
    import pandas as pd

    if not how:
        return train
    n, share = amount(len(train))
    rows, rng = repeated(train, np.repeat(np.arange(len(train)), n + 1)), np.random.default_rng([seed, STREAM])
    made_of = pd.Series(train.row_ids.repeat(n + 1), rows.frame.index)
    changed = {name: _followed(train.frame[name], n, share, how, seed, rng) for name in train.schema.features("text")}
    texts = {name: pd.Series(cells, rows.frame.index, train.frame[name].dtype) for name, cells in changed.items()}
    return replace(rows, frame=rows.frame.assign(**texts), made_of=made_of)


def amount(n_rows: int) -> tuple[int, float]:
    """Return how many copies are made of each of so many rows, and which share of their words changes."""
    return next(((n, share) for most, n, share in AMOUNTS if n_rows <= most), OF_MORE)


def _followed(texts: "pd.Series", n: int, share: float, how: str, seed: int, rng: np.random.Generator) -> list[str | None]:
    """Return the cells of a column of texts, each followed by n changed copies; a missing one by missing ones."""
    from tenon.text.eda import Eda, Parted
    from tenon.text.synonyms import learnt_synonyms
    from tenon.text.units import CUTS, units_of

    units = units_of(texts.dropna())
    parted = [Parted.of(text, CUTS[units]) if isinstance(text, str) else None for text in texts]
    synonyms = {}
    if how == "eda-synonyms" and units != "characters":
        synonyms = learnt_synonyms([[word.lower() for word in one.words] for one in parted if one], seed)
    eda = Eda(share, synonyms)
    cells: list[str | None] = []
    for text, one in zip(texts, parted, strict=True):
        cells += [text, *(str(eda.changed(one, rng)) if one else None for _ in range(n))]
    return cells
