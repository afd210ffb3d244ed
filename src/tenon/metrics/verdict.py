"""A verdict on two methods, the words it may use, and the board that holds all of them.

better, worse      told apart, and by more than the rope more likely than not
small difference   told apart, but a difference below the rope is as likely
same               not told apart, and within the rope with probability 0.95
cannot tell        not told apart; the data are compatible with a difference that matters
same predictions   the two never differ on any row
no verdict         too few rows, or one repeat of methods that draw random numbers: no word is justified
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tenon.metrics.bayes import Posterior, posterior, word
from tenon.metrics.detectable import detectable_after, rows_for_difference, rows_for_same
from tenon.metrics.evidence import Evidence
from tenon.metrics.maxt import ALPHA
from tenon.metrics.notes import notes_on
from tenon.metrics.scores import Metric
from tenon.metrics.student import quantile
from tenon.metrics.variance import Spread

LEADER = "leader"  # stands in the place of a word


@dataclass(frozen=True)
class Verdict:
    """method_a against method_b; "better", "worse" and every sign are seen from method_a, for every metric.

    effect : how much better a is than b in printed units; for RMSE the difference of the RMSEs, while the test is on
    squared errors. low, high : 95 % interval of the effect, of this pair alone. p_value : of this pair alone.
    p_corrected : over all pairs of the board; for a pair with the leader that of the removal step which decided.
    p_better, p_same, p_worse : posterior probabilities, with the rope between them.
    p_nadeau_bengio : the corrected resampled t-test as a cross-check; None where it does not apply.
    rows_to_confirm : rows on which a true difference of this size is told apart in 4 of 5 runs, as this pair alone; None
    without a difference. rows_to_call_same : rows on which the two are called the same if they do not differ at all.
    """

    method_a: str
    method_b: str
    metric: str
    test: str
    effect: float
    low: float
    high: float
    p_value: float
    p_corrected: float
    p_better: float
    p_same: float
    p_worse: float
    verdict: str
    p_nadeau_bengio: float | None = None
    rows_to_confirm: int | None = None
    rows_to_call_same: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Difference:
    """Method a against method b on the test scale; `unit` turns it into printed units."""

    value: float
    scale: float  # standard error
    nu: float  # degrees of freedom of interval and posterior; may be infinite
    unit: float
    test: str
    p_value: float
    is_same: bool = False  # the two never differ
    p_nadeau_bengio: float | None = None
    n_rows: float | None = None  # on which `scale` was seen

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval in printed units."""
        half = quantile(0.975, self.nu) * self.scale
        return (self.value - half) * self.unit, (self.value + half) * self.unit

    def rows_needed(self, rope: float) -> tuple[int | None, int | None]:
        """Return rows to confirm a difference of this size, and to call the two the same; None where nothing varies."""
        if self.n_rows is None or not self.scale > 0:
            return None, None
        return rows_for_difference(self.value, self.scale, self.n_rows), rows_for_same(self.scale * self.unit, self.n_rows, rope)

    def beliefs(self, rope: float) -> Posterior:
        """Posterior against a rope in printed units."""
        return posterior(self.value * self.unit, self.scale * self.unit, self.nu, rope)


@dataclass(frozen=True)
class Board:
    """What can be said about m methods; arrays are in the order of `names`."""

    metric: Metric
    names: tuple[str, ...]
    question: str  # "method", "history" or "model": see docs/verdicts.md
    level: np.ndarray  # (m,) on the test scale, larger = better
    score: np.ndarray  # (m,) printed figures
    intervals: np.ndarray  # (m, 2) 95 % interval of each score, printed units
    order: np.ndarray  # (m,) int, best first; ties by cost, then name
    tied: np.ndarray  # (m,) bool: in the tie group, that is not told apart from the best
    p: np.ndarray  # (m,) p of the step that removed a method; of the last step for the tie group
    p_worse: np.ndarray  # (m,) posterior probability of being worse than the leader by more than the rope
    words: tuple[str, ...]  # (m,) each method seen against the leader, which has the word "leader"
    pairs: tuple[Verdict, ...]  # every pair, the better-ranked method first
    mde: float | None  # smallest detectable difference, median over pairs, printed units; None where no two differ
    reason: str = ""  # why no verdict is given; "" where verdicts are given
    notes: tuple[str, ...] = ()  # what the reader should be careful about, one sentence each

    @property
    def leader(self) -> int:
        return int(self.order[0])


