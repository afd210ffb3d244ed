"""Random forests: trees on bootstrap samples that see few columns at a time, and their mean (Breiman 2001).

The rows that a tree did not draw, its out-of-bag rows, tell its error without any held-out data. Trees are grown in threads of
their own and from seeds of their own, so the forest is the same for any number of threads.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from tenon import ranges
from tenon.errors import SettingsError
from tenon.kernels import tell_if_cold
from tenon.team import threads
from tenon.trees.binning import MOST_BINS, FeatureBins
from tenon.trees.bins import Binned, binned
from tenon.trees.cart import n_categories
from tenon.trees.cuts import ENTROPY, GINI, SQUARED
from tenon.trees.explained import Explained
from tenon.trees.grow_cart import NO_LIMIT
from tenon.trees.grow_forest import ForestRows, grow_forest_tree
from tenon.trees.grow_forest import grow as forest_kernel
from tenon.trees.importance import impurity_importance
from tenon.trees.inputs import Categorical, Matrix, read_rows, read_train
from tenon.trees.stored import Stored
from tenon.trees.tree import Tree
from tenon.trees.walk import Walker

CRITERIA = {"gini": GINI, "entropy": ENTROPY, "log_loss": ENTROPY, "squared_error": SQUARED}


class RandomForest(Explained, Stored, BaseEstimator):
    """What both forests share; see RandomForestClassifier."""

    def __init__(
        self, n_estimators: int, criterion: str, max_depth: int | None, min_samples_split: int, min_samples_leaf: int,
        max_features: str | float | int | None, min_impurity_decrease: float, bootstrap: bool, max_samples: float | int | None,
        oob_score: bool, max_bins: int, categorical_features: Categorical, n_jobs: int | None, random_state: Any,
    ):  # fmt: skip
        self.n_estimators, self.criterion, self.max_depth = n_estimators, criterion, max_depth
        self.min_samples_split, self.min_samples_leaf = min_samples_split, min_samples_leaf
        self.max_features, self.min_impurity_decrease = max_features, min_impurity_decrease
        self.bootstrap, self.max_samples, self.oob_score = bootstrap, max_samples, oob_score
        self.max_bins, self.categorical_features = max_bins, categorical_features
        self.n_jobs, self.random_state = n_jobs, random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Grow the trees; sets trees_ and, with oob_score=True, oob_score_ and the rows' out-of-bag answers.

        X: (n, p) array, frame or sparse matrix, NaN where missing; y: (n,); sample_weight: (n,) >= 0. Raises ValueError.
        """
        self._check_settings()
        X, y, weight = read_train(self, X, y, sample_weight, self.categorical_features)
        n_threads = threads(self.n_jobs)
        table, features = binned(X, n_categories(self), weight, int(self.max_bins), n_threads)
        self.seeds_ = ranges.generator_of(self.random_state).randint(0, 2**31 - 1, (int(self.n_estimators), 2)).astype(np.int64)
        self.n_train_ = len(y)

        def grow(seeds: np.ndarray) -> Tree:
            return self._grow(table, features, y.astype(np.float64), weight, seeds)

        tell_if_cold(forest_kernel)
        with ThreadPoolExecutor(n_threads) as pool:
            self.trees_ = list(pool.map(grow, self.seeds_))
        if self.oob_score:
            self._judge_out_of_bag(X, y, weight)
        return self

    def out_of_bag(self) -> Iterator[np.ndarray]:
        """Yield for each tree which of the train rows of positive weight (n,) bool it did not draw."""
        check_is_fitted(self)
        for seeds in self.seeds_:
            yield self._times_drawn(seeds[0]) == 0

    @property
    def feature_importances_(self) -> np.ndarray:
        """(p,) mean over trees of each column's share in the fall of the impurity; see importance.py for others."""
        check_is_fitted(self)
        return impurity_importance(self.trees_, self.n_features_in_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        return tags

    def _values(self, X: Any) -> np.ndarray:
        """Return the mean (n, K) of the trees' leaf values."""
        check_is_fitted(self)
        X = read_rows(self, X)
        values = np.concatenate([tree.value for tree in self.trees_])
        return Walker(self.trees_).add_values(X, values, threads(self.n_jobs)) / len(self.trees_)

    def _grow(self, table: Binned, features: list[FeatureBins], y: np.ndarray, weight: np.ndarray, seeds: np.ndarray) -> Tree:
        n_classes = len(self.classes_) if self._is_class() else 0
        criterion = CRITERIA[self.criterion]
        scale, centre = 1.0, 0.0
        if not n_classes:
            centre = float(np.average(y, weights=weight))  # sums of squares keep their digits
        elif n_classes == 2 and criterion == GINI:
            criterion, scale = SQUARED, 2.0  # 1 - Σ p² = 2 p (1 - p): twice the variance of 0 and 1, which is faster to sum
        drawn = self._times_drawn(seeds[0]) * weight
        limits = np.array([
            NO_LIMIT if self.max_depth is None else self.max_depth, self.min_samples_split, self.min_samples_leaf,
            self._n_drawn(table),
        ], np.int64)  # fmt: skip
        min_gain = self.min_impurity_decrease * drawn.sum() / scale
        tree = grow_forest_tree(
            table, features, ForestRows(y - centre, drawn, n_classes), criterion, limits, min_gain, int(seeds[1])
        )
        tree.value[:] += centre
        tree.gain[:] *= scale
        return tree

    def _times_drawn(self, seed: int) -> np.ndarray:
        """Return how often the tree of this seed drew each row, (n,) int64."""
        n = self.n_train_
        if not self.bootstrap:
            return np.ones(n, np.int64)
        asked = self.max_samples
        n_draws = n if asked is None else int(asked) if isinstance(asked, int | np.integer) else max(1, round(asked * n))
        return np.bincount(np.random.default_rng(seed).integers(0, n, n_draws), minlength=n)

    def _n_drawn(self, table: Binned) -> int:
        p, asked = self.n_features_in_, self.max_features
        if asked is None:
            return p
        if isinstance(asked, str):
            return max(1, int(np.sqrt(p) if asked == "sqrt" else np.log2(p)))
        return int(asked) if isinstance(asked, int | np.integer) else max(1, int(asked * p))

    def _judge_out_of_bag(self, X: Matrix, y: np.ndarray, weight: np.ndarray) -> None:
        total, n_trees = np.zeros((len(y), self.trees_[0].value.shape[1])), np.zeros(len(y))
        for tree, is_out in zip(self.trees_, self.out_of_bag(), strict=True):
            rows = np.flatnonzero(is_out)
            if len(rows):
                total[rows] += Walker([tree]).add_values(X[rows], tree.value)
                n_trees[rows] += 1
        with np.errstate(invalid="ignore"):
            answers = total / n_trees[:, None]  # NaN where every tree drew the row
        seen = n_trees > 0
        self._keep_out_of_bag(answers, y, weight, seen)

    def _check_settings(self) -> None:
        known = ("gini", "entropy", "log_loss") if self._is_class() else ("squared_error",)
        ranges.one_of("criterion", self.criterion, known)
        ranges.whole("n_estimators", self.n_estimators, 1)
        ranges.whole("max_depth", self.max_depth, 1, or_none=True)
        ranges.whole("min_samples_split", self.min_samples_split, 2)
        ranges.whole("min_samples_leaf", self.min_samples_leaf, 1)
        ranges.number("min_impurity_decrease", self.min_impurity_decrease, 0.0)
        ranges.whole("max_bins", self.max_bins, 2, MOST_BINS)
        _check_share("max_samples", self.max_samples, ())
        _check_share("max_features", self.max_features, ("sqrt", "log2"))
        if self.oob_score and not self.bootstrap:
            raise SettingsError("oob_score=True takes bootstrap=True: without it every tree draws every row.")

    def _is_class(self) -> bool:
        return isinstance(self, ClassifierMixin)


class RandomForestClassifier(ClassifierMixin, RandomForest):
    """Mean of the class shares in the leaves of many trees.

    Parameters
    ----------
    n_estimators : number of trees.
    criterion : "gini", "entropy" (= "log_loss").
    max_depth, min_samples_split, min_samples_leaf, min_impurity_decrease : when a node is not split any more.
    max_features : columns tried in each node: a number, a share, "sqrt", "log2", or None for all.
    bootstrap : whether each tree draws its rows, with repeats; max_samples : how many, as a number or a share (None: n).
    oob_score : whether the out-of-bag accuracy is found.
    max_bins : a number column is cut at that many quantiles, at most 255.
    categorical_features : "from_dtype" (frames: columns of type category, string or bool), or positions, names, or a mask.
    n_jobs : threads; None for all cores. The forest does not depend on it.
    random_state : seed of the samples and columns.

    Attributes
    ----------
    trees_ : list of `tenon.trees.tree.Tree`
    oob_score_ : accuracy of the answers of those trees that did not draw the row; oob_proba_ : (n, K) these answers, NaN where
        there is none.
    classes_, n_features_in_, feature_names_in_, feature_importances_, categories_
    """

    def __init__(
        self, n_estimators: int = 100, criterion: str = "gini", max_depth: int | None = None, min_samples_split: int = 2,
        min_samples_leaf: int = 1, max_features: str | float | int | None = "sqrt", min_impurity_decrease: float = 0.0,
        bootstrap: bool = True, max_samples: float | int | None = None, oob_score: bool = False, max_bins: int = MOST_BINS,
        categorical_features: Categorical = "from_dtype", n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        super().__init__(n_estimators, criterion, max_depth, min_samples_split, min_samples_leaf, max_features,
                         min_impurity_decrease, bootstrap, max_samples, oob_score, max_bins, categorical_features, n_jobs,
                         random_state)  # fmt: skip

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return (n, K) float64, in the order of classes_."""
        return self._values(X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the class (n,) of each row; of equally likely ones the first."""
        best = self._values(X).argmax(axis=1)
        return self.classes_[best]

    def _keep_out_of_bag(self, answers: np.ndarray, y: np.ndarray, weight: np.ndarray, seen: np.ndarray) -> None:
        self.oob_proba_ = answers
        hit = answers[seen].argmax(axis=1) == y[seen]
        self.oob_score_ = float(np.average(hit, weights=weight[seen])) if seen.any() else np.nan


class RandomForestRegressor(RegressorMixin, RandomForest):
    """Mean of the leaf means of many trees.

    Parameters and attributes as for RandomForestClassifier; criterion is "squared_error", max_features 1.0 (all columns),
    oob_score_ is R², and oob_prediction_ (n,) holds the out-of-bag answers.
    """

    def __init__(
        self, n_estimators: int = 100, criterion: str = "squared_error", max_depth: int | None = None, min_samples_split: int = 2,
        min_samples_leaf: int = 1, max_features: str | float | int | None = 1.0, min_impurity_decrease: float = 0.0,
        bootstrap: bool = True, max_samples: float | int | None = None, oob_score: bool = False, max_bins: int = MOST_BINS,
        categorical_features: Categorical = "from_dtype", n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        super().__init__(n_estimators, criterion, max_depth, min_samples_split, min_samples_leaf, max_features,
                         min_impurity_decrease, bootstrap, max_samples, oob_score, max_bins, categorical_features, n_jobs,
                         random_state)  # fmt: skip

    def predict(self, X: Any) -> np.ndarray:
        """Return (n,) float64."""
        return self._values(X)[:, 0]

    def _keep_out_of_bag(self, answers: np.ndarray, y: np.ndarray, weight: np.ndarray, seen: np.ndarray) -> None:
        from sklearn.metrics import r2_score

        self.oob_prediction_ = answers[:, 0]
        self.oob_score_ = float(r2_score(y[seen], answers[seen, 0], sample_weight=weight[seen])) if seen.sum() > 1 else np.nan


def _check_share(name: str, value: Any, words: tuple[str, ...]) -> None:
    if isinstance(value, str) and words:
        ranges.one_of(name, value, words)
    elif isinstance(value, int | np.integer):
        ranges.whole(name, value, 1)
    elif value is not None:
        ranges.number(name, value, 0.0, 1.0, open_low=True)
