"""One board: draw a sample, run the folds, judge, and compare what was said with what is true."""

from collections.abc import Callable
from zlib import crc32

import numpy as np

from calibration.cell import ALL_METRICS, ROPE, Cell, Outcome
from calibration.evidence import (
    N_FOLDS,
    cross_validated,
    first_methods,
    first_repeats,
    folds_of,
    gathered,
    guess_of,
    level_of,
    level_per_group,
)
from calibration.nested import on_nested_folds
from calibration.populations import Sample
from tenon.metrics import Board, Evidence, as_history, expected_optimism, final_interval, gather, judge, judge_fixed
from tenon.metrics.dear import beside
from tenon.metrics.maxt import ALPHA

ONE_SPLIT = "1 split"
N_FRESH, N_FINAL_FRESH = 2_000, 40_000


def outcomes_of(cell: Cell, board: int) -> list[Outcome]:
    """Run one board; `board` seeds everything."""
    rng = np.random.default_rng([crc32(cell.name.encode()), board])
    run: dict[str, Callable[[Cell, np.random.Generator, int], list[Outcome]]]
    run = {"folds": _on_folds, "history": _on_history, "fixed": _on_final_rows, "nested": on_nested_folds}
    return run[cell.kind](cell, rng, board)


def _on_folds(cell: Cell, rng: np.random.Generator, seed: int) -> list[Outcome]:
    sample, fresh = cell.population(rng, cell.n, max(cell.sizes), N_FRESH)
    folds = folds_of(rng, sample, max(map(_repeats, cell.splits)), apart=not cell.per_group)
    guesses, of_fresh = cross_validated(cell.learner, sample, fresh, folds, rng)
    fold_of_fresh = rng.integers(N_FOLDS, size=len(fresh.y))
    outcomes = []
    for metric in (ALL_METRICS[name] for name in cell.metrics):
        evidence = gathered(metric, sample, guesses, folds, cell.per_group)
        on_split = None
        if any("dear" in split or split == ONE_SPLIT for split in cell.splits):
            on_split = gathered(metric, sample, guesses[:1], np.where(folds[:1] == 0, 0, -1), cell.per_group)
        if cell.per_group:
            levels = np.array([level_per_group(metric, fresh, guess, fold_of_fresh) for guess in of_fresh])
        else:
            levels = np.array([level_of(metric, fresh, guess) for guess in of_fresh])
        for split in cell.splits:
            for m in cell.sizes:
                part = _shown(evidence, on_split, split, m)
                judged = judge(part, rope=ROPE, cost_ranks=range(m), data_hash_seed=seed, any_seeded=cell.any_seeded)
                outcomes.append(_outcome(cell, (metric.name, m, split), part, judged, levels[:m], sample.signal, seed))
    return outcomes


def _repeats(split: str) -> int:
    """The repeats of "5x4" and "5x4 + 1 dear"; 1 of "1 split"."""
    return int(split.partition("x")[2].split()[0]) if "x" in split else 1


def _shown(evidence: Evidence, on_split: Evidence | None, split: str, m: int) -> Evidence:
    """What a board of m methods sees: of the last ones, where they are dear, one split."""
    if split == ONE_SPLIT:
        return first_methods(on_split, m)
    n_dear = int(split.partition("+ ")[2].split()[0]) if "+" in split else 0
    shown = first_methods(first_repeats(evidence, _repeats(split)), m - n_dear)
    return beside(shown, first_methods(on_split, m)) if n_dear else shown


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
        guesses = [[guess_of(metric, sample, np.nan_to_num(one)) for one in scores]]
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
        guesses = [guess_of(metric, final, one[: cell.n]) for one in scores]
        levels = np.array([level_of(metric, fresh, one[cell.n :]) for one in scores])
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
