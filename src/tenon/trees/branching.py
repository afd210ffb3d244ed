"""What ID3 and C4.5 do alike once a tree of many ways is grown: prune it by the price of a leaf, and say its classes.

Sources: Quinlan 1986, 1993; Breiman, Friedman, Olshen & Stone 1984 (the price and its choice).
"""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from tenon.trees.explained import Explained
from tenon.trees.inputs import Matrix
from tenon.trees.multiway import MultiwayTree
from tenon.trees.pruning import alpha_by_cv, brier, folds, pruned
from tenon.trees.stored import Stored


class MultiwayClassifier(ClassifierMixin, Explained, Stored, BaseEstimator):
    """See ID3Classifier and C45Classifier, which say how a tree grows."""

    alpha: float | str
    random_state: Any
    shares_unknown: bool  # whether a value without a branch is answered by all branches, see MultiwayTree.proba

    def predict(self, X: Any) -> np.ndarray:
        """Return the class (n,) of each row; of equally likely ones the first."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.categorical = True
        return tags

    def _fit_tree(self, X: Matrix, y: np.ndarray, weight: np.ndarray) -> None:
        """Set tree_ and alpha_, the price that was used."""
        tree = self._grow(X, y, weight)

        def grow(rows: np.ndarray) -> MultiwayTree:
            return self._grow(X[rows], y[rows], weight[rows])

        def loss(tree: MultiwayTree, rows: np.ndarray) -> float:
            return brier(tree.proba(X[rows], self.shares_unknown), y[rows], weight[rows])

        if isinstance(self.alpha, str):
            self.alpha_ = alpha_by_cv(tree, folds(y, True, self.random_state), grow, loss, self.alpha)
        else:
            self.alpha_ = float(self.alpha)
        self.tree_ = pruned(tree, self.alpha_) if self.alpha_ > 0 else tree

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return (n, K) float64: how likely each class is, in the order of classes_."""
        raise NotImplementedError

    def _grow(self, X: Matrix, y: np.ndarray, weight: np.ndarray) -> MultiwayTree:
        raise NotImplementedError
