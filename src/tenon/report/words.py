"""What the figures of a board say in words; the only words for a verdict are those of the board test."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenon.report.figures import decimals, figure, is_bare, p_value, rounded_rows, span

if TYPE_CHECKING:
    from tenon.metrics import Metric


BEHIND = ("worse", "small difference")  # words for a method that was told apart from the best
SAME = {"same": "the same in practice", "same predictions": "the same on every row"}
NO_VERDICT = "no verdict"  # of rows that nothing is said of
MANY_ROWS = 1_000_000  # a need of more than these is no advice
PER = " per "  # between a metric and the column that it is computed per


def metric_title(name: str) -> str:
    """Return the metric's name as people write it ("auc per user" as "GAUC per user"); other names stay as they are."""
    from tenon.metrics.by_group import title_per_group
    from tenon.trials.per import split_per

    metric, (_, _, per) = _metric(name), name.partition(PER)
    if metric is None:
        return name
    return title_per_group(metric.title, *split_per(per)) if per else metric.title


def is_lower_better(name: str) -> bool:
    """Tell whether a smaller score is a better one."""
    metric = _metric(name)
    return metric is not None and not metric.greater_is_better


def _metric(name: str) -> "Metric | None":
    """Return the metric of this key or title; of one per group the metric that it is made of."""
    from tenon.metrics.cost import COST, cost_metric
    from tenon.metrics.sequences import EVERY_METRIC

    name = name.partition(PER)[0]
    if name == COST:
        return cost_metric((1.0, 1.0))
    return EVERY_METRIC.get(name) or next((metric for metric in EVERY_METRIC.values() if metric.title == name), None)


def metric_titles(board: dict[str, Any]) -> tuple[str, ...]:
    """Return headings for the column of scores, longest first; they say the direction where it is down."""
    title = metric_title(board.get("metric") or "score")
    if is_lower_better(board.get("metric") or ""):
        return f"{title}, lower is better", f"{title} ↓", title
    return (title,)


FULL, MEDIUM, SHORT = range(3)  # how much is said of a verdict


def verdict_of(row: dict[str, Any], board: dict[str, Any], detail: int = FULL) -> str:
    """Return what the board says of a scored row: "● tied", "worse by .054 (.040–.068), p .002"; "" while nothing is known.

    MEDIUM leaves out the interval, SHORT all figures.
    """
    chosen = " ← chosen" if row["method"] == board.get("chosen") else ""
    return f"{_standing(row, board, detail)}{chosen}".strip()


def _standing(row: dict[str, Any], board: dict[str, Any], detail: int) -> str:
    word = row.get("word") or ""
    if row["method"] == board.get("leader"):
        if any(other.get("word") == NO_VERDICT for other in board["rows"]):
            return ""
        has_company = sum(bool(other.get("tied")) for other in board["rows"]) > 1
        return "● tied with the best" if has_company and detail < SHORT else "● best"
    if row.get("tied") and word != NO_VERDICT:
        return f"● tied, {SAME[word]}" if word in SAME and detail < SHORT else "● tied"
    if word not in BEHIND:
        return ""
    return "worse" if detail == SHORT or row.get("effect") is None else _distance(row, word, detail)


def _distance(row: dict[str, Any], word: str, detail: int) -> str:
    """Return "slightly worse by .009 (.004–.014), p .02"; `effect` is how much better the row is than the best."""
    by, low, high = -row["effect"], -row["effect_high"], -row["effect_low"]
    n_decimals, bare = decimals(by, low, high), is_bare(by, low, high, row["score"])
    said = f"{'slightly ' if word == 'small difference' else ''}worse by {figure(by, n_decimals, bare)}"
    if detail == FULL:
        said += f" {span(low, high, n_decimals, bare)}"
    return said if row.get("p_value") is None else f"{said}, {p_value(row['p_value'])}"


def reason_of(row: dict[str, Any]) -> str:
    """Return why a row has no score: its status and reason, the status once."""
    status, reason = row.get("status", ""), row.get("reason", "")
    return reason if reason.startswith(status) else f"{status}: {reason}" if reason else status


