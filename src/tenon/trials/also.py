"""What a setting does: each variant of a method against the method itself, from the pairs of the board."""

from typing import Any

from tenon.metrics.verdict import OTHER_SIDE, Board
from tenon.variant import method_of


def against_methods(board: Board) -> list[dict[str, Any]]:
    """Return how much better each variant on the board is than its method, in their order: `also` of leaderboard.json.

    effect, low, high : as in a verdict, seen from the variant. p_value : over all pairs. A method that did not get through
    leaves its variants without an entry.
    """
    of_pair = {frozenset((pair.method_a, pair.method_b)): pair for pair in board.pairs}
    found = []
    for row in board.names:
        method = method_of(row)
        pair = of_pair.get(frozenset((row, method)))
        if pair is None:
            continue
        sign = 1 if pair.method_a == row else -1
        low, high = sorted((sign * pair.low, sign * pair.high))
        found.append(
            {"method": row, "of": method, "effect": sign * pair.effect, "low": low, "high": high, "p_value": pair.p_corrected}
            | {"verdict": pair.verdict if sign == 1 else OTHER_SIDE.get(pair.verdict, pair.verdict)}
        )
    return found
