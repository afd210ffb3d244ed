"""What a setting does, and what a stage of learning earns: variants of a method against it, from the pairs of the board."""

from collections.abc import Iterator, Sequence
from typing import Any

from tenon.metrics.verdict import OTHER_SIDE, Board
from tenon.trials.stages import Step
from tenon.variant import method_of


def against_methods(board: Board, steps: Sequence[Step] = ()) -> list[dict[str, Any]]:
    """Return how much better each variant on the board is than its method, in their order: `also` of leaderboard.json.

    effect, low, high : as in a verdict, seen from the variant. p_value : over all pairs. A method that did not get through
    leaves its variants without an entry. Steps between rows with more and fewer stages of learning come first, with a `stage`.
    """
    of_pair = {frozenset((pair.method_a, pair.method_b)): pair for pair in board.pairs}
    found = []
    for row, other, more in _held_together(board, steps):
        pair = of_pair.get(frozenset((row, other)))
        if pair is None:
            continue
        sign = 1 if pair.method_a == row else -1
        low, high = sorted((sign * pair.low, sign * pair.high))
        found.append(
            {"method": row, "of": other, "effect": sign * pair.effect, "low": low, "high": high, "p_value": pair.p_corrected}
            | {"verdict": pair.verdict if sign == 1 else OTHER_SIDE.get(pair.verdict, pair.verdict)}
            | more
        )
    return found


def _held_together(board: Board, steps: Sequence[Step]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield a row, the one it is held against, and what more is told of them."""
    for step in steps:
        yield step.row, step.without, {"stage": step.stage}
    of_steps = {row for step in steps for row in step[1:]}
    for row in board.names:
        if row not in of_steps:
            yield row, method_of(row), {}