@dataclass(frozen=True)
class Judgement:
    """What a test over all pairs says: p of every pair and method, or the reason why nothing is said."""

    p_pair: np.ndarray  # (m, m) corrected over all pairs
    p: np.ndarray  # (m,) of each method
    reason: str = ""
    word: str = ""  # in place of all words, where there is a reason

    @property
    def tied(self) -> np.ndarray:
        """(m,) bool: the tie group."""
        return self.p >= ALPHA


def ranking(level: np.ndarray, cost_ranks: Sequence[float], names: Sequence[str]) -> np.ndarray:
    """Return (m,) int: methods best first, ties by cost, then name."""
    return np.array(sorted(range(len(level)), key=lambda j: (-level[j], cost_ranks[j], names[j])), int)


def units(metric: Metric, level: np.ndarray) -> np.ndarray:
    """(m, m): printed units per unit of the test scale, of each pair."""
    return np.array([[metric.unit(a, b) for b in level] for a in level])


def board_of(
    evidence: Evidence, spread: Spread, intervals: np.ndarray, order: np.ndarray, judgement: Judgement, pairs: tuple[Verdict, ...]
) -> Board:
    """Return the board; intervals: (m, 2) of the scores, order: (m,) best first, pairs: as `all_pairs` gives them."""
    metric, level = evidence.metric, evidence.level
    p_worse, words = against_leader(evidence.names, order, pairs)
    return Board(
        metric=metric,
        names=evidence.names,
        question=evidence.question,
        level=level,
        score=np.array([metric.from_level(one) for one in level]),
        intervals=intervals,
        order=order,
        tied=judgement.tied,
        p=judgement.p,
        p_worse=p_worse,
        words=words,
        pairs=pairs,
        mde=detectable_after(spread.scale, units(metric, level)) if len(level) > 1 else None,
        reason=judgement.reason,
        notes=notes_on(evidence, spread),
    )


def all_pairs(
    evidence: Evidence, order: np.ndarray, rope: float, compare: Callable[[int, int], Difference], judgement: Judgement
) -> tuple[Verdict, ...]:
    """Return the verdict of every pair, the better-ranked method first."""
    names, verdicts = evidence.names, []
    for place, a in enumerate(order):
        for b in order[place + 1 :]:
            difference, p = compare(a, b), float(judgement.p_pair[a, b])
            beliefs = difference.beliefs(rope)
            low, high = difference.interval
            to_confirm, to_call_same = difference.rows_needed(rope)
            verdicts.append(
                Verdict(
                    method_a=names[a],
                    method_b=names[b],
                    metric=evidence.metric.name,
                    test=difference.test,
                    effect=float(difference.value * difference.unit),
                    low=float(low),
                    high=float(high),
                    p_value=float(difference.p_value),
                    p_corrected=p,
                    p_better=beliefs.better,
                    p_same=beliefs.same,
                    p_worse=beliefs.worse,
                    verdict=_word(difference, p < ALPHA, beliefs, judgement),
                    p_nadeau_bengio=difference.p_nadeau_bengio,
                    rows_to_confirm=to_confirm,
                    rows_to_call_same=to_call_same,
                )
            )
    return tuple(verdicts)


def _word(difference: Difference, told_apart: bool, beliefs: Posterior, judgement: Judgement) -> str:
    if difference.is_same:
        return "same predictions"
    return judgement.word if judgement.reason else word(difference.value, told_apart, beliefs)


OTHER_SIDE = {"better": "worse", "worse": "better"}


def against_leader(names: Sequence[str], order: np.ndarray, pairs: Sequence[Verdict]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return (m,) P(worse than the leader by more than the rope) and the word of each method, from its own side."""
    p_worse, words = np.zeros(len(names)), [LEADER] * len(names)
    for j, pair in zip(order[1:], pairs, strict=False):  # the leader's pairs come first, in the order of ranks
        p_worse[j] = pair.p_better
        words[j] = OTHER_SIDE.get(pair.verdict, pair.verdict)
    return p_worse, tuple(words)
