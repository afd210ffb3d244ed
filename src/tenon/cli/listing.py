"""What there is: methods and samples as lines of a table."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tenon.adapter import PREDICTED
from tenon.data.dataset import Column, Schema
from tenon.data.questions import CONTEXT, QUESTION
from tenon.data.wording import enumeration
from tenon.errors import NeedsExtra
from tenon.inner.settings import AUGMENTATIONS, BALANCES, CALIBRATIONS
from tenon.report.text import GAP, fitted, wrapped
from tenon.tasks import PRIMARY, Task

if TYPE_CHECKING:
    from tenon.data.samples import Sample
    from tenon.method import Method

KINDS = ("number", "category", "text", "tokens", "image")  # of columns, asked of every method one by one
EVERYTHING = "everything"  # what a method predicts that takes every task
WIDEST = 20  # cells of a column but the last
N_ROWS = 1000  # of the data set that the methods are asked about: few enough for all of them


def table(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Return rows under their heading (the first row), in columns; cells of blanks between words are broken to fit the width."""
    cells = [[wrapped(cell, WIDEST) or [""] for cell in row[:-1]] for row in rows]
    widths = [max(cell_len(line) for row in cells for line in row[k]) for k in range(len(rows[0]) - 1)]
    room = max(20, width - cell_len(GAP) - sum(cells + cell_len(GAP) for cells in widths))
    lines = []
    for row, starts in zip(rows, cells, strict=True):
        for line in zip_longest(*starts, wrapped(row[-1], room), fillvalue=""):
            start = GAP + "".join(fitted(cell, cells) + GAP for cell, cells in zip(line, widths, strict=False))
            lines.append((start + line[-1]).rstrip())
    return lines


def method_lines(methods: Iterable["Method"], card_of: Mapping[str, str], width: int) -> list[str]:
    """Return one row for each method: its name, tasks, extra, and the first sentence of its card."""
    rows = [("method", "predicts", "needs", "what it is")]
    for method in methods:
        needs = f"tenon[{method.needs}]" if method.needs else "-"
        rows.append((method.name, ", ".join(predicts(method)), needs, first_sentence(card_of[method.name])))
    return table(rows, width)


def lines_of_every_method(width: int) -> list[str]:
    """Return the settings that every method has, which no card names."""
    choices = {"balance": BALANCES, "calibrate": CALIBRATIONS, "augment": AUGMENTATIONS}
    named = enumeration([f"{name} ({', '.join(filter(None, values))})" for name, values in choices.items()])
    return wrapped(
        f"Every method also has the settings {named}, as in --set all.balance=weights; tenon methods NAME shows those of one.",
        width,
    )


def predicts(method: "Method") -> list[str]:
    """Return the tasks that the method takes with at least one kind of column, in one word each: classes, numbers, tags."""
    tasks = [task for task in PRIMARY if any(takes(method, task, kind) for kind in KINDS)]
    return [EVERYTHING] if len(tasks) == len(PRIMARY) else list(dict.fromkeys(PREDICTED[task] for task in tasks))


def takes(method: "Method", task: str, kind: str) -> bool:
    """Tell whether the method takes this task with columns of this kind alone."""
    names = (QUESTION, CONTEXT) if task == "answer" else ("x",)
    schema = Schema((*(Column(name, kind, long_share=1.0) for name in names), Column("y", "category", "target")), N_ROWS)
    labels = {"binary": (0, 1), "multiclass": (0, 1, 2), "pair": (0, 1)}.get(task, ())
    try:
        return method.accepts(schema, Task(task, "y", labels)) is None
    except NeedsExtra:
        return True  # it would, once the extra is installed


def first_sentence(card: str) -> str:
    """Return the first sentence under the card's heading, which says what the method is."""
    body = "\n".join(line for line in card.splitlines() if not line.startswith("#"))
    first = next((" ".join(paragraph.split()) for paragraph in body.split("\n\n") if paragraph.strip()), "")
    sentence, dot, _ = first.partition(". ")
    return f"{sentence}." if dot else first


def card_lines(card: str, width: int) -> list[str]:
    """Return a card with its sentences filled to the width; headings and formulas keep lines of their own.

    A line that does not end a sentence goes on in the next one: cards are filled to a width of their own.
    """
    joined = [""]
    for line in card.rstrip().splitlines():
        is_prose = line.strip() != "" and not line.startswith((" ", "#"))
        goes_on = joined[-1] != "" and not joined[-1].startswith((" ", "#")) and not joined[-1].endswith((".", ":"))
        if is_prose and goes_on:
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return [part for line in joined[1:] for part in _filled(line, width)]


def _filled(line: str, width: int) -> list[str]:
    start = line[: len(line) - len(line.lstrip())]
    if cell_len(line) <= width:
        return [line]
    return [start + part for part in wrapped(line, width - len(start))]


def sample_lines(samples: Mapping[str, "Sample"], width: int) -> list[str]:
    """Return one row for each sample: its name, task, and what it is."""
    return table([("sample", "task", "what it is"), *((s.name, s.task, s.description) for s in samples.values())], width)


def written_lines(paths: Iterable[Path], sample: "Sample") -> list[str]:
    """Return which files were written and what to try on them."""
    return [*(f"written  {path}" for path in paths), f"next     {sample.example}"]
