"""The part of look.html on rows as points: map, groups, density; and topics of texts."""

from collections.abc import Sequence
from typing import Any

from tenon.data.wording import enumeration
from tenon.features.origins import IS_MISSING, RARE
from tenon.report.axis import Axis
from tenon.report.chart import Chart, Dot, Field, Line
from tenon.report.language import CUT, Language
from tenon.report.look_words import Seen, dense_sentence, groups_sentence, number, percent, value_of
from tenon.report.tables import Cell, Column, Table
from tenon.report.words import counted

MAP = (360, 290)  # pixels
WIDE, LOW = 620, 220  # pixels of a chart of figures by k, and of the tree
ROOM = 0.04  # of what is shown, kept free on every side
MOST_PARTS = 6  # that colours keep apart; the rest is grey
SHOWN = {"kmeans": "k-means", "ward": "Ward", "uniform": "evenly spread points", "normal": "one normal law",
         "columns": "columns dealt anew"}  # fmt: skip
PARTITIONS = {"kmeans": "k-means", "dense": "HDBSCAN"}
Content = dict[str, Any]  # of look.json
View = dict[str, Any] | None


def map_view(seen: Seen) -> View:
    """Return the rows by their first two components, coloured by the target and by the groups that were found."""
    found = seen.content["map"]
    if "reason" in found:
        return None
    maps = []
    if target := found.get("target"):
        kind = "s" if target["is_number"] else "c"
        maps.append(_map(found, f"by {target['name']}", target["labels"], target["codes"], kind, is_ours=target["is_number"]))
    if "groups" in found:
        labels = [f"group {i + 1}" for i in range(max(found["groups"]) + 1)]
        maps.append(_map(found, "by k-means group", labels, found["groups"], "c", is_ours=True))
    if not maps:
        maps.append(_map(found, "all rows", ["all rows"], [0] * len(found["points"]), "c", is_ours=True))
    shares = enumeration([percent(share) for share in found["shares"][:2]])
    return {
        "lead": f"{counted(found['rows'], 'row')} by their first two principal components, which carry {shares} of the variance.",
        "maps": maps,
        "axes": [(f"{i}", percent(found["shares"][i - 1]), listed(axis, seen)) for i, axis in enumerate(found["axes"], 1)],
    }


def _map(found: Content, title: str, labels: Sequence[str], codes: Sequence[int], kind: str, is_ours: bool) -> Content:
    """Return a map whose dots have the class of their part; parts beyond MOST_PARTS, by falling size, are grey."""
    sizes = [codes.count(code) for code in range(len(labels))]
    order = list(range(len(labels))) if kind == "s" else sorted(range(len(labels)), key=lambda code: -sizes[code])
    css = {code: f"{kind}{rank}" if rank < MOST_PARTS else "rest" for rank, code in enumerate(order)}
    legend = [(labels[code], css[code], sizes[code]) for code in order[:MOST_PARTS]]
    n_rest = sum(sizes[code] for code in order[MOST_PARTS:])
    points = found["points"]
    x_axis, y_axis = (_axis([point[i] for point in points]) for i in (0, 1))
    field = Field(x_axis, y_axis, *MAP)
    dots = tuple(Dot("", *field.at(x, y), css[code]) for (x, y), code in zip(points, codes, strict=True))
    chart = Chart(
        f"Map of the rows, {title}", "component 1", "component 2", field.x_ticks(), field.y_ticks(), dots=dots,
        width=field.width, height=field.height,
    )  # fmt: skip
    return {"title": title, "chart": chart, "legend": legend, "n_rest": n_rest, "is_ours": is_ours}


def _axis(values: Sequence[float]) -> Axis:
    low, high = min(values), max(values)
    room = ROOM * (high - low) or 1.0
    return Axis(low - room, high + room)


