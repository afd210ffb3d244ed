"""Boosting: each tree lowers the loss of what all trees before it say, by a small step.

Order 2 is XGBoost's (Chen & Guestrin 2016, section 2.2: trees on gradients and Hessians), order 1 gradient boosting's
(Friedman 2001, algorithm 1: trees on the negative gradient by squared error, then each leaf searches its step).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tenon.team import Team
from tenon.trees.inputs import Matrix
from tenon.trees.objectives import Objective
from tenon.trees.sampling import Lots, draw_by_gradient, draw_rows
from tenon.trees.tree import Tree


class TreeGrower(Protocol):
    """What grows trees by one way of search: on histograms (grower.py) or on sorted values (exact.py)."""

    columns: np.ndarray  # of the train rows, as find_leaves reads them

    @property
    def nodes(self) -> np.ndarray: ...
    def columns_of(self, X: Matrix) -> np.ndarray: ...
    def grow(self, grad: np.ndarray, hess: np.ndarray, ids: np.ndarray, lots: Lots) -> None: ...
    def add_weights(self, step: float, scores: np.ndarray) -> None: ...
    def write_leaves(self, leaves: np.ndarray) -> None: ...
    def find_leaves(self, columns: np.ndarray, ids: np.ndarray, leaves: np.ndarray) -> None: ...
    def tree(self, step: float) -> Tree: ...


@dataclass(frozen=True)
class Rounds:
    """How the rounds go."""

    n_estimators: int
    learning_rate: float
    order: int
    subsample: float  # share of the rows that each tree sees
    goss: tuple[float, float] | None  # shares of rows kept for their large gradients, and drawn from the others
    by_tree: float  # shares of the features drawn
    by_level: float
    by_node: float
    n_iter_no_change: int | None  # rounds without a better validation loss until boosting stops
    tol: float


@dataclass(frozen=True)
class Validation:
    """Rows that no tree sees, for early stopping."""

    columns: np.ndarray  # (n_columns, n) as the grower reads them
    objective: Objective  # of these rows


@dataclass
class Boosted:
    """What boosting gives."""

    start: np.ndarray  # (K,) constant scores
    trees: list[list[Tree]]  # by round, then by score
    losses: list[float]  # of the validation rows, before the first round and after each


def boost(
    grower: TreeGrower,
    objective: Objective,
    rounds: Rounds,
    rng: np.random.Generator,
    team: Team,
    n_features: int,
    validation: Validation | None,
) -> Boosted:
    """Boost on the rows of grower and objective; with validation rows, stop early and keep the rounds up to the best."""
    n, K = len(objective.y), objective.n_scores
    start = objective.start()
    scores, grad, hess = np.repeat(start[:, None], n, axis=1), np.empty((K, n), np.float32), np.empty((K, n), np.float32)
    unseen = None if validation is None else np.repeat(start[:, None], len(validation.objective.y), axis=1)
    boosted = Boosted(start, [], [] if validation is None or unseen is None else [validation.objective.loss(unseen)])
    for _ in range(rounds.n_estimators):
        objective.gradients(scores, grad, hess, team)
        rows, factor = _sample(rng, rounds, grad, hess)
        lots = _draw_lots(rng, rounds, n_features)
        trees = []
        for k in range(K):
            curvature = objective.weight if rounds.order == 1 else hess[k]
            if len(rows) == n:
                grower.grow(grad[k], curvature, rows, lots)
            else:
                grower.grow(grad[k][rows] * factor, curvature[rows] * factor, rows, lots)
            _step(grower, objective, rounds, k, rows, scores, grad, hess)
            trees.append(grower.tree(rounds.learning_rate))
            if validation is not None and unseen is not None:
                unseen[k] += rounds.learning_rate * _weights_of(grower, validation.columns, unseen.shape[1])
        boosted.trees.append(trees)
        if validation is not None and unseen is not None:
            boosted.losses.append(validation.objective.loss(unseen))
            if has_stalled(boosted.losses, rounds):
                break
    if boosted.losses:
        del boosted.trees[max(1, int(np.argmin(boosted.losses))) :]
    return boosted


def _sample(rng: np.random.Generator, rounds: Rounds, grad: np.ndarray, hess: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows (m,) int32 of this round's trees and by what to multiply their gradients."""
    n = grad.shape[1]
    if rounds.goss is not None:
        return draw_by_gradient(rng, grad, hess, *rounds.goss)
    rows = np.arange(n, dtype=np.int32) if rounds.subsample == 1.0 else draw_rows(rng, n, rounds.subsample)
    return rows, np.ones(len(rows), np.float32)


def _draw_lots(rng: np.random.Generator, rounds: Rounds, n_features: int) -> Lots:
    in_tree = np.ones(n_features, np.bool_)
    if rounds.by_tree < 1.0:
        in_tree[rng.permutation(n_features)[max(1, int(rounds.by_tree * n_features)) :]] = False
    return Lots(in_tree, rounds.by_level, rounds.by_node, int(rng.integers(2**62)))


def _step(
    grower: TreeGrower,
    objective: Objective,
    rounds: Rounds,
    k: int,
    rows: np.ndarray,
    scores: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
) -> None:
    """Move the scores of all rows by the tree just grown, whose leaves first search their step where they have to."""
    searches = rounds.order == 1 or objective.searches_leaves
    if len(rows) == scores.shape[1] and not searches:
        grower.add_weights(rounds.learning_rate, scores[k])
        return
    leaves = np.full(scores.shape[1], -1, np.int32)
    grower.write_leaves(leaves)
    grower.find_leaves(grower.columns, np.flatnonzero(leaves < 0).astype(np.int32), leaves)
    if searches:
        steps = objective.line_search(k, leaves, len(grower.nodes), scores, grad, hess)
        is_leaf = np.bincount(leaves, minlength=len(steps)) > 0
        grower.nodes["weight"][is_leaf] = steps[is_leaf]
    scores[k] += rounds.learning_rate * grower.nodes["weight"][leaves]


def _weights_of(grower: TreeGrower, columns: np.ndarray, n: int) -> np.ndarray:
    leaves = np.empty(n, np.int32)
    grower.find_leaves(columns, np.arange(n, dtype=np.int32), leaves)
    return grower.nodes["weight"][leaves]


def has_stalled(losses: list[float], rounds: Rounds) -> bool:
    """Is the best loss of the last rounds no better than the best before them?"""
    patience = rounds.n_iter_no_change
    return patience is not None and len(losses) > patience and min(losses[-patience:]) > min(losses[:-patience]) - rounds.tol
