"""A leaderboard as lines of text, with interval bars, for any width from 40 cells on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, chop_cells, set_cell_size

from tenon.report.axis import Axis, axis_of
from tenon.report.figures import aligned, digits, is_bare
from tenon.report.words import (
    FULL,
    MEDIUM,
    SHORT,
    also_sentences,
    by_reason,
    final_sentence,
    inside_sentences,
    metric_titles,
    optimism_sentence,
    rows_sentence,
    swing_sentence,
    verdict_of,
)
from tenon.trials.protocol import ONE_SPLIT

GAP = "  "
LEAST_BAR, GOOD_BAR, MOST_BAR = 10, 24, 48  # cells; shorter than a good one only where words have been cut already
LEAST_NAME = 8  # cells
TICK_EVERY = 7  # cells between two labels of the axis, at least


@dataclass(frozen=True)
class _Table:
    """Widths of the columns, in cells."""

    name: int
    figure: int
    bar: int  # 0: no room for one
    words: int
    detail: int  # of the verdicts

    @property
    def width(self) -> int:
        return sum(len(GAP) + cells for cells in (self.name, self.figure, self.bar, self.words) if cells)


def lines(board: dict[str, Any], width: int = 80) -> list[str]:
    """Return the leaderboard: an axis, one line for each scored row, then every other row with its reason.

    board : the content of leaderboard.json, or as much of it as is known while trials run. No line is wider than
    `width` cells (a Chinese character takes two); names that do not fit are cut in the middle.
    """
    scored = [row for row in board["rows"] if row.get("status", "ok") == "ok" and row.get("score") is not None]
    others = [row for row in board["rows"] if row not in scored]
    axis = axis_of(scored)
    text = []
    if axis is not None:
        figures = [f"{score} {half}".rstrip() for score, half in _figures(scored)]
        table = _table(board, scored, max(map(cell_len, figures)), width)
        if table.width > width:  # only where one interval is wider than the terminal is
            figures = [score for score, _ in _figures(scored)]
            table = _table(board, scored, max(map(cell_len, figures)), width)
        text.append(_header(board, axis, table))
        text += [_line(row, figure, board, axis, table) for row, figure in zip(scored, figures, strict=True)]
    for names, reason in by_reason(others):
        text += _others(names, reason, max((cell_len(r["method"]) for r in board["rows"]), default=0), width)
    return [line.rstrip() for line in text]


def closing(board: dict[str, Any], width: int = 80) -> list[str]:
    """Return what stands under the leaderboard: which is best, what was chosen, the final score, the optimism."""
    sentences = [
        board.get("sentence") or "",
        *also_sentences(board),
        swing_sentence(board),
        final_sentence(board),
        optimism_sentence(board),
        rows_sentence(board),
        *inside_sentences(board),
    ]
    return [line for sentence in sentences if sentence for line in wrapped(sentence, width)]


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Break text into lines of at most `width` cells, later ones indented; a word wider than a line is broken."""
    result, line, start = [], "", ""
    for word in text.split():
        candidate = f"{line} {word}" if line.strip() else f"{start}{word}"
        if cell_len(candidate) <= width:
            line = candidate
            continue
        if line.strip():
            result.append(line)
            start = indent
        *full, line = chop_cells(start + word, width) if width > 0 else [start + word]
        result += full
        start = indent
    return [*result, line] if line.strip() else result


def fitted(name: str, width: int) -> str:
    """Return the name in exactly `width` cells: padded, or cut in the middle, where names differ least."""
    if cell_len(name) <= width:
        return set_cell_size(name, width)
    tail_width = (width - 1) // 2
    tail = name
    while cell_len(tail) > tail_width:
        tail = tail[1:]
    return set_cell_size(set_cell_size(name, width - 1 - cell_len(tail)).rstrip() + "…" + tail, width)


def _figures(scored: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    bare = is_bare(*(row.get(key) for row in scored for key in ("score", "low", "high")))
    return aligned([digits(row["score"], row.get("low"), row.get("high"), bare) for row in scored])


def _table(board: dict[str, Any], scored: Sequence[dict[str, Any]], figure: int, width: int) -> _Table:
    """Divide the width: names up to a third of it, figures as they are, the bar what verdicts leave."""
    longest = max(cell_len(row["method"]) for row in board["rows"])
    name = min(longest, max(12, width // 3))
    left = width - len(GAP) * 3 - figure
    for detail, least in ((FULL, GOOD_BAR), (MEDIUM, LEAST_BAR), (SHORT, LEAST_BAR)):
        words = max(cell_len(_words(row, board, detail)) for row in scored)
        bar = left - name - len(GAP) - words
        if bar >= least:
            return _Table(name, figure, min(bar, MOST_BAR), words, detail)
    return _Table(max(LEAST_NAME, min(name, left - words)), figure, 0, words, SHORT)


def _header(board: dict[str, Any], axis: Axis, table: _Table) -> str:
    """Return the metric's name, with its direction where that is down, and the labels of the axis."""
    room = table.name + len(GAP) + table.figure
    title = next((title for title in metric_titles(board) if cell_len(title) <= room), "")
    ruler = [" "] * (table.bar + (len(GAP) + table.words if table.words else 0))
    for value, label in axis.ticks(table.bar // TICK_EVERY) if table.bar else ():
        point = label.find(".") if "." in label else len(label) - 1
        start = max(0, min(round(axis.place(value) * (table.bar - 1)) - point, len(ruler) - len(label)))
        ruler[start : start + len(label)] = label
    return f"{GAP}{set_cell_size(title, room)}{GAP}{''.join(ruler)}"


def _line(row: dict[str, Any], figure: str, board: dict[str, Any], axis: Axis, table: _Table) -> str:
    words = _words(row, board, table.detail)
    drawn = f"{GAP}{bar(row, axis, table.bar)}" if table.bar else ""
    return f"{GAP}{fitted(row['method'], table.name)}{GAP}{set_cell_size(figure, table.figure)}{drawn}{GAP}{words}"


def _words(row: dict[str, Any], board: dict[str, Any], detail: int) -> str:
    """Return the verdict, and behind it where the score rests on one split only."""
    said = verdict_of(row, board, detail)
    return f"{said} · {row['splits']}" if row.get("splits") == ONE_SPLIT else said


def bar(row: dict[str, Any], axis: Axis, width: int) -> str:
    """Return "   ├──●─┤   ", width cells; a row that stands off the axis is an arrow at its end."""
    if not axis.holds(row):
        return "◂".ljust(width) if row["score"] < axis.low else "▸".rjust(width)
    low, middle, high = (
        round(axis.place(row["score"] if row.get(key) is None else row[key]) * (width - 1)) for key in ("low", "score", "high")
    )
    cells = [" "] * width
    cells[low : high + 1] = "─" * (high - low + 1)
    cells[low], cells[high] = "├", "┤"
    cells[middle] = "●"
    return "".join(cells)


def _others(names: list[str], said: str, name_width: int, width: int) -> list[str]:
    """Return methods without a score: one with the reason beside it, several with it behind them."""
    if len(names) > 1:
        return [GAP + line for line in wrapped(f"{', '.join(names)}: {said}", width - len(GAP), 2 * GAP)]
    start = f"{GAP}{fitted(names[0], min(name_width, max(12, width // 3)))}{GAP}"
    indent = " " * cell_len(start)
    return [start + line if i == 0 else indent + line for i, line in enumerate(wrapped(said, width - len(indent)) or [""])]