def listed(features: Sequence[Content], seen: Seen) -> str:
    """Return "length +.38, sex = M −.25, review “dull” +.2", of words of one column alone "“dull” +.2".

    Without cells … stands in the place of a value or word.
    """
    is_alone = len({one["column"] for one in features}) == 1 and all(one["kind"] == "text" for one in features)
    return ", ".join(f"{_feature(one, seen, is_alone)} {_signed(one['weight'])}" for one in features)


def _feature(one: Content, seen: Seen, is_alone: bool) -> str:
    if not one["part"]:
        return str(one["column"])
    is_ours = one["part"] in (IS_MISSING, RARE)
    part = seen.to(one["part"]) if is_ours else one["part"] if seen.has_cells else CUT
    if one["kind"] != "text" or is_ours:
        return f"{one['column']} = {part}"
    return f"“{part}”" if is_alone else f"{one['column']} “{part}”"


def _signed(value: float) -> str:
    return value_of(value) if value < 0 else f"+{value_of(value)}"


def clusters_view(seen: Seen) -> View:
    """Return the figures by k beside those of data without groups, the groups, the tree, and whether the target agrees."""
    found = seen.content["clusters"]
    if "reason" in found:
        return None
    return {
        "sentence": groups_sentence(found),
        "lead": f"{counted(found['rows'], 'row')} by the first {counted(found['components'], 'principal component')}, which "
        f"carry {percent(found['share'])} of the variance. k is the one with the highest silhouette; the thin lines are the "
        f"highest of {found['draws']} draws of data without groups.",
        "chart": _silhouettes(found, seen.to),
        "groups": _groups(found, seen),
        "dense": dense_sentence(found),
        "tree": _tree(found["tree"]),
        "agreement": _agreement(seen.content),
    }


def _silhouettes(found: Content, to: Language) -> Chart:
    ks = found["ks"]
    figures = {"kmeans": found["kmeans"], "ward": found["ward"], **found["reference"]}
    every = [value for of_one in figures.values() for value in of_one]
    field = Field(Axis(ks[0] - 0.3, ks[-1] + 0.3), Axis(min(0.0, *every), max(every) * 1.05 or 1.0), WIDE, LOW)
    lines = tuple(
        Line(
            to(SHOWN[name]), tuple(field.at(k, value) for k, value in zip(ks, of_one, strict=True)), name in ("kmeans", "ward"),
            tuple(f"{k}: {value_of(value)}" for k, value in zip(ks, of_one, strict=True)),
        )
        for name, of_one in figures.items()
    )  # fmt: skip
    return Chart(
        "Silhouette by the number of groups", "groups, k", "silhouette", field.x_ticks(9), field.y_ticks(), lines=lines,
        width=WIDE, height=LOW,
    )  # fmt: skip


def _groups(found: Content, seen: Seen) -> Table:
    rows = [
        (f"group {i}", f"{n:,}", percent(n / found["rows"]), listed(features, seen))
        for i, (n, features) in enumerate(zip(found["sizes"], found["profiles"], strict=True), 1)
    ]
    titles = (
        Column("", "words"),
        Column("rows", "number"),
        Column("of all", "number"),
        Column("more (+) or less (−) than all rows"),
    )
    return Table(titles, rows)


def _tree(found: Content) -> Chart:
    """Return the last joins of Ward's tree; the leaves are labelled by their numbers of rows."""
    brackets, leaves = found["brackets"], found["leaves"]
    tallest = max(y for bracket in brackets for _, y in bracket)
    field = Field(Axis(-0.6, len(leaves) - 0.4), Axis(0, tallest * 1.05 or 1.0), WIDE, LOW)
    paths = ["M" + "L".join(f"{x},{y}" for x, y in (field.at(*point) for point in bracket)) for bracket in brackets]
    ticks = tuple((field.at(i, 0)[0], f"{n}") for i, n in enumerate(leaves))
    return Chart(
        "Ward's tree", "rows of each branch", "distance", ticks, field.y_ticks(), strokes="".join(paths), width=WIDE, height=LOW
    )


