"""ID3: in each node the column of the greatest information gain, and a child for each of its values (Quinlan 1986).

Where the greatest gain is below a threshold the node becomes a leaf that says the majority. ID3 knows categories only: numbers
are refused, or cut into quantile bins where `bins` says so. A missing value is a value of its own; a value that a node has not
seen in fitting is answered by that node's majority.
"""

from typing import Any

import numpy as np
from scipy.sparse import csc_matrix, issparse
from sklearn.utils.validation import check_is_fitted

from tenon import ranges
from tenon.errors import DataError
from tenon.kernels import compiled, tell_if_cold
from tenon.trees.binning import MOST_BINS, quantile_cuts
from tenon.trees.branching import MultiwayClassifier
from tenon.trees.criteria import information_gain
from tenon.trees.inputs import Categorical, Matrix, read_rows, read_train
from tenon.trees.multiway import Growing, MultiwayTree, Values, count_values
from tenon.trees.pruning import CV, CV_1SE

UNSEEN = -1.0
NO_GAIN = 1e-12  # bits: less is rounding


class ID3Classifier(MultiwayClassifier):
    """A tree with a child for each value.

    Parameters
    ----------
    min_gain : bits; a node whose best column gains less becomes a leaf.
    max_depth : columns asked for on the way to a leaf, at most; None for no limit.
    alpha : price of a leaf in bits: the grown tree is pruned to the least Σ N_t · H_t + alpha · leaves. 0 keeps it whole, "cv"
        finds it by cross-validation in 5 folds of the train rows, "cv-1se" takes the smallest tree within one standard error of
        the best.
    bins : None refuses numbers; else number columns are cut at so many quantiles. Of a sparse matrix each column then has
        two values: 0, and anything else.
    categorical_features : "from_dtype" (frames and arrays of strings), or positions, names, or a mask of columns whose numbers
    are names.
    random_state : deals the folds of "cv"; nothing else is random.

    Attributes
    ----------
    tree_ : `tenon.trees.multiway.MultiwayTree`
    classes_, n_features_in_, feature_names_in_, categories_
    alpha_ : the price of a leaf that was used
    cuts_ : column -> where its numbers are cut; reads_presence_ : whether the train rows were a sparse matrix

    Examples
    --------
    >>> from tenon.trees import ID3Classifier
    >>> ID3Classifier().fit([["sunny"], ["rain"], ["rain"]], ["no", "yes", "yes"]).predict([["rain"], ["snow"]]).tolist()
    ['yes', 'yes']
    """

    shares_unknown = False

    def __init__(
        self,
        min_gain: float = 0.0,
        max_depth: int | None = None,
        alpha: float | str = 0.0,
        bins: int | None = None,
        categorical_features: Categorical = "from_dtype",
        random_state: Any = None,
    ):
        self.min_gain, self.max_depth, self.alpha = min_gain, max_depth, alpha
        self.bins, self.categorical_features, self.random_state = bins, categorical_features, random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ID3Classifier":
        """X: (n, p) frame, array or sparse matrix; y: (n,); sample_weight: (n,) >= 0. Raises ValueError, for numbers too."""
        ranges.number("min_gain", self.min_gain, 0.0)
        ranges.whole("max_depth", self.max_depth, 1, or_none=True)
        ranges.number("alpha", self.alpha, 0.0, words=(CV, CV_1SE))
        ranges.whole("bins", self.bins, 2, MOST_BINS, or_none=True)
        X, y, weight = read_train(self, X, y, sample_weight, self.categorical_features)
        self._learn_cuts(X, weight)
        tell_if_cold(_gains)
        self._fit_tree(self._codes(X), y, weight)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return (n, K) float64: the shares of the classes in each row's leaf, in the order of classes_."""
        codes = self.codes(X)
        return self.tree_.proba(codes, self.shares_unknown)

    def codes(self, X: Any) -> Matrix:
        """Return what tree_ reads of rows, (n, p): the code of each cell's category or bin, UNSEEN where fitting knew none."""
        check_is_fitted(self)
        return self._codes(read_rows(self, X, UNSEEN))

    def _learn_cuts(self, X: Matrix, weight: np.ndarray) -> None:
        numbers = [j for j in range(X.shape[1]) if j not in self.categories_]
        if numbers and self.bins is None:
            names = list(getattr(self, "feature_names_in_", range(X.shape[1])))
            raise DataError(
                f"ID3 splits on categories, and column {names[numbers[0]]!r} holds numbers: bins=8 cuts them into 8 quantiles, "
                "categorical_features says which are names, and C45Classifier finds thresholds itself."
            )
        self.reads_presence_ = issparse(X)
        many = int(self.bins or 2)
        self.cuts_ = {} if issparse(X) else {j: quantile_cuts(X[:, j], weight, many) for j in numbers}

    def _codes(self, X: Matrix) -> Matrix:
        """Return the code of every cell (n, p): a category, a bin, one more than the last for missing, or UNSEEN."""
        if self.reads_presence_:
            present = csc_matrix(X)
            return csc_matrix((np.ones(present.nnz), present.indices, present.indptr), shape=present.shape)
        codes = np.array(X.toarray() if issparse(X) else X, np.float64, order="F")
        for j, cuts in self.cuts_.items():
            codes[:, j] = np.where(np.isnan(codes[:, j]), np.nan, np.searchsorted(cuts, codes[:, j]))
        for j in range(X.shape[1]):
            codes[np.isnan(codes[:, j]), j] = self._n_values(j)
        return codes

    def _n_values(self, column: int) -> int:
        return len(self.categories_[column]) if column in self.categories_ else len(self.cuts_[column]) + 1

    def _grow(self, codes: Matrix, y: np.ndarray, weight: np.ndarray) -> MultiwayTree:
        n_classes, deepest = len(self.classes_), np.inf if self.max_depth is None else self.max_depth
        values = self._values(codes)
        counts = np.empty((values.first[-1], n_classes))
        growing = Growing(np.bincount(y, weight, n_classes))
        waiting = [(0, np.arange(len(y)), 0)]
        while waiting:
            node, rows, depth = waiting.pop()
            if depth >= deepest:
                continue
            count_values(values, rows, y, weight[rows], counts)
            gains = _gains(counts, values.first)
            best = int(gains.argmax())  # of equal gains the first column
            if gains[best] <= max(NO_GAIN, self.min_gain * (1 - NO_GAIN)):
                continue
            here = _column(codes, best, rows)
            order = np.argsort(here, kind="stable")
            found, begin = np.unique(here[order], return_index=True)
            branches = counts[values.first[best] + found]
            children = growing.split(node, best, np.nan, gains[best], found, branches)
            is_mixed = (branches > 0).sum(axis=1) > 1
            ends = [*begin[1:], len(rows)]
            waiting += [(children[c], rows[order[begin[c] : ends[c]]], depth + 1) for c in np.flatnonzero(is_mixed)]
        return growing.finished()

    def _values(self, codes: Matrix) -> Values:
        n, p = codes.shape
        if issparse(codes):
            by_row = codes.tocsr()
            return Values(by_row.indptr.astype(np.int64), 2 * by_row.indices.astype(np.int64) + 1, 2 * np.arange(p + 1), True)
        first = np.cumsum([0, *(self._n_values(j) + 1 for j in range(p))])
        return Values(np.arange(n + 1) * p, (codes + first[:-1]).astype(np.int64).ravel(), first, False)


def _column(codes: Matrix, j: int, rows: np.ndarray) -> np.ndarray:
    """Return the codes (m,) int64 of these rows in column j."""
    if not issparse(codes):
        return codes[rows, j].astype(np.int64)
    holds = np.zeros(codes.shape[0], np.int64)
    holds[codes.indices[codes.indptr[j] : codes.indptr[j + 1]]] = 1
    return holds[rows]


@compiled
def _gains(counts, first):
    """Return the information gain (p,) of every column, in bits; a column of one value here, as most words have, has none."""
    gains = np.zeros(len(first) - 1)
    for j in range(len(gains)):
        n_values = 0
        for v in range(first[j], first[j + 1]):
            n_values += counts[v].any()
        if n_values > 1:
            gains[j] = information_gain(counts[first[j] : first[j + 1]])
    return gains
