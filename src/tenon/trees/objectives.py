"""What boosting minimises: each objective gives its start, its gradients, and the best step of a leaf.

Scores are (K, n) float64: one row for regression and two classes, one per class for more. For order 2 (XGBoost; Chen &
Guestrin 2016, section 2.2) a tree is fitted to g = dl/ds and h = d²l/ds²; for order 1 (gradient boosting; Friedman 2001,
algorithm 1) to -g by squared error, which is the same with h = weight, and then each leaf takes the step of least loss
(`line_search`).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tenon.errors import DataError
from tenon.kernels import compiled_bare, compiled_bare_inline, f32, fast_exp
from tenon.team import ALONE, Team, share_of

LEAST_HESS = f32(1e-16)  # as in XGBoost: a row that is certain still counts a little
LARGEST_GRADIENT = 1e37  # they are float32
SMALLEST = float(np.finfo(float).smallest_subnormal)
LEAST_SHARE = 1e-10  # of a class all of whose rows have weight 0
POISSON_MARGIN = f32(np.exp(0.7))  # its program's safeguard: Hessians this much larger keep steps of exp(score) small

CustomObjective = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class Objective:
    """What is known of the train rows: y (n,) float64 and weight (n,) float32."""

    n_scores = 1
    kernel: Callable[..., None]
    searches_leaves = False  # also at order 2, as its Hessian says nothing
    parameter = 0.0  # of the kernel
    most_hess = np.inf  # of a row of weight 1

    def __init__(self, y: np.ndarray, weight: np.ndarray):
        self.y, self.weight = y, weight

    def start(self) -> np.ndarray:
        """Return the constant scores (K,) of least loss."""
        raise NotImplementedError

    def loss(self, scores: np.ndarray) -> float:
        """Return the weighted mean of l, for early stopping."""
        return float(np.average(self.losses(scores), weights=self.weight))

    def losses(self, scores: np.ndarray) -> np.ndarray:
        """Return l of each row, (n,)."""
        raise NotImplementedError

    def gradients(self, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray, team: Team) -> None:
        """Write g and h, (K, n) float32."""
        team.run(self.kernel, scores, self.y, self.weight, self.parameter, grad, hess, alone=len(self.y) < ALONE)

    def line_search(
        self, k: int, leaves: np.ndarray, n_nodes: int, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray
    ) -> np.ndarray:
        """Return the best step (n_nodes,) of each leaf for score k; here one Newton step, Σ -g / Σ h. leaves : (n,) node of each
        row.
        """
        g = np.bincount(leaves, grad[k], n_nodes)
        h = np.bincount(leaves, hess[k], n_nodes)
        return np.divide(-g, h, out=np.zeros(n_nodes), where=h > 0)


class SquaredError(Objective):
    """l = (s - y)² / 2: g = s - y, h = 1."""

    most_hess = 1.0

    def start(self) -> np.ndarray:
        return np.array([exact_mean(self.y, self.weight)])

    def losses(self, scores: np.ndarray) -> np.ndarray:
        return (scores[0] - self.y) ** 2 / 2

    @staticmethod
    @compiled_bare
    def kernel(me: int, n_threads: int, gate: np.ndarray, scores: np.ndarray, y: np.ndarray, weight: np.ndarray, _: float,
               grad: np.ndarray, hess: np.ndarray) -> None:  # fmt: skip
        start, stop = share_of(len(y), me, n_threads)
        s, g, h, y, weight = scores[0, start:stop], grad[0, start:stop], hess[0, start:stop], y[start:stop], weight[start:stop]
        for i in range(len(s)):
            g[i] = f32(s[i] - y[i]) * weight[i]
            h[i] = weight[i]


class Logistic(Objective):
    """Two classes, y in {0, 1}: l = -y ln p - (1 - y) ln(1 - p), p = 1 / (1 + e^-s): g = p - y, h = p (1 - p)."""

    most_hess = 0.25

    def start(self) -> np.ndarray:
        share = exact_mean(self.y, self.weight)
        return np.array([np.log(share / (1 - share))])

    def losses(self, scores: np.ndarray) -> np.ndarray:
        return np.logaddexp(0.0, scores[0]) - self.y * scores[0]

    @staticmethod
    @compiled_bare
    def kernel(me: int, n_threads: int, gate: np.ndarray, scores: np.ndarray, y: np.ndarray, weight: np.ndarray, _: float,
               grad: np.ndarray, hess: np.ndarray) -> None:  # fmt: skip
        start, stop = share_of(len(y), me, n_threads)
        s, g, h = scores[0, start:stop], grad[0, start:stop], hess[0, start:stop]
        y, weight = y[start:stop], weight[start:stop]
        for i in range(len(s)):  # from 0 on: places that might be negative are no vector code
            p = f32(1.0) / (f32(1.0) + fast_exp(f32(-s[i])))
            pq = p * (f32(1.0) - p)
            g[i] = (p - f32(y[i])) * weight[i]
            h[i] = (pq if pq > LEAST_HESS else LEAST_HESS) * weight[i]


class Softmax(Objective):
    """K classes, y in 0 … K-1: l = -ln p_y, p = softmax(s): g_k = p_k - [y = k], h_k = 2 p_k (1 - p_k), XGBoost's diagonal
    bound.
    """

    def __init__(self, y: np.ndarray, weight: np.ndarray, n_classes: int):
        super().__init__(y, weight)
        self.n_scores = n_classes

    def start(self) -> np.ndarray:
        return np.log([max(exact_mean((self.y == k).astype(np.float64), self.weight), LEAST_SHARE) for k in range(self.n_scores)])

    def losses(self, scores: np.ndarray) -> np.ndarray:
        top = scores.max(axis=0)
        return np.log(np.exp(scores - top).sum(axis=0)) + top - scores[self.y.astype(np.int64), np.arange(len(self.y))]

    @staticmethod
    @compiled_bare
    def kernel(me: int, n_threads: int, gate: np.ndarray, scores: np.ndarray, y: np.ndarray, weight: np.ndarray, _: float,
               grad: np.ndarray, hess: np.ndarray) -> None:  # fmt: skip
        K = len(scores)
        start, stop = share_of(len(y), me, n_threads)
        for i in range(start, stop):
            _softmax(scores, i, grad)
            for k in range(K):
                p = grad[k, i]
                h = f32(2.0) * p * (f32(1.0) - p)
                grad[k, i] = (p - f32(y[i] == k)) * weight[i]
                hess[k, i] = (h if h > LEAST_HESS else LEAST_HESS) * weight[i]

    def line_search(
        self, k: int, leaves: np.ndarray, n_nodes: int, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray
    ) -> np.ndarray:
        """Friedman 2001, eq. 38: (K - 1) / K · Σ r / Σ p (1 - p)."""
        K = self.n_scores
        return 2.0 * (K - 1) / K * super().line_search(k, leaves, n_nodes, scores, grad, hess)


@compiled_bare_inline
def _softmax(scores: np.ndarray, i: int, proba: np.ndarray) -> None:
    top = -np.inf
    for k in range(len(scores)):
        top = max(top, scores[k, i])
    total = f32(0.0)
    for k in range(len(scores)):
        proba[k, i] = fast_exp(f32(scores[k, i] - top))
        total += proba[k, i]
    for k in range(len(scores)):
        proba[k, i] /= total


class Poisson(Objective):
    """Counts y >= 0: l = e^s - y s: g = e^s - y, h = e^s (times e^0.7 as a safeguard)."""

    def start(self) -> np.ndarray:
        return np.log([exact_mean(self.y, self.weight)])

    def losses(self, scores: np.ndarray) -> np.ndarray:
        return np.exp(scores[0]) - self.y * scores[0]

    @staticmethod
    @compiled_bare
    def kernel(me: int, n_threads: int, gate: np.ndarray, scores: np.ndarray, y: np.ndarray, weight: np.ndarray, _: float,
               grad: np.ndarray, hess: np.ndarray) -> None:  # fmt: skip
        start, stop = share_of(len(y), me, n_threads)
        for i in range(start, stop):
            mean = fast_exp(f32(scores[0, i]))
            grad[0, i] = (mean - f32(y[i])) * weight[i]
            hess[0, i] = mean * weight[i] * POISSON_MARGIN

    def line_search(
        self, k: int, leaves: np.ndarray, n_nodes: int, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray
    ) -> np.ndarray:
        """Closed form: ln(Σ y / Σ e^s); a leaf of zeros takes the step that halves its mean thrice."""
        wanted = np.bincount(leaves, self.weight * self.y, n_nodes)
        given = np.bincount(leaves, hess[0] / POISSON_MARGIN, n_nodes)
        return np.log(np.maximum(wanted, given / 8), out=np.zeros(n_nodes), where=given > 0) - np.log(
            given, out=np.zeros(n_nodes), where=given > 0
        )


class Residual(Objective):
    """Losses of the residual alone: g is bounded, h = weight, and each leaf searches its step whatever the order."""

    searches_leaves = True

    def start(self) -> np.ndarray:
        return self.line_search(0, np.zeros(len(self.y), np.int64), 1, np.zeros((1, len(self.y))), self.y[None], self.y[None])


class Quantile(Residual):
    """l = α (y - s) above, (1 - α) (s - y) below (pinball): g = -α or 1 - α."""

    def __init__(self, y: np.ndarray, weight: np.ndarray, alpha: float):
        super().__init__(y, weight)
        self.alpha = alpha

    def losses(self, scores: np.ndarray) -> np.ndarray:
        residual = self.y - scores[0]
        return np.maximum(self.alpha * residual, (self.alpha - 1) * residual)

    def gradients(self, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray, team: Team) -> None:
        grad[0] = ((scores[0] > self.y) - self.alpha * (scores[0] != self.y)) * self.weight
        hess[0] = self.weight

    def line_search(
        self, k: int, leaves: np.ndarray, n_nodes: int, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray
    ) -> np.ndarray:
        """Return the α-quantile of each leaf's residuals."""
        return quantile_by_leaf(leaves, n_nodes, self.y - scores[0], self.weight, self.alpha)


