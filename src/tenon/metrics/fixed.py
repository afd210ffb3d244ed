"""A board of fixed models on one set of rows: no training, so the answer is about these models and other rows only."""

from collections.abc import Callable, Sequence

import numpy as np

from tenon.metrics.board import why_not
from tenon.metrics.by_group import PerGroup
from tenon.metrics.evidence import Evidence
from tenon.metrics.intervals import final_interval, fixed_evidence
from tenon.metrics.pairs import FEW_DISCORDANT, delong, holm, mcnemar, t_test
from tenon.metrics.scores import Metric
from tenon.metrics.variance import Spread, spread_of
from tenon.metrics.verdict import Board, Difference, Judgement, all_pairs, board_of, ranking


def judge_fixed(
    metric: Metric,
    names: Sequence[str],
    y: np.ndarray,
    guesses: Sequence[np.ndarray],
    *,
    rope: float,
    cost_ranks: Sequence[float] | None = None,
    groups: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    per: PerGroup | None = None,
) -> Board:
    """Judge fixed models on the same rows: exact McNemar, DeLong, or a paired t-test; Holm over all pairs.

    guesses : (m,) arrays, each as `metric.reads` says, all for the n rows of y.    rope : in printed units.
    cost_ranks : (m,), break ties of the score; without them the name does.
    With groups every test is a t-test on the sums of groups; `time_blocks` gives the groups of rows in time order.
    per : the metric is computed per group, see `gather`.
    """
    evidence = fixed_evidence(metric, names, y, guesses, groups=groups, weights=weights, per=per)
    intervals = np.array([final_interval(metric, y, guess, weights, groups, per)[1:] for guess in guesses])
    spread = spread_of(evidence)
    order = ranking(evidence.level, [0] * len(names) if cost_ranks is None else cost_ranks, names)
    compare = _tests(evidence, guesses, spread)
    judgement = _corrected(evidence, compare, int(order[0]))
    pairs = all_pairs(evidence, order, rope, compare, judgement)
    return board_of(evidence, spread, intervals, order, judgement, pairs)


def _corrected(evidence: Evidence, compare: Callable[[int, int], Difference], leader: int) -> Judgement:
    m = len(evidence.names)
    p = np.ones((m, m))
    reason, word = why_not(evidence)
    if m > 1 and not reason:
        first, second = np.triu_indices(m, 1)
        raw = np.array([compare(int(a), int(b)).p_value for a, b in zip(first, second, strict=True)])
        p[first, second] = p[second, first] = holm(raw)
    return Judgement(p, p[leader], reason, word)


def _tests(evidence: Evidence, guesses: Sequence[np.ndarray], spread: Spread) -> Callable[[int, int], Difference]:
    """Return the function that compares two models, given as positions."""
    metric, level = evidence.metric, evidence.level
    is_plain = evidence.groups is None and evidence.weights is None

    def compare(a: int, b: int) -> Difference:
        tested, test = t_test(level[a] - level[b], spread.scale[a, b] ** 2, spread.nu), "paired t"
        if evidence.groups is not None:
            test = "paired t over groups"
        if is_plain and metric.name == "auc":
            tested, test = delong(evidence.y, guesses[a][:, 1], guesses[b][:, 1]), "DeLong"
        p = tested.p
        if is_plain and metric.is_zero_one:
            won, lost = _discordant(evidence, a, b)
            if won + lost < FEW_DISCORDANT:
                p, test = mcnemar(won, lost), "exact McNemar"
        return Difference(
            value=float(level[a] - level[b]),
            scale=tested.scale,
            nu=tested.df,
            unit=metric.unit(level[a], level[b]),
            test=test,
            p_value=p,
            is_same=bool(spread.is_same[a, b]),
            n_rows=evidence.n_rows,
        )

    return compare


def _discordant(evidence: Evidence, a: int, b: int) -> tuple[int, int]:
    right = evidence.psi[0]
    return int((right[:, a] > right[:, b]).sum()), int((right[:, a] < right[:, b]).sum())
