"""The board test: which methods can be told apart, all pairs taken together.

Row variance plus training noise, the largest statistic over all pairs, and step-down removal of losers; those left are
the tie group. Comparing everybody with the observed leader instead calls equal methods worse on most boards of 20, since
the leader was picked from the same data. The constants were calibrated by simulation, see docs/verdicts.md.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tenon.metrics.evidence import Evidence
from tenon.metrics.intervals import method_intervals
from tenon.metrics.maxt import draw, pair_p_values, step_down
from tenon.metrics.pairs import nadeau_bengio_p
from tenon.metrics.student import two_sided_p
from tenon.metrics.variance import Spread, discordant_rows, on_one_split, spread_of
from tenon.metrics.verdict import Board, Difference, Judgement, all_pairs, board_of, ranking, units

FEWEST_ROWS, FEWEST_GROUPS = 60, 10  # below: scores and intervals only
NEVER_TOLD = 5  # discordant rows, with no more of which McNemar's exact p cannot be below 0.05
GATE_ABOVE = 10_000  # rows; above, few folds see the training noise, so a removal needs Nadeau-Bengio's agreement
MANY_METHODS = 25  # above, twice the draws


def judge(
    evidence: Evidence,
    *,
    rope: float,
    cost_ranks: Sequence[float],
    data_hash_seed: int,
    can_tell: bool = True,
    any_seeded: bool = False,
) -> Board:
    """Judge all methods of a board at once.

    rope : differences smaller than this do not matter, in printed units.    cost_ranks : (m,), break ties of the score.
    data_hash_seed : seed >= 0 of the draws, made from the data, so that the same input gives the same verdict.
    can_tell : False gives scores and intervals but no verdict.
    any_seeded : True if some method draws random numbers; then one repeat is not enough for a verdict.
    """
    spread = spread_of(evidence)
    order = ranking(evidence.level, cost_ranks, evidence.names)
    reason, word = why_not(evidence, can_tell, any_seeded)
    no_judgement = _no_judgement(len(evidence.names), reason, word)
    judgement = no_judgement if reason else _judgement(evidence, spread, order[0], data_hash_seed)
    pairs = all_pairs(evidence, order, rope, _differences(evidence, spread), judgement)
    return board_of(evidence, spread, method_intervals(evidence), order, judgement, pairs)


def may_be_chosen(board: Board) -> np.ndarray:
    """Return (m,) bool: in the tie group, and not more likely than not worse than the leader by more than the rope.

    The cheapest of these is the recommended one. Without the second condition the cheapest of the tie group would be no
    better than a random method wherever the data are few.
    """
    return board.tied & (board.p_worse <= 0.5)


def why_not(evidence: Evidence, can_tell: bool = True, any_seeded: bool = False) -> tuple[str, str]:
    """Return the reason why no verdict can be given, and what stands in the place of the words; "" where it can."""
    if evidence.n_rows < FEWEST_ROWS:
        return f"{_scored(evidence)}, fewer than {FEWEST_ROWS}: scores and intervals only", "no verdict"
    if evidence.n_units < FEWEST_GROUPS:
        return f"fewer than {FEWEST_GROUPS} groups: scores and intervals only", "cannot tell"
    if any_seeded and len(evidence.psi) == 1 and evidence.question == "method":
        return "one repeat does not show how much methods that draw random numbers vary: no verdict", "no verdict"
    return ("", "") if can_tell else ("no verdict was asked for", "no verdict")


def _scored(evidence: Evidence) -> str:
    """Return how many rows the scores rest on, and that it is those of one split, where fits on others are left out."""
    is_one_split = evidence.n_folds == 1 and evidence.question != "model"
    scored = f"{len(evidence.y):,} rows are scored on one split" if is_one_split else f"{len(evidence.y):,} rows are scored"
    n_even = int(evidence.n_rows)  # never rounded to as many as would be enough
    return scored if evidence.weights is None else f"{scored}, which by their weights count as {n_even}"


def _no_judgement(m: int, reason: str, word: str) -> Judgement:
    return Judgement(np.ones((m, m)), np.ones(m), reason, word)


def _judgement(evidence: Evidence, spread: Spread, leader: int, seed: int) -> Judgement:
    """Step-down removal, and p-values corrected over all pairs from the same draws."""
    by_name = np.array(sorted(range(len(evidence.names)), key=lambda j: evidence.names[j]))  # the order of methods is no input
    canonical = np.ix_(by_name, by_name)
    T = np.where(_lowest_p(evidence) > 0, 0.0, _statistics(evidence.level, spread))[canonical]
    gate = _nadeau_bengio_p(evidence) if len(evidence.y) > GATE_ABOVE else None
    gate = None if gate is None else np.nan_to_num(gate[canonical])  # pairs without the cross-check pass
    n_draws = 20_000 if len(by_name) > MANY_METHODS else 10_000
    draws = draw(spread.S[canonical], spread.pair[canonical], spread.nu, n_draws, seed)
    p, p_pair = np.empty(len(by_name)), np.empty(T.shape)
    p[by_name] = step_down(evidence.level[by_name], T, draws, gate)
    p_pair[canonical] = pair_p_values(T, draws) if gate is None else np.maximum(pair_p_values(T, draws), gate)
    p_pair[leader, :] = p_pair[:, leader] = p  # the step that removed a method is what separates it from the leader
    return Judgement(p_pair, p)


def _statistics(level: np.ndarray, spread: Spread) -> np.ndarray:
    """(m, m) T; 0 where two methods differ by a constant or not at all, which says nothing about other rows."""
    gaps = level[:, None] - level[None, :]
    return np.divide(gaps, spread.scale, out=np.zeros_like(gaps), where=spread.scale > 0)


def _lowest_p(evidence: Evidence) -> np.ndarray:
    """(m, m): the smallest p that McNemar's exact test could give, where the discordant rows are few; else 0."""
    if not evidence.metric.is_zero_one:
        return np.zeros((len(evidence.names),) * 2)
    discordant = discordant_rows(evidence)
    return np.where(discordant <= NEVER_TOLD, np.minimum(1.0, 2.0 ** (1 - discordant)), 0.0)


