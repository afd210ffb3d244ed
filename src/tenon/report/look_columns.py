"""The part of look.html on columns: what each holds, what is missing, what goes together, texts and images."""

from typing import Any

from tenon.overview.texts import OTHER_SIGNS
from tenon.report.axis import Axis
from tenon.report.chart import Chart, Field
from tenon.report.look_words import Seen, cell, percent, value_of
from tenon.report.tables import Cell, Column, Table
from tenon.report.words import counted

FIRST_SHOWN = 15  # columns; the others are folded away
MOST_SHOWN = 200
SPARK = (110, 24)  # pixels of the small histogram of a column
SHADE = 0.45  # of a correlation of 1
MOST_NAMES = 4  # columns, or values
HISTOGRAM = (420, 150)  # pixels
Content = dict[str, Any]  # of look.json
View = dict[str, Any] | None


def columns_view(seen: Seen) -> View:
    """Return a row for each column: kind, gaps, different values, a small histogram, and its figures in words."""
    content = seen.content
    rows = [_column_row(one, content["rows"], seen.has_cells) for one in content["columns"][:MOST_SHOWN]]
    left_out = content["n_columns"] - len(rows)
    return {"rows": rows[:FIRST_SHOWN], "more": rows[FIRST_SHOWN:], "n_left_out": left_out, "spark": SPARK}


def _column_row(one: Content, n_rows: int, has_cells: bool) -> Content:
    counts = one.get("bins") or [n for _, n in one.get("top", ())]
    return {
        "name": one["name"],
        "kind": one["kind"],
        "role": "" if one["role"] == "feature" else one["role"],
        "missing": percent(one["missing"] / n_rows) if one["missing"] else "",
        "different": "" if one["different"] is None else f"{one['different']:,}",
        "bars": _bars(counts),
        "said": _said(one, n_rows, has_cells),
    }


def _bars(counts: list[int]) -> list[tuple[float, float, float, float]]:
    """Return x, y, width and height of each bar, in pixels."""
    width, height = SPARK
    step = width / max(len(counts), 10)
    tallest = max(counts, default=0)
    return [
        (round(step * i, 1), round(height * (1 - n / tallest), 1), round(step - 1, 1), round(height * n / tallest, 1))
        for i, n in enumerate(counts)
        if n
    ]


def _said(one: Content, n_rows: int, has_cells: bool) -> list[str]:
    """Return the figures of a column in words; without cells none that is the value of a single one."""
    if one["kind"] == "ignore":
        return [one["reason"]] if has_cells else []
    if "length" in one:
        length = {key: f"{value:,.0f}" for key, value in one["length"].items()}
        return [f"{length['low']} to {length['high']} long, {length['median']} in the median"]
    if "median" in one:
        middle = f"median {cell(one['median'])}, half from {cell(one['q25'])} to {cell(one['q75'])}"
        far = [f"{one['far']:,} far from the rest"] if one["far"] else []
        return [*([f"{cell(one['low'])} – {cell(one['high'])}"] if has_cells else []), middle, *far]
    if "first" in one:
        return [f"{_day(one['first'])} – {_day(one['last'])}"] if has_cells else []
    return _values(one, n_rows) if has_cells else []


def _day(moment: str) -> str:
    return moment.replace("T00:00:00", "").replace("T", " ")


def _values(one: Content, n_rows: int) -> list[str]:
    n_there, top = n_rows - one["missing"], one.get("top", ())
    shares = [f"{value} {percent(n / n_there)}" for value, n in top[:MOST_NAMES]]
    more = (one["different"] or 0) - len(shares)
    return [_with_more(shares, more)] if shares else []


def _with_more(texts: list[str], n_more: int) -> str:
    """Return "a, b, … (+3)", which needs no words in any language."""
    return ", ".join(texts) + (f", … (+{n_more:,})" if n_more > 0 else "")


def gaps_view(seen: Seen) -> View:
    """Return which columns lack their cells together; None where none is missing."""
    found = seen.content["gaps"]
    if found is None:
        return None
    rows = [
        (
            _with_more(one["columns"][:MOST_NAMES], one["n_columns"] - MOST_NAMES),
            f"{one['rows']:,}",
            percent(one["rows"] / found["rows"]),
        )
        for one in found["together"]
    ]
    titles = Column("Missing together"), Column("rows", "number"), Column("of all rows", "number")
    whole = f"{percent(found['whole_rows'] / found['rows'])} of the rows have no gap ({found['whole_rows']:,})."
    return {"lead": whole, "table": Table(titles, rows)}