class AbsoluteError(Quantile):
    """l = |y - s|: g = sign(s - y); a leaf's step is its median residual."""

    def __init__(self, y: np.ndarray, weight: np.ndarray):
        super().__init__(y, weight, 0.5)

    def gradients(self, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray, team: Team) -> None:
        grad[0] = np.sign(scores[0] - self.y) * self.weight
        hess[0] = self.weight


class Huber(Residual):
    """Squared up to δ, linear beyond; δ is the α-quantile of |y - s|, taken anew each round (Friedman 2001, section 4.4)."""

    def __init__(self, y: np.ndarray, weight: np.ndarray, alpha: float):
        super().__init__(y, weight)
        self.alpha, self.delta = alpha, np.inf

    def losses(self, scores: np.ndarray) -> np.ndarray:
        """Of the scale that these rows' own residuals have."""
        size = np.abs(self.y - scores[0])
        delta = float(quantile_by_leaf(np.zeros(len(size), np.int64), 1, size, self.weight, self.alpha)[0])
        return np.where(size <= delta, size**2 / 2, delta * (size - delta / 2))

    def start(self) -> np.ndarray:
        return quantile_by_leaf(np.zeros(len(self.y), np.int64), 1, self.y, self.weight, 0.5)

    def gradients(self, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray, team: Team) -> None:
        residual = self.y - scores[0]
        everyone = np.zeros(len(self.y), np.int64)
        self.delta = float(quantile_by_leaf(everyone, 1, np.abs(residual), self.weight, self.alpha)[0])
        grad[0] = -np.clip(residual, -self.delta, self.delta) * self.weight
        hess[0] = self.weight

    def line_search(
        self, k: int, leaves: np.ndarray, n_nodes: int, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray
    ) -> np.ndarray:
        """Friedman's algorithm 4: the median m of the leaf's residuals, plus the mean of what is left of them, clipped at ± δ."""
        residual = self.y - scores[0]
        median = quantile_by_leaf(leaves, n_nodes, residual, self.weight, 0.5)
        beyond = np.clip(residual - median[leaves], -self.delta, self.delta)
        total = np.bincount(leaves, self.weight, n_nodes)
        return median + np.divide(
            np.bincount(leaves, beyond * self.weight, n_nodes), total, out=np.zeros(n_nodes), where=total > 0
        )


