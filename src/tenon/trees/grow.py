"""Grow one tree on histograms: partition the rows of a leaf, sum the smaller child, subtract, search both, and again.

Leaf-wise growth (Shi 2007; LightGBM) splits the leaf of greatest gain next, depth-wise growth (XGBoost's default) the oldest.
All threads run `grow` together: each partitions its own rows and sums and searches its own blocks of columns; between, the
first thread keeps the books.
"""

from typing import NamedTuple

import numpy as np

from tenon.trees.histogram import AHEAD, Rows, build, row_of, subtract
from tenon.trees.kernels import Record, compiled, compiled_inline, i32, i64, prefetch, u64
from tenon.trees.sampling import Lots, draw_features
from tenon.trees.splits import bounded_weight, search_feature, sides_of_bins, sides_of_categories
from tenon.trees.table import Table
from tenon.trees.team import share_of, wait
from tenon.trees.tree import LEAF

NONE = -1  # no node, no slot
SMALL, LARGE = 0, 1  # the two children being searched; the root is searched as a small one
N_SCRATCH = 2  # slots 0 and 1 serve children for which no other is left; they are free again after the search

NODE = np.dtype(
    [
        ("grad", np.float64),
        ("hess", np.float64),
        ("low", np.float64),  # bounds of the weight, from monotone constraints above
        ("high", np.float64),
        ("weight", np.float64),  # what the node adds to scores as a leaf
        ("gain", np.float64),  # of the best split found; 0 where there is none
        ("grad_left", np.float64),  # of that split
        ("hess_left", np.float64),
        ("threshold", np.float64),  # exact search: the values up to it go left
        ("n_rows", np.int64),
        ("feature", np.int32),
        ("cut", np.int32),  # the last bin that goes left; of categories, the last in their order
        ("left", np.int32),  # LEAF for leaves
        ("right", np.int32),
        ("depth", np.int32),
        ("answer", np.int32),  # the node whose weight its rows get: itself, or the one into which it was pruned
        ("side", np.int32),  # in which of the two buffers of entries its rows lie
        ("slot", np.int32),  # where its histogram is kept, or NONE
        ("missing_left", np.bool_),
    ],
    align=True,
)

BOOKS = np.dtype(
    [("n_nodes", np.int64), ("n_leaves", np.int64), ("n_free", np.int64), ("current", np.int64)], align=True
)  # free slots; the node to split next, or NONE

PLAN = np.dtype(
    [
        ("node", np.int64),  # a child to search, or NONE
        ("built", np.int64),  # a child whose rows are to be summed, or NONE
        ("slot", np.int64),  # where its histogram goes, or NONE
    ],
    align=True,
)  # one for the smaller and one for the larger child


class Grown(NamedTuple):
    """A tree of up to m nodes, growing or grown; parents before children."""

    nodes: np.ndarray  # (m,) NODE
    goes_left: np.ndarray  # (m, 256) uint8: by code of the split's column
    fragments: np.ndarray  # (m, n_threads, 2) int64: where each thread's part of a node's rows starts, and how many they are
    books: np.ndarray  # (1,) BOOKS


class Search(NamedTuple):
    """What finding splits needs and finds."""

    features: np.ndarray  # (p,) FEATURE
    by_block: np.ndarray  # (p,) int32: features in the order of their blocks
    block_start: np.ndarray  # (n_blocks + 1,) int32
    allowed: np.ndarray  # (2, p) bool: which features each child may use
    splits: np.ndarray  # (2, p) SPLIT
    plan: np.ndarray  # (2,) PLAN
    histograms: np.ndarray  # (n_slots, 2 * size) int64; the second halves only if wide
    free: np.ndarray  # (n_slots,) int32: the first n_free are slots in nobody's use
    work: np.ndarray  # (n_threads, 5, 256) float64
    order: np.ndarray  # (n_threads, 256) int64


