"""C4.5: the column of the greatest gain ratio; thresholds on numbers; rows with missing values go down every branch in part.

Quinlan 1993: the gain of a column is counted over the rows that know it, times their share of the node; the ratio divides it by
the split information, for which the unknown rows are a branch of their own. Of the columns that gain at least the average, that
of the best ratio is taken, for the ratio alone would favour lopsided splits. A number is cut once, where the gain is greatest;
the threshold is the middle of two neighbours (Quinlan takes the lower of them). Pruning is by Σ N_t · H_t + α · leaves, not by
error bounds.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted

from tenon import ranges
from tenon.kernels import compiled, compiled_inline, tell_if_cold
from tenon.trees.branching import MultiwayClassifier
from tenon.trees.cart import n_categories
from tenon.trees.criteria import gain_ratio
from tenon.trees.cuts import ENTROPY, best_boundary, empty_groups, group_by_value, midpoint, n_known, worth
from tenon.trees.inputs import Categorical, Matrix, read_rows, read_train
from tenon.trees.multiway import Growing, MultiwayTree, Values, count_values
from tenon.trees.presort import Cells, cells_of, presorted
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
        values = _values(X, known)
        counts, groups = np.empty((values.first[-1], n_classes)), empty_groups(len(y), n_classes)
        one_class, sizes = np.zeros(len(y), np.int64), np.ones((values.first[-1], 1))  # to count rows by value
        growing = Growing(np.bincount(y, weight, n_classes))
        min_leaf = int(self.min_samples_leaf)
        waiting = [Waiting(0, 0, np.arange(len(y)), weight, _cells(X, known, min_leaf))]
        in_node = np.zeros(len(y))
        while waiting:
            node = waiting.pop()
            if node.depth >= deepest or len(node.rows) < 2:
                continue
            count_values(values, node.rows, y, node.parts, counts)
            if min_leaf > 1:
                count_values(values, node.rows, one_class, np.ones(len(node.rows)), sizes)
            in_node[node.rows] = node.parts
            gains, ratios, thresholds = _judge(
                values.first, counts, sizes, node.cells, known, node.rows, y, in_node, min_leaf, groups
            )
            best = _best_column(gains, ratios)
            if best is None:
                continue
            x = np.asarray(X[node.rows, best]) if known[best] else node.numbers(best, len(y))
            codes, shares = _branches(x, thresholds[best], node.rows, node.parts)
            branch_counts = np.array([np.bincount(y[r], w, n_classes) for r, w in shares])
            children = growing.split(node.number, best, thresholds[best], ratios[best], codes, branch_counts)
            is_mixed = (branch_counts > 0).sum(axis=1) > 1
            waiting += [node.below(children[c], *shares[c], len(y), min_leaf) for c in np.flatnonzero(is_mixed)]
        return growing.finished()


class Waiting(NamedTuple):
    """A node whose rows may be parted."""

    number: int
    depth: int
    rows: np.ndarray  # (m,) int64, ascending
    parts: np.ndarray  # (m,) float64: the weight of each row, as far as it is here
    cells: Cells  # of the number columns

    def below(self, number: int, rows: np.ndarray, parts: np.ndarray, n_rows: int, min_leaf: int) -> "Waiting":
        """Return a child with these of its rows; n_rows: of the table."""
        is_here = np.zeros(n_rows, np.bool_)
        is_here[rows] = True
        return Waiting(number, self.depth + 1, rows, parts, cells_of(self.cells, is_here, len(rows), min_leaf))

    def numbers(self, column: int, n_rows: int) -> np.ndarray:
        """Return what the rows hold (m,) in a column that can be cut."""
        c = np.searchsorted(self.cells.column, column)
        here = slice(self.cells.start[c], self.cells.start[c + 1])
        x = np.zeros(n_rows)
        x[self.cells.row[here]] = self.cells.value[here]
        return x[self.rows]


def _best_column(gains: np.ndarray, ratios: np.ndarray) -> int | None:
    """Return the column of the greatest ratio, of equals the first, among those that gain at least the average of all that
    gain something.
    """
    useful = gains > NO_GAIN
    if not useful.any():
        return None
    enough = useful & (gains >= gains[useful].mean() - NO_GAIN)
    return int((enough & (ratios >= ratios[enough].max() - NO_GAIN)).argmax())


def _branches(
    x: np.ndarray, threshold: float, rows: np.ndarray, parts: np.ndarray
) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the codes (c,) of the branches and the rows of each with their parts; x: (m,) what the rows hold.

    Unknown rows go into all branches, by the shares of those that are known.
    """
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


