"""`tenon explain`: what the chosen model of a run goes by, and what drove its prediction of a row."""

import json
from typing import Annotated, Any

import typer

from tenon.cli.options import DATA, OUTPUT, Json, NoRows, OwnMethods, Run, text_option

Lang = Annotated[
    str | None,
    text_option("--lang", help="Language of the page, by default that of the report: en, zh.", metavar="LANG", panel=OUTPUT),
]


def explain(
    run: Run,
    row: Annotated[
        int | None,
        typer.Option("--row", help="Number of a row in the file, from 1, to explain too.", metavar="N", show_default=False),
    ] = None,
    data: Annotated[
        str | None, text_option("--data", help="Where the data are now, if they moved.", metavar="DATA", panel=DATA)
    ] = None,
    methods: OwnMethods = "",
    lang: Lang = None,
    no_rows: NoRows = False,
    as_json: Json = False,
) -> None:
    """[bold green]tenon explain runs/reviews --row 17[/]

    What the chosen model of a run goes by: how much the score hangs on each column, found on rows that the model did not
    see; coefficients, words, contributions and trees where the method has them. With --row, what drove that prediction.
    Of images, texts that a network reads, tagged sentences, translations and language models it shows rows, from the worst
    to the best.
    All of it stands on a page, explain.html in the run's folder.
    """
    from tenon import api
    from tenon.catalogue import own_methods
    from tenon.cli.explaining import Explaining
    from tenon.cli.result import predict_command
    from tenon.cli.terminal import put, put_data, stdout

    with Explaining() as screen:
        from tenon.report.explained_text import explained_lines  # which loads what draws trees: a second

        result = api.Result(run, own_methods(methods))
        said = result.explain(row, data=data, lang=lang, no_rows=no_rows, watch=screen.watch)
    if as_json:
        put_data(json.dumps(said.content, indent=1, sort_keys=True, ensure_ascii=False))
        return
    after = predict_command(result) if row is not None else f"tenon explain {run} --row {worst_row(said.content)}"
    ways = [f"page     {run / 'explain.html'}", f"next     {after}"]
    put([*explained_lines(said.content, stdout().width), "", *ways], stdout())


def worst_row(content: dict[str, Any]) -> int:
    """Return the number of the row that the model got most wrong of those that were looked at; 1 where it tells of none."""
    rows = (content["placed"] or content["sequences"] or {}).get("rows")
    return rows[0]["row"] if rows else 1
