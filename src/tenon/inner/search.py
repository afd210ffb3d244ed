"""Which configurations of a method's settings are tried: drawn at random over their ranges, or on a grid over them.

Every search proposes settings one by one, never the same twice, and hears how good the last ones were.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from tenon.method import Param

STREAM = 102  # of random numbers: apart from those of splits and of balance
PATIENCE = 200  # draws in a row that give nothing new, after which the ranges count as used up
Space = Mapping[str, Param]  # settings that have a range, by name
Settings = dict[str, Any]


def is_ranged(param: Param) -> bool:
    """Tell whether a search may try other values of a setting: it says what it may range over."""
    return param.is_tuned and (bool(param.choices) or (param.low is not None and param.high is not None))


def is_whole(param: Param) -> bool:
    """Tell whether a setting takes whole numbers only: its ends and its default are ints."""
    numbers = [param.low, param.high] + ([] if param.default is None else [param.default])
    return all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)


class Search(ABC):
    """Proposes settings. `seen` are those that were tried already, among them the defaults."""

    def __init__(self, space: Space):
        self.space = space
        self.seen: set[tuple[Any, ...]] = set()

    def tell(self, settings: Settings, level: float | None) -> None:
        """Hear that these settings were tried; level: larger is better, None where they failed."""
        self.seen.add(self._key(settings))

    @abstractmethod
    def next(self) -> Settings | None:
        """Return new settings, or None where there are no more."""

    def is_seen(self, settings: Settings) -> bool:
        return self._key(settings) in self.seen

    def _key(self, settings: Settings) -> tuple[Any, ...]:
        return tuple(settings[name] for name in self.space)


class RandomSearch(Search):
    """Settings drawn at random, evenly over each range on its own scale (Bergstra & Bengio 2012)."""

    def __init__(self, space: Space, seed: int):
        super().__init__(space)
        self._rng = np.random.default_rng([seed, STREAM])

    def next(self) -> Settings | None:
        for _ in range(PATIENCE):
            settings = {name: self._draw(param) for name, param in self.space.items()}
            if not self.is_seen(settings):
                return settings
        return None

    def _draw(self, param: Param) -> Any:
        if param.choices:
            return param.choices[self._rng.integers(len(param.choices))]
        low, high = ends(param)
        if is_whole(param):
            low, high = low - 0.5, high + 0.5  # so that the ends come up as often as what stands between
        draw = float(self._rng.uniform(_scaled(low, param), _scaled(high, param)))
        return _value(draw, param)


class GridSearch(Search):
    """A full grid over all ranges with at most `n` points: both ends and even steps between them; choices in their order."""

    def __init__(self, space: Space, n: int):
        super().__init__(space)
        levels = _levels(space, n)
        self._points: Iterator[tuple[Any, ...]] = product(*levels)

    def next(self) -> Settings | None:
        for point in self._points:
            settings = dict(zip(self.space, point, strict=True))
            if not self.is_seen(settings):
                return settings
        return None


def _levels(space: Space, n: int) -> list[list[Any]]:
    """Return the values of each setting on the grid: settings take turns to get one more, as long as n points suffice."""
    params = list(space.values())
    counts = [1] * len(params)
    growing = list(range(len(params)))
    while growing:
        for i in tuple(growing):
            n_points = math.prod(counts) // counts[i] * (counts[i] + 1)
            if n_points <= n and counts[i] < _most(params[i]):
                counts[i] += 1
            else:
                growing.remove(i)
    return [_spread(param, count) for param, count in zip(params, counts, strict=True)]


def _most(param: Param) -> float:
    """Return how many different values the setting has."""
    if param.choices:
        return len(param.choices)
    low, high = ends(param)
    if low == high:
        return 1
    return high - low + 1 if is_whole(param) else math.inf


def _spread(param: Param, count: int) -> list[Any]:
    """Return values from low to high; a single one stands in the middle, or is the first of the choices."""
    if param.choices:
        return list(param.choices[:count])
    low, high = ends(param)
    steps = np.linspace(_scaled(low, param), _scaled(high, param), 3 if count == 1 else count)
    between = [_value(float(step), param) for step in steps[1:-1]]
    if count == 1:
        return between
    exact = (low, high) if is_whole(param) else (float(low), float(high))  # exp(log(low)) is not quite low
    return list(dict.fromkeys([exact[0], *between, exact[1]]))


def ends(param: Param) -> tuple[float, float]:
    """Return the ends of a setting's range."""
    assert param.low is not None, "only settings with a range are searched"
    assert param.high is not None
    return param.low, param.high


def _scaled(number: float, param: Param) -> float:
    return math.log(number) if param.log else float(number)


def _value(scaled: float, param: Param) -> Any:
    """Return the setting that stands here on its scale: inside its range, and whole where it is a whole number."""
    low, high = ends(param)
    number = math.exp(scaled) if param.log else scaled
    return min(max(round(number), low), high) if is_whole(param) else min(max(number, float(low)), float(high))
