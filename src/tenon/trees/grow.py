"""Grow one tree on histograms: partition the rows of a leaf, sum the smaller child, subtract, search both, and again.

Leaf-wise growth (Shi 2007; LightGBM) splits the leaf of greatest gain next, depth-wise growth (XGBoost's default) the oldest.
All threads run `grow` together: each partitions its own rows and sums and searches its own blocks of columns; between, the
first thread keeps the books.
"""

from typing import NamedTuple

import numpy as np

from tenon.kernels import Record, compiled_bare, compiled_bare_inline, compiled_in_place, i64, prefetch, u64
from tenon.team import wait
from tenon.trees.histogram import AHEAD, Rows, build, row_of, subtract
from tenon.trees.nodes import NONE, Grown, keep_split, link_children, may_split, next_leaf, plant, prune, weigh
from tenon.trees.sampling import Lots, draw_features
from tenon.trees.splits import Room, search_feature, sides_of_bins
from tenon.trees.table import Table

SMALL, LARGE = 0, 1  # the two children being searched; the root is searched as a small one
N_SCRATCH = 2  # slots 0 and 1 serve children for which no other is left; they are free again after the search

PLAN = np.dtype(
    [
        ("node", np.int64),  # a child to search, or NONE
        ("built", np.int64),  # a child whose rows are to be summed, or NONE
        ("slot", np.int64),  # where its histogram goes, or NONE
    ],
    align=True,
)  # one for the smaller and one for the larger child


class Search(NamedTuple):
    """What finding splits needs and finds."""

    features: np.ndarray  # (p,) FEATURE
    by_block: np.ndarray  # (p,) int32: features in the order of their blocks
    block_start: np.ndarray  # (n_blocks + 1,) int32
    allowed: np.ndarray  # (2, p) bool: which features each child may use
    splits: np.ndarray  # (2, p) SPLIT
    sides: np.ndarray  # (2, p, 256) uint8: which categories go left in these splits
    plan: np.ndarray  # (2,) PLAN
    histograms: np.ndarray  # (n_slots, 2 * size) int64; the second halves only if wide
    free: np.ndarray  # (n_slots,) int32: the first n_free are slots in nobody's use


@compiled_bare
def grow(
    me: int,
    n_threads: int,
    gate: np.ndarray,
    table: Table,
    rows: Rows,
    rules: Record,
    lots: Lots,
    search: Search,
    rooms: Room,
    grown: Grown,
) -> None:
    """Grow a tree from rows.entries[0], whose fragments grown.fragments[0] says. rules : RULES."""
    room = Room(rooms.work[me], rooms.gains[me], rooms.gain_bits[me], rooms.order[me])
    nodes, plan, books = grown.nodes, search.plan, grown.books[0]
    if me == 0:
        plant(rows.scale[0], rules, nodes, grown.fragments, books)
        _plan_root(rules, search.free, plan, nodes, books)
    while True:
        if me == 0:
            for which in range(2):
                if plan[which].node != NONE:
                    draw_features(lots, i64(nodes[plan[which].node].depth), i64(plan[which].node), search.allowed[which])
        wait(gate, n_threads)
        for block in range(me, len(table.blocks), n_threads):  # a block is searched while it is in the cache
            _fill_histograms(block, table, rows, plan, search.histograms, nodes, grown.fragments)
            _search_block(block, rows.scale[0], rules, search, room, nodes)
        wait(gate, n_threads)
        if me == 0:
            _keep_best_splits(search, nodes, grown.goes_left, books)
            books.current = next_leaf(rules, nodes, books)
        wait(gate, n_threads)
        parent = books.current
        if parent == NONE:
            break
        feature = search.features[nodes[parent].feature]
        _partition(table.columns[feature.column], rows.entries, nodes[parent].side, grown.goes_left[parent],
                   grown.fragments[parent, me], grown.fragments[books.n_nodes, me])  # fmt: skip
        wait(gate, n_threads)
        if me == 0:
            _search_nothing(plan)
            if link_children(parent, i64(feature.monotone), rules, nodes, grown.fragments, books):
                _plan_children(nodes[parent], rules, search.free, plan, nodes, books)
            else:
                _plan_again(parent, search.free, plan, nodes, books)
    if me == 0:
        weigh(rules, nodes, books.n_nodes)
        prune(rules.gamma, nodes, books.n_nodes)


