"""AdaBoost: small trees one after another, each on rows weighted by what the ones before got wrong (Freund & Schapire 1997).

For K classes by SAMME (Zhu, Zou, Rosset & Hastie 2009): a tree of weighted error e votes with a = η (ln((1 - e) / e) + ln(K -
1)), and the rows that it gets wrong weigh e^a times as much for the next. With two classes that is AdaBoost.M1 up to the factor
2 of the votes. The columns are sorted once for all trees.
"""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.extmath import softmax
from sklearn.utils.validation import check_is_fitted

from tenon import ranges
from tenon.errors import DataError
from tenon.trees.cart import n_categories
from tenon.trees.explained import Explained
from tenon.trees.grow_cart import Limits, Rows, grow_tree
from tenon.trees.importance import impurity_importance
from tenon.trees.inputs import Categorical, Matrix, read_rows, read_train
from tenon.trees.presort import presorted
from tenon.trees.stored import Stored
from tenon.trees.tree import Tree
from tenon.trees.walk import Walker

EPSILON = float(np.finfo(np.float64).eps)  # least share of a row in the weight, as in scikit-learn


class AdaBoostClassifier(ClassifierMixin, Explained, Stored, BaseEstimator):
    """Weighted vote of small CART trees.

    Parameters
    ----------
    n_estimators : trees, at most; a tree without error, or no better than chance, is the last.
    learning_rate : η above, > 0.
    max_depth : questions on the way to a leaf; 1 makes stumps.
    criterion : "gini" or "entropy", of the trees.
    categorical_features : as for DecisionTreeClassifier.

    Attributes
    ----------
    trees_ : list of `tenon.trees.tree.Tree`
    estimator_weights_ : (T,) float64, the votes; estimator_errors_ : (T,) the weighted errors
    classes_, n_features_in_, feature_names_in_, feature_importances_, categories_
    """

    def __init__(
        self,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        max_depth: int = 1,
        criterion: str = "gini",
        categorical_features: Categorical = "from_dtype",
    ):
        self.n_estimators, self.learning_rate = n_estimators, learning_rate
        self.max_depth, self.criterion, self.categorical_features = max_depth, criterion, categorical_features

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "AdaBoostClassifier":
        """X: (n, p) array, frame or sparse matrix, NaN where missing; y: (n,); sample_weight: (n,) >= 0. Raises ValueError."""
        ranges.whole("n_estimators", self.n_estimators, 1)
        ranges.number("learning_rate", self.learning_rate, 0.0, open_low=True)
        ranges.whole("max_depth", self.max_depth, 1)
        ranges.one_of("criterion", self.criterion, ("gini", "entropy"))
        X, y, weight = read_train(self, X, y, sample_weight, self.categorical_features)
        n_classes = len(self.classes_)
        columns, known = presorted(X), n_categories(self)
        weight = weight / weight.sum()
        self.trees_: list[Tree] = []
        votes, errors = [], []
        for _ in range(int(self.n_estimators)):
            weight = np.maximum(weight, EPSILON)
            tree = grow_tree(columns.copy(), known, Rows(y.astype(np.float64), weight, n_classes), self.criterion,
                             Limits(max_depth=int(self.max_depth)))  # fmt: skip
            wrong = tree.value[Walker([tree]).leaves(X)[:, 0]].argmax(axis=1) != y
            error = float(np.average(wrong, weights=weight))
            if error >= 1.0 - 1.0 / n_classes and error > 0:
                break
            self.trees_.append(tree)
            errors.append(error)
            votes.append(self._vote(error, n_classes))
            if error <= 0:
                break
            weight = np.exp(np.log(weight) + votes[-1] * wrong)
            weight /= weight.sum()
        if not self.trees_:
            raise DataError("no question of a column does better than chance, so there is nothing to boost.")
        self.estimator_weights_, self.estimator_errors_ = np.array(votes), np.array(errors)
        return self

    def _vote(self, error: float, n_classes: int) -> float:
        if error <= 0:
            return 1.0  # the tree that knows all is alone with what came before it, as in scikit-learn
        return self.learning_rate * float(np.log((1.0 - error) / error) + np.log(n_classes - 1.0))

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the votes' mean: (n, K), or (n,) for two classes, where it is above 0 for the second."""
        check_is_fitted(self)
        score = self._scores(read_rows(self, X))
        return score[:, 1] - score[:, 0] if len(self.classes_) == 2 else score

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return (n, K) float64: softmax of the votes / (K - 1) (Zhu et al. 2009, eq. 4)."""
        check_is_fitted(self)
        n_classes = len(self.classes_)
        if n_classes == 1:
            return np.ones((read_rows(self, X).shape[0], 1))
        return softmax(self._scores(read_rows(self, X)) / (n_classes - 1))

    def predict(self, X: Any) -> np.ndarray:
        """Return the class (n,) with the most votes; of equal ones the first."""
        check_is_fitted(self)
        return self.classes_[self._scores(read_rows(self, X)).argmax(axis=1)]

    @property
    def feature_importances_(self) -> np.ndarray:
        """(p,) each column's share in the fall of the impurity, trees weighing what their votes do."""
        check_is_fitted(self)
        shares = [impurity_importance([tree], self.n_features_in_) for tree in self.trees_]
        return np.average(shares, axis=0, weights=self.estimator_weights_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        return tags

    def ballots(self) -> list[np.ndarray]:
        """Return what each tree's nodes (m, K) say: its vote for one class, vote / (K - 1) against the others, of all votes."""
        check_is_fitted(self)
        n_classes, weights = max(2, len(self.classes_)), self.estimator_weights_ / self.estimator_weights_.sum()
        ballots = []
        for tree, vote in zip(self.trees_, weights, strict=True):
            says = np.arange(tree.value.shape[1]) == tree.value.argmax(axis=1)[:, None]
            ballots.append(np.where(says, vote, -vote / (n_classes - 1)))
        return ballots

    def _scores(self, X: Matrix) -> np.ndarray:
        """Return (n, K): the sum of the trees' ballots."""
        return Walker(self.trees_).add_values(X, np.concatenate(self.ballots()))
