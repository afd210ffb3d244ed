"""What the report shows, made from the JSON files of a run folder; the template only sets it out."""

import shlex
from collections.abc import Sequence
from typing import Any

from tenon.report.axis import Axis, axis_of
from tenon.report.figures import aligned, decimals, digits, figure, is_bare, p_value, rounded_rows, span
from tenon.report.words import metric_title, metric_titles, reason_of, verdict_of

EDGE = 3.0  # per cent of a bar's width kept free at either end, so that caps and labels are not cut
N_TICKS = 6
FIGURE_SPACE = "\u2007"  # as wide as a digit


def board_view(board: dict[str, Any]) -> dict[str, Any]:
    """Return the leaderboard: rows with figures and the places of their bars in per cent, and the axis."""
    scored = [row for row in board["rows"] if row["score"] is not None]
    axis = axis_of(scored)
    bare = is_bare(*(row[key] for row in scored for key in ("score", "low", "high")))
    texts = aligned([digits(row["score"], row["low"], row["high"], bare) for row in scored])
    return {
        "title": metric_titles(board)[0],
        "ticks": [(_per_cent(axis, value), label) for value, label in axis.ticks(N_TICKS)] if axis else [],
        "rows": [_row_view(row, figures, board, axis) for row, figures in zip(scored, texts, strict=True) if axis],
        "others": [(row["method"], reason_of(row)) for row in board["rows"] if row["score"] is None],
        "is_all_read": all((row.get("read_share") or 1.0) >= 1.0 for row in scored),
    }


def _row_view(row: dict[str, Any], figures: tuple[str, str], board: dict[str, Any], axis: Axis) -> dict[str, Any]:
    score, half = (text.replace(" ", FIGURE_SPACE) for text in figures)
    return {
        "method": row["method"],
        "score": score,
        "half": half,
        "is_on_axis": axis.holds(row),
        "low": _per_cent(axis, row["score"] if row["low"] is None else row["low"]),
        "middle": _per_cent(axis, row["score"]),
        "high": _per_cent(axis, row["score"] if row["high"] is None else row["high"]),
        "said": verdict_of(row, board).removesuffix(" ← chosen").removeprefix("● ").replace("p .", "p\u00a0."),
        "is_tied": bool(row["tied"]) or row["method"] == board.get("leader"),
        "is_chosen": row["method"] == board.get("chosen"),
        "reads": f"{100 * (row.get('read_share') or 1.0):.0f} %",
        "trials": row["trials"],
    }


def _per_cent(axis: Axis, value: float) -> float:
    return round(EDGE + (100 - 2 * EDGE) * axis.place(value), 2)


