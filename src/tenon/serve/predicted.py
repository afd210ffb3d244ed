"""New rows with what a model says of them, chunk by chunk."""

from collections.abc import Generator
from typing import TYPE_CHECKING

from tenon.method import Model
from tenon.serve.served import said
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.data.new_rows import NewRows
    from tenon.serve.written import Rows


def with_predictions(model: Model, rows: "NewRows", which: str, watch: Watch, data: str) -> "Generator[Rows, None, None]":
    """Yield what comes of each chunk. A column that bears the name of one that is added is called "prediction (input)".

    which, data : what model and rows are called. Raises ModelFileError where the model fails on a chunk.
    """
    twice: dict[str, str] | None = None
    done, target = 0, model.task.target
    for chunk, original in rows.read():
        added = said(model, chunk, which).to_frame(model.task.labels)
        if twice is None:
            twice = _other_names(rows.names, added.columns.tolist())
            for name, new in twice.items():
                watch.note(f"{data} has a column {name!r} of its own; it is called {new!r} here.")
        if model.task.has_sets and target in original:  # labels in as labels out, not as words are
            original[target] = original[target].map(lambda cell: tuple(cell) if isinstance(cell, list) else cell)
        yield original.rename(columns=twice), added
        done += len(chunk)
        watch.progress(done, rows.n_rows)


def _other_names(names: tuple[str, ...], added: list[str]) -> dict[str, str]:
    """Return what columns are called that bear the name of one that is added."""
    twice = {name: f"{name} (input)" for name in added if name in names}
    while clash := [name for name, new in twice.items() if new in names]:
        twice |= {name: f"{twice[name]} (input)" for name in clash}
    return twice
