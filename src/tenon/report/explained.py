"""explain.html: what the chosen model goes by, as one page of its own, made from explain.json alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tenon.data.wording import enumeration
from tenon.features.origins import IS_MISSING, RARE
from tenon.files import write_text
from tenon.report.axis import Axis
from tenon.report.dependence import dependence_view
from tenon.report.explained_row import called, n_decimals, row_view, unit_of
from tenon.report.figures import digits, figure, is_bare, short, signed
from tenon.report.language import CUT, LANGUAGES, Language, language
from tenon.report.leaderboard import bar_view, per_cent, ticks_in_per_cent
from tenon.report.page import environment
from tenon.report.placed_rows import placed_view
from tenon.report.sequences import above, lead_of, sequence_view
from tenon.report.swarm import swarm
from tenon.report.tables import Column, Table, number_column, padded, point_column
from tenon.report.words import metric_title
from tenon.tasks import SEQUENCES
from tenon.trees.show import HESSIAN, Shown, tree_svg, tree_text
from tenon.trials.choice import BASELINE
from tenon.trials.folder import RunFolder

FIRST_SHOWN = 15  # columns; the others are folded away
MOST_NAMED = 4  # columns, in the headline
Content = dict[str, Any]  # of explain.json
OF_THE_METHOD = ("contributions", "coefficients", "words", "tree")  # sections that only the method itself can fill
OF_BASELINE = (
    "The baseline was chosen, since no method is known to be better, and a run keeps only the chosen model. More rows, or fewer "
    "methods (--methods), may show one to be better, which is then explained."
)
CHANGED = "If you change anything because of this, the final score is no longer one of rows that decided nothing."


def write_explained(run_folder: Path, content: Content, lang: str = "en", no_rows: bool = False) -> Path:
    """Write explain.html into the run's folder and return its path.

    no_rows : keep cells, words and values of columns out of it. Raises SettingsError for a language that there is not.
    """
    to = language(lang)
    version = RunFolder(run_folder).read("run.json")["asked"]["versions"].get("tenon", "")
    view = {
        "html_lang": LANGUAGES[to.code],
        "kicker": _kicker(content),
        "headline": headline(content),
        "notes": [*notes(content), *([CHANGED] if content["is_final"] else [])],
        "has_cells": not no_rows,
        "folder": "explain",
        "sections": _sections(content, not no_rows, to),
        "version": version,
    }
    path = run_folder / "explain.html"
    write_text(path, environment(to).get_template("explain.html").render(view))
    return path


def _kicker(content: Content) -> str:
    if content["task"] in SEQUENCES:
        return f"What {content['method']} says of single rows"
    return f"What {content['method']} goes by when it predicts {content['target']}"


def headline(content: Content) -> str:
    """Return the sentence that matters: the column that the score hangs on most; of sequences what is shown."""
    if content["task"] in SEQUENCES:
        return above(content["task"], content["method"])
    metric, method, falls = metric_title(content["metric"]), content["method"], content["importance"]
    if "reason" in falls:
        return f"What {method} goes by cannot be measured on these rows: {falls['reason']}"
    sure = sorted((one for one in [*falls["columns"], *falls["together"]] if one["low"] > 0), key=lambda one: -one["fall"])
    if not sure:
        return f"No column alone makes the {metric} of {method} worse for sure."
    names, by = sure[0]["columns"], digits(sure[0]["fall"], sure[0]["low"], sure[0]["high"])
    if len(falls["columns"]) == 1:
        return f"{method} reads {names[0]} alone: with its cells dealt anew, {metric} gets worse by {by}."
    if len(names) == 1:
        return f"{method} goes by {names[0]} most: with its cells dealt anew, {metric} gets worse by {by}."
    return (
        f"{method} goes by {_listed(names)} most, which carry nearly the same: with their cells dealt anew together, {metric} "
        f"gets worse by {by}."
    )


def _listed(names: Sequence[str]) -> str:
    """Return "a, b and c", or "a, b and 4 more columns"."""
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} more columns"]
    return enumeration(names)


def notes(content: Content) -> list[str]:
    """Return on which rows this was found and how to read it."""
    rows, method = f"{content['rows']:,}", content["method"]
    if content["is_final"]:
        said = [f"Found on {rows} final rows, which the model did not see."]
    elif content["n_parts"] == 1:
        said = [
            f"There are no final rows: {method} was fitted again on one split, and {rows} rows were asked that it did not see."
        ]
    else:
        said = [
            f"There are no final rows: {method} was fitted again on the {content['n_parts']} folds of the first repeat, and the "
            f"{rows} rows were each asked of the model that did not see them."
        ]
    if method == BASELINE:
        said.insert(0, OF_BASELINE)
    if content["rows"] < content["rows_in_all"]:
        said.append(f"They were drawn at random from {content['rows_in_all']:,}.")
    if content["has_groups"] and "columns" in content["importance"]:
        said.append("Rows of one group count as one in the intervals.")
    if content.get("is_calibrated") and any(content[name] for name in OF_THE_METHOD):
        said.append("Probabilities were calibrated; contributions, coefficients, words and trees are of the model before that.")
    if content["task"] in SEQUENCES:
        return said if content["task"] == "answer" else [*said, f"{method} reads a single column, so there are none to compare."]
    return [*said, "What a model goes by need not be what causes the target."]


def _sections(content: Content, has_cells: bool, to: Language) -> list[tuple[str, str, Any]]:
    """Return (template, title, view) of the sections that have something to show."""
    row = content["row"]
    if content["task"] in SEQUENCES:
        return _of_sequences(content, to) if has_cells else []
    made = [
        ("row", f"Row {row['row']:,}" if row else "", row and row_view(row, content, has_cells)),
        ("importance", "What the score hangs on", _importance(content)),
        ("dependence", "How the answers change with a column", has_cells and dependence_view(content)),
        ("robustness", "When rows are worse than these", _robustness(content)),
        ("contributions", "What moves the answers", _contributions(content)),
        ("coefficients", "Coefficients", _coefficients(content, has_cells, to)),
        ("words", "Words that speak for each answer", has_cells and _words(content)),
        ("placed", "Rows that the model did not see", has_cells and placed_view(content)),
        ("tree", "The tree", has_cells and _tree(content, to)),
    ]
    return [one for one in made if one[2]]


def _of_sequences(content: Content, to: Language) -> list[tuple[str, str, Any]]:
    row, task = content["row"], content["task"]
    asked = [("sequence", f"Row {row['row']:,}", sequence_view(row, task, to))] if row else []
    shown = [sequence_view(one, task, to) for one in content["sequences"]["rows"]]
    view = {"lead": lead_of(content), "caption": shown[0].caption if shown else "", "rows": shown}
    falls = _importance(content)  # of questions and contexts; other sequences are a single column
    columns = [("importance", "What the score hangs on", falls)] if falls else []
    return [*asked, *columns, ("sequences", "Rows that the model did not see", view)]


def fall_axis(falls: Sequence[Content]) -> Axis:
    """Return the axis that the falls share; it holds 0."""
    low, high = min([0.0, *(one["low"] for one in falls)]), max([0.0, *(one["high"] for one in falls)])
    return Axis(low, high) if high > low else Axis(-0.01, 0.01)


def _importance(content: Content) -> Content | None:
    falls = content["importance"]
    if "reason" in falls:
        return None
    every = [*falls["columns"], *falls["together"]]
    axis, bare = fall_axis(every), is_bare(*(one[key] for one in every for key in ("fall", "low", "high")))
    texts = padded([fall_figure(one, bare) for one in every])
    rows = [_fall_row(one, text, axis) for one, text in zip(every, texts, strict=True)]
    n = len(falls["columns"])
    return {
        "metric": metric_title(content["metric"]),
        "lead": f"By how much {metric_title(content['metric'])} gets worse when the cells of a column are dealt anew among the "
        f"rows, mean of {falls['n_permutations']} times, with its 95 % interval. In colour: surely worse. "
        "Each interval holds on its own.",
        "ticks": ticks_in_per_cent(axis),
        "zero": per_cent(axis, 0.0),
        "rows": rows[:n][:FIRST_SHOWN],
        "more": rows[:n][FIRST_SHOWN:],
        "together": rows[n:],
    }


def _fall_row(one: Content, text: tuple[str, str], axis: Axis) -> Content:
    return {
        "name": " + ".join(one["columns"]),
        "figure": text[0],
        "half": text[1],
        "is_sure": one["low"] > 0,
        "bar": bar_view({"score": one["fall"], "low": one["low"], "high": one["high"]}, axis),
    }


def _robustness(content: Content) -> Content | None:
    section = content.get("robustness")
    if not section:
        return None
    falls = section["rows"]
    axis, bare = fall_axis(falls), is_bare(*(one[key] for one in falls for key in ("fall", "low", "high")))
    texts = padded([fall_figure(one, bare) for one in falls])
    are_bare = is_bare(*(one["score"] for one in falls))
    scores = point_column([figure(one["score"], 3, True) if are_bare else short(one["score"]) for one in falls])
    return {
        "lead": f"By how much {metric_title(content['metric'])} gets worse when rows are disturbed on purpose, mean of "
        f"{section['n_draws']} draws, with its 95 % interval. The verdicts hold for all disturbances together.",
        "ticks": ticks_in_per_cent(axis),
        "zero": per_cent(axis, 0.0),
        "metric": metric_title(content["metric"]),
        "rows": [
            {"name": one["what"], "score": score, "figure": text[0], "half": text[1], "verdict": one["verdict"],
             "is_sure": one["verdict"] == "worse",
             "bar": bar_view({"score": one["fall"], "low": one["low"], "high": one["high"]}, axis)}
            for one, text, score in zip(falls, texts, scores, strict=True)
        ],
    }  # fmt: skip


def fall_figure(one: Content, bare: bool) -> str:
    """Return a fall and half its interval, in the digits that the interval bears."""
    return digits(one["fall"], one["low"], one["high"], bare).replace("-", "−")


def _contributions(content: Content) -> Content | None:
    section = content["contributions"]
    if not section or not section["columns"]:
        return None
    unit = unit_of(section["unit"], section["answer"], content)
    shown = section["columns"][:FIRST_SHOWN]
    means = number_column([one["mean"] for one in shown])
    return {
        "unit": unit,
        "lead": f"Mean size of each column's contribution to {unit}, over {section['rows']:,} rows (exact Shapley values, which "
        "add up to the answer).",
        "swarm": swarm(shown) if section["answer"] is not None else None,
        "rows": [{"name": one["column"], "mean": mean} for one, mean in zip(shown, means, strict=True)],
        "longest": shown[0]["mean"],
        "shares": [round(100 * one["mean"] / shown[0]["mean"], 1) for one in shown],
        "n_more": len(section["columns"]) - len(shown),
    }


def _coefficients(content: Content, has_cells: bool, to: Language) -> Content | None:
    section = content["coefficients"]
    if not section:
        return None
    rows, has_answers = section["rows"], len(section["answers"]) > 1
    figures = [point_column([signed(row[key], n_decimals(row[key]), False) if row[key] is not None else "" for row in rows])
               for key in ("coefficient", "per_unit")]  # fmt: skip
    parts = [_part(row, has_cells, to) for row in rows]
    titles = [Column("Column"), Column("Part"), Column("Coefficient", "figure"), Column("Per unit", "figure")]
    columns = [[row["column"] for row in rows], parts, *figures]
    if not any(parts):  # numbers alone
        titles, columns = [titles[0], *titles[2:]], [columns[0], *figures]
    if has_answers:
        titles.insert(-2, Column("Speaks for"))
        columns.insert(-2, [str(row["answer"]) for row in rows])
    answer = None if has_answers else section["answers"][0]
    return {
        "lead": f"By how much {unit_of(section['scale'], answer, content)} rises where a column is one step larger on the scale "
        "that the method uses (unless set otherwise, a standard deviation; for a value, that it is there); per unit: where it "
        "is larger by 1 in its own unit.",
        "more": f"The {len(rows)} largest of {section['of']:,} are shown." if section["of"] > len(rows) else "",
        "table": Table(tuple(titles), list(zip(*columns, strict=True)), "scores"),
    }


def _part(row: Content, has_cells: bool, to: Language) -> str:
    """Return what a feature says of its column: a value as it is, anything else in the language of the page."""
    part = str(row["part"])
    if row["kind"] != "category" or part in (IS_MISSING, RARE):
        return to(part)
    return part if has_cells else CUT


def _words(content: Content) -> Content | None:
    if not content["words"]:
        return None
    unit = unit_of(content["word_scale"], None, content)
    lead = f"The weight of each word: what a unit of it (TF-IDF) adds to {unit}, or takes from it."
    if n := content["words"][0].get("rows"):
        lead = (
            f"What each word adds to {unit} where it stands: the mean over {n:,} rows, with half its 95 % interval. Words in "
            "fewer than 3 of them, and those whose interval holds 0, are left out."
        )
    return {
        "lead": lead,
        "sides": word_panels(content["words"], content),
    }


def word_panels(sides: Sequence[Content], content: Content) -> list[Content]:
    """Return for each text column and answer its words, with the length of their bars in per cent."""
    longest = max((weight for side in sides for _, weight in side["words"]), default=1.0)
    several = len({side["column"] for side in sides}) > 1
    return [
        {
            "answer": side["answer"] if content["task"] == "regression" else called(side["answer"], content),
            "column": side["column"] if several else "",
            "is_word": content["task"] == "regression",
            "words": [
                (word, text, round(100 * weight / longest, 1))
                for (word, weight), text in zip(side["words"], _weights(side), strict=True)
            ],
        }
        for side in sides
    ]


def _weights(side: Content) -> list[str]:
    """Return the weights of words as text, with half their intervals where they have some."""
    if "ends" not in side:
        return [short(weight, 2) for _, weight in side["words"]]
    return [digits(weight, low, high, bare=False) for (_, weight), (low, high) in zip(side["words"], side["ends"], strict=True)]


def _tree(content: Content, to: Language) -> Content | None:
    section = content["tree"]
    if not section:
        return None
    root, n = _shown(section["root"], to), section["n"]
    lead = f"It has {section['leaves']:,} leaves; {section['deepest']} levels are drawn."
    if n > 1:
        lead = f"The first of {n:,} trees, which alone says little; {section['deepest']} levels are drawn."
    elif _n_leaves(root) == section["leaves"]:
        lead = f"It has {section['leaves']:,} leaves; all are drawn."
    is_share = root.holds.endswith("%")
    boxes = "A box holds its train rows" + (" and the share of their commonest class." if is_share else ".")
    if section["root"]["holds"].startswith(HESSIAN):
        boxes = "A box holds the sum of Hessians of its train rows: what boosting counts in the place of rows."
    return {"lead": lead, "boxes": boxes, "svg": tree_svg(root, to("The tree")), "text": tree_text(root)}


def _shown(node: Content, to: Language) -> Shown:
    """Return a node of explain.json in the language of the page; columns and classes keep their names."""
    children = tuple(_shown(child, to) for child in node["children"])
    return Shown(node["says"], to(node["holds"]), node["question"], tuple(map(to, node["answers"])), children)


def _n_leaves(node: Shown) -> int:
    return sum(map(_n_leaves, node.children)) if node.children else 1