class Custom(Objective):
    """The user's own: function(y, scores) returns g and h, each (n,)."""

    def __init__(self, y: np.ndarray, weight: np.ndarray, function: CustomObjective):
        super().__init__(y.view(), weight)
        self.y.flags.writeable = False  # the function may not change what the next round reads
        self.function = function

    def start(self) -> np.ndarray:
        return np.zeros(1)

    def gradients(self, scores: np.ndarray, grad: np.ndarray, hess: np.ndarray, team: Team) -> None:
        said = self.function(self.y, scores[0].copy())
        try:
            g, h = (np.asarray(part, np.float64) for part in said)
        except (TypeError, ValueError) as error:
            raise DataError(f"the custom loss has to return gradients and Hessians, two arrays of numbers ({error}).") from error
        for name, part in (("gradients", g), ("Hessians", h)):
            if part.shape != self.y.shape:
                raise DataError(f"the custom loss has to return {name} of shape {self.y.shape}; got shape {part.shape}.")
            largest = np.abs(part * self.weight).max()
            if not largest < LARGEST_GRADIENT:  # NaN is not, either
                raise DataError(f"the custom loss has to return {name} below {LARGEST_GRADIENT:g} in size; got {largest:g}.")
        if h.min() < 0:
            raise DataError(f"the custom loss has to return Hessians of at least 0; got {h.min():g}.")
        grad[0], hess[0] = g * self.weight, h * self.weight


