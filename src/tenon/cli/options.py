"""The nouns that every verb shares, and how options of the form NAME=VALUE are read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tenon.errors import SettingsError
from tenon.variant import value_of

DATA, HOW, OUTPUT = "Data", "Comparison", "Output"  # headings of the help

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A table: CSV, JSON lines, Parquet, Feather, Excel (book.xlsx#Sheet), packed or not; 'part-*.csv'; a folder. Or a "
        "token and tag a line; SQuAD's JSON; a text a line; a folder of images.",
    ),
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable result on standard output.", rich_help_panel=OUTPUT)]


def text_option(*names: str, help: str, metavar: str, panel: str) -> Any:
    """Return an option that takes one text."""
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel, show_default=False)


Target = Annotated[str | None, text_option("--target", help="Column to predict.", metavar="COLUMN", panel=DATA)]
Kind = Annotated[
    list[str] | None,
    text_option(
        "--kind",
        help="What a column is: number, category, date, text, tokens, image, ignore; weight, id.",
        metavar="NAME=KIND",
        panel=DATA,
    ),
]
Missing = Annotated[list[str] | None, text_option("--missing", help="A cell that means: no value.", metavar="TEXT", panel=DATA)]
Group = Annotated[
    str | None, text_option("--group", help="Rows of one group stay on one side of a split.", metavar="COLUMN", panel=DATA)
]
Time = Annotated[
    str | None, text_option("--time", help="Train on earlier rows, score on later ones.", metavar="COLUMN", panel=DATA)
]
Final = Annotated[str | None, text_option("--final", help="Rows of your own for the final score.", metavar="FILE", panel=DATA)]
NoQuoting = Annotated[
    bool, typer.Option("--no-quoting", help="Quotes in CSV and TSV are characters like any other.", rich_help_panel=DATA)
]
TaskName = Annotated[
    str,
    text_option(
        "--task",
        help="binary, multiclass, regression, instead of the guess; pair, multilabel, translation, language, answer.",
        metavar="TASK",
        panel=HOW,
    ),
]
MetricName = Annotated[
    str, text_option("--metric", help="What to score by, instead of the task's usual one.", metavar="NAME", panel=HOW)
]
Per = Annotated[
    str,
    text_option("--per", help="Score inside each group, mean by rows; COLUMN:groups: groups alike.", metavar="COLUMN", panel=HOW),
]
Rope = Annotated[float | None, text_option("--rope", help="Differences below this do not matter.", metavar="NUMBER", panel=HOW)]

Lang = Annotated[str, text_option("--lang", help="Language of the page: en, zh.", metavar="LANG", panel=OUTPUT)]
NoRows = Annotated[bool, typer.Option("--no-rows", help="Keep all cells of the data out of the page.", rich_help_panel=OUTPUT)]
OwnMethods = Annotated[
    str,
    typer.Option("--methods", help="module:Name, for a model made by a method of your own.", metavar="NAMES", show_default=False),
]


def read_kinds(given: Sequence[str]) -> dict[str, str]:
    """Read ["zip=category"] as {"zip": "category"}; a column's name may hold an equals sign itself.

    Raises SettingsError for a text without one.
    """
    kinds = {}
    for text in given:
        name, equals, kind = text.rpartition("=")
        if not equals or not name:
            raise SettingsError(f"--kind takes NAME=KIND, such as zip=category; got {text!r}.")
        kinds[name] = kind
    return kinds


def read_predictions(given: Sequence[str]) -> dict[str, str]:
    """Read ["old=old.csv"] as {"old": "old.csv"}. Raises SettingsError for another form, or a name given twice."""
    files: dict[str, str] = {}
    for text in given:
        name, equals, file = text.partition("=")
        if not (equals and name and file):
            raise SettingsError(f"--predictions takes NAME=FILE, such as old=old.csv; got {text!r}.")
        if name in files:
            raise SettingsError(f"--predictions {name}=… was given twice; give each model a name of its own.")
        files[name] = file
    return files


def read_settings(given: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read ["knn.k=7"] as {"knn": {"k": 7}}; a value that is no JSON stays text.

    Raises SettingsError for a text of another form.
    """
    settings: dict[str, dict[str, Any]] = {}
    for text in given:
        place, equals, value = text.partition("=")
        method, dot, name = place.rpartition(".")
        if not (equals and dot and method and name):
            raise SettingsError(f"--set takes METHOD.param=value, such as knn.k=7; got {text!r}.")
        settings.setdefault(method, {})[name] = value_of(value)
    return settings
