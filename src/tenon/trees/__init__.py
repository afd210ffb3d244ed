"""Decision trees and their ensembles: criterion x split search x growth x pruning x ensemble."""

from typing import TYPE_CHECKING

from tenon.lazy import exports
from tenon.trees.methods import METHODS

if TYPE_CHECKING:
    from tenon.trees.adaboost import AdaBoostClassifier
    from tenon.trees.c45 import C45Classifier
    from tenon.trees.cart import DecisionTreeClassifier, DecisionTreeRegressor
    from tenon.trees.forest import RandomForestClassifier, RandomForestRegressor
    from tenon.trees.gradient_boosting import GradientBoostingClassifier, GradientBoostingRegressor
    from tenon.trees.id3 import ID3Classifier
    from tenon.trees.show import shown, tree_rules, tree_svg, tree_text

_WHERE = {
    "AdaBoostClassifier": "adaboost",
    "C45Classifier": "c45",
    "DecisionTreeClassifier": "cart",
    "DecisionTreeRegressor": "cart",
    "GradientBoostingClassifier": "gradient_boosting",
    "GradientBoostingRegressor": "gradient_boosting",
    "ID3Classifier": "id3",
    "RandomForestClassifier": "forest",
    "RandomForestRegressor": "forest",
    "shown": "show",
    "tree_rules": "show",
    "tree_svg": "show",
    "tree_text": "show",
}
__all__ = [
    "METHODS",
    "AdaBoostClassifier",
    "C45Classifier",
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "ID3Classifier",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "shown",
    "tree_rules",
    "tree_svg",
    "tree_text",
]
__getattr__, __dir__ = exports(__name__, _WHERE)
