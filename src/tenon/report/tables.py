"""Tables as the report shows them: what templates/table.html sets out."""

from collections.abc import Sequence
from dataclasses import dataclass

from tenon.report.figures import aligned, digits, is_bare, on_the_point, short

FIGURE_SPACE = "\u2007"  # as wide as a digit


@dataclass(frozen=True)
class Column:
    """kind: name (stays in every language), words (ours, translated), figure (its points stand under each other), number."""

    title: str = ""
    kind: str = "name"
    is_name: bool = False  # the title is a name, such as a class's label, and is not translated


@dataclass(frozen=True)
class Cell:
    """A cell that is more than its text."""

    text: str
    kind: str = ""  # CSS class
    hint: str = ""  # shown where the mouse rests, and read out
    shade: float = 0.0  # 0 to 1, of the background


@dataclass(frozen=True)
class Table:
    """The first cell of each row is its heading."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str | Cell]]
    kind: str = ""  # CSS class


def score_column(scores: Sequence[tuple[float | None, float | None, float | None]]) -> list[str]:
    """Return ".951 ±.004" of each (score, low, high), padded so that the points stand under each other."""
    bare = is_bare(*(value for score in scores for value in score))
    return [f"{score} {half}".rstrip() for score, half in padded([digits(*score, bare) for score in scores])]


def padded(figures: Sequence[str]) -> list[tuple[str, str]]:
    """Return the two parts of each ".951 ±.004" as `aligned` does, with blanks as wide as digits."""
    return [(_wide(score), _wide(half)) for score, half in aligned(figures)]


def number_column(values: Sequence[float | None], n_significant: int = 2) -> list[str]:
    """Return each number with so many digits, padded so that the points stand under each other; "" where there is none."""
    return point_column(["" if value is None else short(value, n_significant) for value in values])


def point_column(texts: Sequence[str]) -> list[str]:
    """Return figures that are texts already, padded so that their points stand under each other."""
    return [_wide(text) for text in on_the_point(texts)]


def _wide(text: str) -> str:
    return text.replace(" ", FIGURE_SPACE)
