"""What `tenon verdict` says: the figures of fixed models, how they differ, and what may be said of it in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tenon.metrics.verdict import OTHER_SIDE
from tenon.report.figures import decimals, digits, figure, is_bare, p_value, plain, probability, rounded_rows, signed
from tenon.report.text import GAP, wrapped

if TYPE_CHECKING:
    from tenon.metrics.verdict import Verdict
    from tenon.trials.fixed_board import FixedResult

QUESTION = "About these models as they are, and other rows like these: nothing was trained."


def verdict_lines(result: "FixedResult", width: int = 80) -> list[str]:
    """Return the lines for a terminal: two models in a sentence, more in a table of all pairs; sentences are broken."""
    figures, sentences = _of_two(result) if len(result.board.names) == 2 else _of_many(result)
    return [*figures, *(line for said in [*sentences, QUESTION] for line in wrapped(said, width))]


def _of_two(result: "FixedResult") -> tuple[list[str], list[str]]:
    board, pair = result.board, result.board.pairs[0]
    old, new = board.names
    ends = board.intervals
    n_decimals = max(decimals(pair.effect, pair.low, pair.high), *(decimals(board.score[j], *ends[j]) for j in range(2)))
    bare = is_bare(*board.score)
    scores = [f"{name} {figure(board.score[j], n_decimals, bare)}" for j, name in enumerate(board.names)]
    p = p_value(pair.p_value)
    test = f"{pair.test}, {result.n_rows:,} rows"
    first = f"{heading(result)}{GAP}{GAP.join(scores)}{GAP}·{GAP}{_difference(pair, new, result, n_decimals)}, {p} ({test})"
    return [first], [sentence(pair, new, old, result), *_rows_needed(pair)]


def heading(result: "FixedResult") -> str:
    """Return the metric's title, with its direction where that is down."""
    metric = result.board.metric
    return metric.title if metric.greater_is_better else f"{metric.title} ↓"


def _difference(pair: "Verdict", new: str, result: "FixedResult", n_decimals: int) -> str:
    """Return how much better `new` is: "+.006 (−.002 … +.014)"."""
    sign = 1 if pair.method_a == new else -1
    low, high = sorted((sign * pair.low, sign * pair.high))
    bare = is_bare(pair.effect, pair.low, pair.high)
    by, low_text, high_text = (signed(number, n_decimals, bare) for number in (sign * pair.effect, low, high))
    by = by if result.board.metric.greater_is_better else f"better by {by}"
    return f"{by} ({low_text} … {high_text})"


def sentence(pair: "Verdict", new: str, old: str, result: "FixedResult") -> str:
    """Return the verdict and the three probabilities, seen from `new`."""
    is_first = pair.method_a == new
    better, worse = (pair.p_better, pair.p_worse) if is_first else (pair.p_worse, pair.p_better)
    rope = plain(result.rope)
    word = pair.verdict if is_first else OTHER_SIDE.get(pair.verdict, pair.verdict)
    side = "better" if (pair.effect > 0) == is_first else "worse"
    said = {
        "better": f"{new} is better than {old}.",
        "worse": f"{new} is worse than {old}.",
        "small difference": f"{new} is {side} than {old}, but by less than {rope} is as likely as by more.",
        "same": f"The same in practice: within {rope} of each other.",
        "same predictions": "The two contribute the same on every row.",
        "cannot tell": "Cannot be told apart.",
    }.get(word, f"No verdict: {result.board.reason}.")
    return (
        f"{said} P({new} better by more than {rope}) {probability(better)}, P(same within {rope}) {probability(pair.p_same)}, "
        f"P(worse) {probability(worse)}."
    )


def _rows_needed(pair: "Verdict") -> list[str]:
    """Return how many rows would settle a pair that is not told apart."""
    if pair.verdict not in ("cannot tell", "no verdict"):
        return []
    said = []
    if pair.rows_to_confirm:
        said.append(f"About {rounded_rows(pair.rows_to_confirm)} rows would be needed to confirm a difference of this size")
    if pair.rows_to_call_same:
        said.append(f"about {rounded_rows(pair.rows_to_call_same)} to call two models the same that do not differ")
    line = ", ".join(said)
    return [line[0].upper() + line[1:] + "."] if line else []


def _of_many(result: "FixedResult") -> tuple[list[str], list[str]]:
    board = result.board
    width = max(len(name) for name in board.names)
    bare, ends = is_bare(*board.score), board.intervals
    lines = [f"{heading(result)}, {result.n_rows:,} rows"]
    for j in board.order:
        tied = "tied with the best" if board.tied[j] and not board.reason and board.tied.sum() > 1 else ""
        lines.append(
            f"{GAP}{board.names[j]:<{width}}{GAP}{digits(board.score[j], ends[j][0], ends[j][1], bare)}{GAP}{tied}".rstrip()
        )
    lines += ["", *_table([_pair_cells(pair, result) for pair in board.pairs]), ""]
    legend = f"p is corrected over all {len(board.pairs)} pairs (Holm); P: better, same within {plain(result.rope)}, worse."
    return lines, [legend]


def _pair_cells(pair: "Verdict", result: "FixedResult") -> tuple[str, ...]:
    chances = f"P {probability(pair.p_better)}, {probability(pair.p_same)}, {probability(pair.p_worse)}"
    needed = (
        f"{rounded_rows(pair.rows_to_confirm)} rows to confirm" if pair.verdict == "cannot tell" and pair.rows_to_confirm else ""
    )
    names = f"{pair.method_a} against {pair.method_b}"
    by = _difference(pair, pair.method_a, result, decimals(pair.effect, pair.low, pair.high))
    return names, by, p_value(pair.p_corrected), pair.verdict, chances, needed


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [(GAP + GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows]
