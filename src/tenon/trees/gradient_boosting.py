"""GradientBoostingClassifier and GradientBoostingRegressor: boosting as scikit-learn estimators."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import assert_all_finite, check_is_fitted

from tenon import ranges
from tenon.errors import DataError, SettingsError
from tenon.kernels import Record
from tenon.team import Team, threads, threads_for
from tenon.trees import objectives
from tenon.trees.boosting import Boosted, Rounds, TreeGrower, Validation, boost
from tenon.trees.boosting_settings import check_cells, check_settings, check_weight
from tenon.trees.exact import ExactGrower
from tenon.trees.explained import Explained
from tenon.trees.grower import histogram_grower
from tenon.trees.inputs import Categorical, check_size, read_rows, read_train
from tenon.trees.linear import boost_linear, cells_of, linear_scores
from tenon.trees.objectives import Objective
from tenon.trees.predict import add_scores
from tenon.trees.scorer import Forest, pack
from tenon.trees.splits import RULES
from tenon.trees.stored import Stored

DEFAULT_DEPTH, DEFAULT_LEAVES = 6, 31  # of XGBoost, depth-wise, and of LightGBM, leaf-wise
NO_LIMIT = 1 << 40


class _GradientBoosting(Explained, Stored, BaseEstimator):
    """What both share: reading, boosting, scores and importances."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan, tags.input_tags.sparse, tags.input_tags.string = True, True, False
        return tags

    def _boost(self, X: Any, y: Any, sample_weight: Any, X_val: Any, y_val: Any) -> None:
        check_settings(self)
        X, y, weight = read_train(self, X, y, sample_weight, self.categorical_features, keeps_float32=True)
        self._check_target(y)
        check_weight(y, weight)
        rng = np.random.default_rng(ranges.seed_of(self.random_state))
        X, y, weight, held_out = self._hold_out(X, y, weight, X_val, y_val, rng)
        objective = self._objective(y, weight.astype(np.float32))
        if self.booster == "linear":
            self._boost_linear(X, objective, held_out)
            return
        rules = self._rules(len(y))
        with Team(threads_for(threads(self.n_jobs), X.shape[0] * X.shape[1])) as team:
            grower = self._grower(X, weight, rules, objective, team)
            validation = None
            if held_out is not None:
                X_out, y_out, weight_out = held_out
                validation = Validation(grower.columns_of(X_out), self._objective(y_out, weight_out.astype(np.float32)))
            boosted = boost(grower, objective, self._rounds(), rng, team, X.shape[1], validation)
        self._keep(boosted)

    def _boost_linear(self, X: Any, objective: Objective, held_out: tuple[Any, np.ndarray, np.ndarray] | None) -> None:
        if self.categories_:
            name = self._names()[min(self.categories_)]
            raise SettingsError(f"booster='linear' takes numbers, but {name!r} holds categories; make them one-hot columns.")
        check_cells(X)
        if self._searches_leaves():
            raise SettingsError("booster='linear' takes a loss with a Hessian: no absolute_error, huber or quantile.")
        unseen = held_out and (held_out[0], self._objective(held_out[1], held_out[2].astype(np.float32)))
        with Team(threads_for(threads(self.n_jobs), len(objective.y))) as team:
            boosted = boost_linear(X, objective, self._rounds(), self.reg_lambda or 0.0, self.reg_alpha, team, unseen)
        self.start_, self.intercept_, self.coef_ = boosted.start, boosted.intercept, boosted.coef
        self.n_iter_, self.validation_losses_ = boosted.n_rounds, boosted.losses

    def _grower(self, X: Any, weight: np.ndarray, rules: Record, objective: Objective, team: Team) -> TreeGrower:
        n_codes = {f: len(values) for f, values in self.categories_.items()}
        if self.search == "exact":
            return ExactGrower(X, n_codes, self._names(), self._signs(), rules, team)
        most = float(objective.weight.max()) * (1.0 if self.order == 1 else objective.most_hess)
        fewest = max(self.min_samples_leaf, math.ceil(self.min_child_weight / most * (1 - 1e-6)))
        return histogram_grower(X, weight, n_codes, self.max_bins, self._names(), self._signs(), rules, fewest, team)

    def _keep(self, boosted: Boosted) -> None:
        self.start_, self.trees_ = boosted.start, boosted.trees
        self.n_iter_, self.validation_losses_ = len(boosted.trees), boosted.losses
        self._made_ready()

    def _made_ready(self) -> None:
        if self.booster == "tree":
            self._forests: list[Forest] = [pack(trees) for trees in zip(*self.trees_, strict=True)]

    def _scores(self, X: Any) -> np.ndarray:
        """Return the scores (K, n) of rows."""
        check_is_fitted(self)
        X = read_rows(self, X, keeps_float32=True)
        if self.booster == "linear":
            return linear_scores(cells_of(X), self.coef_, self.start_ + self.intercept_)
        scores = np.repeat(self.start_[:, None], X.shape[0], axis=1)
        with Team(threads_for(threads(self.n_jobs), X.shape[0] * self.n_iter_)) as team:
            for forest, mine in zip(self._forests, scores, strict=True):
                add_scores(forest, X, mine, team)
        return scores

    def _hold_out(
        self, X: Any, y: np.ndarray, weight: np.ndarray, X_val: Any, y_val: Any, rng: np.random.Generator
    ) -> tuple[Any, np.ndarray, np.ndarray, tuple[Any, np.ndarray, np.ndarray] | None]:
        """Return the rows to boost on and, for early stopping, those given as X_val and y_val or a random share of the others."""
        if (X_val is None) != (y_val is None):
            raise DataError("X_val and y_val are the rows and the target for early stopping; pass both or neither.")
        if X_val is not None:
            X_out = read_rows(self, X_val, keeps_float32=True).astype(X.dtype)
            return X, y, weight, (X_out, self._read_validation_target(y_val, X_out.shape[0]), np.ones(X_out.shape[0]))
        if self.n_iter_no_change is None:
            return X, y, weight, None
        is_class = hasattr(self, "classes_")
        try:
            train, out = train_test_split(
                np.arange(len(y)), test_size=self.validation_fraction, random_state=int(rng.integers(2**31)),
                stratify=y if is_class else None,
            )  # fmt: skip
        except ValueError as error:
            asked = "a row of each class" if is_class else "a row"
            raise DataError(
                f"n_iter_no_change takes rows of which validation_fraction={self.validation_fraction:g} and the others both hold "
                f"{asked}; got {len(y):,} rows. Pass X_val and y_val, or None."
            ) from error
        return X[train], y[train], weight[train], (X[out], y[out], weight[out])

    def _rules(self, n_rows: int) -> Record:
        depth, leaves = self.max_depth, self.max_leaf_nodes
        if depth is None and leaves is None:
            depth, leaves = (DEFAULT_DEPTH, None) if self.growth == "depth" else (None, DEFAULT_LEAVES)
        most = max(1, n_rows // self.min_samples_leaf)
        rules = np.zeros(1, RULES)[0]
        rules["max_depth"] = NO_LIMIT if depth is None else depth
        rules["max_leaves"] = min(leaves or NO_LIMIT, most, NO_LIMIT if depth is None else 1 << min(depth, 40))
        rules["l2"] = self.reg_lambda if self.reg_lambda is not None else float(self.order == 2)
        rules["l1"], rules["gamma"], rules["cat_smooth"] = self.reg_alpha, self.min_split_gain, self.cat_smooth
        rules["cat_penalty"] = self.cat_penalty
        rules["min_hess"], rules["min_rows"] = self.min_child_weight, self.min_samples_leaf
        rules["by_gain"], rules["has_bounds"] = self.growth == "leaf", bool(self._signs().any())
        return rules

    def _rounds(self) -> Rounds:
        return Rounds(
            self.n_estimators, self.learning_rate, self.order, self.subsample, self.goss, self.colsample_bytree,
            self.colsample_bylevel, self.colsample_bynode, self.n_iter_no_change, self.tol,
        )  # fmt: skip

    def _signs(self) -> np.ndarray:
        """Return the monotone constraints (p,) int8."""
        given, p = self.monotone_constraints, self.n_features_in_
        if given is None:
            return np.zeros(p, np.int8)
        if isinstance(given, dict):
            names = self._names()
            unknown = [name for name in given if name not in names]
            if unknown:
                raise SettingsError(f"monotone_constraints names {unknown[0]!r}, which is no column of X.")
            given = [given.get(name, 0) for name in names]
        signs = np.asarray(given)
        if signs.shape != (p,) or not np.isin(signs, (-1, 0, 1)).all():
            raise SettingsError(
                f"monotone_constraints takes -1, 0 or 1 for each of the {p} columns, or a dict of names; got {given!r}."
            )
        if signs.any() and (self.order == 1 or self._searches_leaves()):
            raise SettingsError(
                "monotone_constraints need order=2 and a loss with a Hessian; here leaves search their step on their own."
            )
        if any(signs[f] for f in self.categories_):
            raise SettingsError("monotone_constraints cannot bind a column of categories, which have no order.")
        return signs.astype(np.int8)

    def _names(self) -> list[str]:
        names = getattr(self, "feature_names_in_", None)
        return [f"column {f}" for f in range(self.n_features_in_)] if names is None else [str(name) for name in names]

    def importances(self, kind: Literal["weight", "gain", "cover", "total_gain", "total_cover"] = "gain") -> np.ndarray:
        """Return the importance (p,) of each feature, as XGBoost defines it.

        weight: number of splits on it; total_gain and total_cover: what these splits gain and cover (sum of Hessians) in all;
        gain and cover: the same per split. 0 for features that no split asks for.
        """
        check_is_fitted(self)
        ranges.one_of("kind", kind, ("weight", "gain", "cover", "total_gain", "total_cover"))
        if self.booster == "linear":
            raise SettingsError("importances are of splits, and booster='linear' makes none; its weights are coef_.")
        number, total = np.zeros(self.n_features_in_), np.zeros(self.n_features_in_)
        for tree in (tree for trees in self.trees_ for tree in trees):
            inner = ~tree.is_leaf
            np.add.at(number, tree.feature[inner], 1)
            np.add.at(total, tree.feature[inner], (tree.cover if kind.endswith("cover") else tree.gain)[inner])
        if kind == "weight":
            return number
        return total if kind.startswith("total") else np.divide(total, number, out=np.zeros_like(total), where=number > 0)

    @property
    def feature_importances_(self) -> np.ndarray:
        """(p,): the share of the total gain; of a linear booster, of the absolute weights. Zeros if there is none."""
        total = np.abs(self.coef_).sum(axis=0) if self.booster == "linear" else self.importances("total_gain")
        return total / max(total.sum(), np.finfo(float).tiny)


class GradientBoostingClassifier(ClassifierMixin, _GradientBoosting):
    """Boosted trees for two or more classes, by logistic or softmax loss.

    Parameters
    ----------
    n_estimators : rounds; each grows a tree (one per class for three or more).
    learning_rate : share of each step that is taken (shrinkage, XGBoost's eta).
    max_leaf_nodes, max_depth : limits of a tree. Both None: depth 6 where growth is "depth", 31 leaves where it is "leaf".
    growth : "depth" splits level by level, "leaf" where the gain is greatest.
    order : 2 uses gradients and Hessians (XGBoost), 1 gradients and a line search in each leaf (GBDT; Friedman 2001).
    search : "histogram" over at most max_bins quantile bins, or "exact" over all values.
    reg_lambda, reg_alpha : λ and α, the L2 and L1 penalties of leaf weights. λ None: 1 for order 2, 0 for order 1.
    min_split_gain : γ; a split between two leaves that gains less is taken back (twice the paper's γ, as in the program xgboost).
    min_child_weight : least sum of Hessians in a leaf (order 1: of sample weights).
    min_samples_leaf : least number of rows in a leaf. The search estimates it by Hessians; a split that breaks it is dropped.
    subsample : share of the rows that each tree sees.
    goss : None, or two shares of the rows: kept for their large gradients, drawn from the others (LightGBM's one-side sampling).
    colsample_bytree, colsample_bylevel, colsample_bynode : shares of the features drawn for each tree, of these for each level,
        and of these for each node.
    monotone_constraints : for each column 1 (rising), -1 (falling) or 0; or a dict of column names.
    max_bins : of values, at most 255; more categories than that share the last bin, with a warning.
    cat_smooth : Hessian of rows without gradient that is added to a category where categories are put in order.
    cat_penalty : how often a set of categories must gain what it gains by chance (splits.py); 0: any gain does, as in XGBoost.
    categorical_features : "from_dtype" takes columns of strings and of pandas' type category; else positions, names or a mask.
    n_iter_no_change, tol : rounds without a better validation loss, by tol, until boosting stops; None: never.
    validation_fraction : share of the rows held out for that, unless fit is given X_val and y_val.
    n_jobs : threads; None and -1 are all cores. The model is the same for any number.
    random_state : seed of all sampling.
    booster : "tree", or "linear": no trees, but a weight for each column (XGBoost's gblinear; linear.py). It takes n_estimators,
        learning_rate, reg_lambda (None: 0) and reg_alpha, both for one unit of row weight, and early stopping.

    Attributes
    ----------
    classes_ : (K,) the classes, sorted.
    trees_ : list of rounds, each a list of `Tree`.
    start_ : (1,) or (K,) constant scores.
    coef_, intercept_ : of the linear booster, (1, p) or (K, p), and what is added to start_.
    n_iter_ : rounds kept.
    validation_losses_ : before the first round and after each; empty without validation rows.
    """

    def __init__(
        self, n_estimators: int = 100, learning_rate: float = 0.1, max_leaf_nodes: int | None = None,
        max_depth: int | None = None, growth: Literal["depth", "leaf"] = "depth", order: Literal[1, 2] = 2,
        search: Literal["histogram", "exact"] = "histogram",
        reg_lambda: float | None = None, reg_alpha: float = 0.0, min_split_gain: float = 0.0, min_child_weight: float = 1.0,
        min_samples_leaf: int = 1, subsample: float = 1.0, goss: tuple[float, float] | None = None, colsample_bytree: float = 1.0,
        colsample_bylevel: float = 1.0, colsample_bynode: float = 1.0,
        monotone_constraints: Sequence[int] | dict[str, int] | None = None, max_bins: int = 255, cat_smooth: float = 10.0,
        cat_penalty: float = 1.0, categorical_features: Categorical = "from_dtype", n_iter_no_change: int | None = None,
        tol: float = 0.0, validation_fraction: float = 0.1, n_jobs: int | None = None, random_state: Any = None,
        booster: Literal["tree", "linear"] = "tree",
    ):  # fmt: skip
        self.n_estimators, self.learning_rate, self.order, self.search = n_estimators, learning_rate, order, search
        self.max_leaf_nodes, self.max_depth, self.growth = max_leaf_nodes, max_depth, growth
        self.reg_lambda, self.reg_alpha, self.min_split_gain = reg_lambda, reg_alpha, min_split_gain
        self.min_child_weight, self.min_samples_leaf = min_child_weight, min_samples_leaf
        self.subsample, self.goss = subsample, goss
        self.colsample_bytree, self.colsample_bylevel = colsample_bytree, colsample_bylevel
        self.colsample_bynode = colsample_bynode
        self.monotone_constraints, self.max_bins = monotone_constraints, max_bins
        self.cat_smooth, self.cat_penalty = cat_smooth, cat_penalty
        self.categorical_features = categorical_features
        self.n_iter_no_change, self.tol, self.validation_fraction = n_iter_no_change, tol, validation_fraction
        self.n_jobs, self.random_state, self.booster = n_jobs, random_state, booster

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, X_val: Any = None, y_val: Any = None
    ) -> "GradientBoostingClassifier":
        """Boost on X (n, p), numbers or categories, with missing values or sparse, and y (n,); weights (n,) >= 0.

        Raises ValueError for settings out of range, infinite cells, a missing target and fewer than two classes.
        """
        self._boost(X, y, sample_weight, X_val, y_val)
        return self

    def _check_target(self, y: np.ndarray) -> None:
        if len(np.unique(y)) < 2:
            raise DataError(f"a classifier needs at least two classes; y holds 1 class, {self.classes_.tolist()[0]!r}.")

    def _objective(self, y: np.ndarray, weight: np.ndarray) -> Objective:
        y = y.astype(np.float64)
        return objectives.Logistic(y, weight) if len(self.classes_) == 2 else objectives.Softmax(y, weight, len(self.classes_))

    def _searches_leaves(self) -> bool:
        return False

    def _read_validation_target(self, y_val: Any, n: int) -> np.ndarray:
        y_val = column_or_1d(y_val)
        check_consistent_length(y_val, np.empty(n))
        unknown = np.setdiff1d(y_val, self.classes_).tolist()
        if unknown:
            raise DataError(f"y_val holds {unknown[0]!r}, which is no class of y.")
        return np.searchsorted(self.classes_, y_val)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores, (n,) for two classes and (n, K) for more: log odds, and logits."""
        scores = self._scores(X)
        return scores[0] if len(scores) == 1 else scores.T

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability (n, K) of each class."""
        scores = self._scores(X)
        if len(scores) == 1:
            return np.stack([expit(-scores[0]), expit(scores[0])], axis=1)
        proba = np.exp(scores - scores.max(axis=0))
        return (proba / proba.sum(axis=0)).T

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class (n,) of each row."""
        proba = self.predict_proba(X)
        return self.classes_[proba.argmax(axis=1)]


class GradientBoostingRegressor(RegressorMixin, _GradientBoosting):
    """Boosted trees for numbers.

    Parameters
    ----------
    loss : "squared_error", "absolute_error", "huber", "quantile", "poisson" (of counts, with a log link), or a function of y and
        the scores, both (n,), that returns the gradients and Hessians of the loss, both (n,), Hessians >= 0.
    alpha : the quantile, of "quantile"; of "huber", the share of the residuals that count as squared.

    All others, and the attributes, are those of `GradientBoostingClassifier`.
    """

    def __init__(
        self, loss: str | Callable[..., Any] = "squared_error", alpha: float = 0.9,
        n_estimators: int = 100, learning_rate: float = 0.1, max_leaf_nodes: int | None = None, max_depth: int | None = None,
        growth: Literal["depth", "leaf"] = "depth", order: Literal[1, 2] = 2, search: Literal["histogram", "exact"] = "histogram",
        reg_lambda: float | None = None, reg_alpha: float = 0.0, min_split_gain: float = 0.0, min_child_weight: float = 1.0,
        min_samples_leaf: int = 1, subsample: float = 1.0, goss: tuple[float, float] | None = None, colsample_bytree: float = 1.0,
        colsample_bylevel: float = 1.0, colsample_bynode: float = 1.0,
        monotone_constraints: Sequence[int] | dict[str, int] | None = None, max_bins: int = 255, cat_smooth: float = 10.0,
        cat_penalty: float = 1.0, categorical_features: Categorical = "from_dtype", n_iter_no_change: int | None = None,
        tol: float = 0.0, validation_fraction: float = 0.1, n_jobs: int | None = None, random_state: Any = None,
        booster: Literal["tree", "linear"] = "tree",
    ):  # fmt: skip
        self.loss, self.alpha = loss, alpha
        self.n_estimators, self.learning_rate, self.order, self.search = n_estimators, learning_rate, order, search
        self.max_leaf_nodes, self.max_depth, self.growth = max_leaf_nodes, max_depth, growth
        self.reg_lambda, self.reg_alpha, self.min_split_gain = reg_lambda, reg_alpha, min_split_gain
        self.min_child_weight, self.min_samples_leaf = min_child_weight, min_samples_leaf
        self.subsample, self.goss = subsample, goss
        self.colsample_bytree, self.colsample_bylevel = colsample_bytree, colsample_bylevel
        self.colsample_bynode = colsample_bynode
        self.monotone_constraints, self.max_bins = monotone_constraints, max_bins
        self.cat_smooth, self.cat_penalty = cat_smooth, cat_penalty
        self.categorical_features = categorical_features
        self.n_iter_no_change, self.tol, self.validation_fraction = n_iter_no_change, tol, validation_fraction
        self.n_jobs, self.random_state, self.booster = n_jobs, random_state, booster

    def fit(self, X: Any, y: Any, sample_weight: Any = None, X_val: Any = None, y_val: Any = None) -> "GradientBoostingRegressor":
        """Boost on X (n, p), numbers or categories, with missing values or sparse, and y (n,); weights (n,) >= 0.

        Raises ValueError for settings out of range, infinite cells, and a target that is missing, too large for float32 or, for
        "poisson", negative.
        """
        self._boost(X, y, sample_weight, X_val, y_val)
        return self

    def _check_target(self, y: np.ndarray) -> None:
        if isinstance(self.loss, str) and self.loss == "poisson" and (y.min() < 0 or y.sum() == 0):
            raise DataError(f"loss='poisson' takes targets of at least 0 with a positive sum; got a least one of {y.min():g}.")

    def _objective(self, y: np.ndarray, weight: np.ndarray) -> Objective:
        if callable(self.loss):
            if self.n_iter_no_change is not None:
                raise SettingsError("n_iter_no_change needs a loss that is known by name: a function gives no losses to compare.")
            return objectives.Custom(y, weight, self.loss)
        ranges.one_of("loss", self.loss, objectives.OBJECTIVES)
        if self.loss in ("quantile", "huber"):
            ranges.number("alpha", self.alpha, 0, 1, open_low=True)
            return objectives.OBJECTIVES[self.loss](y, weight, self.alpha)
        return objectives.OBJECTIVES[self.loss](y, weight)

    def _searches_leaves(self) -> bool:
        return self.loss in ("absolute_error", "huber", "quantile")

    def _read_validation_target(self, y_val: Any, n: int) -> np.ndarray:
        y_val = column_or_1d(y_val).astype(np.float64)
        check_consistent_length(y_val, np.empty(n))
        assert_all_finite(y_val, input_name="y_val")
        check_size(y_val)
        self._check_target(y_val)
        return y_val

    def predict(self, X: Any) -> np.ndarray:
        """Return the expected number (n,) of each row; for "quantile" the quantile, for a loss of your own the score."""
        scores = self._scores(X)[0]
        return np.exp(scores) if self.loss == "poisson" else scores