def _agreement(content: Content) -> View:
    found, target = content["clusters"].get("agreement"), content["map"].get("target")
    if not found or not target:
        return None
    rows = [(PARTITIONS[name], value_of(one["rand"]), value_of(one["information"])) for name, one in found.items()]
    titles = Column(""), Column("adjusted Rand index", "number"), Column("adjusted mutual information", "number")
    by = ", parted at its quartiles" if target["is_number"] else ""
    return {"lead": f"How far the groups agree with {target['name']}{by}: 0 is chance, 1 the same.", "table": Table(titles, rows)}


def density_view(seen: Seen) -> View:
    """Return the mixture of each column of numbers and that of all together; None where no column has a density."""
    found = seen.content["density"]
    if "reason" in found:
        return None
    rows = [(one["name"], f"{one['k']}", "; ".join(map(_part, one["parts"]))) for one in found["columns"]]
    titles = Column("Column"), Column("normal laws", "number"), Column("share, mean ± standard deviation of each")
    of_all = found["together"]
    return {
        "lead": f"Mixtures of normal laws by EM on {counted(found['rows'], 'row')}; their number is the one with the smallest "
        "BIC.",
        "table": Table(titles, rows),
        "sentence": of_all and f"All these columns together, by {counted(of_all['components'], 'principal component')}: "
        f"{counted(of_all['k'], 'normal law')}, with {', '.join(percent(share) for share in of_all['shares'])} of the rows.",
        "chart": of_all and _bics(of_all["bics"]),
        "left_out": f"Without a density: {', '.join(found['left_out'])}." if found["left_out"] else "",
    }  # fmt: skip


def _part(one: Content) -> str:
    return f"{percent(one['share'])} {number(one['mean'])} ± {number(one['sd'])}"


def _bics(bics: Sequence[float]) -> Chart:
    ks = range(1, len(bics) + 1)
    room = ROOM * (max(bics) - min(bics)) or 1.0
    field = Field(Axis(0.7, len(bics) + 0.3), Axis(min(bics) - room, max(bics) + room), WIDE, LOW)
    best = min(ks, key=lambda k: bics[k - 1])
    line = Line("", tuple(field.at(k, bic) for k, bic in zip(ks, bics, strict=True)))
    dots = tuple(Dot("", *field.at(k, bics[k - 1]), "chosen" if k == best else "") for k in ks)
    return Chart(
        "BIC by the number of normal laws", "normal laws", "BIC, smaller is better", field.x_ticks(10), field.y_ticks(),
        lines=(line,), dots=dots, width=WIDE, height=LOW,
    )  # fmt: skip


def topics_view(seen: Seen) -> View:
    """Return the words of each topic; None without texts, or without words to be shown."""
    shown = [_topics(one, seen.has_cells) for one in seen.content["topics"]]
    return {"columns": shown} if shown else None


def _topics(one: Content, has_cells: bool) -> Content:
    if "reason" in one:
        return {"name": one["name"], "lead": f"No topics were looked for: {one['reason']}", "table": None}
    best = one["quality"][one["ns"].index(one["n"])]
    lead = (
        f"{one['n']} topics of {one['rows']:,} texts, by non-negative factors: of {one['ns'][0]} to {one['ns'][-1]}, the number "
        f"with the highest quality, {value_of(best)} (coherence of a topic's words times diversity of all times "
        "share of texts that hold one)."
    )
    n_texts = sum(topic["texts"] for topic in one["topics"]) or 1
    rows: list[tuple[str | Cell, ...]] = [
        (
            f"topic {i}",
            percent(topic["texts"] / n_texts),
            value_of(topic["coherence"]),
            ", ".join(topic["words"]) if has_cells else CUT,
        )
        for i, topic in enumerate(one["topics"], 1)
    ]
    titles = Column("", "words"), Column("of the texts", "number"), Column("coherence", "number"), Column("Its first words")
    return {"name": one["name"], "lead": lead, "table": Table(titles, rows, "brief")}
