"""Probabilities that mean what they say: of the rows given 0.8, eight in ten are of the class.

Each class is calibrated against all others, and the results are brought to a sum of 1 (Zadrozny & Elkan 2002); of two
classes only the second is. The curve never falls, so it does not turn the order of two rows round.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

SMALLEST = 1e-12  # probabilities are kept this far from 0 and 1 before their log-odds are taken


class Curve(Protocol):
    """Raw probabilities of one class, (n,), into calibrated ones."""

    def __call__(self, proba: np.ndarray) -> np.ndarray: ...

    def to_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Sigmoid:
    """p -> 1 / (1 + exp(-(slope * log-odds(p) + offset))); slope 1 and offset 0 change nothing (Platt 1999, on log-odds)."""

    slope: float  # >= 0
    offset: float

    def __call__(self, proba: np.ndarray) -> np.ndarray:
        return _expit(self.slope * _log_odds(proba) + self.offset)

    def to_json(self) -> dict[str, Any]:
        return {"slope": self.slope, "offset": self.offset}


@dataclass(frozen=True)
class Isotonic:
    """Straight lines between knots (raw, calibrated), both rising; flat beyond the first and the last."""

    raw: tuple[float, ...]
    calibrated: tuple[float, ...]

    def __call__(self, proba: np.ndarray) -> np.ndarray:
        return np.interp(proba, self.raw, self.calibrated)

    def to_json(self) -> dict[str, Any]:
        return {"raw": list(self.raw), "calibrated": list(self.calibrated)}


@dataclass(frozen=True)
class Calibration:
    """One curve a class in the order of task.labels; for two classes one, of the second."""

    kind: str  # sigmoid or isotonic
    curves: tuple[Curve, ...]

    def __call__(self, proba: np.ndarray) -> np.ndarray:
        """Return calibrated (n, K) probabilities, rows sum to 1; where all classes get 0 they are all the same."""
        if len(self.curves) == 1:
            second = self.curves[0](proba[:, 1])
            return np.column_stack([1 - second, second])
        each = np.column_stack([curve(proba[:, k]) for k, curve in enumerate(self.curves)])
        total = each.sum(axis=1, keepdims=True)
        return np.divide(each, total, out=np.full(each.shape, 1 / each.shape[1]), where=total > 0)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "curves": [curve.to_json() for curve in self.curves]}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Calibration":
        if raw["kind"] == "sigmoid":
            return cls("sigmoid", tuple(Sigmoid(**curve) for curve in raw["curves"]))
        return cls("isotonic", tuple(Isotonic(tuple(curve["raw"]), tuple(curve["calibrated"])) for curve in raw["curves"]))


def fit_calibration(kind: str, proba: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> Calibration:
    """Return the calibration of kind "sigmoid" or "isotonic" that fits these rows best.

    proba : (n, K) of rows that the model did not see. y : (n,) int64 positions in task.labels. weights : (n,) > 0.
    """
    fit = _fit_sigmoid if kind == "sigmoid" else _fit_isotonic
    weights = np.ones(len(y)) if weights is None else weights * (len(y) / weights.sum())
    classes = (1,) if proba.shape[1] == 2 else range(proba.shape[1])
    return Calibration(kind, tuple(fit(proba[:, k], (y == k).astype(np.float64), weights) for k in classes))


def _log_odds(proba: np.ndarray) -> np.ndarray:
    clipped = np.clip(proba, SMALLEST, 1 - SMALLEST)
    return np.log(clipped) - np.log1p(-clipped)


def _expit(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)) without overflow, exact for small values too."""
    return np.exp(-np.logaddexp(0, -z))


def _fit_sigmoid(proba: np.ndarray, is_class: np.ndarray, weights: np.ndarray) -> Sigmoid:
    """Least log loss over slope >= 0 and offset, with Platt's targets, which stay off 0 and 1 by one row in N + 2."""
    from scipy.optimize import minimize

    n_in, n_out = weights @ is_class, weights @ (1 - is_class)
    target = np.where(is_class == 1, (n_in + 1) / (n_in + 2), 1 / (n_out + 2))
    odds = _log_odds(proba)
    centre, width = odds.mean(), odds.std() or 1.0
    x = (odds - centre) / width

    def loss(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        z = coefficients[0] * x + coefficients[1]
        error = weights * (_expit(z) - target)
        return float(weights @ (np.logaddexp(0, z) - target * z)), np.array([error @ x, error.sum()])

    bounds = [(0, None), (None, None)]
    slope, offset = minimize(
        loss, [0.0, 0.0], jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9}
    ).x
    return Sigmoid(float(slope / width), float(offset - slope * centre / width))


def _fit_isotonic(proba: np.ndarray, is_class: np.ndarray, weights: np.ndarray) -> Isotonic:
    """Least squares over all rising curves, kept off 0 and 1 by one row in n + 2: a new row can always be the exception."""
    from sklearn.isotonic import IsotonicRegression

    edge = 1 / (len(proba) + 2)
    fitted = IsotonicRegression(y_min=edge, y_max=1 - edge).fit(proba, is_class, sample_weight=weights)
    return Isotonic(tuple(fitted.X_thresholds_.tolist()), tuple(fitted.y_thresholds_.tolist()))
