"""CART: binary trees for classes and numbers (Breiman, Friedman, Olshen & Stone 1984).

The trees are scikit-learn's on data without ties (same cuts, same values, same pruning path); of equal cuts ours takes the
first column, where scikit-learn draws one. Beyond it: categories are split as such, and `ccp_alpha="cv"` finds the price of a
leaf itself.
"""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from tenon import ranges
from tenon.errors import DataError
from tenon.trees.explained import Explained
from tenon.trees.grow_cart import NO_LIMIT, Limits, Rows, grow_tree
from tenon.trees.inputs import Categorical, Matrix, read_rows, read_train
from tenon.trees.presort import Presorted, presorted
from tenon.trees.pruning import CV, CV_1SE, alpha_by_cv, brier, cost, folds, pruned, weakest_links
from tenon.trees.stored import Stored
from tenon.trees.tree import Tree, gain_by_feature
from tenon.trees.walk import Walker

CLASS_CRITERIA = ("gini", "entropy", "log_loss")
NUMBER_CRITERIA = ("squared_error", "absolute_error")
MOST_DENSE_CELLS = 10**8  # a sparse matrix is made dense for the absolute error up to here


class CartTree(Explained, Stored, BaseEstimator):
    """What both trees share; see DecisionTreeClassifier."""

    def __init__(
        self, criterion: str, max_depth: int | None, max_leaf_nodes: int | None, min_samples_split: int, min_samples_leaf: int,
        min_impurity_decrease: float, ccp_alpha: float | str, categorical_features: Categorical, random_state: Any,
    ):  # fmt: skip
        self.criterion, self.max_depth, self.max_leaf_nodes = criterion, max_depth, max_leaf_nodes
        self.min_samples_split, self.min_samples_leaf = min_samples_split, min_samples_leaf
        self.min_impurity_decrease, self.ccp_alpha = min_impurity_decrease, ccp_alpha
        self.categorical_features, self.random_state = categorical_features, random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Grow and prune the tree; sets tree_ (`trees.tree.Tree`) and ccp_alpha_, the price that was used.

        X: (n, p) array, frame or sparse matrix, NaN where missing; y: (n,); sample_weight: (n,) >= 0. Raises ValueError.
        """
        self._check_settings()
        X, y, weight = self._read(X, y, sample_weight)
        self.tree_ = self._grow(X, y, weight)
        if isinstance(self.ccp_alpha, str):
            self.ccp_alpha_ = self._alpha_by_cv(X, y, weight)
        else:
            self.ccp_alpha_ = float(self.ccp_alpha)
        if self.ccp_alpha_ > 0:
            self.tree_ = pruned(self.tree_, self.ccp_alpha_ * self.tree_.cover[0])
        return self

    def apply(self, X: Any) -> np.ndarray:
        """Return the node (n,) int64 of tree_ in which each row ends."""
        check_is_fitted(self)
        return leaves_of(self.tree_, read_rows(self, X))

    def cost_complexity_pruning_path(self, X: Any, y: Any, sample_weight: Any = None) -> Bunch:
        """Return ccp_alphas (m,) at which the tree loses a subtree, 0 first, and the `impurities` (m,) of the trees that are
        left.

        Both are for one unit of weight, as scikit-learn's are.
        """
        self._check_settings()
        tree = self._grow(*self._read(X, y, sample_weight))
        nodes, alphas = weakest_links(tree)
        costs = [cost(tree, 0.0)]
        subtree_gain = tree.gain.copy()
        for node in np.flatnonzero(~tree.is_leaf)[::-1]:
            subtree_gain[node] += subtree_gain[tree.left[node]] + subtree_gain[tree.right[node]]
        parent = tree.parent
        for node in nodes:
            lost = subtree_gain[node]
            costs.append(costs[-1] + lost)
            above = node
            while above != 0:
                above = parent[above]
                subtree_gain[above] -= lost
        return Bunch(ccp_alphas=np.append(0.0, alphas) / tree.cover[0], impurities=np.array(costs) / tree.cover[0])

    @property
    def feature_importances_(self) -> np.ndarray:
        """(p,) share of each column in the whole fall of the impurity; all 0 where nothing was split."""
        check_is_fitted(self)
        gain = gain_by_feature([self.tree_], self.n_features_in_)
        return gain / gain.sum() if gain.sum() > 0 else gain

    def get_depth(self) -> int:
        """Return the number of questions on the longest way from the root."""
        from tenon.trees.tree import depth_of

        check_is_fitted(self)
        return int(depth_of(self.tree_).max())

    def get_n_leaves(self) -> int:
        """Return the number of leaves."""
        check_is_fitted(self)
        return self.tree_.n_leaves

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        return tags

    def _check_settings(self) -> None:
        ranges.one_of("criterion", self.criterion, CLASS_CRITERIA if self._is_class() else NUMBER_CRITERIA)
        ranges.whole("max_depth", self.max_depth, 1, or_none=True)
        ranges.whole("max_leaf_nodes", self.max_leaf_nodes, 2, or_none=True)
        ranges.whole("min_samples_split", self.min_samples_split, 2)
        ranges.whole("min_samples_leaf", self.min_samples_leaf, 1)
        ranges.number("min_impurity_decrease", self.min_impurity_decrease, 0.0)
        ranges.number("ccp_alpha", self.ccp_alpha, 0.0, words=(CV, CV_1SE))

    def _is_class(self) -> bool:
        return isinstance(self, ClassifierMixin)

    def _read(self, X: Any, y: Any, sample_weight: Any) -> tuple[Matrix, np.ndarray, np.ndarray]:
        X, y, weight = read_train(self, X, y, sample_weight, self.categorical_features)
        if self.criterion == "absolute_error" and not isinstance(X, np.ndarray):
            if X.shape[0] * X.shape[1] > MOST_DENSE_CELLS:
                raise DataError(f"absolute_error takes a sparse matrix of at most {MOST_DENSE_CELLS:,} cells; use squared_error.")
            X = X.toarray()
        return X, y.astype(np.float64), weight

    def _grow(self, X: Matrix, y: np.ndarray, weight: np.ndarray) -> Tree:
        return self._grow_sorted(presorted(X), y, weight)

    def _grow_sorted(self, columns: Presorted, y: np.ndarray, weight: np.ndarray) -> Tree:
        limits = Limits(
            max_depth=NO_LIMIT if self.max_depth is None else int(self.max_depth),
            max_leaf_nodes=NO_LIMIT if self.max_leaf_nodes is None else int(self.max_leaf_nodes),
            min_samples_split=int(self.min_samples_split),
            min_samples_leaf=int(self.min_samples_leaf),
            min_impurity_decrease=float(self.min_impurity_decrease),
        )
        rows = Rows(y, weight, len(self.classes_) if self._is_class() else 0)
        return grow_tree(columns, n_categories(self), rows, self.criterion, limits)

    def _alpha_by_cv(self, X: Matrix, y: np.ndarray, weight: np.ndarray) -> float:
        """Loss on held-out rows: the Brier score of classes (what the Gini index is on train rows), else the criterion's own."""

        def grow(rows: np.ndarray) -> Tree:
            return self._grow(X[rows], y[rows], weight[rows])

        def loss(tree: Tree, rows: np.ndarray) -> float:
            answer = tree.value[leaves_of(tree, X[rows])]
            if self._is_class():
                return brier(answer, y[rows].astype(np.int64), weight[rows])
            each = np.abs(answer[:, 0] - y[rows]) ** (1 if self.criterion == "absolute_error" else 2)
            return float(np.average(each, weights=weight[rows]))

        parts = folds(y.astype(np.int64) if self._is_class() else y, self._is_class(), self.random_state)
        return alpha_by_cv(self.tree_, parts, grow, loss, str(self.ccp_alpha)) / self.tree_.weight


