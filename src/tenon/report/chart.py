"""Pictures with two axes, as places in pixels: what templates/chart.html draws as SVG.

Lines differ by dash and strength, not by hue: the first is the chosen method's, in the page's accent colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

MOST_LINES = 6  # that dash and strength keep apart
SIDE = 212  # pixels of a square picture, without its axes
LABEL_HEIGHT, CHARACTER = 13, 6.4  # pixels of a label's line, and of a Latin letter in it
LEAST_LEFT = 56  # pixels left of the field, so that most pictures are equally wide
DOT, MARGIN = 5, 8  # pixels: half a dot, and how far a label may leave the field sideways
LEAST_SCALE = 0.75  # of 11 pixels of a letter, or 12.5 on a phone
LINE = 2  # pixels on either side of a line that labels keep off
FAR = 20  # pixels of others that a label covers rather than stand a line farther from its dot
Box = tuple[float, float, float, float]  # left, top, right, bottom


class Scale(Protocol):
    """An axis: where a value stands, 0 at one end and 1 at the other, and which values are labelled."""

    def place(self, value: float) -> float: ...

    def ticks(self, n_most: int) -> list[tuple[float, str]]: ...


@dataclass(frozen=True)
class Line:
    """A line through points, with a mark on each where `has_marks`."""

    name: str
    points: tuple[tuple[float, float], ...]  # pixels
    has_marks: bool = False
    hints: tuple[str, ...] = ()  # of each point, shown where the mouse rests

    @property
    def path(self) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


@dataclass(frozen=True)
class Dot:
    """A mark with a label beside it."""

    name: str
    x: float
    y: float
    kind: str = ""  # CSS class
    hint: str = ""
    label: tuple[float, float, str] = (0.0, 0.0, "start")  # x, y, text-anchor


@dataclass(frozen=True)
class Chart:
    """Everything in pixels from the upper left corner of the field between the axes."""

    about: str  # what it shows, for those who cannot see it
    x_title: str
    y_title: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    spans: tuple[tuple[float, float, float], ...] = ()  # x, upper and lower y of intervals
    boxes: tuple[tuple[float, float, float], ...] = ()  # the same, drawn thicker
    guide: str = ""  # points of a thin dotted line: chance, or what would be perfect
    steps: str = ""  # points of a line that the dots on it stand out by
    strokes: str = ""  # SVG path of lines that are not one, such as the brackets of a tree
    bars: tuple[tuple[float, float, float, float], ...] = ()  # x, y, width and height of bars that stand on the axis
    width: int = SIDE
    height: int = SIDE

    @property
    def left(self) -> int:
        """Pixels left of the field, for the labels of the y axis and its title."""
        return max(LEAST_LEFT, round(30 + CHARACTER * max((len(label) for _, label in self.y_ticks), default=0)))

    @property
    def least(self) -> int:
        """Pixels of the whole, below which its letters cannot be read: it moves in its box where a screen is narrower."""
        return round(LEAST_SCALE * (self.width + self.left + 16))


@dataclass(frozen=True)
class Field:
    """The field between two axes: values into pixels."""

    x: Scale
    y: Scale
    width: int = SIDE
    height: int = SIDE

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point; the y axis points up."""
        return round(self.width * self.x.place(x), 1), round(self.height * (1 - self.y.place(y)), 1)

    def span(self, x: float, low: float, high: float) -> tuple[float, float, float]:
        """Return the x of an interval, and where its upper and lower end stand."""
        return self.at(x, low)[0], self.at(x, high)[1], self.at(x, low)[1]

    def bar(self, left: float, right: float, value: float) -> tuple[float, float, float, float]:
        """Return x, y, width and height of a bar from 0 to the value, with a pixel free on its right."""
        (x, y), end = self.at(left, value), self.at(right, value)[0]
        return x, y, round(max(1.0, end - x - 1), 1), round(self.height - y, 1)

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in points))

    def x_ticks(self, n_most: int = 5) -> tuple[tuple[float, str], ...]:
        return tuple((round(self.width * self.x.place(value), 1), label) for value, label in self.x.ticks(n_most))

    def y_ticks(self, n_most: int = 6) -> tuple[tuple[float, str], ...]:
        return tuple((round(self.height * (1 - self.y.place(value)), 1), label) for value, label in self.y.ticks(n_most))


def labelled(dots: Sequence[Dot], width: int, height: int, steps: Sequence[tuple[float, float]] = ()) -> tuple[Dot, ...]:
    """Return the dots with places for their labels: inside the field and, where that can be, on no dot and no other label.

    steps : corners of a line, upright and level by turns, that labels keep off, too.
    """
    taken = [(dot.x - DOT, dot.y - DOT, dot.x + DOT, dot.y + DOT) for dot in dots]
    for (x, y), (end_x, end_y) in pairwise(steps):
        taken.append((min(x, end_x) - LINE, min(y, end_y) - LINE, max(x, end_x) + LINE, max(y, end_y) + LINE))
    placed = []
    for dot in dots:
        label, box = min(_places(dot), key=lambda place: _badness(dot, place[1], taken, width, height))
        taken.append(box)
        placed.append(replace(dot, label=label))
    return tuple(placed)


def _places(dot: Dot) -> list[tuple[tuple[float, float, str], Box]]:
    """Return where a label may stand, the better places first: right, left, above, below, and farther above and below."""
    w, h = sum(CHARACTER * (1 if ord(character) < 0x1100 else 1.8) for character in dot.name), LABEL_HEIGHT
    found: list[tuple[tuple[float, float, str], Box]] = []
    for dy in (0.0, -h, h, -2 * h, 2 * h):
        y = dot.y + dy
        aside = -DOT if abs(dy) == h else DOT + 3  # close above and below it may begin or end at its dot
        middle, start, end = (dot.x, "middle"), (dot.x + aside, "start"), (dot.x - aside, "end")
        for x, anchor in (middle, start, end) if abs(dy) == h else (start, end, middle):
            left = x - {"start": 0, "middle": w / 2, "end": w}[anchor]
            found.append(((x, y + 4, anchor), (left, y - h / 2, left + w, y + h / 2)))
    return found


def _badness(dot: Dot, box: Box, taken: Sequence[Box], width: int, height: int) -> float:
    """Return the area that a label shares with others or has outside the field, and FAR where it stands far from its dot.

    Sideways it may leave the field by a margin.
    """
    is_far = not box[1] - LABEL_HEIGHT <= dot.y <= box[3] + LABEL_HEIGHT
    outside = max(0.0, -MARGIN - box[0]) + max(0.0, box[2] - width - MARGIN) + max(0.0, -box[1]) + max(0.0, box[3] - height)
    overlaps = (max(0.0, min(box[2], b[2]) - max(box[0], b[0])) * max(0.0, min(box[3], b[3]) - max(box[1], b[1])) for b in taken)
    return outside * LABEL_HEIGHT + sum(overlaps) + FAR * is_far
