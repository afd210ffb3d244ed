"""Nested folds in the place of final rows: what they say of a choice, and what the chosen model is worth on fresh rows."""

from dataclasses import replace

import numpy as np

from calibration.cell import ALL_METRICS, ROPE, Cell, Outcome
from calibration.evidence import N_FOLDS, folds_of, gathered, level_of
from calibration.populations import Sample
from tenon.metrics import Evidence, judge, may_be_chosen, method_intervals
from tenon.metrics.intervals import widened
from tenon.trials.choice import choose

N_REPEATS = 4
N_CHOSEN_FRESH = 20_000  # rows on which the chosen model's worth is known to within some thousandths


def on_nested_folds(cell: Cell, rng: np.random.Generator, seed: int) -> list[Outcome]:
    """Choose by folds of all rows and refit; choose by folds of each fold's train rows, as `trials.nested` does.

    The outcome has one method, the chosen one: level is the nested score, `fresh` what the refitted model scores,
    `optimism` by how much its score on the folds is higher than that.
    """
    m = max(cell.sizes)
    sample, fresh = cell.population(rng, cell.n, m, N_CHOSEN_FRESH)
    folds = folds_of(rng, sample, N_REPEATS)
    scores = [_predicted(cell, sample, of_row, rng) for of_row in folds]
    refitted = cell.learner(sample.x, sample.y, fresh.x, rng)
    inner = [_inner_folds(cell, sample, folds[0] != k, rng) for k in range(N_FOLDS)]
    outcomes = []
    for metric in (ALL_METRICS[name] for name in cell.metrics):
        evidence = gathered(metric, sample, scores, folds)
        chosen = _choice(evidence, seed)
        true = level_of(metric, fresh, refitted[chosen])
        picks = [_choice(gathered(metric, part, [said], of_row[None]), seed) for part, said, of_row in inner]
        nested = [np.array([scores[0][picks[k]][i] for i, k in enumerate(folds[0])])]
        found = gathered(metric, sample, [nested], folds[:1])
        outcomes.append(_outcome((metric.name, m, "nested"), found, true, float(evidence.level[chosen]) - true))
    return outcomes


def _outcome(key: tuple[str, int, str], found: Evidence, true: float, flattered: float) -> Outcome:
    score = found.metric.from_level(float(found.level[0]))
    low, high = method_intervals(replace(found, question="history"))[0]
    interval = np.array([widened(score, float(low), float(high))])
    return Outcome(key, np.array([True]), interval, np.array([score]), found.level, np.array([true]), None, False, flattered)


def _predicted(cell: Cell, sample: Sample, of_row: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """(n, n_classes) scores of each method, every row by the model that did not see it."""
    scores = np.empty((len(sample.x), len(sample.y), len(np.unique(sample.y))))
    for k in range(N_FOLDS):
        is_new = of_row == k
        scores[:, is_new] = cell.learner(sample.x[:, ~is_new], sample.y[~is_new], sample.x[:, is_new], rng)
    return list(scores)


def _inner_folds(
    cell: Cell, sample: Sample, is_train: np.ndarray, rng: np.random.Generator
) -> tuple[Sample, list[np.ndarray], np.ndarray]:
    """The train rows of one fold, what is said of them on folds of their own, and these folds."""
    part = Sample(sample.x[:, is_train], sample.y[is_train])
    of_row = folds_of(rng, part, 1)[0]
    return part, _predicted(cell, part, of_row, rng), of_row


def _choice(evidence: Evidence, seed: int) -> int:
    costs = list(range(len(evidence.names)))
    board = judge(evidence, rope=ROPE, cost_ranks=costs, data_hash_seed=seed)
    return int(choose(evidence.names, costs, may_be_chosen(board)))
