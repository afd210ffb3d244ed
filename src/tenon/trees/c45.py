"""C4.5: the column of the greatest gain ratio; thresholds on numbers; rows with missing values go down every branch in part.

Quinlan 1993: the gain of a column is counted over the rows that know it, times their share of the node; the ratio divides it by
the split information, for which the unknown rows are a branch of their own. Of the columns that gain at least the average, that
of the best ratio is taken, for the ratio alone would favour lopsided splits. A number is cut once, where the gain is greatest;
the threshold is the middle of two neighbours (Quinlan takes the lower of them). Pruning is by Σ N_t · H_t + α · leaves, not by
error bounds.
"""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.utils.validation import check_is_fitted

from tenon import ranges
from tenon.trees.branching import MultiwayClassifier
from tenon.trees.cart import n_categories
from tenon.trees.criteria import gain_ratio, information_gain, sorted_order
from tenon.trees.cuts import ENTROPY, best_boundary, empty_groups, group_by_value, midpoint
from tenon.trees.inputs import Categorical, Matrix, read_rows, read_train
from tenon.trees.kernels import compiled, compiled_inline, tell_if_cold
from tenon.trees.multiway import Growing, MultiwayTree, Values, count_values
from tenon.trees.pruning import CV, CV_1SE

LEAST_PART = 1e-3  # a smaller part of a row is dropped
NO_GAIN = 1e-12  # bits: less is rounding


