"""The leaderboard as the report shows it: bars on one axis, the figures to take away, and the other metrics."""

from collections.abc import Sequence
from typing import Any

from tenon.report.axis import Axis, axis_of
from tenon.report.figures import decimals, digits, figure, is_bare, span
from tenon.report.tables import Column, Table, padded, score_column
from tenon.report.words import by_reason, is_lower_better, metric_title, metric_titles, verdict_of
from tenon.trials.protocol import ONE_SPLIT

EDGE = 3.0  # per cent of a bar's width kept free at either end, so that caps and labels are not cut
N_TICKS = 6
Row = dict[str, Any]  # of leaderboard.json


def scored_rows(board: dict[str, Any]) -> list[Row]:
    """Return the rows with a score, best first."""
    return [row for row in board["rows"] if row["score"] is not None]


def board_view(board: dict[str, Any]) -> dict[str, Any]:
    """Return the leaderboard: rows with figures and the places of their bars in per cent, and the axis."""
    scored = scored_rows(board)
    axis = axis_of(scored)
    bare = is_bare(*(row[key] for row in scored for key in ("score", "low", "high")))
    texts = padded([digits(row["score"], row["low"], row["high"], bare) for row in scored])
    return {
        "title": metric_titles(board)[0],
        "ticks": ticks_in_per_cent(axis),
        "rows": [_row_view(row, figures, board, axis) for row, figures in zip(scored, texts, strict=True) if axis],
        "others": [(", ".join(names), reason) for names, reason in by_reason([r for r in board["rows"] if r["score"] is None])],
        "is_all_read": all((row.get("read_share") or 1.0) >= 1.0 for row in scored),
    }


def _row_view(row: Row, figures: tuple[str, str], board: dict[str, Any], axis: Axis) -> dict[str, Any]:
    return {
        "method": row["method"],
        "score": figures[0],
        "half": figures[1],
        **bar_view(row, axis),
        "said": verdict_of(row, board).removesuffix("← chosen").rstrip().removeprefix("● "),
        "is_tied": bool(row["tied"]) or row["method"] == board.get("leader"),
        "is_chosen": row["method"] == board.get("chosen"),
        "reads": share_read(row.get("read_share")),
    }


def share_read(share: float | None) -> str:
    """Return in per cent, whole, which share of the texts is read, None: all; 100 % is said of all alone."""
    share = 1.0 if share is None else share
    return f"{min(round(100 * share), 99 if share < 1 else 100)} %"


def bar_view(row: Row, axis: Axis) -> dict[str, Any]:
    """Return the places of a bar's ends and middle, in per cent of the bar's width."""
    low, high = (row["score"] if row[key] is None else row[key] for key in ("low", "high"))
    low, middle, high = (per_cent(axis, value) for value in (low, row["score"], high))
    return {"low": low, "middle": middle, "high": high, "is_on_axis": axis.holds(row)}


def per_cent(axis: Axis, value: float) -> float:
    """Return where a value stands, in per cent of the bar's width."""
    return round(EDGE + (100 - 2 * EDGE) * axis.place(value), 2)


def ticks_in_per_cent(axis: Axis | None) -> list[tuple[float, str]]:
    """Return the labels of the bars' axis with their places."""
    return [(per_cent(axis, value), label) for value, label in axis.ticks(N_TICKS)] if axis else []


def key_figures(board: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (what, figure, interval) of the two or three figures that a reader takes away."""
    found, title = [], metric_title(board["metric"])
    final = board.get("final")
    if final:
        n_decimals, bare = decimals(final["score"], final["low"], final["high"]), is_bare(final["score"], final["high"])
        interval = span(final["low"], final["high"], n_decimals, bare) if final["low"] is not None else ""
        rows = f"{final['rows']:,} final rows, seen by no method before"
        found.append((f"{title} of {board['chosen']} on {rows}", figure(final["score"], n_decimals, bare), interval))
    chosen = next((row for row in scored_rows(board) if row["method"] == board.get("chosen")), None)
    if chosen and not final:
        score, _, half = digits(chosen["score"], chosen["low"], chosen["high"]).partition(" ")
        where = "on one split" if chosen.get("splits") == ONE_SPLIT else "mean over all folds"
        found.append((f"{title} of {chosen['method']}, {where}", score, half))
    detectable = board.get("detectable")
    if detectable is not None:
        small = figure(detectable, max(0, decimals(detectable, 0.0, detectable)), is_bare(detectable))
        of_pairs = ", median over pairs of methods" if len(scored_rows(board)) > 2 else ""
        found.append((f"smallest difference in {title} that four in five such runs would find{of_pairs}", small, ""))
    return found


def metrics_table(board: dict[str, Any], metrics: dict[str, dict[str, dict[str, float]]]) -> Table | None:
    """Return every method's score by every metric, the board's own first; None where there is but one."""
    if len(metrics) < 2:
        return None
    names = [row["method"] for row in scored_rows(board)]
    order = sorted(metrics, key=lambda name: name != board["metric"])  # stable: the others stay as they are
    columns = [score_column([_ends(metrics[metric][name]) for name in names]) for metric in order]
    titles = tuple(Column(metric_titles({"metric": name})[0], "figure") for name in order)
    return Table((Column("Method"), *titles), list(zip(names, *columns, strict=True)), "scores")


def metrics_sentences(board: dict[str, Any], metrics: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """Return which method scores best by each of the other metrics; one sentence where it is that of the board."""
    names = [row["method"] for row in scored_rows(board)]
    others = {metric: _known(scores, names) for metric, scores in metrics.items() if metric != board["metric"]}
    best = {metric: _best_by(metric, known) for metric, known in others.items() if known}
    if len(best) > 1 and set(best.values()) == {board["leader"]}:
        return [f"Best by each of these metrics: {board['leader']}."]
    return [f"Best by {metric_title(metric)}: {method}." for metric, method in best.items()]


def _known(scores: dict[str, dict[str, float]], names: Sequence[str]) -> dict[str, float]:
    """Return the scores there are: predictions without probabilities have no AUC."""
    return {name: scores[name]["score"] for name in names if scores[name]["score"] is not None}


def _best_by(metric: str, known: dict[str, float]) -> str:
    sign = -1 if is_lower_better(metric) else 1
    return max(known, key=lambda name: sign * known[name])


def _ends(score: dict[str, float]) -> tuple[float, float, float]:
    return score["score"], score["low"], score["high"]


def others_table(others: Sequence[tuple[str, str]]) -> Table | None:
    """Return why each method without a score has none; None where all have one."""
    return Table((Column("Not scored"), Column("Why", "words")), list(others), "others") if others else None
