"""`tenon methods`: the list of methods, or the card of one."""

from typing import Annotated

import typer


def methods(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Show the card of this method.", show_default=False)] = "",
) -> None:
    """[bold green]tenon methods logistic[/]

    Show the card of a method: what it does, when to use it, its settings. Without a name, list all methods.
    """
    from tenon.catalogue import METHODS, card, find
    from tenon.cli.listing import card_lines, lines_of_every_method, method_lines
    from tenon.cli.terminal import put, stdout

    if name:
        put(card_lines(card(find(name)), stdout().width), stdout())
        return
    width = stdout().width
    listed = method_lines(METHODS, {method.name: card(method) for method in METHODS}, width)
    put([*listed, "", *lines_of_every_method(width)], stdout())
