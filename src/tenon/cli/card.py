"""`tenon card`: the card of a run's model."""

from pathlib import Path
from typing import Annotated

import typer

from tenon.cli.options import OUTPUT, Lang, NoRows, Run


def card(
    run: Run,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Markdown file to write; RUN/card.md by default.", metavar="FILE", rich_help_panel=OUTPUT
        ),
    ] = None,
    lang: Lang = "en",
    no_rows: NoRows = False,
) -> None:
    """[bold green]tenon card runs/reviews[/]

    Write the card of a run's model: what it is and reads, from which rows it was made, how it was judged and what it scores, with
    intervals, what to be careful about, the checksums of its files, and the line that makes it again.
    """
    from tenon.cli.terminal import put, stdout
    from tenon.errors import SettingsError
    from tenon.files import is_sealed, write_text
    from tenon.report.model_card import card_text

    place = run / "card.md" if out is None else out
    if place.suffix.lower() != ".md":
        raise SettingsError(f"-o takes a name that ends in .md; got {str(place)!r}.")
    if is_sealed(place):
        raise SettingsError(f"-o {place} is a file of the run in that folder; give the card a name of its own.")
    write_text(place, card_text(run, lang, no_rows))
    put([f"card     {place}"], stdout())
