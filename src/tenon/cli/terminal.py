"""Printing: results on standard output, all else on standard error, in colour where that is a terminal."""

import re
from collections.abc import Iterable

import typer
from rich.console import Console
from rich.text import Text

STYLES = (
    (r"[├─┤●◂▸━]+", "cyan"),
    (r"← chosen", "bold green"),
    (r"^! .*", "yellow"),
    (r"^! LEAK", "bold red"),
    (r"(slightly )?worse( by .*)?$", "dim"),
    (r"^(Plan|report|next) ", "bold"),
)
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all control characters but tabs and line ends
IN_ASCII = str.maketrans(
    {"├": "|", "┤": "|", "─": "-", "━": "=", "●": "o", "◂": "<", "▸": ">", "←": "<-", "→": "->", "↓": "(down)", "±": "+-"}
    | {"·": "|", "–": "-", "−": "-", "…": "..", "×": "x", "²": "2", "’": "'", "“": '"', "”": '"'}
)


def stdout() -> Console:
    """Return the console for results."""
    return Console(highlight=False)


def stderr() -> Console:
    """Return the console for progress and warnings."""
    return Console(stderr=True, highlight=False)


def styled(lines: Iterable[str], console: Console) -> Text:
    """Return the lines with their colours; signs that the terminal's encoding lacks are put in ASCII."""
    text = harmless("\n".join(lines))
    if not console.encoding.lower().startswith("utf"):
        text = text.translate(IN_ASCII).encode(console.encoding, "replace").decode(console.encoding)
    rich_text = Text(text)
    for pattern, style in STYLES:
        rich_text.highlight_regex(f"(?m){pattern}", style)
    return rich_text


def harmless(text: str) -> str:
    """Return the text with control characters, which cells and names may hold, as Python writes them: data steer no terminal."""
    return UNSEEN.sub(lambda found: repr(found[0])[1:-1], text)


def put_data(text: str) -> None:
    """Write what a program reads to standard output: UTF-8 whatever the terminal, nothing added but the last line end."""
    typer.echo(text.rstrip("\n").encode("utf-8"))


def put_text(text: str) -> None:
    """Write a part of what a program reads to standard output, as `put_data` does, and nothing after it."""
    typer.echo(text.encode("utf-8", "backslashreplace"), nl=False)


def say(text: str, console: Console) -> None:
    """Print a message: broken between words for a person at a terminal, in one piece for a program or a file."""
    console.print(Text(harmless(text)), soft_wrap=not console.is_terminal)


def warn(text: str, console: Console) -> None:
    """Print a note on what may surprise, broken as messages are."""
    console.print(styled([f"! {text}"], console), soft_wrap=not console.is_terminal)


def put(lines: Iterable[str], console: Console) -> None:
    """Print lines as they are, without breaking or cutting any."""
    console.print(styled(lines, console), soft_wrap=True)