class C45Classifier(MultiwayClassifier):
    """A tree with a child for each category, or for either side of a threshold.

    Parameters
    ----------
    min_samples_leaf : rows, whole or in part, that at least two children of a split have (C4.5's own default is 2).
    max_depth : questions on the way to a leaf, at most; None for no limit.
    alpha : price of a leaf in bits: the grown tree is pruned to the least Σ N_t · H_t + alpha · leaves. 0 keeps it whole, "cv"
        finds it by cross-validation in 5 folds of the train rows, "cv-1se" takes the smallest tree within one standard error of
        the best.
    categorical_features : "from_dtype" (frames and arrays of strings), or positions, names, or a mask of columns whose numbers
    are names.
    random_state : deals the folds of "cv"; nothing else is random.

    Attributes
    ----------
    tree_ : `tenon.trees.multiway.MultiwayTree`, whose `gain` is the gain ratio
    classes_, n_features_in_, feature_names_in_, categories_
    alpha_ : the price of a leaf that was used
    """

    shares_unknown = True

    def __init__(
        self,
        min_samples_leaf: int = 1,
        max_depth: int | None = None,
        alpha: float | str = 0.0,
        categorical_features: Categorical = "from_dtype",
        random_state: Any = None,
    ):
        self.min_samples_leaf, self.max_depth, self.alpha = min_samples_leaf, max_depth, alpha
        self.categorical_features, self.random_state = categorical_features, random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "C45Classifier":
        """X: (n, p) frame, array or sparse matrix, NaN where missing; y: (n,); sample_weight: (n,) >= 0. Raises ValueError."""
        ranges.whole("min_samples_leaf", self.min_samples_leaf, 1)
        ranges.whole("max_depth", self.max_depth, 1, or_none=True)
        ranges.number("alpha", self.alpha, 0.0, words=(CV, CV_1SE))
        X, y, weight = read_train(self, X, y, sample_weight, self.categorical_features)
        tell_if_cold(_judge)
        self._fit_tree(X, y, weight)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return (n, K) float64 in the order of classes_; missing and unseen values are answered by all branches."""
        check_is_fitted(self)
        return self.tree_.proba(read_rows(self, X), self.shares_unknown)

    def _grow(self, X: Matrix, y: np.ndarray, weight: np.ndarray) -> MultiwayTree:
        n_classes, deepest = len(self.classes_), np.inf if self.max_depth is None else self.max_depth
        known = n_categories(self)
        values, numbers = _values(X, known), _numbers(X, known)
        counts, groups = np.empty((values.first[-1], n_classes)), empty_groups(len(y), n_classes)
        y_number = y.astype(np.float64)
        one_class, sizes = np.zeros(len(y), np.int64), np.ones((values.first[-1], 1))  # to count rows by value
        growing = Growing(np.bincount(y, weight, n_classes))
        waiting = [(0, np.arange(len(y)), weight, 0)]
        in_node = np.zeros(len(y))
        while waiting:
            node, rows, parts, depth = waiting.pop()
            if depth >= deepest or len(rows) < 2:
                continue
            count_values(values, rows, y, parts, counts)
            if self.min_samples_leaf > 1:
                count_values(values, rows, one_class, np.ones(len(rows)), sizes)
            gains, ratios, thresholds = _judge(
                values.first, counts, sizes, numbers.indptr, numbers.indices, numbers.data, known, rows, y_number, parts,
                in_node, int(self.min_samples_leaf), groups,
            )  # fmt: skip
            best = _best_column(gains, ratios)
            if best is None:
                continue
            codes, shares = _branches(X, best, thresholds[best], rows, parts)
            branch_counts = np.array([np.bincount(y[r], w, n_classes) for r, w in shares])
            children = growing.split(node, best, thresholds[best], ratios[best], codes, branch_counts)
            is_mixed = (branch_counts > 0).sum(axis=1) > 1
            waiting += [(children[c], *shares[c], depth + 1) for c in np.flatnonzero(is_mixed)]
        return growing.finished()


def _best_column(gains: np.ndarray, ratios: np.ndarray) -> int | None:
    """Return the column of the greatest ratio among those that gain at least the average of all that gain something."""
    useful = gains > NO_GAIN
    if not useful.any():
        return None
    enough = useful & (gains >= gains[useful].mean() - NO_GAIN)
    return int(np.where(enough, ratios, -1.0).argmax())


def _branches(
    X: Matrix, column: int, threshold: float, rows: np.ndarray, parts: np.ndarray
) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the codes (c,) of the branches and the rows of each with their parts.

    Unknown rows go into all branches, by the shares of those that are known.
    """
    x = X[rows, column] if not issparse(X) else X[:, column].toarray().ravel()[rows]
    unknown = np.isnan(x)
    branch = x if np.isnan(threshold) else np.where(x <= threshold, 0.0, 1.0)
    codes = np.unique(branch[~unknown]).astype(np.int64)
    total, shares = parts[~unknown].sum(), []
    for code in codes:
        here = ~unknown & (branch == code)
        fraction = parts[here].sum() / total
        tiny = parts * fraction < LEAST_PART * parts.max()
        there = here | (unknown & ~tiny)
        shares.append((rows[there], np.where(here, parts, parts * fraction)[there]))
    return codes, shares


def _values(X: Matrix, known: np.ndarray) -> Values:
    """The categories of a dense table; a missing value is left out. A number column owns no values."""
    first = np.concatenate([[0], np.cumsum(known)]).astype(np.int64)
    n, columns = X.shape[0], np.flatnonzero(known)
    if not len(columns):
        return Values(np.zeros(n + 1, np.int64), np.empty(0, np.int64), first, False)
    codes = X[:, columns] + first[columns]
    there = ~np.isnan(codes)
    start = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int64)
    return Values(start, codes[there].astype(np.int64), first, False)


def _numbers(X: Matrix, known: np.ndarray) -> csr_matrix:
    """The number columns row by row; of a dense table every cell, zeros included."""
    if issparse(X):
        numbers = X.tocsr()
    else:
        n, columns = X.shape[0], np.flatnonzero(known == 0)
        cells = np.ascontiguousarray(X[:, columns]).ravel()
        numbers = csr_matrix((cells, np.tile(columns, n), np.arange(n + 1) * len(columns)), shape=X.shape)
    numbers.indptr, numbers.indices = numbers.indptr.astype(np.int64), numbers.indices.astype(np.int64)
    return numbers


