"""The linear booster: scores are a weighted sum of the columns, and each round moves one weight after another.

It is XGBoost's gblinear with its updater coord_descent: of the loss's second-order expansion with penalties λ/2 |w|² + α |w|, for
one unit of row weight each, a round takes the best step of every weight, w_j += η · Δ_j, and tells the gradients of it before
the next. With squared error and enough rounds that is ridge, or with α the lasso. A missing cell counts as 0; nothing is scaled.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_matrix

from tenon.kernels import compiled, compiled_inline
from tenon.team import Team
from tenon.trees.boosting import Rounds, has_stalled
from tenon.trees.inputs import Matrix
from tenon.trees.objectives import Objective

LEAST_HESS = 1e-5  # as in XGBoost: a column whose rows are all certain, or all 0, keeps its weight


@dataclass
class LinearBoosted:
    """What boosting gives."""

    start: np.ndarray  # (K,) constant scores
    intercept: np.ndarray  # (K,) what the rounds added to them
    coef: np.ndarray  # (K, p)
    n_rounds: int
    losses: list[float]  # of the validation rows, before the first round and after each


def boost_linear(
    X: Matrix, objective: Objective, rounds: Rounds, l2: float, l1: float, team: Team, held_out: tuple[Matrix, Objective] | None
) -> LinearBoosted:
    """Boost on rows X; with rows held out, stop early and keep the weights of the best round."""
    cells, start, K = cells_of(X), objective.start(), objective.n_scores
    shape, mass = (K, X.shape[0]), float(objective.weight.sum(dtype=np.float64))
    grad, hess = np.empty(shape, np.float32), np.empty(shape, np.float32)
    coef, intercept = np.zeros((K, X.shape[1])), np.zeros(K)
    unseen = None if held_out is None else cells_of(held_out[0])
    best = LinearBoosted(start, intercept.copy(), coef.copy(), 0, [])
    if held_out is not None and unseen is not None:
        best.losses.append(held_out[1].loss(linear_scores(unseen, coef, start)))
    for i in range(rounds.n_estimators):
        objective.gradients(linear_scores(cells, coef, start + intercept), grad, hess, team)
        for k in range(K):
            g, h = grad[k].astype(np.float64), hess[k].astype(np.float64)
            step = -rounds.learning_rate * g.sum() / max(h.sum(), LEAST_HESS)
            intercept[k] += step
            g += h * step
            move_weights(cells.indptr, cells.indices, cells.data, g, h, coef[k], l2 * mass, l1 * mass, rounds.learning_rate)
        if held_out is not None and unseen is not None:
            best.losses.append(held_out[1].loss(linear_scores(unseen, coef, start + intercept)))
            if best.losses[-1] > min(best.losses):
                if has_stalled(best.losses, rounds):
                    break
                continue
        best = LinearBoosted(start, intercept.copy(), coef.copy(), i + 1, best.losses)
    return best


def cells_of(X: Matrix) -> csc_matrix:
    """Return the cells that are neither 0 nor missing, column by column, (n, p) float64."""
    cells = csc_matrix(np.nan_to_num(X, nan=0.0) if isinstance(X, np.ndarray) else X, dtype=np.float64)
    cells.data = np.nan_to_num(cells.data, nan=0.0)
    return cells


def linear_scores(cells: csc_matrix, coef: np.ndarray, constant: np.ndarray) -> np.ndarray:
    """Return the scores (K, n) of rows, for weights (K, p) and constants (K,)."""
    return np.ascontiguousarray((cells @ coef.T).T) + constant[:, None]


@compiled
def move_weights(
    indptr: np.ndarray, row: np.ndarray, value: np.ndarray, grad: np.ndarray, hess: np.ndarray, coef: np.ndarray,
    l2: float, l1: float, learning_rate: float,
) -> None:  # fmt: skip
    """Move each weight of coef (p,) by its best step times the learning rate; grad (n,) follows, hess (n,) stays."""
    for j in range(len(coef)):
        g, h = 0.0, 0.0
        for c in range(indptr[j], indptr[j + 1]):
            g += grad[row[c]] * value[c]
            h += hess[row[c]] * value[c] * value[c]
        step = learning_rate * _best_step(g, h, coef[j], l2, l1)
        if step != 0.0:
            coef[j] += step
            for c in range(indptr[j], indptr[j + 1]):
                grad[row[c]] += hess[row[c]] * value[c] * step


@compiled_inline
def _best_step(g: float, h: float, w: float, l2: float, l1: float) -> float:
    """argmin over d of g d + h d² / 2 + λ (w + d)² / 2 + α |w + d|, not past 0, where the penalty bends."""
    if h < LEAST_HESS:
        return 0.0
    g, h = g + l2 * w, h + l2
    if w - g / h >= 0.0:
        return max(-(g + l1) / h, -w)
    return min(-(g - l1) / h, -w)