@compiled
def grow(
    me: int, n_threads: int, gate: np.ndarray, table: Table, rows: Rows, rules: Record, lots: Lots, search: Search, grown: Grown
) -> None:
    """Grow a tree from rows.entries[0], whose fragments grown.fragments[0] says. rules : RULES."""
    books = grown.books[0]
    if me == 0:
        _plant(rows.scale[0], rules, lots, search, grown.nodes, grown.fragments, books)
    wait(gate, n_threads)
    while True:
        _search_children(me, n_threads, table, rows, rules, search, grown.nodes, grown.fragments)
        wait(gate, n_threads)
        if me == 0:
            _keep_best_splits(rows.scale[0], rules, search, grown.nodes, grown.goes_left, books)
            books.current = next_leaf(rules, grown.nodes, books)
        wait(gate, n_threads)
        if books.current == NONE:
            break
        node = grown.nodes[books.current]
        column = table.columns[search.features[node.feature].column]
        _partition(column, rows.entries, node.side, grown.goes_left[books.current], grown.fragments[books.current, me],
                   grown.fragments[books.n_nodes, me])  # fmt: skip
        wait(gate, n_threads)
        if me == 0:
            _make_children(books.current, rules, lots, search, grown.nodes, grown.fragments, books)
        wait(gate, n_threads)
    if me == 0:
        weigh(rules, grown.nodes, books.n_nodes)
        prune(rules.gamma, grown.nodes, books.n_nodes)


@compiled_inline
def _plant(
    scale: Record, rules: Record, lots: Lots, search: Search, nodes: np.ndarray, fragments: np.ndarray, books: Record
) -> None:
    """Make the root; all slots are free."""
    n_slots = len(search.free)
    for i in range(N_SCRATCH, n_slots):
        search.free[i - N_SCRATCH] = n_slots + N_SCRATCH - 1 - i
    books.n_free = n_slots - N_SCRATCH
    plant(scale, nodes, fragments, books)
    root = nodes[0]
    _search_nothing(search.plan)
    if may_split(root, rules, books):
        plan = search.plan[SMALL]
        plan.node, plan.built, plan.slot = 0, 0, _take_slot(i64(SMALL), search.free, books)
        draw_features(lots, i64(0), i64(0), search.allowed[SMALL])


@compiled_inline
def plant(scale: Record, nodes: np.ndarray, fragments: np.ndarray, books: Record) -> None:
    """Make the root."""
    books.n_nodes, books.n_leaves, books.current = 1, 1, NONE
    root = nodes[0]
    root.grad, root.hess, root.low, root.high = scale.grad, scale.hess, -np.inf, np.inf
    root.n_rows, root.depth, root.side = n_rows(fragments[0]), 0, 0
    root.left, root.gain, root.slot = LEAF, 0.0, NONE


@compiled_inline
def n_rows(fragments: np.ndarray) -> int:
    n = i64(0)
    for t in range(len(fragments)):
        n += fragments[t, 1]
    return n


@compiled_inline
def _search_nothing(plan: np.ndarray) -> None:
    for which in range(2):
        child = plan[which]
        child.node, child.built, child.slot = NONE, NONE, NONE


@compiled_inline
def _take_slot(which: int, free: np.ndarray, books: Record) -> int:
    """Return a free slot or, if there is none, the scratch slot of the small or large child."""
    if books.n_free == 0:
        return i64(which)
    books.n_free -= 1
    return i64(free[books.n_free])


@compiled_inline
def _release_slot(slot: int, free: np.ndarray, books: Record) -> None:
    if slot >= N_SCRATCH:
        free[books.n_free] = slot
        books.n_free += 1


@compiled_inline
def may_split(node: Record, rules: Record, books: Record) -> bool:
    has_room = node.depth < rules.max_depth and books.n_leaves < rules.max_leaves
    return has_room and node.n_rows >= 2 * rules.min_rows and node.hess >= 2.0 * rules.min_hess


