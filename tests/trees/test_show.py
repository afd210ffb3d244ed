"""Trees as text, rules and drawings."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from tests.trees.weather import CATEGORIES, NUMBERS, PLAY

from tenon.trees import (
    C45Classifier,
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    GradientBoostingClassifier,
    ID3Classifier,
    RandomForestClassifier,
)
from tenon.trees.show import LETTER, Shown, shown, tree_rules, tree_svg, tree_text


def grown() -> dict:
    iris = load_iris(as_frame=True)
    frame = iris.data.assign(颜色=np.where(iris.target == 1, "<蓝>", "红"))
    return {
        "cart": DecisionTreeClassifier(max_depth=4).fit(frame, iris.target_names[iris.target]),
        "numbers": DecisionTreeRegressor(max_depth=5).fit(frame, frame.iloc[:, 0]),
        "id3": ID3Classifier().fit(CATEGORIES.rename(columns={"outlook": "天气"}), PLAY),
        "c45": C45Classifier().fit(NUMBERS, PLAY),
        "leaf": DecisionTreeClassifier().fit([[1.0]], ["only"]),
    }


MODELS = grown()
every_tree = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def test_text_of_a_small_tree():
    frame = pd.DataFrame({"colour": ["red", "red", "blue", "blue"], "size": [1.0, 2.0, np.nan, 4.0]})
    model = DecisionTreeClassifier().fit(frame, ["no", "yes", "no", "no"])
    assert tree_text(shown(model)) == (
        "colour is blue: no  (2 rows, 100 %)\ncolour is red:\n"
        "    size <= 1.5: no  (1 row, 100 %)\n    size > 1.5 or missing: yes  (1 row, 100 %)"
    )
    assert tree_rules(shown(model))[0] == "if colour is blue: no (2 rows, 100 %)"


@every_tree
def test_every_leaf_has_a_rule_and_a_line(model):
    root = shown(model)
    n_leaves = model.tree_.n_leaves
    assert len(tree_rules(root)) == n_leaves
    assert tree_text(root).count("  (") >= n_leaves


@every_tree
def test_boxes_hold_their_text_and_do_not_touch(model):
    svg = ElementTree.fromstring(tree_svg(shown(model)))
    _, _, width, height = (float(figure) for figure in svg.get("viewBox").split())
    boxes = [tuple(float(r.get(key)) for key in ("x", "y", "width", "height")) for r in svg.iter() if r.tag.endswith("rect")]
    assert len(boxes) == len(model.tree_)
    for i, (x, y, w, h) in enumerate(boxes):
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
        for ox, oy, ow, oh in boxes[:i]:
            assert x + w <= ox or ox + ow <= x or y + h <= oy or oy + oh <= y
    words = "".join(svg.itertext())
    assert all(str(label) in words for label in getattr(model, "classes_", []))


def test_what_is_below_max_depth_is_left_out():
    assert len(re.findall("<rect", tree_svg(shown(MODELS["cart"], max_depth=1)))) == 3


@pytest.mark.parametrize("n_children", [2, 5])
def test_answers_wider_than_their_boxes_do_not_touch(n_children):
    """A letter is LETTER pixels wide; the words above a box stand in its middle."""
    leaf = Shown("a", "1 row")
    answers = tuple(f"is {'long ' * (3 + k)}or 7 more" for k in range(n_children))
    inner = Shown("a", "9 rows", "colour", answers, (leaf,) * n_children)
    svg = ElementTree.fromstring(tree_svg(Shown("a", "18 rows", "size", ("<= 1", "> 1"), (inner, inner))))
    _, _, width, _ = (float(figure) for figure in svg.get("viewBox").split())
    spans: dict[str, list[tuple[float, float]]] = {}
    for text in svg.iter():
        if text.get("paint-order"):
            half = LETTER * len(text.text) / 2
            spans.setdefault(text.get("y"), []).append((float(text.get("x")) - half, float(text.get("x")) + half))
    assert sorted(map(len, spans.values())) == [2, 2 * n_children]
    for row in spans.values():
        ends = [end for span in sorted(row) for end in span]
        assert ends == sorted(ends)
        assert 0 <= ends[0] <= ends[-1] <= width


def test_conditions_with_or_stand_in_brackets():
    root = Shown("", "3 rows", "a", ("<= 1 or missing", "> 1"), (Shown("no", "2 rows"), Shown("yes", "1 row")))
    assert tree_rules(root) == ["if (a <= 1 or missing): no (2 rows)", "if a > 1: yes (1 row)"]


def test_a_boosted_tree_counts_hessians():
    """400 rows of two even classes, p = 1/2 before the first tree: a quarter each."""
    X = np.arange(400.0)[:, None]
    model = GradientBoostingClassifier(n_estimators=1, max_depth=1).fit(X, X[:, 0] >= 200)
    root = shown(model, model.trees_[0][0])
    assert (root.holds, [child.holds for child in root.children]) == ("Hessian 100", ["Hessian 50", "Hessian 50"])


def test_a_tree_of_a_forest_counts_rows():
    X = np.arange(40.0)[:, None]
    model = RandomForestClassifier(n_estimators=1, random_state=0).fit(X, X[:, 0] >= 20)
    assert shown(model, model.trees_[0]).holds.startswith("40 rows, ")  # of the bootstrap, each as often as it was drawn


def test_of_many_trees_one_is_named():
    X = np.arange(40.0)[:, None]
    model = GradientBoostingClassifier(n_estimators=2).fit(X, X[:, 0] >= 20)
    with pytest.raises(
        ValueError, match="GradientBoostingClassifier has many trees; pass one of them, such as the first in trees_"
    ):
        shown(model)
    with pytest.raises(NotFittedError):
        shown(GradientBoostingClassifier())


def test_answers_are_drawn_over_all_edges():
    leaf = Shown("no", "2 rows")
    inner = Shown("", "4 rows", "b", ("<= 1", "> 1"), (leaf, leaf))
    drawing = tree_svg(Shown("", "8 rows", "a", ("<= 1", "> 1"), (inner, inner)))
    assert drawing.rindex("<path") < drawing.index("<text")