def by_reason(rows: Sequence[dict[str, Any]]) -> list[tuple[list[str], str]]:
    """Return the methods without a score that have the same status and reason, in the order of the board, with these."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(reason_of(row), []).append(row["method"])
    return [(names, reason) for reason, names in found.items()]


def final_sentence(board: dict[str, Any]) -> str:
    """Return what the chosen model scores on the final rows; "" where none were put aside."""
    final = board.get("final")
    if not final:
        return ""
    n_decimals = decimals(final["score"], final["low"], final["high"])
    bare = is_bare(final["score"], final["low"], final["high"])
    score = figure(final["score"], n_decimals, bare)
    interval = f" {span(final['low'], final['high'], n_decimals, bare)}" if final["low"] is not None else ""
    rows = f"{final['rows']:,} final rows" if final.get("rows") else "final rows"
    return f"On the {rows}, seen by no method before, {board['chosen']} scores {score}{interval}."


def rows_sentence(board: dict[str, Any]) -> str:
    """Return how many rows would settle what this run cannot tell: the chosen method, or the next, against the best."""
    tied = [
        row for row in board["rows"] if row.get("word") == "cannot tell" and 0 < (row.get("rows_to_call_same") or 0) <= MANY_ROWS
    ]
    row = next((row for row in tied if row["method"] == board.get("chosen")), tied[0] if tied else None)
    if row is None:
        return ""
    n_same = rounded_rows(row["rows_to_call_same"])
    said = f"To call {board['leader']} and {row['method']} the same would take about {n_same} rows, if they are"
    if not 0 < (row.get("rows_to_confirm") or 0) <= MANY_ROWS:
        return f"{said}."
    return f"{said}; to confirm a difference as small as theirs here, about {rounded_rows(row['rows_to_confirm'])}."


def also_sentences(board: dict[str, Any]) -> list[str]:
    """Return what can be said of each variant against its method: whether the setting helps."""
    return [said for pair in board.get("also", ()) if (said := _also(pair))]


def _also(pair: dict[str, Any]) -> str:
    row, method, word = pair["method"], pair["of"], pair["verdict"]
    texts = f"texts of the {pair['stage']}" if "stage" in pair else ""
    if word == NO_VERDICT:
        what = f"What the {texts} earned, {row} against {method}," if texts else f"Whether {row} is better than {method}"
        return f"{what} cannot be told: this run gives no verdicts."
    if word == "same predictions":
        return f"The {texts} change no prediction of {row}." if texts else f"{row} and {method} are the same on every row."
    n_decimals, bare = decimals(pair["effect"], pair["low"], pair["high"]), is_bare(pair["effect"], pair["low"], pair["high"])
    side, low, high = "better", pair["low"], pair["high"]
    if pair["effect"] < 0:
        side, low, high = "worse", -high, -low
    distance = f"{figure(abs(pair['effect']), n_decimals, bare)} {span(low, high, n_decimals, bare)}"
    by = f"{distance}, {p_value(pair['p_value'])} over all pairs"
    if texts:
        return _of_stage(texts, word, side, by, method)
    if word in ("better", "worse", "small difference"):
        return f"{row} is {'slightly ' if word == 'small difference' else ''}{side} than {method}, by {by}."
    begins = {"same": f"{row} and {method} are the same in practice", "cannot tell": f"{row} cannot be told from {method}"}
    return f"{begins[word]}: {side} by {by}." if word in begins else ""


def _of_stage(texts: str, word: str, side: str, by: str, without: str) -> str:
    """Return what reading these texts earned, against the row that did without them."""
    if word in ("better", "worse", "small difference"):
        slightly = " only" if word == "small difference" else ""
        return f"The {texts} {'earned' if side == 'better' else 'cost'}{slightly} {by}, against {without}."
    begins = {"same": f"The {texts} earned nothing in practice", "cannot tell": f"What the {texts} earned cannot be told"}
    return f"{begins[word]}: {side} than {without} by {by}." if word in begins else ""


def swing_sentence(board: dict[str, Any]) -> str:
    """Return why a method is tied although one that scores better is not; "" where the scores part both alike."""
    behind = ""
    for row in board["rows"]:
        if behind and row.get("tied") and row.get("word") != NO_VERDICT:
            return f"{row['method']} is tied although {behind} scores better: its score swings more from split to split."
        behind = behind or (row["method"] if row.get("word") in BEHIND else "")
    return ""


def counted(n: int, what: str) -> str:
    """Return "1 step", "1,200 steps"."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def optimism_sentence(board: dict[str, Any]) -> str:
    """Return how much choosing among several flatters the chosen score, and what to expect of new rows."""
    chosen = next((row for row in board["rows"] if row["method"] == board.get("chosen")), None)
    if chosen is None or chosen.get("score") is None or board.get("optimism") is None:
        return ""
    n_scored = sum(row.get("score") is not None for row in board["rows"])
    if n_scored < 2:
        return ""
    n_decimals = decimals(chosen["score"], chosen.get("low"), chosen.get("high"))
    bare = is_bare(chosen["score"], board["expected"])
    score, by, expected = (figure(number, n_decimals, bare) for number in (chosen["score"], board["optimism"], board["expected"]))
    said = f"Choosing among {n_scored} flatters {chosen['method']}'s {score}"
    if score == expected or float(by.replace(",", "")) == 0:
        return f"{said} by less than {figure(10.0**-n_decimals, n_decimals, bare)}."
    return f"{said} by about {by}: expect about {expected} on new rows."


def inside_sentences(board: dict[str, Any]) -> list[str]:
    """Return what was found inside the train rows for the chosen model: settings tried, threshold, calibration."""
    inside, said = board.get("inside") or {}, []
    if "tuned" in inside:
        settings = ", ".join(f"{name} {_short(value)}" for name, value in inside["tuned"].items())
        said.append(f"Settings found among {len(inside['tries'])} tried inside the train rows ({inside['search']}): {settings}.")
    if "balance" in inside:
        said.append(f"Classes were balanced inside the train rows: {inside['balance']}.")
    if "augment" in inside:
        said.append(f"Changed copies of the texts were added inside the train rows: {inside['augment']}.")
    if "calibrate" in inside:
        said.append(f"Probabilities are calibrated on held-out train rows: {inside['calibrate']}.")
    if "threshold" in inside:
        threshold = inside["threshold"]
        said.append(
            f"It says {threshold['positive']} from a probability of {threshold['value']:.3g} on, where mistakes cost least."
        )
    return said


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