def _cells(X: Matrix, known: np.ndarray, min_leaf: int) -> Cells:
    """The cells of the number columns; of a dense table all, zeros included."""
    columns = np.flatnonzero(known == 0)
    row, value, start = presorted(X if issparse(X) else X[:, columns])
    whole = Cells(columns, start, row, value)
    return cells_of(whole, np.ones(X.shape[0], np.bool_), X.shape[0], min_leaf)


@compiled
def _judge(first, counts, sizes, cells, known, rows, y, in_node, min_leaf, groups):
    """Return the gains, ratios and thresholds (p,) of all columns in the node of these rows; gain 0 where nothing can be split.

    counts, sizes: weights of the classes and rows by value, see count_values; in_node: (n,) the weight of each row in the node.
    """
    gains, ratios, thresholds = np.zeros(len(known)), np.zeros(len(known)), np.full(len(known), np.nan)
    total = np.zeros(counts.shape[1])
    for r in rows:
        total[y[r]] += in_node[r]
    weight, all_known, nothing, branches = total.sum(), np.empty(len(total)), np.zeros(len(total)), np.empty(3)
    for j in range(len(known)):
        if known[j] > 0:
            values = slice(first[j], first[j + 1])
            gains[j], ratios[j] = _judge_category(counts[values], sizes[values], weight, min_leaf, all_known, groups.bits)
    for c in range(len(cells.column)):
        j, lo, hi = cells.column[c], cells.start[c], cells.start[c + 1]
        end = lo + n_known(cells.value[lo:hi])
        for k in range(len(total)):
            all_known[k] = total[k]
        for i in range(end, hi):
            all_known[y[cells.row[i]]] -= in_node[cells.row[i]]
        n_groups = group_by_value(
            ENTROPY, cells.row[lo:end], cells.value[lo:end], len(rows) - (hi - lo), all_known, y, in_node, groups
        )
        both, cut, _ = best_boundary(ENTROPY, groups, n_groups, nothing, 0, all_known, min_leaf)
        if cut > 0:
            branches[0] = _weight(groups, cut)
            branches[1], branches[2] = all_known.sum() - branches[0], max(0.0, weight - all_known.sum())
            gains[j], ratios[j] = _gain_and_ratio(both, all_known, branches, weight, groups.bits)
            thresholds[j] = midpoint(groups.value[cut - 1], groups.value[cut])
    return gains, ratios, thresholds


@compiled_inline
def _judge_category(counts, n_rows, weight, min_leaf, all_known, bits):
    """Gain and ratio of a child for each value; counts (V, K) and n_rows (V, 1) of the rows that know it, weight of all rows;
    all_known: (K,) room.
    """
    branches, n_large, all_worth = np.zeros(len(counts) + 1), 0, 0.0
    for k in range(len(all_known)):
        all_known[k] = counts[:, k].sum()
    for v in range(len(counts)):
        branches[v] = counts[v].sum()
        if branches[v] > 0:
            n_large += n_rows[v, 0] >= min_leaf
            all_worth += worth(ENTROPY, counts[v], bits)
    if n_large < 2:
        return 0.0, 0.0
    branches[len(counts)] = max(0.0, weight - all_known.sum())
    return _gain_and_ratio(all_worth, all_known, branches, weight, bits)


@compiled_inline
def _gain_and_ratio(branches_worth, all_known, branches, weight, bits):
    """Gain, in bits a unit of the weight of all rows, and ratio of a split.

    branches_worth: summed over the branches of known rows, whose classes all_known (K,) sums up; branches: (B,) weight of each,
    the last that of the unknown rows. The gain of known rows, times their share, is the rise of the worth over the weight of all.
    """
    gain = (branches_worth - worth(ENTROPY, all_known, bits)) / weight
    return gain, gain_ratio(gain, branches)


@compiled_inline
def _weight(groups, n_groups):
    """Of the first groups."""
    weight = 0.0
    for g in range(n_groups):
        for k in range(groups.stats.shape[1]):
            weight += groups.stats[g, k]
    return weight
