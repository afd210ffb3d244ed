"""One tree after another on the same table: the arrays that growth works in, and the grown tree taken out of them."""

from dataclasses import replace

import numpy as np

from tenon.kernels import Record, tell_if_cold
from tenon.team import ALONE, Team
from tenon.trees.binning import FeatureBins, bin_table, find_bins, plain_features
from tenon.trees.bundling import (
    bundle_dense,
    bundle_sparse,
    pack_dense,
    place_in_blocks,
    sparse_bins,
    sparse_columns,
    table_of_columns,
)
from tenon.trees.grow import N_SCRATCH, PLAN, Search, grow
from tenon.trees.histogram import AHEAD, LEAST_MEAN, ROWS_FOR_16_BITS, SCALE, Rows, quantise
from tenon.trees.inputs import Matrix
from tenon.trees.leaves import add_weights, find_leaves, write_leaves
from tenon.trees.nodes import BOOKS, NODE, Grown
from tenon.trees.sampling import Lots
from tenon.trees.splits import SPLIT, Room
from tenon.trees.table import BLOCK_WIDTH, N_CODES, Table, block_width, features_by_block
from tenon.trees.tree import LEAF, Tree

HISTOGRAM_BYTES = 1 << 30  # for kept histograms; further nodes sum all their rows


