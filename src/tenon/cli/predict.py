"""`tenon predict`: predict new rows with the model of a run."""

import sys
from collections.abc import Generator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenon.cli.options import OUTPUT, Data, Json, OwnMethods, Run
from tenon.errors import SettingsError
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.data.new_rows import NewRows
    from tenon.serve.written import Rows


def predict(
    run: Run,
    data: Data,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="CSV file to write; standard output by default.", metavar="FILE", rich_help_panel=OUTPUT
        ),
    ] = None,
    methods: OwnMethods = "",
    as_json: Json = False,
) -> None:
    """[bold green]tenon predict runs/reviews new.csv -o predictions.csv[/]

    Predict new rows with the chosen model of a run: the columns as they came in, then the prediction and, for classes
    and labels, the probability of each. The target need not be there; the order of columns does not matter. The file may be
    larger than memory. Columns that differ from those of the rows that the model has learnt from are told.
    """
    from tenon.cli.predicting import Predicting
    from tenon.cli.terminal import put, put_text, stderr
    from tenon.files import new_text
    from tenon.serve import written

    check_name(out, data)
    is_file = sys.stdout.seekable()  # what is none may end at the terminal that the bar is drawn on
    with Predicting(run) as screen:
        rows, chunks = predicted(run, data, methods, screen.watch)
        with closing(chunks):
            texts = (written.as_json if as_json else written.as_csv)(chunks)
            if out is None:
                for text in chain(texts, ["\n"] if as_json else []):
                    if not is_file:
                        screen.clear()
                    put_text(text)
                return
            with new_text(out) as add:
                for text in texts:
                    add(text)
    put([f"written  {out}, {rows.n_rows:,} row{'' if rows.n_rows == 1 else 's'}"], stderr())


def predicted(run: Path, data: str, methods: str, watch: Watch) -> "tuple[NewRows, Generator[Rows, None, None]]":
    """Return the rows of a file, all looked through, and what comes of each chunk of them, predicted as one asks for it.

    That is the rows as they came in, and `prediction` with one `p_<label>` for each class. methods : names of methods of one's
    own, with commas between. watch : is told how far it is, and what to know of the rows. Raises DataError for columns that are
    missing and cells that cannot be read; of the chunks ModelFileError where the model fails on them.
    """
    from tenon.checks.seen import NewSample, differing, seen_by, warning
    from tenon.data.dataset import Dataset
    from tenon.data.new_rows import open_new
    from tenon.results import load, model_folder
    from tenon.serve.predicted import with_predictions

    model, seen = load(run, methods), seen_by(model_folder(run))
    watch.tell({"event": "loaded", "method": model.method_name})
    sample, n_rows = NewSample(), 0

    def hear(chunk: Dataset) -> None:
        nonlocal n_rows
        n_rows += len(chunk)
        if seen is not None:
            sample.add(chunk)
        watch.tell({"event": "looking", "n_rows": n_rows})

    rows = open_new(data, model.schema, hear)
    if seen is not None and sample.rows is not None and (found := differing(seen, sample.rows)):
        watch.note(warning(found))
    return rows, with_predictions(model, rows, f"the model of {run}, {model.method_name},", watch, data)


def check_name(out: Path | None, data: str) -> None:
    """Raise SettingsError for a file that promises another form than is written, or that must not be written over."""
    from tenon.files import is_sealed

    if out is None:
        return
    if out.suffix.lower() not in (".csv", ".json"):
        raise SettingsError(f"-o takes a name that ends in .csv (or .json, with --json); got {str(out)!r}.")
    if out.exists() and out.resolve() == Path(data).resolve():
        raise SettingsError(f"-o {out} is the file of the new rows itself; give the predictions a name of their own.")
    if is_sealed(out):
        raise SettingsError(f"-o {out} is a file of the run in that folder; give the predictions a name of their own.")
