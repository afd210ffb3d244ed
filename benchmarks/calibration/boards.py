"""One board: draw a sample, run the folds, judge, and compare what was said with what is true."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import numpy as np

from calibration.counting import bleu_counts, entity_counts
from calibration.learners import Learner
from calibration.populations import Draw, Sample
from tenon.metrics import (
    METRICS,
    Board,
    Evidence,
    Metric,
    as_history,
    expected_optimism,
    final_interval,
    gather,
    judge,
    judge_fixed,
)
from tenon.metrics.maxt import ALPHA
from tenon.metrics.ratio import BLEU, ENTITY_F1

ALL_METRICS = METRICS | {metric.name: metric for metric in (ENTITY_F1, BLEU)}
ROPE, N_FOLDS, N_FRESH, N_FINAL_FRESH = 0.01, 5, 2_000, 40_000


@dataclass(frozen=True)
class Cell:
    """One design at one size: `boards` boards of up to `m` methods; smaller boards are its first methods."""

    design: str
    population: Draw
    learner: Learner
    n: int  # units: rows, groups or sentences
    boards: int
    metrics: tuple[str, ...] = ("accuracy", "auc")
    sizes: tuple[int, ...] = (5, 10, 20)
    splits: tuple[str, ...] = ("5x2", "5x4")
    kind: str = "folds"  # "folds"; "history": forward in time; "fixed": models on final rows
    truth: str = "equal"  # "equal"; "half": every other method is worse; "spread": levels drawn anew for each board
    any_seeded: bool = False

    @property
    def name(self) -> str:
        return f"{self.design} n={self.n}"


@dataclass(frozen=True)
class Outcome:
    """What one board said, for one metric, size and protocol; arrays are per method."""

    key: tuple[str, int, str]  # metric, m, splits
    tied: np.ndarray  # (m,) bool
    interval: np.ndarray  # (m, 2)
    score: np.ndarray  # (m,) printed
    level: np.ndarray  # (m,) on the test scale
    fresh: np.ndarray  # (m,) level of one model of each method on fresh rows
    signal: np.ndarray | None  # (m,)
    naive: bool  # is some method told from the leader by an uncorrected Nadeau-Bengio test?
    optimism: float  # as estimated
    p_better: np.ndarray | None = None  # (pairs, 3): i, j, P(i better than j by more than the rope); for truth "spread"


def outcomes_of(cell: Cell, board: int) -> list[Outcome]:
    """Run one board; `board` seeds everything."""
    rng = np.random.default_rng([crc32(cell.name.encode()), board])
    run: dict[str, Callable[[Cell, np.random.Generator, int], list[Outcome]]]
    run = {"folds": _on_folds, "history": _on_history, "fixed": _on_final_rows}
    return run[cell.kind](cell, rng, board)


def _on_folds(cell: Cell, rng: np.random.Generator, seed: int) -> list[Outcome]:
    sample, fresh = cell.population(rng, cell.n, max(cell.sizes), N_FRESH)
    n_repeats = max(int(split.partition("x")[2] or 1) for split in cell.splits)
    folds = _folds(rng, sample, n_repeats)
    guesses, of_fresh = _cross_validated(cell.learner, sample, fresh, folds, rng)
    outcomes = []
    for metric in (ALL_METRICS[name] for name in cell.metrics):
        evidence = _gathered(metric, sample, guesses, folds)
        levels = np.array([_level(metric, fresh, guess) for guess in of_fresh])
        for split in cell.splits:
            if split == "1 split":
                shown = _gathered(metric, sample, guesses[:1], np.where(folds[:1] == 0, 0, -1))
            else:
                shown = first_repeats(evidence, int(split.partition("x")[2]))
            for m in cell.sizes:
                part = first_methods(shown, m)
                judged = judge(part, rope=ROPE, cost_ranks=range(m), data_hash_seed=seed, any_seeded=cell.any_seeded)
                outcomes.append(_outcome(cell, (metric.name, m, split), part, judged, levels[:m], sample.signal, seed))
    return outcomes


def _on_history(cell: Cell, rng: np.random.Generator, seed: int) -> list[Outcome]:
    """Five folds forward in time: each is predicted from what lies before it, and from the past before the sample."""
    sample, past = cell.population(
        rng, cell.n, max(cell.sizes), N_FRESH if cell.design.endswith("refitted") else N_FINAL_FRESH // 4
    )
    part = np.arange(cell.n) * (N_FOLDS + 1) // cell.n - 1  # the first sixth is for training only
    is_refitted = cell.design.endswith("refitted")
    scores = [np.full((cell.n, 2), np.nan) for _ in range(max(cell.sizes))]
    for k in range(N_FOLDS):
        train = (sample.x[:, part < k], sample.y[part < k]) if is_refitted else (past.x, past.y)
        for j, of_method in enumerate(cell.learner(*train, sample.x[:, part == k], rng)):
            scores[j][part == k] = of_method
    outcomes = []
    for metric in (ALL_METRICS[name] for name in cell.metrics):
        guesses = [[_guess(metric, sample, np.nan_to_num(one)) for one in scores]]
        names = [f"{j:02}" for j in range(len(scores))]
        evidence = as_history(gather(metric, names, sample.y, guesses, part[None]), np.arange(cell.n))
        for m in cell.sizes:
            shown = first_methods(evidence, m)
            judged = judge(shown, rope=ROPE, cost_ranks=range(m), data_hash_seed=seed)
            outcomes.append(_outcome(cell, (metric.name, m, "forward"), shown, judged, shown.level, None, seed))
    return outcomes


def _on_final_rows(cell: Cell, rng: np.random.Generator, seed: int) -> list[Outcome]:
    """Models of so many train rows that they are equal in truth, as far as n final rows can show."""
    sample, train = cell.population(rng, cell.n + N_FINAL_FRESH, max(cell.sizes), N_FINAL_FRESH // 2)
    scores = cell.learner(train.x, train.y, sample.x, rng)
    final, fresh = (Sample(sample.x[:, part], sample.y[part]) for part in (slice(cell.n), slice(cell.n, None)))
    outcomes = []
    for metric in (ALL_METRICS[name] for name in cell.metrics):
        guesses = [_guess(metric, final, one[: cell.n]) for one in scores]
        levels = np.array([_level(metric, fresh, one[cell.n :]) for one in scores])
        for m in cell.sizes:
            judged = judge_fixed(metric, [f"{j:02}" for j in range(m)], final.y, guesses[:m], rope=ROPE)
            interval = np.array([final_interval(metric, final.y, guess)[1:] for guess in guesses[:m]])
            told = np.array(
                [any(p.p_corrected < ALPHA for p in judged.pairs if name in (p.method_a, p.method_b)) for name in judged.names]
            )
            outcome = Outcome(
                (metric.name, m, "final rows"), ~told, interval, judged.score, judged.level, levels[:m], None, False, 0.0
            )
            outcomes.append(outcome)
    return outcomes


def first_methods(evidence: Evidence, m: int) -> Evidence:
    """The board of the first m methods."""
    return replace(
        evidence, names=evidence.names[:m], level=evidence.level[:m], psi=evidence.psi[:, :, :m], folds=evidence.folds[:, :m]
    )


def first_repeats(evidence: Evidence, n_repeats: int) -> Evidence:
    """The board after the first repeats; the metric is defined in every fold."""
    psi = evidence.psi[:n_repeats]
    return replace(evidence, level=psi.mean(axis=(0, 1)), psi=psi, folds=evidence.folds[: n_repeats * evidence.n_folds])


def _folds(rng: np.random.Generator, sample: Sample, n_repeats: int) -> np.ndarray:
    """(R, n) folds of units of equal size; rows stratified by class where there are classes."""
    n_units = len(sample.y) // sample.n_tokens if sample.groups is None else int(sample.groups.max()) + 1
    is_plain = sample.groups is None and sample.n_tokens == 1 and sample.y.dtype.kind == "i"
    folds = np.empty((n_repeats, n_units), int)
    for of_repeat in folds:
        order = np.lexsort((rng.random(n_units), sample.y)) if is_plain else rng.permutation(n_units)
        of_repeat[order] = np.arange(n_units) % N_FOLDS
    return folds if sample.groups is None else folds[:, sample.groups]


def _cross_validated(
    learner: Learner, sample: Sample, fresh: Sample, folds: np.ndarray, rng: np.random.Generator
) -> tuple[list[list[np.ndarray]], list[np.ndarray]]:
    """Scores of every row, repeat and method from the models that did not see it; and of the fresh rows from the first model."""
    guesses, of_fresh = [], []
    for r, of_unit in enumerate(folds):
        of_row = np.repeat(of_unit, sample.n_tokens)
        scores: list[Any] = [None] * len(sample.x)
        for k in range(N_FOLDS):
            is_new = of_row == k
            new_x = sample.x[:, is_new]
            if r == k == 0:
                new_x = np.concatenate([new_x, fresh.x], axis=1)
            found = learner(sample.x[:, ~is_new], sample.y[~is_new], new_x, rng)
            for j, one in enumerate(found):
                if scores[j] is None:
                    scores[j] = np.empty((len(of_row), one.shape[1]))
                scores[j][is_new] = one[: is_new.sum()]
            if r == k == 0:
                of_fresh = list(found[:, is_new.sum() :])
        guesses.append(scores)
    return guesses, of_fresh


def _guess(metric: Metric, sample: Sample, scores: np.ndarray) -> np.ndarray:
    if metric.reads == "value":
        return scores[:, 0]
    if metric.reads == "proba":
        return np.column_stack([scores[:, 0] - scores[:, 1], scores[:, 1] - scores[:, 0]])
    said = scores.argmax(axis=1)
    if metric.reads == "label":
        return said
    count = entity_counts if metric.name == "entity_f1" else bleu_counts
    return count(sample.y.reshape(-1, sample.n_tokens), said.reshape(-1, sample.n_tokens))


def _level(metric: Metric, sample: Sample, scores: np.ndarray) -> float:
    return metric.level(sample.y, _guess(metric, sample, scores))


def _gathered(metric: Metric, sample: Sample, scores: Sequence[Sequence[np.ndarray]], folds: np.ndarray) -> Evidence:
    guesses = [[_guess(metric, sample, one) for one in of_repeat] for of_repeat in scores]
    y = sample.y[:: sample.n_tokens]
    names = [f"{j:02}" for j in range(len(scores[0]))]
    return gather(metric, names, y, guesses, folds, groups=sample.groups)


def _outcome(
    cell: Cell,
    key: tuple[str, int, str],
    evidence: Evidence,
    judged: Board,
    fresh: np.ndarray,
    signal: np.ndarray | None,
    seed: int,
) -> Outcome:
    m = key[1]
    with_leader = judged.pairs[: m - 1]
    naive = any(pair.p_nadeau_bengio is not None and pair.p_nadeau_bengio < ALPHA for pair in with_leader)
    p_better = None
    if cell.truth == "spread":
        p_better = np.array([_from_the_first(pair) for pair in judged.pairs])
    own = None if signal is None else signal[:m]
    optimism = expected_optimism(evidence, seed)
    return Outcome(key, judged.tied, judged.intervals, judged.score, judged.level, fresh, own, naive, optimism, p_better)


def _from_the_first(pair) -> tuple[int, int, float]:
    a, b = int(pair.method_a), int(pair.method_b)
    return (a, b, pair.p_better) if a < b else (b, a, pair.p_worse)