@compiled_inline
def _search_children(
    me: int, n_threads: int, table: Table, rows: Rows, rules: Record, search: Search, nodes: np.ndarray, fragments: np.ndarray
) -> None:
    """Histograms and best splits of the children, each thread for its own blocks; a block is searched while it is in the
    cache.
    """
    for block in range(me, len(table.blocks), n_threads):
        _fill_histograms(block, table, rows, search.plan, search.histograms, nodes, fragments)
        for which in range(2):
            child = search.plan[which]
            if child.node != NONE:
                node, sums = nodes[child.node], search.histograms[child.slot]
                for i in range(search.block_start[block], search.block_start[block + 1]):
                    f, scale = search.by_block[i], rows.scale[0]
                    if search.allowed[which, f]:
                        split = search.splits[which, f]
                        search_feature(sums, search.features[f], scale, node, rules, split, search.work[me], search.order[me])


@compiled_inline
def _fill_histograms(
    block: int, table: Table, rows: Rows, plan: np.ndarray, histograms: np.ndarray, nodes: np.ndarray, fragments: np.ndarray
) -> None:
    """Sum the rows of the smaller child; the larger is what the parent's histogram, in its slot, has more."""
    for which in range(2):
        child = plan[which]
        if child.built != NONE:
            build(histograms[child.slot], block, table, rows, nodes[child.built].side, fragments[child.built])
    large = plan[LARGE]
    if large.node != NONE and large.built == NONE:
        subtract(histograms[large.slot], histograms[plan[SMALL].slot], block, rows.scale[0].wide)


@compiled_inline
def _keep_best_splits(
    scale: Record, rules: Record, search: Search, nodes: np.ndarray, goes_left: np.ndarray, books: Record
) -> None:
    """Write the best split of each child that was searched into its node; free the histograms that are of no more use."""
    for which in range(2):
        plan = search.plan[which]
        keeps = False
        if plan.node != NONE:
            node = nodes[plan.node]
            keep_split(search.splits[which], search.allowed[which], node)
            keeps = node.gain > 0.0
            if keeps:
                _write_sides(search.histograms[plan.slot], search, scale, rules, node, goes_left[plan.node])
                node.slot = plan.slot if plan.slot >= N_SCRATCH else NONE
        if not keeps:
            _release_slot(plan.slot, search.free, books)


@compiled_inline
def keep_split(splits: np.ndarray, allowed: np.ndarray, node: Record) -> None:
    """Write the split of greatest gain into the node, of equals that of the first feature."""
    for f in range(len(splits)):
        split = splits[f]
        if allowed[f] and split.gain > node.gain:
            node.gain, node.feature, node.cut, node.missing_left = split.gain, f, split.cut, split.missing_left
            node.grad_left, node.hess_left, node.threshold = split.grad_left, split.hess_left, split.threshold


@compiled_inline
def _write_sides(sums: np.ndarray, search: Search, scale: Record, rules: Record, node: Record, goes_left: np.ndarray) -> None:
    feature = search.features[node.feature]
    if feature.is_categorical:
        sides_of_categories(sums, feature, scale, node, rules, search.work[0], search.order[0], goes_left)
        node.missing_left = goes_left[0] > 0
    else:
        sides_of_bins(feature, node.cut, node.missing_left, goes_left)


@compiled_inline
def next_leaf(rules: Record, nodes: np.ndarray, books: Record) -> int:
    """Return the leaf to split next: that of greatest gain or, depth-wise, the oldest; NONE when the tree is grown."""
    best = i64(NONE)
    if books.n_leaves >= rules.max_leaves:
        return best
    first = 0 if rules.by_gain or books.current == NONE else books.current
    for i in range(first, books.n_nodes):
        if nodes[i].left == LEAF and nodes[i].gain > 0.0:
            if not rules.by_gain:
                return i64(i)
            if best == NONE or nodes[i].gain > nodes[best].gain:
                best = i64(i)
    return best


