"""What can be said of every pair of methods: a matrix of words, and the figures behind them."""

from collections.abc import Sequence
from typing import Any

from tenon.report.figures import decimals, figure, is_bare, p_value, rounded_rows, span
from tenon.report.leaderboard import scored_rows
from tenon.report.tables import Cell, Column, Table, point_column

MOST_WORDS = 7  # methods; a wider matrix says it with signs
SIGNS = {"better": "+", "slightly better": "(+)", "slightly worse": "(−)", "worse": "−", "same": "=", "same on every row": "≡"}
SAME_WORDS, APART_WORDS = ("same", "same predictions"), ("better", "worse", "small difference")  # of verdicts.json
EQUAL = {"same predictions": "same on every row"}  # a metric, such as BLEU of 0, need not see that predictions differ
UNJUDGED = "This run gives no verdicts."
NOBODY = Cell("·", "none")
CHANCES = {  # figure of verdicts.json -> heading
    "p_corrected": "p",
    "p_nadeau_bengio": "p, cross-check",
    "p_better": "P(better)",
    "p_same": "P(same)",
    "p_worse": "P(worse)",
}


def matrix_table(board: dict[str, Any], verdicts: Sequence[dict[str, Any]]) -> Table | None:
    """Return a row per scored method, best first, with a cell per method: what is said of row against column.

    None for one method. Many methods have signs in the place of words: SIGNS, and "?" for: cannot tell.
    """
    names = [row["method"] for row in scored_rows(board)]
    if len(names) < 2:
        return None
    of_pair, has_words = {}, len(names) <= MOST_WORDS
    for verdict in verdicts:
        a, b = verdict["method_a"], verdict["method_b"]
        of_pair[a, b], of_pair[b, a] = _cell(verdict, 1, has_words), _cell(verdict, -1, has_words)
    rows: list[tuple[str | Cell, ...]] = [
        (f"{i} {a}", *(of_pair.get((a, b), NOBODY) for b in names)) for i, a in enumerate(names, start=1)
    ]
    titles = (Column(str(i), "words") for i in range(1, len(names) + 1))
    return Table((Column(), *titles), rows, "matrix")


def _cell(verdict: dict[str, Any], sign: int, has_words: bool) -> Cell:
    effect = sign * verdict["effect"]
    low, high = sorted((sign * verdict["low"], sign * verdict["high"]))
    n_decimals, bare = decimals(effect, low, high), is_bare(effect, low, high)
    p = verdict.get("p_corrected", verdict.get("p_value"))
    hint = f"{figure(effect, n_decimals, bare)} {span(low, high, n_decimals, bare)}"
    word = _word(verdict["verdict"], effect)
    kind = next((kind for kind in ("better", "worse", "same") if kind in word), "none")
    return Cell(word if has_words else SIGNS.get(word, word), kind, hint + (f", {p_value(p)}" if p is not None else ""))


def _word(verdict: str, effect: float) -> str:
    side = "better" if effect > 0 else "worse"
    words = {"better": side, "worse": side, "small difference": f"slightly {side}", "cannot tell": "?", "no verdict": ""} | EQUAL
    return words.get(verdict, verdict)


def pairs_sentence(board: dict[str, Any], verdicts: Sequence[dict[str, Any]]) -> str:
    """Return how many pairs can be told apart, and how many are the same in practice."""
    if board.get("no_verdict"):
        return UNJUDGED
    found = [verdict["verdict"] for verdict in verdicts]
    n_same, n_apart = (sum(word in words for word in found) for words in (SAME_WORDS, APART_WORDS))
    same = f"; {n_same} {'is' if n_same == 1 else 'are'} the same in practice" if n_same else ""
    return f"{n_apart} of {len(found)} {'pair' if len(found) == 1 else 'pairs'} can be told apart{same}."


def pairs_table(verdicts: Sequence[dict[str, Any]]) -> Table:
    """Return a row of figures for every pair: difference with interval, p, p of the cross-check, chances, rows needed."""
    columns = [
        [f"{verdict['method_a']} against {verdict['method_b']}" for verdict in verdicts],
        *_differences(verdicts),
        *(point_column([_chance(verdict.get(name)) for verdict in verdicts]) for name in CHANCES),
        [EQUAL.get(verdict["verdict"], verdict["verdict"]) for verdict in verdicts],
        [_rows_needed(verdict) for verdict in verdicts],
    ]
    titles = ("Difference", "95 % interval", *CHANCES.values())
    headings = (Column("Pair", "words"), *(Column(title, "figure") for title in titles), Column("Verdict", "words"))
    return Table((*headings, Column("Rows needed", "number")), list(zip(*columns, strict=True)), "scores")


def _differences(verdicts: Sequence[dict[str, Any]]) -> tuple[list[str], list[str]]:
    effects, spans = [], []
    for verdict in verdicts:
        effect, low, high = verdict["effect"], verdict["low"], verdict["high"]
        n_decimals, bare = decimals(effect, low, high), is_bare(effect, low, high)
        effects.append(figure(effect, n_decimals, bare))
        spans.append(span(low, high, n_decimals, bare))
    return point_column(effects), spans


def _rows_needed(verdict: dict[str, Any]) -> str:
    needed = verdict.get("rows_to_confirm")
    return rounded_rows(needed) if needed and verdict["verdict"] == "cannot tell" else ""


def _chance(p: float | None) -> str:
    return "" if p is None else p_value(p).removeprefix("p ").replace("1.00", "1")
