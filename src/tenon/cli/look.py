"""`tenon look`: get to know the data, on a page."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tenon.cli.options import OUTPUT, Data, Json, Kind, Lang, Missing, NoQuoting, NoRows, Target, read_kinds

Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help="Folder to write; runs/DATA-look by default.",
        metavar="DIR",
        rich_help_panel=OUTPUT,
        show_default=False,
    ),
]


def look(
    data: Data,
    target: Target = None,
    kind: Kind = None,
    missing: Missing = None,
    no_quoting: NoQuoting = False,
    out: Out = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same page.", metavar="N")] = 0,
    lang: Lang = "en",
    no_rows: NoRows = False,
    as_json: Json = False,
) -> None:
    """[bold green]tenon look reviews.csv --target label[/]

    Get to know the data, on a page, look.html: columns and what is missing, what goes together, lengths of texts, sizes of
    images, copies and leaks, a map of the rows, groups and whether there are any, density, topics. A target colours the map and
    is held beside the groups; nothing is fitted to it. Final rows are left alone.
    """
    from tenon import api
    from tenon.cli.bar import Bar
    from tenon.cli.terminal import put, put_data, stdout, warn
    from tenon.report.look_text import look_lines

    with Bar("reading the data") as bar:
        dataset = api.read(data, target, kinds=read_kinds(kind or ()), missing=tuple(missing or ()), quoting=not no_quoting)
        for note in dataset.notes:
            warn(note, bar.console)
        bar.show("looking at columns, copies, groups and topics")
        seen = api.look(dataset, out=out, seed=seed, lang=lang, no_rows=no_rows)
    if as_json:
        put_data(json.dumps(seen.content, indent=1, sort_keys=True, ensure_ascii=False))
        return
    after = ["", f"page     {seen.folder / 'look.html'}", f"next     {seen.content['next']}"]
    put([*look_lines(seen.content, stdout().width), *after], stdout())