def key_figures(board: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (what, figure, explanation) of the two or three figures that a reader takes away."""
    found, title = [], metric_title(board["metric"])
    final = board.get("final")
    if final:
        n_decimals, bare = decimals(final["score"], final["low"], final["high"]), is_bare(final["score"], final["high"])
        interval = span(final["low"], final["high"], n_decimals, bare) if final["low"] is not None else ""
        rows = f"the {final['rows']:,} final rows"
        found.append((f"{title} of {board['chosen']} on {rows}", figure(final["score"], n_decimals, bare), interval))
    chosen = next((row for row in board["rows"] if row["method"] == board.get("chosen") and row["score"] is not None), None)
    if chosen and not final:
        score, _, half = digits(chosen["score"], chosen["low"], chosen["high"]).partition(" ")
        found.append((f"{title} of {chosen['method']}, mean over all folds", score, half))
    detectable = board.get("detectable")
    if detectable is not None:
        small = figure(detectable, max(0, decimals(detectable, 0.0, detectable)), is_bare(detectable))
        found.append((f"smallest difference in {title} told apart", small, "in four of five such runs"))
    return found


def matrix_view(board: dict[str, Any], verdicts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row per scored method, best first, with one cell per method: what is said of row against column."""
    names = [row["method"] for row in board["rows"] if row["score"] is not None]
    of_pair = {}
    for verdict in verdicts:
        a, b = verdict["method_a"], verdict["method_b"]
        of_pair[a, b], of_pair[b, a] = _cell(verdict, 1), _cell(verdict, -1)
    empty = {"word": "", "kind": "none", "hint": ""}
    return [{"method": a, "cells": [of_pair.get((a, b), empty) if a != b else None for b in names]} for a in names]


def pairs_view(verdicts: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Return a row of figures for every pair: names, difference with interval, p, p of the cross-check, chances, rows needed."""
    return [_pair(verdict) for verdict in verdicts]


def _pair(verdict: dict[str, Any]) -> tuple[str, ...]:
    effect, low, high = verdict["effect"], verdict["low"], verdict["high"]
    n_decimals, bare = decimals(effect, low, high), is_bare(effect, low, high)
    cross_check, needed = verdict.get("p_nadeau_bengio"), verdict.get("rows_to_confirm")
    return (
        f"{verdict['method_a']} against {verdict['method_b']}",
        f"{figure(effect, n_decimals, bare)} {span(low, high, n_decimals, bare)}",
        _chance(verdict["p_corrected"]),
        "" if cross_check is None else _chance(cross_check),
        ", ".join(_chance(verdict[name]) for name in ("p_better", "p_same", "p_worse")),
        verdict["verdict"],
        rounded_rows(needed) if needed and verdict["verdict"] == "cannot tell" else "",
    )


def _chance(p: float) -> str:
    return p_value(p).removeprefix("p ").replace("1.00", "1")


def _cell(verdict: dict[str, Any], sign: int) -> dict[str, str]:
    effect = sign * verdict["effect"]
    low, high = sorted((sign * verdict["low"], sign * verdict["high"]))
    n_decimals, bare = decimals(effect, low, high), is_bare(effect, low, high)
    p = verdict.get("p_corrected", verdict.get("p_value"))
    hint = f"{figure(effect, n_decimals, bare)} {span(low, high, n_decimals, bare)}"
    word = _word(verdict["verdict"], effect)
    kind = next((kind for kind in ("better", "worse", "same") if kind in word), "none")
    return {"word": word, "kind": kind, "hint": hint + (f", {p_value(p)}" if p is not None else "")}


def _word(verdict: str, effect: float) -> str:
    side = "better" if effect > 0 else "worse"
    words = {"better": side, "worse": side, "small difference": f"slightly {side}", "cannot tell": "?", "no verdict": ""}
    return words.get(verdict, verdict)


def metrics_view(board: dict[str, Any], metrics: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Return every method's score by every metric, the board's own first: headings, and rows of figures in its order."""
    names = [row["method"] for row in board["rows"] if row["score"] is not None]
    columns = []
    order = sorted(metrics, key=lambda name: name != board["metric"])  # stable: the others stay as they are
    for metric in order:
        scores = [metrics[metric][name] for name in names]
        bare = is_bare(*(value for score in scores for value in score.values()))
        columns.append(aligned([digits(s["score"], s["low"], s["high"], bare) for s in scores]))
    cells = [tuple(f"{a} {b}".replace(" ", FIGURE_SPACE) for a, b in row) for row in zip(*columns, strict=True)]
    headings = [metric_titles({"metric": name})[0] for name in order]
    return {"headings": headings, "rows": list(zip(names, cells, strict=True)) if columns else []}


def facts(board: dict[str, Any], run: dict[str, Any], schema: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was done and on what, as (name, value)."""
    asked, about, final = run["asked"], run.get("data", {}), board.get("final")
    roles = {column["role"]: column["name"] for column in schema.get("columns", ()) if column["role"] != "feature"}
    n_features = sum(column["role"] == "feature" and column["kind"] != "ignore" for column in schema.get("columns", ()))
    folds, _, repeats = board["protocol"].partition("x")
    found = [
        ("data", about.get("name", "")),
        ("rows", f"{schema['n_rows']:,}, to compare and to fit" if "n_rows" in schema else ""),
        ("final rows", f"{final['rows']:,}, put aside before anything was fitted" if final else "none put aside"),
        ("columns used", str(n_features or "")),
        ("predicted", f"{asked['target']} ({board['task']})"),
        ("grouped by", roles.get("group", "")),
        ("ordered by", roles.get("time", "")),
        ("weighted by", roles.get("weight", "")),
        ("splits", f"{folds} folds × {repeats} repeats, the same for every method" if repeats else board["protocol"]),
        ("seed", str(asked["seed"])),
        ("budget", asked["budget"]),
        ("data fingerprint", asked["fingerprint"][:16]),
        ("versions", ", ".join(f"{name} {number}" for name, number in sorted(asked["versions"].items()))),
    ]
    return [(name, value) for name, value in found if value]


def command_line(run: dict[str, Any], schema: dict[str, Any], all_methods: Sequence[str]) -> str:
    """Return the line that makes this run again, for a POSIX shell."""
    asked = run["asked"]
    words = ["tenon", "compare", _source(run), "--target", asked["target"], "--task", asked["task"]]
    words += [
        "--metric",
        asked["metric"],
        "--splits",
        asked["protocol"],
        "--seed",
        str(asked["seed"]),
        "--budget",
        asked["budget"],
    ]
    for column in schema.get("columns", ()):
        if column["role"] in ("group", "time"):
            words += [f"--{column['role']}", column["name"]]
        elif column["role"] in ("weight", "id"):
            words += ["--kind", f"{column['name']}={column['role']}"]
        elif column["role"] == "feature" and column["reason"] == "given by --kind":
            words += ["--kind", f"{column['name']}={column['kind']}"]
    for cell in sorted({cell for column in schema.get("columns", ()) for cell in column.get("missing", ())}):
        words += ["--missing", cell]
    for name, value in (("--per", asked.get("per")), ("--rope", asked.get("rope") and repr(asked["rope"]))):
        words += [name, value] if value else []
    if final := run.get("data", {}).get("final_source"):
        words += ["--final", final]
    words += _inside_words(asked)
    for name in sorted(asked.get("predictions", {})):
        words += ["--predictions", f"{name}={name}.csv"]
    if list(asked["methods"]) != list(all_methods):
        words += ["--methods", ",".join(asked["methods"])]
    for method, given in sorted(asked["settings"].items()):
        for name, value in sorted(given.items()):
            words += ["--set", f"{method}.{name}={value}"]
    return shlex.join(words)


def _source(run: dict[str, Any]) -> str:
    """Return the path of the data as the user gave it; a frame has none."""
    about = run.get("data", {})
    return about.get("source") or about.get("name") or "DATA"


def _inside_words(asked: dict[str, Any]) -> list[str]:
    """Return the options that say what happens inside the train rows, and --curve."""
    inner, words = asked.get("inner", {}), []
    if inner.get("tune"):
        words += ["--tune", f"{inner['tune']}:{inner['search']}"]
    if cost := inner.get("cost"):
        positive = "" if cost["positive"] is None else f",positive={cost['positive']}"
        words += ["--cost", f"fn={cost['fn']:g},fp={cost['fp']:g}{positive}"]
    return [*words, "--curve"] if asked.get("curve") else words