@compiled_bare_inline
def _search_nothing(plan: np.ndarray) -> None:
    for which in range(2):
        child = plan[which]
        child.node, child.built, child.slot = NONE, NONE, NONE


@compiled_bare_inline
def _plan_root(rules: Record, free: np.ndarray, plan: np.ndarray, nodes: np.ndarray, books: Record) -> None:
    """Search the root; all slots are free."""
    books.n_free = len(free) - N_SCRATCH
    for i in range(books.n_free):
        free[i] = len(free) - 1 - i
    _search_nothing(plan)
    if may_split(nodes[0], rules, books):
        _plan_again(i64(0), free, plan, nodes, books)


@compiled_bare_inline
def _plan_again(i: int, free: np.ndarray, plan: np.ndarray, nodes: np.ndarray, books: Record) -> None:
    """Search one node alone, by the histogram it has or by a new one."""
    alone = plan[SMALL]
    alone.node, alone.slot = i, nodes[i].slot
    if alone.slot == NONE:
        alone.slot, alone.built = _take_slot(i64(SMALL), free, books), i


@compiled_bare_inline
def _plan_children(parent: Record, rules: Record, free: np.ndarray, plan: np.ndarray, nodes: np.ndarray, books: Record) -> None:
    """Say which children are searched and where their histograms come from: the smaller's is summed, the larger's subtracted."""
    is_left_small = nodes[parent.left].n_rows <= nodes[parent.right].n_rows
    small, large = plan[SMALL], plan[LARGE]
    children = (parent.left, parent.right) if is_left_small else (parent.right, parent.left)
    for which in range(2):
        if may_split(nodes[children[which]], rules, books):
            plan[which].node = children[which]
    if large.node == NONE:
        _release_slot(i64(parent.slot), free, books)
    elif parent.slot == NONE:
        large.slot, large.built = _take_slot(i64(LARGE), free, books), children[LARGE]
    else:
        large.slot = parent.slot
    if small.node != NONE or (large.node != NONE and large.built == NONE):
        small.slot, small.built = _take_slot(i64(SMALL), free, books), children[SMALL]


@compiled_bare_inline
def _take_slot(which: int, free: np.ndarray, books: Record) -> int:
    """Return a free slot or, if there is none, the scratch slot of the small or large child."""
    if books.n_free == 0:
        return i64(which)
    books.n_free -= 1
    return i64(free[books.n_free])


@compiled_bare_inline
def _release_slot(slot: int, free: np.ndarray, books: Record) -> None:
    if slot >= N_SCRATCH:
        free[books.n_free] = slot
        books.n_free += 1


@compiled_in_place
def _search_block(block: int, scale: Record, rules: Record, search: Search, room: Room, nodes: np.ndarray) -> None:
    """Find the best splits of a block's features in the children."""
    for which in range(2):
        child = search.plan[which]
        if child.node != NONE:
            node, sums = nodes[child.node], search.histograms[child.slot]
            for i in range(search.block_start[block], search.block_start[block + 1]):
                f = search.by_block[i]
                if search.allowed[which, f]:
                    split, goes_left = search.splits[which, f], search.sides[which, f]
                    search_feature(sums, search.features[f], scale, node, rules, split, room, goes_left)


@compiled_in_place
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


@compiled_in_place
def _keep_best_splits(search: Search, nodes: np.ndarray, goes_left: np.ndarray, books: Record) -> None:
    """Write the best split of each child that was searched into its node; free the histograms that are of no more use."""
    for which in range(2):
        plan = search.plan[which]
        keeps = False
        if plan.node != NONE:
            node = nodes[plan.node]
            keep_split(search.splits[which], search.allowed[which], node)
            keeps = node.gain > 0.0
            node.slot = plan.slot if keeps and plan.slot >= N_SCRATCH else NONE
        if keeps:
            feature, sides = search.features[node.feature], goes_left[plan.node]
            if feature.is_categorical:
                for code in range(len(sides)):  # a slice assigned takes 3 s to compile
                    sides[code] = search.sides[which, node.feature, code]
            else:
                sides_of_bins(feature, node.cut, node.missing_left, sides)
        else:
            _release_slot(i64(plan.slot), search.free, books)


@compiled_in_place
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
