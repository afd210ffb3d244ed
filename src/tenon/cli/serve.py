"""`tenon serve`: the model of a run over HTTP, with a page to try it."""

from contextlib import suppress
from typing import Annotated

import typer

from tenon.cli.options import DATA, Lang, OwnMethods, Run, text_option

LIMITS = "Limits"


def serve(
    run: Run,
    port: Annotated[int, typer.Option("--port", help="Port to listen at; 0: any that is free.", metavar="N")] = 8000,
    host: Annotated[
        str, typer.Option("--host", help="Address; by default of this machine alone.", metavar="ADDRESS")
    ] = "127.0.0.1",
    data: Annotated[
        str | None, text_option("--data", help="Where the data are now, if they moved.", metavar="DATA", panel=DATA)
    ] = None,
    methods: OwnMethods = "",
    lang: Lang = "en",
    megabytes: Annotated[float, typer.Option(help="That a request may have.", metavar="MB", rich_help_panel=LIMITS)] = 32.0,
    seconds: Annotated[
        float, typer.Option(help="That a request may take to come in, and then its answer.", metavar="S", rich_help_panel=LIMITS)
    ] = 60.0,
    waiting: Annotated[int, typer.Option(help="Requests that may wait.", metavar="N", rich_help_panel=LIMITS)] = 256,
) -> None:
    """[bold green]tenon serve runs/reviews --port 8000[/]

    Serve the chosen model of a run: a page where one types a row, or drops an image, and sees the prediction, its probabilities
    and what drove it; and POST /predict with {"rows": [{column: value}]} for programs, or PUT /predict/new.csv with a file of
    rows, which GET /openapi.json describes.
    """
    from tenon.catalogue import own_methods
    from tenon.cli.bar import Bar
    from tenon.cli.terminal import put, stderr, warn
    from tenon.report.language import language
    from tenon.serve.listen import bound, check_packages, listen, served

    with Bar(f"loading the model of {run}") as bar:
        check_packages()
        from tenon.serve.limits import Limits

        language(lang)
        limits = Limits(megabytes, waiting=waiting, seconds=seconds)
        of, told = served(run, data, own_methods(methods))
        for note in told:
            warn(note, bar.console)
    at = bound(host, port)
    place = f"http://{f'[{host}]' if ':' in host else host}:{at.getsockname()[1]}"
    put([f"serving  {of.model!r}", f"page     {place}/", f"try      curl {place}/health", "stop     Ctrl-C"], stderr())
    with suppress(KeyboardInterrupt):  # passed on once the server has ended; whoever stops it has what they want
        listen(of, at, host, lang, limits)
    put(["stopped"], stderr())
