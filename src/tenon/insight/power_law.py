"""A learning curve as a power law: loss = floor + factor · share^−exponent (Hestness et al. 2017, arXiv:1712.00409)."""

from dataclasses import dataclass

import numpy as np

EXPONENTS = np.linspace(0.1, 2.0, 96)  # 0.5 and 1 are what theory and experience give


@dataclass(frozen=True)
class PowerLaw:
    """floor >= 0, factor >= 0: the loss falls, and never below 0."""

    floor: float
    factor: float
    exponent: float

    def __call__(self, share: float | np.ndarray) -> np.ndarray:
        return self.floor + self.factor * np.power(share, -self.exponent)


def fit_power_law(share: np.ndarray, loss: np.ndarray) -> PowerLaw:
    """Return the law of least squares; the first of equally good exponents is taken.

    share : (k,) > 0, k >= 3.    loss : (k,) >= 0. For each of EXPONENTS the best floor and factor that are not negative are
    known in closed form.
    """
    x = np.power(share, -EXPONENTS[:, None])  # (e, k)
    centred = x - x.mean(axis=1, keepdims=True)
    factor = np.maximum(0.0, centred @ (loss - loss.mean()) / np.square(centred).sum(axis=1))
    floor = loss.mean() - factor * x.mean(axis=1)
    through_zero = np.maximum(0.0, x @ loss / np.square(x).sum(axis=1))  # where the floor would be negative, it is 0
    factor = np.where(floor < 0, through_zero, factor)
    floor = np.maximum(floor, 0.0)
    errors = np.square(floor[:, None] + factor[:, None] * x - loss).sum(axis=1)
    best = int(np.argmin(np.round(errors, 15)))
    return PowerLaw(float(floor[best]), float(factor[best]), float(EXPONENTS[best]))