def _nadeau_bengio_p(evidence: Evidence) -> np.ndarray | None:
    """(m, m) p of the cross-check, NaN for pairs on one split; None with fewer than two folds, or time-ordered ones."""
    if evidence.n_folds < 2 or len(evidence.folds) < 2 or evidence.question != "method":
        return None
    return np.where(on_one_split(evidence), np.nan, nadeau_bengio_p(evidence.folds, evidence.n_folds))


def _differences(evidence: Evidence, spread: Spread) -> Callable[[int, int], Difference]:
    """Return the function that compares two methods, given as positions."""
    lowest, p_fold = _lowest_p(evidence), _nadeau_bengio_p(evidence)
    T, level, unit = _statistics(evidence.level, spread), evidence.level, units(evidence.metric, evidence.level)
    test, is_one_split = _test_name(evidence), on_one_split(evidence)

    def compare(a: int, b: int) -> Difference:
        return Difference(
            value=float(level[a] - level[b]),
            scale=float(spread.scale[a, b]),
            nu=spread.nu,
            unit=float(unit[a, b]),
            test=f"{test}, one split" if is_one_split[a, b] else test,
            p_value=max(float(two_sided_p(T[a, b], spread.nu)), float(lowest[a, b])),
            is_same=bool(spread.is_same[a, b]),
            p_nadeau_bengio=None if p_fold is None or np.isnan(p_fold[a, b]) else float(p_fold[a, b]),
            n_rows=evidence.n_rows,
        )

    return compare


def _test_name(evidence: Evidence) -> str:
    if evidence.question == "history" and evidence.per is None:
        return "max-T over time blocks"
    return "max-T" if evidence.groups is None else "max-T over groups"
