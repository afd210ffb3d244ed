"""`tenon predict`: predict new rows with the model of a run."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenon.cli.options import OUTPUT, Data, Json, OwnMethods, Run
from tenon.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd


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
    and labels, the probability of each. The target need not be there; the order of columns does not matter.
    """
    from tenon.cli.terminal import put, put_data, stderr, warn
    from tenon.files import is_sealed, write_text

    check_name(out)
    if out is not None and out.exists() and out.resolve() == Path(data).resolve():
        raise SettingsError(f"-o {out} is the file of the new rows itself; give the predictions a name of their own.")
    if out is not None and is_sealed(out):
        raise SettingsError(f"-o {out} is a file of the run in that folder; give the predictions a name of their own.")
    frame, notes = predicted(run, data, methods)
    if as_json:
        text = frame.to_json(orient="records", force_ascii=False)
    else:
        text = in_one_cell(frame).to_csv(index=False, lineterminator="\n")
    for note in notes:
        warn(note, stderr())
    if out is None:
        put_data(text)
    else:
        write_text(out, text)
        put([f"written  {out}, {len(frame):,} row{'' if len(frame) == 1 else 's'}"], stderr())


def in_one_cell(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the rows with lists as texts, as they are read again: tokens, tags with blanks between, answers, labels as JSON."""
    lists = [str(name) for name in frame if frame[name].dtype == object and frame[name].map(_is_list).any()]
    return frame.assign(**{name: _in_texts(frame[name].tolist()) for name in lists})


def _in_texts(cells: list[Any]) -> list[Any]:
    are_words = all(isinstance(one, str) for cell in cells if _is_list(cell) for one in cell)
    are_words = are_words and not any(isinstance(cell, tuple) for cell in cells)
    write: Any = " ".join if are_words else _as_json
    return [write(cell) if _is_list(cell) else cell for cell in cells]


def _as_json(cell: Any) -> str:
    return json.dumps(list(cell), ensure_ascii=False)


def _is_list(cell: Any) -> bool:
    return hasattr(cell, "__len__") and not isinstance(cell, str)


def predicted(run: Path, data: str, methods: str) -> "tuple[pd.DataFrame, list[str]]":
    """Return the rows of a file as they came in with `prediction` and one `p_<label>` for each class, and what to tell of them.

    methods : names of methods of one's own, with commas between. A column that bears the name of one that is added is called
    "prediction (input)". Raises DataError for columns that are missing, ModelFileError where the model fails on these rows.
    """
    from tenon.api import load
    from tenon.data.conform import read_new
    from tenon.serve.served import said

    model = load(run, methods)
    rows, original = read_new(data, model.schema)
    predictions = said(model, rows, f"the model of {run}, {model.method_name},")
    added = predictions.to_frame(model.task.labels)
    twice = {name: f"{name} (input)" for name in added if name in original}
    while clash := [name for name, new in twice.items() if new in original]:
        twice |= {name: f"{twice[name]} (input)" for name in clash}
    if model.task.has_sets and model.task.target in original:  # labels in as labels out, not as words are
        original[model.task.target] = original[model.task.target].map(lambda cell: tuple(cell) if _is_list(cell) else cell)
    notes = [f"{data} has a column {name!r} of its own; it is called {new!r} here." for name, new in twice.items()]
    return original.rename(columns=twice).join(added), notes


def check_name(path: Path | None) -> None:
    """Raise SettingsError for a file name that promises another form than is written."""
    if path is not None and path.suffix.lower() not in (".csv", ".json"):
        raise SettingsError(f"-o takes a name that ends in .csv (or .json, with --json); got {str(path)!r}.")