def exact_mean(values: np.ndarray, weight: np.ndarray) -> float:
    """Return the weighted mean of (n,) values, whatever their order, to 50 bits of the largest."""
    return _exact_sum(values * weight) / _exact_sum(weight.astype(np.float64))


def _exact_sum(values: np.ndarray) -> float:
    """Sum in fixed point: whole numbers of a unit, a power of two, of which 2^62 / n go into the largest value."""
    largest = float(np.abs(values).max())
    if largest == 0.0:
        return 0.0
    unit = max(SMALLEST, 2.0 ** np.ceil(np.log2(largest) + np.log2(len(values)) - 62))
    return float(np.rint(values / unit).astype(np.int64).sum() * unit)


def quantile_by_leaf(leaves: np.ndarray, n_nodes: int, values: np.ndarray, weight: np.ndarray, alpha: float) -> np.ndarray:
    """Return the α-quantile (n_nodes,) of the values in each leaf: the least whose rank reaches α of the weight; 0 for
    empty ones.

    Where the rank is α exactly, as with the median of an even number, it is the middle of that value and the next.
    """
    order = np.lexsort((values, leaves))
    ends = np.searchsorted(leaves[order], np.arange(n_nodes), side="right")
    starts = np.r_[0, ends[:-1]]
    steps = np.zeros(n_nodes)
    for node in np.flatnonzero(ends > starts):
        mine = order[starts[node] : ends[node]]
        rank = np.cumsum(weight[mine], dtype=np.float64)
        at = int(np.searchsorted(rank, alpha * rank[-1]))
        is_even = rank[at] == alpha * rank[-1] and at + 1 < len(mine)
        steps[node] = (values[mine[at]] + values[mine[at + 1]]) / 2 if is_even else values[mine[at]]
    return steps


OBJECTIVES: dict[str, Any] = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "huber": Huber,
    "quantile": Quantile,
    "poisson": Poisson,
}