class Grower:
    """Grows trees on one table. features : (p,) FEATURE, ids : (p,) their numbers among the columns of X; rules : RULES."""

    def __init__(self, table: Table, features: np.ndarray, ids: np.ndarray, bins: list[FeatureBins], rules: Record, team: Team):
        self.table, self.features, self.ids, self.bins, self.rules, self.team = table, features, ids, bins, rules, team
        tell_if_cold(grow)
        self.columns = table.columns
        self._has_categories = bool(features["is_categorical"].any())
        n = table.columns.shape[1]
        self._rows = Rows(np.empty((2, n + AHEAD), np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(1, SCALE))
        self._rows.entries[:, n:] = 0  # looked at ahead of time, never used
        self._parts = np.zeros((team.size, 6))
        self._search = _room_to_search(table, features, int(rules["max_leaves"]))
        gains = np.zeros((team.size, N_CODES))
        self._rooms = Room(
            np.zeros((team.size, 4, N_CODES)), gains, gains.view(np.int64), np.zeros((team.size, N_CODES), np.int64)
        )
        m = 2 * int(rules["max_leaves"]) - 1
        fragments = np.empty(
            (m + 1, team.size, 2), np.int64
        )  # one more: rows are parted before it is known that children are made
        self._grown = Grown(np.zeros(m + 1, NODE), np.empty((m + 1, N_CODES), np.uint8), fragments, np.zeros(1, BOOKS))
        self._thresholds = _threshold_table(bins)

    def grow(self, grad: np.ndarray, hess: np.ndarray, ids: np.ndarray, lots: Lots) -> None:
        """Grow the next tree on rows ids (m,) int32, with gradients and Hessians (m,) float32."""
        limits = len(ids) * np.arange(self.team.size + 1) // self.team.size
        self._grown.fragments[0, :, 0], self._grown.fragments[0, :, 1] = limits[:-1], np.diff(limits)
        least_mean = float(LEAST_MEAN) if len(ids) >= ROWS_FOR_16_BITS else np.inf
        self.team.run(quantise, grad, hess, ids, least_mean, self._rows, self._parts, alone=len(ids) < ALONE)
        self._rows.scale["noise"] = _noise(grad, hess) if self._has_categories else 0.0
        lots = lots._replace(in_tree=lots.in_tree[self.ids])
        self.team.run(grow, self.table, self._rows, self.rules, lots, self._search, self._rooms, self._grown)

    @property
    def nodes(self) -> np.ndarray:
        """The grown tree's nodes (m,) NODE, with those that were pruned; their weights may be set."""
        return self._grown.nodes[: self._grown.books["n_nodes"][0]]

    def columns_of(self, X: Matrix) -> np.ndarray:
        """Return the binned columns (n_columns, n) uint8 of other rows."""
        if not isinstance(X, np.ndarray):
            return sparse_columns(X[:, self.ids], self.bins, self.features)
        plain = bin_table(X, self.bins, BLOCK_WIDTH, self.team).columns
        return pack_dense(plain, self.features) if self.features["first_code"].any() else plain

    def add_weights(self, step: float, scores: np.ndarray) -> None:
        """Add step times the leaf weight to the scores (n,) of the tree's rows."""
        self.team.run(add_weights, self._grown, self._rows.entries, step, scores, alone=len(scores) < ALONE)

    def write_leaves(self, leaves: np.ndarray) -> None:
        """Write the leaf of each of the tree's rows into leaves, (n,) int32, as a place in `nodes`."""
        self.team.run(write_leaves, self._grown, self._rows.entries, leaves, alone=len(leaves) < ALONE)

    def find_leaves(self, columns: np.ndarray, ids: np.ndarray, leaves: np.ndarray) -> None:
        """Write the leaf of other rows, ids (m,) int32 of binned columns (n_columns, n), into leaves."""
        self.team.run(find_leaves, self._grown, columns, self.features, ids, leaves, alone=len(ids) < ALONE)

    def tree(self, step: float) -> Tree:
        """Return the grown tree; its values are step times the weights."""
        feature, cut = (np.where(self.nodes["gain"] > 0, self.nodes[name], 0) for name in ("feature", "cut"))
        tree, kept = tree_of_nodes(self.nodes, self._thresholds[feature, cut], step)
        for i in np.flatnonzero(~tree.is_leaf & self.features["is_categorical"][tree.feature]):
            tree.categories[int(i)] = self.bins[tree.feature[i]].codes(self._grown.goes_left[kept[i]])
        return replace(tree, feature=np.where(tree.is_leaf, LEAF, self.ids[tree.feature]).astype(np.int32))


def _noise(grad: np.ndarray, hess: np.ndarray) -> float:
    """Return Σg² / Σh, of doubles, whose squares do not overflow."""
    total = hess.sum(dtype=np.float64)
    return float(np.einsum("i,i->", grad, grad, dtype=np.float64) / total) if total > 0 else 0.0


def tree_of_nodes(nodes: np.ndarray, threshold: np.ndarray, step: float) -> tuple[Tree, np.ndarray]:
    """Return the tree of nodes (m,) NODE without those that were pruned, and the places of those that are in it."""
    kept = np.flatnonzero(nodes["answer"] == np.arange(len(nodes)))
    place = np.zeros(len(nodes), np.int32)
    place[kept] = np.arange(len(kept))
    nodes, threshold = nodes[kept], threshold[kept]
    is_leaf = (nodes["left"] == LEAF) | (nodes["gain"] == 0.0)
    left, right = (np.where(is_leaf, LEAF, place[np.where(is_leaf, 0, nodes[side])]) for side in ("left", "right"))
    tree = Tree(
        feature=np.where(is_leaf, LEAF, nodes["feature"]).astype(np.int32),
        threshold=np.where(is_leaf, np.nan, threshold),
        left=left.astype(np.int32),
        right=right.astype(np.int32),
        default_left=nodes["missing_left"] & ~is_leaf,
        value=step * nodes["weight"][:, None],
        gain=np.where(is_leaf, 0.0, nodes["gain"]),
        cover=nodes["hess"].copy(),
        categories={},
    )
    return tree, kept


def histogram_grower(
    X: Matrix,
    weight: np.ndarray,
    n_codes: dict[int, int],
    max_bins: int,
    names: list[str],
    signs: np.ndarray,
    rules: Record,
    fewest: int,
    team: Team,
) -> Grower:
    """Bin the train rows and return what grows trees on them.

    n_codes : the number of categories of each feature that holds codes; signs : (p,) int8, monotone constraints; rules : RULES;
    fewest : rows that a leaf must have, at least. A sparse column with fewer cells parts no leaf off, so it is left out, as
    most words are.
    """
    ids = np.arange(X.shape[1])
    if isinstance(X, np.ndarray):
        bins = find_bins(X, weight, n_codes, max_bins, names, team)
        table, features = _dense_table(X, bins, team)
    else:
        ids = np.flatnonzero(np.diff(X.indptr) >= min(fewest, np.diff(X.indptr).max()))  # one at least
        X = X[:, ids]
        bins = sparse_bins(X, weight, max_bins, team)
        features = bundle_sparse(X, bins)
        columns = sparse_columns(X, bins, features)
        table = table_of_columns(columns, block_width(len(columns), team.size))
    features["monotone"] = signs[ids]
    return Grower(table, place_in_blocks(features, table.width), ids, bins, rules, team)


def _dense_table(X: np.ndarray, bins: list[FeatureBins], team: Team) -> tuple[Table, np.ndarray]:
    """Return the table and where its features lie, (p,) FEATURE: a column each, unless some can be bundled."""
    table = bin_table(X, bins, block_width(X.shape[1], team.size), team)
    features = bundle_dense(table.columns, bins)
    if features is None:
        return table, plain_features(bins)
    columns = pack_dense(table.columns, features)
    return table_of_columns(columns, block_width(len(columns), team.size)), features


def _room_to_search(table: Table, features: np.ndarray, max_leaves: int) -> Search:
    p, size = len(features), len(table.blocks) * BLOCK_WIDTH * N_CODES
    n_slots = N_SCRATCH + max(1, min(max_leaves, HISTOGRAM_BYTES // (16 * size)))
    return Search(
        features,
        *features_by_block(features, table.width),
        allowed=np.ones((2, p), np.bool_),
        splits=np.zeros((2, p), SPLIT),
        sides=np.empty((2, p, N_CODES), np.uint8),  # touched only where there are categories
        plan=np.zeros(2, PLAN),
        histograms=np.empty((n_slots, 2 * size), np.int64),
        free=np.zeros(n_slots, np.int32),
    )


def _threshold_table(bins: list[FeatureBins]) -> np.ndarray:
    """Return the threshold (p, 257) float64 of each feature and cut; NaN for categories."""
    table = np.full((len(bins), N_CODES + 1), np.inf)
    for f, feature in enumerate(bins):
        table[f, 0] = -np.inf
        table[f, 1 : 1 + len(feature.cuts)] = feature.cuts
        if feature.bin_of_code is not None:
            table[f] = np.nan
    return table