@compiled_inline
def _partition(
    column: np.ndarray, entries: np.ndarray, side: int, goes_left: np.ndarray, fragment: np.ndarray, left_fragment: np.ndarray
) -> None:
    """Move my fragment of a node's rows to the other buffer: those that go left to its front, the others to its back.

    Both places are written for each row and one of the two moves on, so there is no branch to mispredict. E.g. a b c d e with
    b, d going left: b d e c a. The left child's fragment is written, too.
    """
    start, n = fragment[0], fragment[1]
    source, target = entries[side], entries[1 - side]
    front, back = u64(start), u64(start + n - 1)
    for i in range(start, start + n):
        prefetch(column, row_of(source[i + AHEAD]))
        entry = source[u64(i)]
        target[front] = entry
        target[back] = entry
        is_left = u64(goes_left[column[u64(row_of(entry))]])
        front += is_left
        back -= u64(1) - is_left
    left_fragment[0], left_fragment[1] = start, i64(front) - start


@compiled_inline
def _make_children(
    parent: int, rules: Record, lots: Lots, search: Search, nodes: np.ndarray, fragments: np.ndarray, books: Record
) -> None:
    """Make the two children of a node whose rows have been parted, and say what is to be summed and searched."""
    node = nodes[parent]
    _search_nothing(search.plan)
    if link_children(parent, search.features[node.feature].monotone, rules, nodes, fragments, books):
        _plan_search(node, rules, lots, search, nodes, books)
    else:
        _release_slot(i64(node.slot), search.free, books)


@compiled_inline
def link_children(parent: int, sign: int, rules: Record, nodes: np.ndarray, fragments: np.ndarray, books: Record) -> bool:
    """Make the children; or return False and leave a leaf, if one would have too few rows: the search knows Hessians, not
    rows.
    """
    node, left, right = nodes[parent], books.n_nodes, books.n_nodes + 1
    node.side = 1 - node.side
    n_left = n_rows(fragments[left])
    if n_left < rules.min_rows or node.n_rows - n_left < rules.min_rows:
        node.gain = 0.0
        return False
    for t in range(fragments.shape[1]):
        fragments[right, t, 0] = fragments[parent, t, 0] + fragments[left, t, 1]
        fragments[right, t, 1] = fragments[parent, t, 1] - fragments[left, t, 1]
    inherit(nodes[left], node, node.grad_left, node.hess_left, n_left)
    inherit(nodes[right], node, node.grad - node.grad_left, node.hess - node.hess_left, node.n_rows - n_left)
    node.left, node.right = left, right
    books.n_nodes += 2
    books.n_leaves += 1
    if rules.has_bounds:
        bound_children(sign, rules, nodes[left], nodes[right])
    return True


@compiled_inline
def inherit(child: Record, parent: Record, grad: float, hess: float, n_rows: int) -> None:
    child.grad, child.hess, child.n_rows = grad, hess, n_rows
    child.low, child.high, child.depth, child.side = parent.low, parent.high, parent.depth + 1, parent.side
    child.left, child.gain, child.slot = LEAF, 0.0, NONE


@compiled_inline
def bound_children(sign: int, rules: Record, left: Record, right: Record) -> None:
    """Part the range of weights at the middle of the children's, so that no leaf on one side crosses one on the other."""
    w_left = bounded_weight(left.grad, left.hess, left.low, left.high, rules)
    w_right = bounded_weight(right.grad, right.hess, right.low, right.high, rules)
    middle = (w_left + w_right) / 2.0
    if sign > 0:
        left.high, right.low = middle, middle
    elif sign < 0:
        left.low, right.high = middle, middle


