"""Contributions of single rows as a swarm: lanes are columns and dots rows, darker where the row's own number is larger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenon.report.axis import Axis
from tenon.report.leaderboard import per_cent, ticks_in_per_cent

HEIGHT, DOT = 34, 1.9  # pixels of a lane, and half a dot
N_PLACES = 120  # dots whose places are nearer than a lane's width over this stand above each other
N_SHADES = 5


@dataclass(frozen=True)
class Swarm:
    """Lanes of (x in per cent, y in pixels, shade 0 … N_SHADES - 1, or N_SHADES for no number) on one axis."""

    ticks: list[tuple[float, str]]
    zero: float
    lanes: list[list[tuple[float, float, int]]]
    has_shades: bool
    height: int = HEIGHT
    dot: float = DOT


def swarm(columns: Sequence[dict[str, Any]]) -> Swarm:
    """Return the lanes of columns with `points` [[contribution, rank in 0 … 1 or None], …]."""
    values = [point[0] for one in columns for point in one["points"]]
    low, high = min([0.0, *values]), max([0.0, *values])
    axis = Axis(low, high) if high > low else Axis(-1.0, 1.0)
    lanes = [_lane(one["points"], axis) for one in columns]
    has_shades = any(shade < N_SHADES for lane in lanes for *_, shade in lane)
    return Swarm(ticks_in_per_cent(axis), per_cent(axis, 0.0), lanes, has_shades)


def _lane(points: Sequence[Sequence[Any]], axis: Axis) -> list[tuple[float, float, int]]:
    """Dots of one place are piled up from the middle, above and below by turns, and squeezed where there is no room."""
    piles: dict[int, list[tuple[float, int]]] = {}
    for value, rank in sorted(points, key=lambda point: (point[0], -1.0 if point[1] is None else point[1])):
        shade = N_SHADES if rank is None else min(N_SHADES - 1, int(rank * N_SHADES))
        piles.setdefault(round(axis.place(value) * N_PLACES), []).append((per_cent(axis, value), shade))
    dots = []
    for pile in piles.values():
        step = min(1.9 * DOT, (HEIGHT - 2 * DOT) / max(1, len(pile) - 1))
        for i, (x, shade) in enumerate(pile):
            offset = (i + 1) // 2 * step * (1 if i % 2 else -1)
            dots.append((round(x, 1), round(HEIGHT / 2 + offset, 1), shade))
    return dots