def together_view(seen: Seen) -> View:
    """Return the strongest pairs of columns, and the square of the numbers' correlations; None where nothing can be compared."""
    found = seen.content["together"]
    if not found.get("pairs"):
        return None
    pairs = [
        {"name": " · ".join(one["columns"]), "measure": one["measure"], "value": value_of(one["value"]),
         "share": round(100 * abs(one["value"]), 1)}
        for one in found["pairs"]
    ]  # fmt: skip
    n_more = found["n_pairs"] - len(pairs)
    return {
        "lead": f"Of {counted(found['n_pairs'], 'pair')}, in {counted(found['rows'], 'row')}.",
        "pairs": pairs,
        "more": f"{counted(n_more, 'more pair')}, none above these." if n_more else "",
        "square": _square(found["square"]),
        "left_out": f"{counted(found['n_left_out'], 'column')} more were not compared." if found["n_left_out"] else "",
    }


def _square(found: Content) -> Table | None:
    names, values = found["columns"], found["values"]
    if len(names) < 3:
        return None
    rows = [
        (name, *(Cell("–" if v is None else value_of(v), "number", shade=round(SHADE * abs(v or 0), 3)) for v in of_row))
        for name, of_row in zip(names, values, strict=True)
    ]
    return Table((Column(""), *(Column(name, "number", is_name=True) for name in names)), rows, "confusion")


def texts_view(seen: Seen) -> View:
    """Return lengths and scripts of each column of texts; None without any."""
    shown = [_text(one) for one in seen.content["texts"] if "reason" not in one]
    return {"columns": shown} if shown else None


def _text(one: Content) -> Content:
    length = {key: f"{value:,.0f}" for key, value in one["length"].items()}
    facts = [
        ("Length", f"{length['low']}–{length['high']}"),
        ("Median", length["median"]),
        ("Half of them", f"{length['q25']}–{length['q75']}"),
        ("Nine in ten", f"{length['q05']}–{length['q95']}"),
        ("Different ones", f"{one['different_units']:,}"),
        ("Standing once", f"{one['once']:,}"),
        *([] if one["long_share"] is None else [(f"Longer than {one['limit']} tokens", percent(one["long_share"]))]),
        *((script if script == OTHER_SIGNS else f"{script} script", percent(share)) for script, share in one["scripts"]),
    ]
    table = Table((Column("", "words"), Column(one["unit"], "number")), facts)
    lead = f"{counted(one['rows'], 'text')} looked at."
    return {"name": one["name"], "lead": lead, "facts": table, "chart": _length_chart(one)}


def _length_chart(one: Content) -> Chart:
    bins, (width, height) = one["bins"], HISTOGRAM
    counts, start, step = bins["counts"], bins["start"], bins["width"]
    field = Field(Axis(start, start + step * len(counts)), Axis(0, max(counts)), width, height)
    return Chart(
        f"Lengths of {one['name']}", one["unit"], "texts", field.x_ticks(), field.y_ticks(4),
        bars=tuple(field.bar(start + step * i, start + step * (i + 1), n) for i, n in enumerate(counts)),
        width=width, height=height,
    )  # fmt: skip


def images_view(seen: Seen) -> View:
    """Return sizes, colours, brightness and some of each column of images; None without any."""
    shown = [_image(one, seen.has_cells) for one in seen.content["images"] if "reason" not in one]
    return {"columns": shown} if shown else None


def _image(one: Content, has_cells: bool) -> Content:
    sizes = [f"{width:,} × {height:,} ({percent(n / one['rows'])})" for width, height, n in one["sizes"]]
    bright = {key: value_of(value) for key, value in one["brightness"].items()}
    facts = [
        ("Sizes, pixels", _with_more(sizes, one["n_sizes"] - len(sizes))),
        ("Formats", ", ".join(f"{kind} ({percent(n / one['rows'])})" for kind, n in one["formats"])),
        *(("In colour" if kind == "colour" else "Grey", percent(n / one["rows"])) for kind, n in one["colours"]),
        ("Brightness from 0 to 1, median", bright["median"]),
        ("Brightness, nine in ten", f"{bright['q05']}–{bright['q95']}"),
    ]
    table = Table((Column("", "words"), Column("")), facts, "facts")
    samples = [(sample["label"], sample["pictures"]) for sample in one["samples"]] if has_cells else []
    lead = f"{counted(one['rows'], 'image')} looked at."
    return {"name": one["name"], "lead": lead, "facts": table, "samples": samples}
