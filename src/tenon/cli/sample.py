"""`tenon sample`: write a sample data set."""

from typing import Annotated

import typer


def sample(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which one; none lists all.", show_default=False)] = "",
    seed: Annotated[int, typer.Option(help="For those that are generated.", metavar="N")] = 0,
) -> None:
    """[bold green]tenon sample breast-cancer[/]

    Write a sample data set into this folder and say what to try on it.
    """
    from tenon.cli.listing import sample_lines, written_lines
    from tenon.cli.terminal import put, stderr, stdout
    from tenon.data.samples import SAMPLES, write_sample

    if not name:
        put(sample_lines(SAMPLES, stdout().width), stdout())
        return
    put(written_lines(write_sample(name, seed=seed), SAMPLES[name]), stderr())
