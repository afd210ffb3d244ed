"""Samples and learners into the evidence that a board is judged on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from calibration.counting import bleu_counts, entity_counts
from calibration.learners import Learner
from calibration.populations import Sample
from tenon.metrics import Evidence, Metric, PerGroup, gather

N_FOLDS = 5


def first_methods(evidence: Evidence, m: int) -> Evidence:
    """The board of the first m methods."""
    return replace(
        evidence, names=evidence.names[:m], level=evidence.level[:m], psi=evidence.psi[:, :, :m], folds=evidence.folds[:, :m]
    )


def first_repeats(evidence: Evidence, n_repeats: int) -> Evidence:
    """The board after the first repeats; the metric is defined in every fold."""
    psi = evidence.psi[:n_repeats]
    return replace(evidence, level=psi.mean(axis=(0, 1)), psi=psi, folds=evidence.folds[: n_repeats * evidence.n_folds])


def folds_of(rng: np.random.Generator, sample: Sample, n_repeats: int, apart: bool = True) -> np.ndarray:
    """(R, n) folds of units of equal size; rows stratified by class where there are classes.

    apart : keep the rows of a group on one side.
    """
    in_groups = apart and sample.groups is not None
    n_units = int(sample.groups.max()) + 1 if in_groups else len(sample.y) // sample.n_tokens
    is_plain = not in_groups and sample.n_tokens == 1 and sample.y.dtype.kind == "i"
    folds = np.empty((n_repeats, n_units), int)
    for of_repeat in folds:
        order = np.lexsort((rng.random(n_units), sample.y)) if is_plain else rng.permutation(n_units)
        of_repeat[order] = np.arange(n_units) % N_FOLDS
    return folds[:, sample.groups] if in_groups else folds


def cross_validated(
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


def guess_of(metric: Metric, sample: Sample, scores: np.ndarray) -> np.ndarray:
    """What the metric reads, from scores (n, n_classes) or (n, 1)."""
    if metric.reads == "value":
        return scores[:, 0]
    if metric.reads == "proba":
        return np.column_stack([scores[:, 0] - scores[:, 1], scores[:, 1] - scores[:, 0]])
    said = scores.argmax(axis=1)
    if metric.reads == "label":
        return said
    count = entity_counts if metric.name == "entity_f1" else bleu_counts
    return count(sample.y.reshape(-1, sample.n_tokens), said.reshape(-1, sample.n_tokens))


def level_of(metric: Metric, sample: Sample, scores: np.ndarray) -> float:
    """Level of one method on these rows, taken together."""
    return metric.level(sample.y, guess_of(metric, sample, scores))


def level_per_group(metric: Metric, sample: Sample, scores: np.ndarray, folds: np.ndarray) -> float:
    """The same inside the parts of the groups that lie in one fold, as `gathered` has it."""
    return per_group(sample).metric(metric).measure(sample.y, guess_of(metric, sample, scores), folds).level


def per_group(sample: Sample) -> PerGroup:
    """The sample's groups, for a metric that is computed in each."""
    return PerGroup("user", np.unique(sample.groups, return_inverse=True)[1])


def gathered(
    metric: Metric,
    sample: Sample,
    scores: Sequence[Sequence[np.ndarray]],
    folds: np.ndarray,
    is_per_group: bool = False,
) -> Evidence:
    """Evidence on the methods named 00, 01, ... from the scores of each repeat."""
    guesses = [[guess_of(metric, sample, one) for one in of_repeat] for of_repeat in scores]
    y = sample.y[:: sample.n_tokens]
    names = [f"{j:02}" for j in range(len(scores[0]))]
    per = per_group(sample) if is_per_group else None
    return gather(metric, names, y, guesses, folds, groups=None if per else sample.groups, per=per)
