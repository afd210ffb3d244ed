"""Max-T over all pairs of a board, with step-down removal of losers (Hansen, Lunde & Nason 2011; Westfall & Young 1993).

The removal order follows from the observed statistics alone, so the reference maxima of all steps come from one pass
over the pairs, backwards: each step adds the pairs of the method it would remove.
"""

from dataclasses import dataclass

import numpy as np

ALPHA = 0.05
FEW_DEGREES = 60  # up to here each draw brings its own variance of every pair
AT_ONCE = 500  # of these draws: bounds the memory


@dataclass(frozen=True)
class Draws:
    """What the differences of m equal methods look like: (n_draws, m) levels and the standard error of each pair."""

    levels: np.ndarray  # column by column in memory, since pairs of columns are what is read
    scale: np.ndarray  # (m, m), or (n_draws, m, m) where each draw has its own; 0 where two methods never differ

    def of_pair(self, i: int, j: int) -> np.ndarray:
        """(n_draws,) absolute statistic of one pair."""
        gaps, scale = np.abs(self.levels[:, i] - self.levels[:, j]), self.scale[..., i, j]
        inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
        return np.multiply(gaps, inverse, out=gaps)


def draw(S: np.ndarray, pair: np.ndarray, nu: float, n_draws: int, seed: int) -> Draws:
    """Draw levels from N(0, S) and what their variances were found to be on nu degrees of freedom.

    pair : (m, m) variances of differences. With many degrees of freedom one chi2_nu / nu serves all pairs of a draw.
    """
    rng = np.random.default_rng(seed)
    if nu <= FEW_DEGREES:
        return _draw_few(rng, S, pair, int(nu), n_draws)
    levels = rng.standard_normal((n_draws, len(S))) @ _symmetric_root(S)
    if np.isfinite(nu):
        levels /= np.sqrt(rng.chisquare(nu, n_draws) / nu)[:, None]
    return Draws(np.asfortranarray(levels), np.sqrt(pair))


def _draw_few(rng: np.random.Generator, S: np.ndarray, pair: np.ndarray, nu: int, n_draws: int) -> Draws:
    """With few degrees of freedom the variances of pairs err apart, and the largest statistic is that of a pair whose
    variance came out too small: each draw has its own Wishart covariance.

    Nor is it known then how alike the methods are: a covariance found on nu < m units makes some of them look the same.
    So S is drawn towards unrelated methods, of which some pair differs more often, by m / nu of the way.
    """
    m = len(S)
    unrelated = np.eye(m) * _of_differences(S).sum() / (2 * m * max(1, m - 1))
    unknown = min(1.0, m / nu)
    root = _symmetric_root((1 - unknown) * S + unknown * unrelated)
    found = np.empty((n_draws, m, m))
    for start in range(0, n_draws, AT_ONCE):
        part = found[start : start + AT_ONCE]
        units = rng.standard_normal((len(part), nu, m)) @ root
        part[:] = _of_differences(units.transpose(0, 2, 1) @ units / nu)
    levels = rng.standard_normal((n_draws, m)) @ root
    return Draws(levels, np.sqrt(np.where(pair > 0, np.maximum(found, 0.0), 0.0)))


def _of_differences(covariance: np.ndarray) -> np.ndarray:
    own = np.diagonal(covariance, axis1=-2, axis2=-1)
    return own[..., :, None] + own[..., None, :] - 2 * covariance


def _symmetric_root(S: np.ndarray) -> np.ndarray:
    """The one symmetric root: unlike a Cholesky factor it exists for singular S and changes little when S does."""
    values, vectors = np.linalg.eigh(S)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def step_down(level: np.ndarray, T: np.ndarray, draws: Draws, gate: np.ndarray | None = None) -> np.ndarray:
    """Return (m,) p of each method: below 0.05 it was removed, else it belongs to the tie group.

    level : (m,).    T : (m, m) observed statistics of the pairs.    gate : (m, m) p-values, or None; where given, a
    step's p is at least that of its pair in `gate`.
    While the largest |T| among the methods left exceeds what equal methods would show, the lower method of that pair is
    removed. A removed method's p is the largest of the steps so far; those left share the p of the last step.
    """
    steps = _removal_order(level, np.abs(T))
    p_of_method = np.ones(len(level))
    largest_p = 0.0
    left = set(range(len(level)))
    for (winner, loser), p in zip(steps, _step_p(steps, T, draws), strict=True):
        largest_p = max(largest_p, p if gate is None else max(p, gate[winner, loser]))
        if largest_p >= ALPHA:
            p_of_method[list(left)] = largest_p
            break
        p_of_method[loser] = largest_p
        left.remove(loser)
    return p_of_method


def _removal_order(level: np.ndarray, size: np.ndarray) -> list[tuple[int, int]]:
    """(winner, loser) of every step if all were taken, down to one method."""
    left = list(range(len(level)))
    steps = []
    while len(left) > 1:
        above_diagonal = np.triu(np.ones((len(left), len(left)), bool), 1)
        a, b = divmod(int(np.argmax(np.where(above_diagonal, size[np.ix_(left, left)], -1.0))), len(left))
        winner, loser = sorted((left[a], left[b]), key=lambda j: -level[j])
        steps.append((winner, loser))
        left.remove(loser)
    return steps


def _step_p(steps: list[tuple[int, int]], T: np.ndarray, draws: Draws) -> list[float]:
    """p of each step: the share of draws whose largest statistic among the methods then left reaches the observed one."""
    if not steps:
        return []
    left = [steps[-1][0]]
    largest = np.zeros(len(draws.levels))
    p = []
    for winner, loser in reversed(steps):
        for other in left:
            np.maximum(largest, draws.of_pair(other, loser), out=largest)
        left.append(loser)
        p.append(_share_reaching(largest, abs(T[winner, loser])))
    return p[::-1]


def pair_p_values(T: np.ndarray, draws: Draws) -> np.ndarray:
    """(m, m) p of every pair, corrected over all pairs by step-down max-T on the same draws; 1 on the diagonal."""
    m = len(T)
    first, second = np.triu_indices(m, 1)
    ascending = np.argsort(np.abs(T[first, second]), kind="stable")
    largest = np.zeros(len(draws.levels))
    raw = np.empty(len(ascending))
    for k in ascending:
        np.maximum(largest, draws.of_pair(first[k], second[k]), out=largest)
        raw[k] = _share_reaching(largest, abs(T[first[k], second[k]]))
    p = np.ones((m, m))
    descending = ascending[::-1]
    p[first[descending], second[descending]] = np.maximum.accumulate(raw[descending])
    return np.minimum(p, p.T)


def _share_reaching(values: np.ndarray, bound: float) -> float:
    return float((1 + (values >= bound).sum()) / (len(values) + 1))