@compiled_inline
def _plan_search(parent: Record, rules: Record, lots: Lots, search: Search, nodes: np.ndarray, books: Record) -> None:
    """Say which children are searched and where their histograms come from: the smaller's is summed, the larger's subtracted."""
    is_left_small = nodes[parent.left].n_rows <= nodes[parent.right].n_rows
    small, large = search.plan[SMALL], search.plan[LARGE]
    children = (parent.left, parent.right) if is_left_small else (parent.right, parent.left)
    for which in range(2):
        child, plan = children[which], search.plan[which]
        if may_split(nodes[child], rules, books):
            plan.node = child
            draw_features(lots, i64(nodes[child].depth), i64(child), search.allowed[which])
    if large.node == NONE:
        _release_slot(i64(parent.slot), search.free, books)
    elif parent.slot == NONE:
        large.slot, large.built = _take_slot(i64(LARGE), search.free, books), children[LARGE]
    else:
        large.slot = parent.slot
    if small.node != NONE or (large.node != NONE and large.built == NONE):
        small.slot, small.built = _take_slot(i64(SMALL), search.free, books), children[SMALL]


@compiled_inline
def weigh(rules: Record, nodes: np.ndarray, n_nodes: int) -> None:
    for i in range(n_nodes):
        node = nodes[i]
        node.weight = bounded_weight(node.grad, node.hess, node.low, node.high, rules)


@compiled_inline
def prune(gamma: float, nodes: np.ndarray, n_nodes: int) -> None:
    """Take back, from below, each split between two leaves that gains less than γ (XGBoost prunes like this; the notes' pruning).

    Nodes stay where they are: those under a split taken back only name the node that answers for them.
    """
    for i in range(n_nodes - 1, -1, -1):
        node = nodes[i]
        node.answer = i
        if node.left != LEAF and node.gain < gamma and _is_leaf(nodes[node.left]) and _is_leaf(nodes[node.right]):
            node.gain = 0.0
    for i in range(n_nodes):
        node = nodes[i]
        if node.left != LEAF and (node.gain == 0.0 or node.answer != i):
            nodes[node.left].answer = node.answer
            nodes[node.right].answer = node.answer


@compiled_inline
def _is_leaf(node: Record) -> bool:
    """A node with children and no gain has had its split taken back."""
    return node.left == LEAF or node.gain == 0.0


@compiled
def add_weights(
    me: int, n_threads: int, gate: np.ndarray, grown: Grown, entries: np.ndarray, step: float, scores: np.ndarray
) -> None:
    """Add step times the weight of its leaf to the score of each row of the tree; scores : (n,) float64."""
    for i in range(grown.books[0].n_nodes):
        node = grown.nodes[i]
        if node.left == LEAF:
            weight, mine = step * grown.nodes[node.answer].weight, entries[node.side]
            for t in range(me, grown.fragments.shape[1], n_threads):
                start, n = grown.fragments[i, t]
                for j in range(start, start + n):
                    scores[u64(row_of(mine[j]))] += weight


@compiled
def write_leaves(me: int, n_threads: int, gate: np.ndarray, grown: Grown, entries: np.ndarray, leaves: np.ndarray) -> None:
    """Write into leaves, (n,) int32, which node answers for each row of the tree."""
    for i in range(grown.books[0].n_nodes):
        node = grown.nodes[i]
        if node.left == LEAF:
            mine = entries[node.side]
            for t in range(me, grown.fragments.shape[1], n_threads):
                start, n = grown.fragments[i, t]
                for j in range(start, start + n):
                    leaves[u64(row_of(mine[j]))] = node.answer


@compiled
def find_leaves(
    me: int,
    n_threads: int,
    gate: np.ndarray,
    grown: Grown,
    columns: np.ndarray,
    features: np.ndarray,
    ids: np.ndarray,
    leaves: np.ndarray,
) -> None:
    """Write the same for rows that were not in the tree; ids : (m,) int32 of columns (n_columns, n) uint8."""
    start, stop = share_of(len(ids), me, n_threads)
    for i in range(start, stop):
        at = i32(0)
        while grown.nodes[at].left != LEAF:
            node = grown.nodes[at]
            is_left = grown.goes_left[at, columns[features[node.feature].column, ids[i]]]
            at = node.left if is_left else node.right
        leaves[ids[i]] = grown.nodes[at].answer
