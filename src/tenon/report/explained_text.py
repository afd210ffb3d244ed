"""What the chosen model goes by, as lines with bars for the terminal."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size

from tenon.report.explained import fall_axis, fall_figure, headline, notes
from tenon.report.explained_row import driver_lead, drivers_of, row_sentences, words_unit
from tenon.report.figures import aligned, is_bare, on_the_point, probability, short, signed
from tenon.report.placed_rows import placed_lines
from tenon.report.readings import kept_share
from tenon.report.sequences import lead_of, sequence_lines
from tenon.report.text import GAP, bar, fitted, wrapped
from tenon.report.words import counted, metric_title
from tenon.tasks import SEQUENCES

MOST_FALLS, MOST_TOGETHER, MOST_DRIVERS, MOST_WORDS, MOST_KEPT = 12, 3, 10, 8, 3
EVERY = 3  # row of sequences that the page shows
LEAST_BAR, MOST_BAR = 10, 40  # cells
Content = dict[str, Any]  # of explain.json


def explained_lines(content: Content, width: int = 80) -> list[str]:
    """Return the row that was asked for, if any, then the importance of the columns, or rows of sequences.

    No line is wider than `width` cells.
    """
    lines = [*wrapped(headline(content), width), *wrapped(" ".join(notes(content)), width), ""]
    if content["task"] in SEQUENCES:
        return [line.rstrip() for line in [*lines, *_sequence_lines(content, width)]]
    if content["row"]:
        lines += [*_row_lines(content["row"], content, width), ""]
    return [
        line.rstrip()
        for line in [*lines, *_fall_lines(content, width), *_robust_lines(content, width), *_word_lines(content, width),
                     *_placed_lines(content, width)]
    ]  # fmt: skip


def _sequence_lines(content: Content, width: int) -> list[str]:
    """Return the row that was asked for, or what the score hangs on, and a few of the rows that the page shows."""
    task = content["task"]
    if content["row"]:
        return sequence_lines(content["row"], task, width)
    shown, falls = content["sequences"]["rows"][::EVERY], _fall_lines(content, width)
    return [
        *falls,
        *[""][: len(falls)],
        *wrapped(lead_of(content), width),
        *(line for row in shown for line in ("", *sequence_lines(row, task, width))),
    ]


def _fall_lines(content: Content, width: int) -> list[str]:
    falls = content["importance"]
    if "reason" in falls:
        return []
    shown = falls["columns"][:MOST_FALLS]
    together = falls["together"][:MOST_TOGETHER]
    every = [*shown, *together]
    bare = is_bare(*(one[key] for one in every for key in ("fall", "low", "high")))
    figures = [f"{fall} {half}" for fall, half in aligned([fall_figure(one, bare) for one in every])]
    lines = _bars(every, figures, f"{metric_title(content['metric'])} gets worse by", width)
    more = len(falls["columns"]) - len(shown)
    rest = [f"{GAP}{counted(more, 'more column')}, none above these"] if more else []
    head, of_columns, of_sets = lines[:1], lines[1 : len(shown) + 1], lines[len(shown) + 1 :]
    why = wrapped("dealt anew together, since they carry nearly the same:", width - len(GAP)) if of_sets else []
    return [*head, *of_columns, *rest, *(GAP + line for line in why), *of_sets]


def _bars(falls: Sequence[Content], figures: Sequence[str], title: str, width: int) -> list[str]:
    """Return the axis, then one line for each fall."""
    axis = fall_axis(falls)
    names = [" + ".join(one["columns"]) for one in falls]
    figure_width = max(map(cell_len, figures))
    name_width = min(max(map(cell_len, names)), max(12, width // 3))
    room = min(MOST_BAR, width - name_width - figure_width - 3 * len(GAP))
    head = set_cell_size(title, name_width + figure_width + len(GAP)) if cell_len(title) <= name_width + figure_width else title
    ruler = [" "] * max(room, 0)
    for value, label in axis.ticks(room // 7) if room >= LEAST_BAR else ():
        start = max(0, min(round(axis.place(value) * (room - 1)) - label.find("."), room - len(label)))
        ruler[start : start + len(label)] = label
    lines = [f"{GAP}{head}{GAP}{''.join(ruler)}"] if cell_len(head) + room + 2 * len(GAP) <= width else [f"{GAP}{title}"]
    for one, name, figure in zip(falls, names, figures, strict=True):
        drawn = bar({"score": one["fall"], **one}, axis, room) if room >= LEAST_BAR else ""
        lines.append(f"{GAP}{fitted(name, name_width)}{GAP}{set_cell_size(figure, figure_width)}{GAP}{drawn}")
    return lines


def _robust_lines(content: Content, width: int) -> list[str]:
    """Return what disturbed rows cost, a line a disturbance, with the verdict."""
    section = content.get("robustness")
    if not section:
        return []
    rows = section["rows"]
    bare = is_bare(*(one[key] for one in rows for key in ("fall", "low", "high")))
    figures = [f"{fall} {half}  {one['verdict']}" for one, (fall, half) in
               zip(rows, aligned([fall_figure(one, bare) for one in rows]), strict=True)]  # fmt: skip
    name_width = min(max(cell_len(one["what"]) for one in rows), max(20, width - 2 * len(GAP) - max(map(len, figures))))
    lines = [f"{GAP}{fitted(one['what'], name_width)}{GAP}{text}" for one, text in zip(rows, figures, strict=True)]
    return ["", *wrapped(f"{metric_title(content['metric'])} gets worse when rows are disturbed on purpose:", width, GAP), *lines]


def _row_lines(row: Content, content: Content, width: int) -> list[str]:
    """Return the prediction of a row and its drivers, each with a bar to the right (for) or to the left (against)."""
    proba = " · ".join(f"{label} {probability(p)}" for label, p in row["proba"] or [])
    said = f"Row {row['row']:,}: {' '.join(row_sentences(row, content))}"
    lines = [
        *wrapped(said, width),
        *wrapped(proba, width, GAP),
        *_kept_lines(row, width),
        *_driver_lines(row, content, width),
    ]
    if row["words"]:
        words = " · ".join(f"{word} {signed(effect, 2, abs(effect) < 1)}" for word, effect in row["words"][:MOST_DRIVERS])
        lines += wrapped(f"words, by what they add to {words_unit(row, content)}: {words}", width, GAP)
    return lines


def _driver_lines(row: Content, content: Content, width: int) -> list[str]:
    """Return a bar for each column that drove the prediction; none where there is but one, of which more is told."""
    if not row["drivers"]:
        return [f"{GAP}No column changes this prediction."]
    drivers = drivers_of(row, content)[:MOST_DRIVERS]
    if not drivers:
        return []
    lines = wrapped(driver_lead(row, content), width)
    longest = max(abs(one["effect"]) for one in drivers)
    decimals = len(short(longest).partition(".")[2])
    effects = on_the_point([signed(one["effect"], decimals, longest < 1) for one in drivers])
    names = [one["column"] if one["cell"] is None else f"{one['column']} = {one['cell']}" for one in drivers]
    name_width = min(max(map(cell_len, names)), max(16, width // 2))
    room = min(20, max(3, (width - name_width - max(map(len, effects)) - 4 * len(GAP)) // 2))
    for one, name, effect in zip(drivers, names, effects, strict=True):
        length = round(abs(one["effect"]) / longest * room)
        sides = (" " * room, "━" * length) if one["effect"] > 0 else (("━" * length).rjust(room), "")
        lines.append(f"{GAP}{fitted(name, name_width)}{GAP}{effect}{GAP}{sides[0]}│{sides[1]}")
    return lines


def _kept_lines(row: Content, width: int) -> list[str]:
    """Return the parts of a text that score most among those that are read, in their order, each on a line."""
    kept = row.get("kept")
    if not kept or not kept["blocks"]:
        return []
    best = sorted(sorted(kept["blocks"], key=lambda block: -block[2])[:MOST_KEPT])
    said = f"answers by {kept_share(kept):.0%} of the text; the parts that it finds most relevant:"
    texts = [" ".join(kept["text"][start:end].split()) for start, end, _ in best]
    lines = [
        f"{GAP}{score:.2f}{GAP}{fitted(text, width - 3 * len(GAP) - 4)}" for text, (_, _, score) in zip(texts, best, strict=True)
    ]
    return [*wrapped(said, width, GAP), *lines]


def _placed_lines(content: Content, width: int) -> list[str]:
    """Return what is said of a few rows, a line each; what in them it goes by stands on the page."""
    if content["row"]:
        return []
    head, *rows = placed_lines(content) or [""]
    lines = [GAP + line for row in rows for line in wrapped(row, width - len(GAP), GAP)]
    return ["", *wrapped(head, width), *lines] if rows else []


def _word_lines(content: Content, width: int) -> list[str]:
    lines = []
    for side in content["words"]:
        words = " · ".join(word for word, _ in side["words"][:MOST_WORDS])  # a comma may be one
        lines += wrapped(f"words for {side['answer']}: {words}", width, GAP)
    return ["", *lines] if lines else []