class DecisionTreeClassifier(ClassifierMixin, CartTree):
    """A binary tree that asks one question of one column in each node.

    Parameters
    ----------
    criterion : "gini", "entropy" (= "log_loss").
    max_depth, max_leaf_nodes : limits on growth; None for none. With max_leaf_nodes the node of the greatest gain is split next.
    min_samples_split, min_samples_leaf : a node of fewer rows is not split; a child has at least so many.
    min_impurity_decrease : a split lowers weight share x impurity by at least this.
    ccp_alpha : price of a leaf in units of the impurity; the subtree of least cost is kept. "cv" finds it by cross-validation in
        5 folds of the train rows, "cv-1se" takes the smallest tree within one standard error of the best.
    categorical_features : "from_dtype" (frames: columns of type category, string or bool), or positions, names, or a mask.
    random_state : deals the folds of "cv"; nothing else is random.

    Attributes
    ----------
    tree_ : `tenon.trees.tree.Tree`
    classes_, n_features_in_, feature_names_in_, feature_importances_, categories_, ccp_alpha_

    Examples
    --------
    >>> from tenon.trees import DecisionTreeClassifier
    >>> DecisionTreeClassifier().fit([[0.0], [1.0], [2.0]], ["no", "no", "yes"]).predict([[1.4], [1.6]]).tolist()
    ['no', 'yes']
    """

    def __init__(
        self, criterion: str = "gini", max_depth: int | None = None, max_leaf_nodes: int | None = None,
        min_samples_split: int = 2, min_samples_leaf: int = 1, min_impurity_decrease: float = 0.0, ccp_alpha: float | str = 0.0,
        categorical_features: Categorical = "from_dtype", random_state: Any = None,
    ):  # fmt: skip
        super().__init__(criterion, max_depth, max_leaf_nodes, min_samples_split, min_samples_leaf, min_impurity_decrease,
                         ccp_alpha, categorical_features, random_state)  # fmt: skip

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return (n, K) float64: the shares of the classes in each row's leaf, in the order of classes_."""
        leaves = self.apply(X)
        return self.tree_.value[leaves]

    def predict(self, X: Any) -> np.ndarray:
        """Return the class (n,) of each row; of equally likely ones the first."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]


class DecisionTreeRegressor(RegressorMixin, CartTree):
    """The tree for numbers: a leaf says the mean of its rows, or the median with criterion "absolute_error".

    Parameters and attributes as for DecisionTreeClassifier; criterion is "squared_error" or "absolute_error".
    """

    def __init__(
        self, criterion: str = "squared_error", max_depth: int | None = None, max_leaf_nodes: int | None = None,
        min_samples_split: int = 2, min_samples_leaf: int = 1, min_impurity_decrease: float = 0.0, ccp_alpha: float | str = 0.0,
        categorical_features: Categorical = "from_dtype", random_state: Any = None,
    ):  # fmt: skip
        super().__init__(criterion, max_depth, max_leaf_nodes, min_samples_split, min_samples_leaf, min_impurity_decrease,
                         ccp_alpha, categorical_features, random_state)  # fmt: skip

    def predict(self, X: Any) -> np.ndarray:
        """Return (n,) float64."""
        leaves = self.apply(X)
        return self.tree_.value[leaves, 0]


def n_categories(estimator: Any) -> np.ndarray:
    """Return the number of known values (p,) int64 of each column; 0 for numbers."""
    counts = np.zeros(estimator.n_features_in_, np.int64)
    for column, values in estimator.categories_.items():
        counts[column] = len(values)
    return counts


def leaves_of(tree: Tree, X: Matrix) -> np.ndarray:
    """Return the leaf (n,) int64 of every row."""
    return Walker([tree]).leaves(X)[:, 0]
