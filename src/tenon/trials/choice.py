"""Which model to hand over, and the sentence that says so.

The cheapest method by catalogue order (never by the clock) among those that neither can be told from the best nor are
more likely than not worse by more than the rope. The baseline only when the best cannot be told from it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenon.data.wording import enumeration

BASELINE = "baseline"


def choose(names: Sequence[str], cost_ranks: Sequence[int], may_be_chosen: np.ndarray) -> str:
    """Return the name of the recommended method.

    may_be_chosen : (m,) bool, in the tie group and P(worse than the leader by more than the rope) <= 0.5.
    The leader always may be, so there is always an answer.
    """
    able = [(cost, name) for name, cost, may in zip(names, cost_ranks, may_be_chosen, strict=True) if may]
    return min(able)[1]


def sentence(chosen: str, leader: str, tied: Sequence[str], metric: str, p_worse: float = 0.0) -> str:
    """Return the one sentence that the report opens with.

    p_worse : probability that the chosen method is worse than the leader by more than the rope.
    """
    others = [name for name in tied if name != chosen]
    if chosen == BASELINE:
        return (
            f"No method can be told from the baseline, which looks at no column (best: {leader}). "
            "The columns may not carry what is asked for, or there are too few rows to see it."
        )
    if not others:
        return f"{chosen} is best by {metric}: every other method is worse."
    if chosen == leader:
        return f"{enumeration([chosen, *others])} cannot be told apart. Chosen: {chosen}, which scores best."
    ordered = [leader, *[name for name in tied if name != leader]]
    cheapest = f"the cheapest that is probably as good (P {1 - p_worse:.2f})"
    return f"{enumeration(ordered)} cannot be told apart. Chosen: {chosen}, {cheapest}."


def baseline_is_tied(rows: Sequence[dict[str, Any]], chosen: str) -> list[str]:
    """Warn where a method is chosen though the best cannot be told from the baseline.

    rows : those of the leaderboard, the best first. All are tied where there is no verdict: the baseline then is where its
    interval meets the best one's. The opening sentence names all the tied alike. Empty where all is well, or where the baseline
    was chosen, of which that sentence tells.
    """
    if chosen == BASELINE or not any(row["method"] == BASELINE and row["tied"] and _meet(row, rows[0]) for row in rows):
        return []
    return ["The baseline, which looks at no column, is tied with the best: these rows do not show that anything was learnt."]


def _meet(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether the intervals of two scores meet, as any do that are not known."""
    ends = row["low"], row["high"], other["low"], other["high"]
    return None in ends or (ends[0] <= ends[3] and ends[2] <= ends[1])


def sentence_of_one(method: str) -> str:
    """Return the sentence where nothing else got through, so that nothing was compared."""
    return f"Only {method} got through; the leaderboard says why no other method did."


def sentence_of_brought(chosen: str, leader: str, tied: Sequence[str], metric: str) -> str:
    """Return the sentence where a model that was brought leads, which cannot be chosen."""
    if chosen not in tied:
        return f"{leader}, a model that was brought, is best by {metric}: every method is worse. Best of the methods: {chosen}."
    ordered = [leader, *[name for name in tied if name != leader]]
    return f"{enumeration(ordered)} cannot be told apart; {leader} was brought and cannot be chosen. Chosen: {chosen}."
