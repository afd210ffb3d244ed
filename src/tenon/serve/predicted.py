"""New rows with what a model says of them, chunk by chunk."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Dataset
from tenon.method import Model
from tenon.serve.served import said
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.data.new_rows import NewRows
    from tenon.serve.written import Rows

MOST_LETTERS = 50_000  # of the texts of a part (or tokens); an encoder reads some thousand a second
IMAGE = 250  # letters that take as long


def with_predictions(model: Model, rows: "NewRows", which: str, watch: Watch, data: str) -> "Generator[Rows, None, None]":
    """Yield what comes of each chunk. A column that bears the name of one that is added is called "prediction (input)".

    which, data : what model and rows are called. Raises ModelFileError where the model fails on a chunk.
    """
    import pandas as pd

    twice: dict[str, str] | None = None
    done, target = 0, model.task.target
    watch.progress(done, rows.n_rows)
    for chunk, original in rows.read():
        of_parts = []
        for part in in_parts(chunk):
            of_parts.append(said(model, part, which).to_frame(model.task.labels))
            done += len(part)
            watch.progress(done, rows.n_rows)
        added = pd.concat(of_parts)
        if twice is None:
            twice = _other_names(rows.names, added.columns.tolist())
            for name, new in twice.items():
                watch.note(f"{data} has a column {name!r} of its own; it is called {new!r} here.")
        if model.task.has_sets and target in original:  # labels in as labels out, not as words are
            original[target] = original[target].map(lambda cell: tuple(cell) if isinstance(cell, list) else cell)
        yield original.rename(columns=twice), added


def in_parts(rows: Dataset) -> Iterator[Dataset]:
    """Yield the rows in parts of about MOST_LETTERS: it is told after each how far the predictions are, and texts take time.

    The parts hang on the rows alone, and so does what is predicted, to the last digit.
    """
    letters = np.full(len(rows), IMAGE * len(rows.schema.features("image")))
    for name in rows.schema.features("text", "tokens"):
        letters += rows.frame[name].str.len().fillna(0).to_numpy(np.int64)
    part = (letters.cumsum() - letters) // MOST_LETTERS
    for ids in np.split(rows.row_ids, np.flatnonzero(np.diff(part)) + 1):
        yield rows.rows(ids)


def _other_names(names: tuple[str, ...], added: list[str]) -> dict[str, str]:
    """Return what columns are called that bear the name of one that is added."""
    twice = {name: f"{name} (input)" for name in added if name in names}
    while clash := [name for name, new in twice.items() if new in names]:
        twice |= {name: f"{twice[name]} (input)" for name in clash}
    return twice
