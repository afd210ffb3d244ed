"""`tenon verdict`: is one model better than another? From their predictions alone, nothing trained."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tenon.cli.options import HOW, Json, MetricName, Per, Rope, TaskName, text_option


def verdict(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE FILE ...", help="Predictions of each model, as tenon predict -o writes them.")
    ],
    truth: Annotated[Path, text_option("--truth", help="File with the true value of every row.", metavar="FILE", panel=HOW)],
    target: Annotated[
        str | None, text_option("--target", help="Column of the truth, where there are several.", metavar="COLUMN", panel=HOW)
    ] = None,
    task: TaskName = "",
    metric: MetricName = "",
    per: Per = "",
    group: Annotated[
        str | None, text_option("--group", help="Rows of one group are not independent.", metavar="COLUMN", panel=HOW)
    ] = None,
    rope: Rope = None,
    as_json: Json = False,
) -> None:
    """[bold green]tenon verdict old.csv new.csv --truth labels.csv[/]

    Say whether models differ, how surely, and how many rows it would take to know, from files of predictions; nothing is
    trained. Rows are matched by a column id, or by their order where no file has one. Each file holds a column prediction
    and, for classes, p_LABEL with the probability of each.
    """
    from tenon import api
    from tenon.cli.terminal import put, put_data, stderr, stdout
    from tenon.report.text import wrapped
    from tenon.report.verdict import verdict_lines

    result = api.verdict(files, truth, target=target, task=task, metric=metric, per=per, group=group, rope=rope)
    for note in result.notes:
        put(wrapped(f"! {note}", stderr().width, "  "), stderr())
    if as_json:
        put_data(json.dumps(result.to_json(), indent=1, sort_keys=True, ensure_ascii=False))
        return
    console = stdout()
    put(verdict_lines(result, console.width), console)
