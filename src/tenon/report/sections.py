"""The sections of the report in their order; one without its data gives None and is left out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tenon.report import asked, cost, learning, lengths, mistakes, pairs, probabilities, slices
from tenon.report.careful import careful_view, told
from tenon.report.figures import plain
from tenon.report.kept import Kept
from tenon.report.language import CUT
from tenon.report.leaderboard import board_view, metrics_sentences, metrics_table, others_table, scored_rows
from tenon.report.rows import lead_of, rows_view
from tenon.report.tables import Column, Table, number_column
from tenon.report.thesis import thesis_of
from tenon.report.training import training_view
from tenon.report.words import metric_title

Made = dict[str, Any] | None  # what the section's template shows
INSIGHTS = {  # sections of insights.json and rows.json, as the list of what is not shown calls them
    "lengths": "From short texts to long ones",
    "calibration": "Calibration",
    "pr": "Precision and recall",
    "residuals": "Residuals",
    "slices": "Parts of the rows",
    "twice": "Score at twice the labels",
    "most_wrong": "Most wrong rows",
    "doubtful": "Labels worth a second look",
    "label_next": "Rows worth labelling next",
}
OF_COURSE = ("no_classes", "classes", "no_unlabelled", "no_long_texts")  # there is no such thing: nobody misses it


def _leaderboard(kept: Kept) -> Made:
    view = board_view(kept.board)
    return {"view": view, "others": others_table([(name, _told(reason, kept) or CUT) for name, reason in view["others"]])}


def leaks(kept: Kept) -> list[str]:
    """Return the sentences that nobody may miss: what gives the target away."""
    return [_told(one["sentence"], kept) or CUT for one in kept.checks if one["severity"] == "leak"]


def to_mind(kept: Kept) -> str:
    """Return how many things there are to be careful about, "" where there are none."""
    n = len(kept.checks) + len(kept.board["notes"])
    return f"{n} {'thing' if n == 1 else 'things'} to be careful about" if n else ""


def _careful(kept: Kept) -> Made:
    """Return findings of the checks and notes of the run."""
    return careful_view([*kept.checks, *({"sentence": note} for note in kept.board["notes"])], kept.has_cells, "the run folder")


def _told(text: str, kept: Kept) -> str:
    """Return a sentence that another room composed, as the page may show it."""
    return told(text, kept.has_cells)


def _done(kept: Kept) -> Made:
    columns = [
        (column["name"], column["kind"], _role(column), _told(column["reason"], kept))
        for column in kept.schema.get("columns", ())
    ]
    titles = Column("Column"), Column("Kind", "words"), Column("Role", "words"), Column("Because", "words")
    facts = Table((Column("", "words"), Column("", "words")), asked.facts(kept.board, kept.run, kept.schema), "facts")
    return {"facts": facts, "columns": Table(titles, columns, "columns") if columns else None}


def _role(column: dict[str, Any]) -> str:
    return "ignored" if column["kind"] == "ignore" and column["role"] == "feature" else str(column["role"])


def _pairs(kept: Kept) -> Made:
    matrix = pairs.matrix_table(kept.board, kept.verdicts)
    rope = plain(kept.board.get("rope", 0.0))
    if matrix is None:
        return None
    return {
        "sentence": pairs.pairs_sentence(kept.board, kept.verdicts),
        "matrix": matrix,
        "pairs": pairs.pairs_table(kept.verdicts),
        "rope": rope,
        "most_words": pairs.MOST_WORDS,
    }


def _metrics(kept: Kept) -> Made:
    metrics = kept.scores.get("metrics", {})
    table, decided_by = metrics_table(kept.board, metrics), metric_title(kept.board["metric"])
    said = metrics_sentences(kept.board, metrics)
    return {"sentences": said, "metrics": table, "decided_by": decided_by} if table else None


def _cost(kept: Kept) -> Made:
    section = kept.section("cost")
    if section is None:
        return None
    charts, table = cost.cost_charts(section, kept.board), cost.cost_table(section, kept.board)
    return {
        "sentence": cost.cost_sentence(section, kept.board),
        "lead": cost.cost_lead(kept.board),
        "charts": charts,
        "table": table,
    }


def _lengths(kept: Kept) -> Made:
    section = kept.section("lengths")
    return None if section is None else lengths.lengths_view(section)


def _time(kept: Kept) -> Made:
    """Return what was measured, where a run has no section on cost."""
    if kept.section("cost") or not kept.timings:
        return None
    names = [row["method"] for row in scored_rows(kept.board) if row["method"] in kept.timings]
    seconds = [number_column([kept.timings[name][key] for name in names]) for key in ("fit_seconds", "predict_seconds")]
    memory = number_column([kept.timings[name]["held_bytes"] / 1e6 or None for name in names], 3)
    titles = (Column("Method"), *(Column(title, "figure") for title in ("Fit, s", "Predict, s", "Memory, MB")))
    return {"timings": Table(titles, list(zip(names, *seconds, memory, strict=True)), "scores")}


def _learning(kept: Kept) -> Made:
    twice = kept.section("twice")
    chart = learning.curve_chart(kept.board, kept.curves, twice)
    if chart is None and twice is None:
        return None
    reason = kept.insights.get("twice", {}).get("reason", "")
    sentence = learning.twice_sentence(twice, kept.board) if twice else learning.no_twice_sentence(reason) if reason else ""
    table = learning.curve_table(kept.board, kept.curves)
    return {"chart": chart, "table": table, "sentence": sentence, "has_fit": twice is not None}


def _training(kept: Kept) -> Made:
    return {"networks": training_view(kept.histories, kept.language)} if kept.histories else None


def _mistakes(kept: Kept) -> Made:
    confusion = mistakes.confusion_table(kept.board, kept.scores)
    section = kept.section("residuals")
    if confusion is None and section is None:
        return None
    residuals = section and {"chart": mistakes.residual_chart(section), "sentences": mistakes.residual_sentences(section)}
    return {
        "sentences": mistakes.confusion_sentences(kept.board, kept.scores) if confusion else [],
        "confusion": confusion,
        "confusions": mistakes.confusions_table(kept.board, kept.scores),
        "residuals": residuals,
    }


def _probabilities(kept: Kept) -> Made:
    roc = probabilities.roc_chart(kept.board, kept.scores)
    pr, calibration = kept.section("pr"), kept.section("calibration")
    if not (roc or pr or calibration):
        return None
    return {
        "roc": roc,
        "pr": pr and probabilities.pr_view(pr),
        "calibration": calibration and probabilities.calibration_view(calibration),
    }


def _slices(kept: Kept) -> Made:
    section = kept.section("slices")
    return None if section is None else slices.slices_view(section, kept.has_cells)


def _rows(kept: Kept) -> Made:
    rows = rows_view(kept.rows)
    return {"rows": rows, "lead": lead_of(kept.rows)} if rows else None


def _again(kept: Kept) -> Made:
    command = asked.command_line(kept.run, kept.schema, kept.has_cells)
    sections = {name: kept.insights.get(name) or kept.rows.get(name) or {} for name in INSIGHTS}
    left_out = [
        (INSIGHTS[name], _told(section["reason"], kept) or CUT)
        for name, section in sections.items()
        if "reason" in section and section.get("code") not in OF_COURSE and not (name == "twice" and kept.curves)
    ]
    return {"command": command, "left_out": left_out, "next": asked.next_lines(kept.board)}


def _thesis(kept: Kept) -> Made:
    return vars(thesis_of(kept.board, kept.run, kept.schema, kept.language))


@dataclass(frozen=True)
class Section:
    """A part of the page: templates/sections/<name>.html shows what `make` returned, under the title."""

    name: str
    title: str
    make: Callable[[Kept], Made]


SECTIONS = (
    Section("leaderboard", "Leaderboard", _leaderboard),
    Section("careful", "What to be careful about", _careful),
    Section("done", "What was done, and on what", _done),
    Section("pairs", "Every pair", _pairs),
    Section("metrics", "By other metrics", _metrics),
    Section("cost", "Score against cost", _cost),
    Section("time", "Time", _time),
    Section("lengths", "From short texts to long ones", _lengths),
    Section("learning", "What more rows would bring", _learning),
    Section("training", "How the networks were trained", _training),
    Section("mistakes", "Where the chosen method errs", _mistakes),
    Section("probabilities", "Ranking and probabilities", _probabilities),
    Section("slices", "Parts of the rows", _slices),
    Section("rows", "Single rows", _rows),
    Section("again", "To run it again", _again),
    Section("thesis", "For a thesis or paper", _thesis),
)


def sections_of(kept: Kept) -> list[tuple[Section, dict[str, Any]]]:
    """Return every section that has its data, with what it shows."""
    made = [(section, section.make(kept)) for section in SECTIONS]
    return [(section, shown) for section, shown in made if shown is not None]