@compiled
def _judge(first, counts, sizes, indptr, column, data, known, rows, y, parts, in_node, min_leaf, groups):
    """Return the gains, ratios and thresholds (p,) of all columns in the node of these rows; gain 0 where nothing can be split.

    in_node: (n,) room, for the weight of each row in the node.
    """
    p, n_classes = len(known), counts.shape[1]
    gains, ratios, thresholds = np.zeros(p), np.zeros(p), np.full(p, np.nan)
    total = np.zeros(n_classes)
    for i in range(len(rows)):
        in_node[rows[i]] = parts[i]
        total[int(y[rows[i]])] += parts[i]
    for j in range(p):
        if known[j] > 0:
            gains[j], ratios[j] = _judge_category(
                counts[first[j] : first[j + 1]], sizes[first[j] : first[j + 1]], total.sum(), min_leaf
            )
    row, value, start = _by_column(indptr, column, data, rows, p)
    for j in range(p):
        if known[j] == 0 and start[j + 1] > start[j]:
            cells = slice(start[j], start[j + 1])
            gains[j], ratios[j], thresholds[j] = _judge_number(
                row[cells], value[cells], len(rows), total, y, in_node, min_leaf, groups
            )
    return gains, ratios, thresholds


@compiled_inline
def _judge_category(counts, n_rows, weight, min_leaf):
    """Gain and ratio of a child for each value; counts (V, K) and n_rows (V, 1) of the rows that know it, weight of all rows."""
    sizes, n_large = np.zeros(len(counts) + 1), 0
    for v in range(len(counts)):
        sizes[v] = counts[v].sum()
        n_large += sizes[v] > 0 and n_rows[v, 0] >= min_leaf
    known = sizes.sum()
    if n_large < 2:
        return 0.0, 0.0
    sizes[len(counts)] = max(0.0, weight - known)
    gain = known / weight * information_gain(counts)
    return gain, gain_ratio(gain, sizes)


@compiled_inline
def _judge_number(row, value, n_rows, total, y, in_node, min_leaf, groups):
    """Return gain, ratio and threshold of the best cut.

    row, value: the node's cells in any order, missing ones as NaN, zeros left out.
    """
    all_known, n = total.copy(), 0
    known_row, known_value = np.empty(len(row), np.int64), np.empty(len(row))
    for i in range(len(row)):
        if np.isnan(value[i]):
            all_known[int(y[row[i]])] -= in_node[row[i]]
        else:
            known_row[n], known_value[n] = row[i], value[i]
            n += 1
    order = sorted_order(known_value[:n])
    known_row, known_value = known_row[order], known_value[order]
    n_groups = group_by_value(ENTROPY, known_row, known_value, n_rows - len(row), all_known, y, in_node, groups)
    nothing = np.zeros(len(total))
    _, cut, _ = best_boundary(ENTROPY, groups, n_groups, nothing, 0, all_known, min_leaf)
    if cut == 0:
        return 0.0, 0.0, np.nan
    sides = np.zeros((2, len(total)))
    for g in range(n_groups):
        sides[0 if g < cut else 1] += groups.stats[g]
    weight, sizes = total.sum(), np.array([sides[0].sum(), sides[1].sum(), max(0.0, total.sum() - all_known.sum())])
    gain = all_known.sum() / weight * information_gain(sides)
    return gain, gain_ratio(gain, sizes), midpoint(groups.value[cut - 1], groups.value[cut])


@compiled_inline
def _by_column(indptr, column, data, rows, p):
    """Return the cells of these rows column by column: row, value, and where each column's begin (p + 1,)."""
    start = np.zeros(p + 1, np.int64)
    for r in rows:
        for c in range(indptr[r], indptr[r + 1]):
            start[column[c] + 1] += 1
    for j in range(p):
        start[j + 1] += start[j]
    row, value, free = np.empty(start[p], np.int64), np.empty(start[p]), start.copy()
    for r in rows:
        for c in range(indptr[r], indptr[r + 1]):
            j = column[c]
            row[free[j]], value[free[j]] = r, data[c]
            free[j] += 1
    return row, value, start
