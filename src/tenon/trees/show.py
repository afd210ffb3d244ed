"""A grown tree as text, as rules and as a drawing (SVG).

Both kinds of tree are first made into nested `Shown` nodes, in the reader's words: the question of a node, the answers that lead
to its children, and what it says. All three forms are written from these alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import numpy as np
from sklearn.utils.validation import check_is_fitted

from tenon.errors import SettingsError
from tenon.trees.multiway import MultiwayTree
from tenon.trees.tree import Tree

HESSIAN = "Hessian"  # before the sum of a boosted tree's node
MOST_VALUES = 4  # of a set of categories that are named; the others are counted
LETTER, LINE = 7.0, 18.0  # pixels: width of a Latin letter (others are twice as wide) and height of a line
PAD, GAP_X, GAP_Y = 8.0, 14.0, 44.0  # pixels inside a box, between boxes, between levels
FONT = "12px ui-monospace, Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace"


@dataclass(frozen=True)
class Shown:
    """A node in words."""

    says: str  # what it predicts
    holds: str  # rows and shares
    question: str = ""  # the column; empty for leaves
    answers: tuple[str, ...] = ()  # one for each child, as in "<= 2.45"
    children: tuple["Shown", ...] = field(default=())


def shown(
    estimator: Any,
    tree: Tree | MultiwayTree | None = None,
    max_depth: int | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[Any] | None = None,
) -> Shown:
    """Return a tree of a fitted estimator in words: its `tree_`, or another, say one of a forest; cut off below max_depth.

    names, classes : how its columns and classes are called, where the estimator was fitted on bare numbers.
    Raises SettingsError for an ensemble without a tree named.
    """
    check_is_fitted(estimator)
    if tree is None and not hasattr(estimator, "tree_"):
        raise SettingsError(f"{type(estimator).__name__} has many trees; pass one of them, such as the first in trees_.")
    tree = estimator.tree_ if tree is None else tree
    if names is None:
        names = [
            str(name) for name in getattr(estimator, "feature_names_in_", map("x{}".format, range(estimator.n_features_in_)))
        ]
    cuts, classes = getattr(estimator, "cuts_", {}), getattr(estimator, "classes_", None) if classes is None else classes
    words = _Words(names, estimator.categories_, cuts, classes, estimator.has_missing_, hasattr(estimator, "start_"))
    deepest = np.inf if max_depth is None else max_depth
    return words.binary(tree, 0, deepest) if isinstance(tree, Tree) else words.multiway(tree, 0, deepest)


def tree_text(root: Shown) -> str:
    """Return the tree with a line for each node but the root, children indented under their parent."""
    return "\n".join(_lines(root, "")) if root.children else f"{root.says}  ({root.holds})"


def tree_rules(root: Shown) -> list[str]:
    """Return a rule for each leaf: "if a <= 1 and (b is red or missing): yes (12 rows)"."""
    return [f"if {' and '.join(map(_bracketed, way)) or 'anything'}: {leaf.says} ({leaf.holds})" for way, leaf in _ways(root, ())]


def _bracketed(condition: str) -> str:
    return f"({condition})" if " or " in condition else condition


def tree_svg(root: Shown, title: str = "decision tree") -> str:
    """Return the tree as a drawing of its own size, the root on top, parents above the middle of their children."""
    boxes: list[_Box] = []
    right_ends: list[float] = []
    _place(root, 0, right_ends, boxes)
    width = max(right_ends) - GAP_X + PAD
    height = max(box.y + box.height for box in boxes) + PAD
    ways = [(box, *way) for box in boxes for way in zip(box.children, box.node.answers, strict=True)]
    edges = "".join(_edge(box, child) for box, child, _ in ways) + "".join(_answer(child, answer) for _, child, answer in ways)
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" style="font: {FONT}"><title>{escape(title)}</title>'
    return head + edges + "".join(map(_drawn, boxes)) + "</svg>"


class _Words:
    """How columns, values and classes are called."""

    def __init__(
        self,
        names: Sequence[str],
        categories: dict[int, np.ndarray],
        cuts: dict[int, np.ndarray],
        classes: Any,
        has_missing: np.ndarray,
        is_boosted: bool,
    ):
        self.names, self.categories, self.cuts, self.classes, self.has_missing = names, categories, cuts, classes, has_missing
        self.is_boosted = is_boosted

    def binary(self, tree: Tree, node: int, deepest: float) -> Shown:
        says, holds = self._value(tree.value[node], tree.cover[node])
        if tree.is_leaf[node] or deepest <= 0:
            return Shown(says, holds)
        feature = int(tree.feature[node])
        missing = " or missing" if self.has_missing[feature] else ""
        left, right = self._sides(tree, node, feature)
        answers = (left + missing, right) if tree.default_left[node] else (left, right + missing)
        children = tuple(self.binary(tree, int(child), deepest - 1) for child in (tree.left[node], tree.right[node]))
        return Shown(says, holds, self.names[feature], answers, children)

    def multiway(self, tree: MultiwayTree, node: int, deepest: float) -> Shown:
        total = tree.counts[node].sum()
        says, holds = self._value(tree.counts[node] / total, total)
        if tree.is_leaf[node] or deepest <= 0:
            return Shown(says, holds)
        feature, first = int(tree.feature[node]), int(tree.first_child[node])
        numbers = range(first, first + int(tree.n_children[node]))
        if np.isnan(tree.threshold[node]):
            answers = tuple(self._one(feature, int(tree.code[child])) for child in numbers)
        else:
            answers = (f"<= {_figure(tree.threshold[node])}", f"> {_figure(tree.threshold[node])}")
        return Shown(
            says, holds, self.names[feature], answers, tuple(self.multiway(tree, child, deepest - 1) for child in numbers)
        )

    def _value(self, value: np.ndarray, cover: float) -> tuple[str, str]:
        """Return what a node says and what it holds; a boosted tree counts a row by the Hessian of its loss."""
        rows = f"{HESSIAN} {_figure(cover)}" if self.is_boosted else f"{_figure(cover)} row{'' if cover == 1 else 's'}"
        if self.classes is None or len(value) != len(self.classes):
            return _figure(value[0]), rows
        best = int(value.argmax())
        return str(self.classes[best]), f"{rows}, {100 * value[best]:.0f} %"

    def _sides(self, tree: Tree, node: int, feature: int) -> tuple[str, str]:
        if node not in tree.categories and not np.isnan(tree.threshold[node]):
            if np.isinf(tree.threshold[node]):
                return "there", "not there"
            return f"<= {_figure(tree.threshold[node])}", f"> {_figure(tree.threshold[node])}"
        values = self.categories[feature]
        goes_left = np.isin(np.arange(len(values)), tree.categories.get(node, ()))
        return f"is {_some(values[goes_left])}", f"is {_some(values[~goes_left])}"

    def _one(self, feature: int, code: int) -> str:
        if feature in self.categories:
            values = self.categories[feature]
            return f"is {values[code]}" if code < len(values) else "missing"
        if feature not in self.cuts:
            return "is not 0" if code else "is 0"
        cuts = self.cuts[feature]
        if code > len(cuts):
            return "missing"
        if code == len(cuts):
            return f"> {_figure(cuts[-1])}" if len(cuts) else "there"
        low = f"{_figure(cuts[code - 1])} < " if code else ""
        return f"{low}… <= {_figure(cuts[code])}" if low else f"<= {_figure(cuts[code])}"


def _some(values: np.ndarray) -> str:
    named = ", ".join(str(value) for value in values[:MOST_VALUES])
    more = len(values) - MOST_VALUES
    return f"{named} or {more} more" if more > 0 else named or "nothing known"


def _figure(value: float) -> str:
    """Four digits that count, or all of a whole number."""
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e9 else f"{value:.4g}"


def _lines(node: Shown, indent: str) -> Iterator[str]:
    for answer, child in zip(node.answers, node.children, strict=True):
        leaf = "" if child.children else f" {child.says}  ({child.holds})"
        yield f"{indent}{node.question} {answer}:{leaf}"
        yield from _lines(child, indent + "    ")


def _ways(node: Shown, way: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Shown]]:
    if not node.children:
        yield way, node
    for answer, child in zip(node.answers, node.children, strict=True):
        yield from _ways(child, (*way, f"{node.question} {answer}"))


@dataclass
class _Box:
    """Where a node is drawn; x and y of its upper left corner."""

    node: Shown
    x: float
    y: float
    width: float
    height: float
    children: list["_Box"]

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def _place(node: Shown, depth: int, right_ends: list[float], boxes: list[_Box], answer: str = "") -> _Box:
    """Put the children first, then the parent above their middle.

    right_ends: where the next box of each level, or the answer above it, may begin. answer: what leads to this node.
    """
    if len(right_ends) <= depth:
        right_ends.append(PAD)
    lines = _box_lines(node)
    width, height = max(map(_width, lines)) + 2 * PAD, len(lines) * LINE + PAD
    beside = max(0.0, (_width(answer) - width) / 2)  # by how much the answer is wider than the box, on either side
    here = len(boxes)
    children = [_place(child, depth + 1, right_ends, boxes, its) for child, its in zip(node.children, node.answers, strict=True)]
    least = right_ends[depth] + beside
    wanted = (children[0].middle + children[-1].middle - width) / 2 if children else least
    box = _Box(node, max(wanted, least), PAD + depth * (2 * LINE + PAD + GAP_Y), width, height, children)
    if children and box.x > wanted:
        _move(boxes[here:], box.x - wanted, right_ends, depth + 1)
    right_ends[depth] = box.x + width + beside + GAP_X
    boxes.append(box)
    return box


def _move(boxes: list[_Box], by: float, right_ends: list[float], first_level: int) -> None:
    """Shift a whole subtree to the right; it lies rightmost in each of its levels."""
    levels = set()
    for box in boxes:
        box.x += by
        levels.add(round((box.y - PAD) / (2 * LINE + PAD + GAP_Y)))
    for level in levels:
        if level >= first_level:
            right_ends[level] += by


def _box_lines(node: Shown) -> tuple[str, str]:
    return (node.question or node.says, node.holds)


def _width(text: str) -> float:
    return sum(2 * LETTER if east_asian_width(letter) in "WF" else LETTER for letter in text)


def _drawn(box: _Box) -> str:
    fill = "#eef3fb" if not box.node.children else "#ffffff"
    texts = "".join(
        f'<text x="{box.middle:.1f}" y="{box.y + PAD / 2 + (i + 0.75) * LINE:.1f}" '
        f'text-anchor="middle"{_weight(i)}>{escape(line)}</text>'
        for i, line in enumerate(_box_lines(box.node))
    )
    place = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    return f'<rect {place} rx="4" fill="{fill}" stroke="#8899aa"/>{texts}'


def _weight(line: int) -> str:
    return ' font-weight="bold"' if line == 0 else ' fill="#556677"'


def _edge(box: _Box, child: _Box) -> str:
    top, bottom = box.y + box.height, child.y
    return f'<path d="M{box.middle:.1f} {top:.1f} L{child.middle:.1f} {bottom:.1f}" stroke="#8899aa" fill="none"/>'


def _answer(child: _Box, answer: str) -> str:
    return (
        f'<text x="{child.middle:.1f}" y="{child.y - 5:.1f}" text-anchor="middle" fill="#334455" '
        f'paint-order="stroke" stroke="#ffffff" stroke-width="3">{escape(answer)}</text>'
    )
