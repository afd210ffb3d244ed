"""The axis that a board's interval bars share, for text and SVG alike."""

import math
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenon.report.figures import figure, is_bare

FAR = 8  # a row farther from the best than this many times the median distance (of those above 0) would squeeze all others


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` in units of the metric."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Return where the value stands, 0 at the left end and 1 at the right one; beyond the ends stays at the end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def holds(self, row: dict[str, Any]) -> bool:
        """Tell whether the row's score lies on the axis."""
        return bool(self.low <= row["score"] <= self.high)

    def ticks(self, n_most: int) -> list[tuple[float, str]]:
        """Return at most n_most (value, label), at multiples of 1, 2 or 5 times a power of ten; negative ones with a minus."""
        step = 10.0 ** math.floor(math.log10((self.high - self.low) / max(n_most, 1)))
        for factor in (1, 2, 5, 10, 20, 50):
            first, last = math.ceil(self.low / (step * factor) - 1e-9), math.floor(self.high / (step * factor) + 1e-9)
            if last - first < n_most:
                break
        step *= factor
        n_decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        bare = is_bare(self.low, self.high)
        return [(k * step, figure(k * step, n_decimals, bare).replace("-", "−")) for k in range(first, last + 1)]


@dataclass(frozen=True)
class LogAxis:
    """From `low` to `high`, both above 0; equal ratios are equally far apart."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Return where the value stands, 0 at the left end and 1 at the right one; beyond the ends stays at the end."""
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return min(1.0, share)

    def ticks(self, n_most: int) -> list[tuple[float, str]]:
        """Return at most n_most (value, label) at powers of ten, or with 2 and 5 times these where there is room."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for steps in (range(1, 10), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1,)):
            values = [step * 10.0**power for power in powers for step in steps]
            inside = [value for value in values if self.low <= value * (1 + 1e-9) and value <= self.high * (1 + 1e-9)]
            if len(inside) <= n_most:
                break
        return [(value, f"{value:,.0f}" if value >= 10 else f"{value:g}") for value in inside[:: -(-len(inside) // n_most) or 1]]


def log_axis_of(values: Sequence[float]) -> LogAxis:
    """Return the axis of values above 0, with a little room at either end."""
    low, high = min(values), max(values)
    return LogAxis(low / 1.3, high * 1.3)


def axis_of(rows: Sequence[dict[str, Any]]) -> Axis | None:
    """Return the axis of the scored rows, best first; None without any.

    It holds the whole interval of every row but those that stand FAR behind the best.
    """
    scored = [row for row in rows if row.get("score") is not None]
    if not scored:
        return None
    distances = [abs(row["score"] - scored[0]["score"]) for row in scored]
    reach = FAR * statistics.median_low([d for d in distances if d > 0] or [0.0])
    near = [row for row, distance in zip(scored, distances, strict=True) if distance <= reach]
    low = min(value for row in near for value in (row["score"], row.get("low")) if value is not None)
    high = max(value for row in near for value in (row["score"], row.get("high")) if value is not None)
    if high - low < sys.float_info.min:  # none, or too small to be divided
        spare = 0.05 * abs(low) or 1.0
        return Axis(low - spare, high + spare)
    return Axis(low, high)
