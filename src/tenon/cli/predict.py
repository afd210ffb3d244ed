"""`tenon predict`: predict new rows with the model of a run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenon.cli.options import OUTPUT, Data, Json, Run
from tenon.errors import DataError, SettingsError

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
    methods: Annotated[
        str, typer.Option(help="module:Name, for a model made by a method of your own.", metavar="NAMES", show_default=False)
    ] = "",
    as_json: Json = False,
) -> None:
    """[bold green]tenon predict runs/reviews new.csv -o predictions.csv[/]

    Predict new rows with the chosen model of a run: the columns as they came in, then the prediction and, for classes,
    the probability of each. The target need not be there; the order of columns does not matter.
    """
    from tenon.cli.terminal import put, put_data, stderr

    check_name(out)
    if out is not None and out.exists() and out.resolve() == Path(data).resolve():
        raise SettingsError(f"-o {out} is the file of the new rows itself; give the predictions a name of their own.")
    frame = predicted(run, data, methods)
    text = frame.to_json(orient="records", force_ascii=False) if as_json else frame.to_csv(index=False, lineterminator="\n")
    if out is None:
        put_data(text)
    else:
        write(out, text)
        put([f"written  {out}, {len(frame):,} rows"], stderr())


def predicted(run: Path, data: str, methods: str) -> "pd.DataFrame":
    """Return the rows of a file as they came in with `prediction` and one `p_<label>` a class.

    methods : names of methods of one's own, with commas between. Raises DataError for columns that are missing, or that
    bear the name of one that would be added.
    """
    from tenon.api import load
    from tenon.catalogue import find
    from tenon.data.conform import read_new

    model = load(run, [find(name.strip()) for name in methods.split(",") if name.strip()])
    rows, original = read_new(data, model.schema)
    added = model.predict(rows).to_frame(model.task.labels)
    if twice := [repr(name) for name in added if name in original]:
        raise DataError(f"{data} has columns {', '.join(twice)} already, which the predictions would be called; rename them.")
    return original.join(added)


def check_name(path: Path | None) -> None:
    """Raise SettingsError for a file name that promises another form than is written."""
    if path is not None and path.suffix.lower() not in (".csv", ".json"):
        raise SettingsError(f"-o takes a name that ends in .csv (or .json, with --json); got {str(path)!r}.")


def write(path: Path, text: str) -> None:
    """Write the file whole or not at all. Raises SettingsError where that cannot be done."""
    from tenon.files import write_text

    try:
        write_text(path, text)
    except OSError as error:
        raise SettingsError(f"cannot write {path}: {error.strerror}.") from error
