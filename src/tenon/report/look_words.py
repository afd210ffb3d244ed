"""What was seen in data, in a sentence for each part: on top of the page and in the terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tenon.report.figures import figure, short
from tenon.report.language import Language
from tenon.report.words import counted

Content = dict[str, Any]  # of look.json
MOST_WORDS = 4  # of a topic


@dataclass(frozen=True)
class Seen:
    """What the page is made of."""

    content: Content
    has_cells: bool  # whether it may show cells of the data
    to: Language


def headline(content: Content) -> str:
    """Return how much there is, and how many cells are missing."""
    rows, n_columns = content["rows"], content["n_columns"]
    n_missing = sum(column["missing"] for column in content["columns"])
    size = f"{counted(rows, 'row')} of {counted(n_columns, 'column')}"
    if not n_missing:
        return f"{size}, no cell missing"
    return f"{size}, {percent(n_missing / (rows * len(content['columns'])))} of the cells missing"


def percent(share: float) -> str:
    """Return "12 %", "1.2 %" or "< 0.1 %"."""
    percent = 100 * share
    if percent == 0 or percent >= 10:
        return f"{percent:.0f} %"
    return f"{percent:.1f} %" if percent >= 0.1 else "< 0.1 %"


def summary(content: Content, has_cells: bool) -> list[str]:
    """Return a sentence on each part that says something."""
    return [*_of_texts(content), *_of_images(content), *_of_pairs(content), *_of_groups(content), *_of_density(content),
            *_of_topics(content, has_cells), *_of_final_rows(content)]  # fmt: skip


def _of_texts(content: Content) -> Iterator[str]:
    for one in content["texts"]:
        if "reason" not in one:
            length = {key: f"{value:,.0f}" for key, value in one["length"].items()}
            script, share = one["scripts"][0]
            yield (
                f"{one['name']}: {script} script in {percent(share)} of the texts; {length['low']} to {length['high']} "
                f"{one['unit']}, {length['median']} in the median."
            )


def _of_images(content: Content) -> Iterator[str]:
    for one in content["images"]:
        if "reason" not in one:
            width, height, n = one["sizes"][0]
            yield f"{one['name']}: images of {width:,} × {height:,} pixels in {percent(n / one['rows'])} of the rows."


def _of_pairs(content: Content) -> Iterator[str]:
    pairs = content["together"].get("pairs")
    if pairs:
        a, b = pairs[0]["columns"]
        yield f"Most closely go together: {a} and {b} ({pairs[0]['measure']} {value_of(pairs[0]['value'])})."


def _of_groups(content: Content) -> Iterator[str]:
    found = content["clusters"]
    yield groups_sentence(found)
    if "dense" in found:
        yield dense_sentence(found)


def groups_sentence(found: Content) -> str:
    """Return whether the rows fall into groups, with the figure that says so and that of data without groups."""
    if "reason" in found:
        return f"No groups were looked for: {found['reason']}"
    k, height = found["k"], value_of(found["silhouette"])
    highest = {name: max(figures) for name, figures in found["reference"].items()}
    without = value_of(max(highest["uniform"], highest["normal"]))
    if found["verdict"] == "none":
        best = f"its best partition, into {k}, has a silhouette of {height}"
        return f"k-means finds no groups: {best}; data without any reach {without}."
    if found["verdict"] == "columns":
        return (
            f"k-means finds {k} groups, but no better ones than with the cells of each column dealt anew (silhouette {height} "
            f"and {value_of(highest['columns'])}): single columns part them, not how these go together."
        )
    return f"k-means finds {k} groups: a silhouette of {height}, where data without any reach {without}."


def dense_sentence(found: Content) -> str:
    """Return how many dense places there are, and which share of the rows lies in none."""
    n, noise = len(found["dense"]["sizes"]), percent(found["dense"]["noise"] / found["rows"])
    if not n:
        return "HDBSCAN finds no dense places apart from each other."
    places = f"{counted(n, 'dense place')} of {found['dense']['smallest']} rows or more"
    return f"HDBSCAN finds {places}; {noise} of the rows lie in none."


def _of_density(content: Content) -> Iterator[str]:
    found = content["density"]
    if "reason" in found:
        return
    several = [one["name"] for one in found["columns"] if one["k"] > 1]
    of_all = found["together"]
    if of_all:
        yield (
            f"By BIC the numbers together are a mixture of {counted(of_all['k'], 'normal law')}; {len(several)} of "
            f"{counted(len(found['columns']), 'column')} alone {'needs' if len(several) == 1 else 'need'} more than one."
        )


def _of_topics(content: Content, has_cells: bool) -> Iterator[str]:
    for one in content["topics"]:
        if "reason" not in one:
            said = f"{one['name']}: {one['n']} topics"
            words = ", ".join(one["topics"][0]["words"][:MOST_WORDS])
            yield f"{said}, the largest about {words}." if has_cells else f"{said}."


def _of_final_rows(content: Content) -> Iterator[str]:
    if content["final_rows"]:
        yield f"{content['final_rows']:,} final rows were not looked at, but for copies and drift."


def value_of(value: float) -> str:
    """Return a figure between -1 and 1 with two decimals: ".48", "−.30"."""
    return figure(value, 2, is_bare=True).replace("-", "−")


def number(value: float) -> str:
    """Return a number to three digits: "0.0123", "51,234"."""
    return short(value).replace("-", "−")


def cell(value: float) -> str:
    """Return a number as it stands in a cell, to four digits where it is no whole one: "29", "0.075"."""
    text = f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.4g}"
    return text.replace("-", "−")
