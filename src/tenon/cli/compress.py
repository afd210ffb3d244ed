"""`tenon compress`: the model of a run made smaller and faster, and whether it is then still as good."""

import json
from typing import Annotated

import typer

from tenon.cli.options import DATA, Json, OwnMethods, Run, text_option

Only = Annotated[
    str, typer.Option("--only", help="Ways to try, with commas between; by default all.", metavar="NAMES", show_default=False)
]


def compress(
    run: Run,
    only: Only = "",
    data: Annotated[
        str | None, text_option("--data", help="Where the data are now, if they moved.", metavar="DATA", panel=DATA)
    ] = None,
    methods: OwnMethods = "",
    as_json: Json = False,
) -> None:
    """[bold green]tenon compress runs/reviews --only int8[/]

    Make the chosen model of a run smaller and faster in every way that is for it, and say of each whether it is still as
    good: the same in practice where it is worse by more than the rope with a probability of 5 % at most, on final rows.
    Each lies in RUN/compressed/NAME and predicts as the model of the run does.
    """
    from tenon import api
    from tenon.catalogue import own_methods
    from tenon.cli.explaining import Explaining
    from tenon.cli.result import predict_command
    from tenon.cli.terminal import put, put_data, stdout
    from tenon.report.compressed import compressed_lines
    from tenon.trials.folder import COMPRESSED

    with Explaining() as screen:
        result = api.Result(run, own_methods(methods))
        said = result.compress(only, data=data, watch=screen.watch)
    if as_json:
        put_data(json.dumps(said.content, indent=1, sort_keys=True, ensure_ascii=False))
        return
    best = said.place(said.best) if said.best else None
    last = [f"lies in  {best or run / COMPRESSED}", f"next     {predict_command(result, best)}"]
    put([*compressed_lines(said.content, said.best, stdout().width), "", *last], stdout())
