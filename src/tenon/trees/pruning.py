"""Prune a grown tree: Σ N_t · H_t + α · leaves, its weakest links, and α by cross-validation.

With α as the price of a leaf, the best subtree is found by cutting weakest links one by one: the inner node whose subtree lowers
the cost least per leaf, g(t) = (R(t) - R(T_t)) / (|T_t| - 1), becomes a leaf (Breiman et al. 1984, chapter 3; section 3.4 for
cross-validation and the rule of one standard error). The subtrees so found are nested and hold the best one for every α.
"""

from collections.abc import Callable
from dataclasses import replace
from heapq import heapify, heappop, heappush

import numpy as np

from tenon.trees.tree import LEAF, Tree

MOST_ALPHAS = 50  # tried in cross-validation; of a longer path, evenly spaced ones


def cost(tree: Tree, alpha: float) -> float:
    """C_α(T) = Σ N_t · H_t + α · |T| over the leaves: N_t the weight in a leaf, H_t its impurity, |T| how many there are."""
    assert tree.impurity is not None
    leaves = tree.is_leaf
    return float((tree.cover * tree.impurity)[leaves].sum() + alpha * leaves.sum())


def weakest_links(tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Return (nodes, alphas): the inner nodes in the order in which they become leaves, and the price of a leaf at which they do.

    alphas: (m,) in units of N_t · H_t, never falling; after the last only the root is left. A node whose ancestor goes first
    does not appear. Of equal links the one nearer to the root goes first.
    """
    gain, n_leaves, parent = tree.gain.copy(), tree.is_leaf.astype(np.int64), np.full(len(tree), LEAF)
    for node in np.flatnonzero(~tree.is_leaf)[::-1]:  # children come after their parent
        for child in (tree.left[node], tree.right[node]):
            parent[child] = node
            gain[node] += gain[child]
            n_leaves[node] += n_leaves[child]
    is_inner = ~tree.is_leaf
    links = [(gain[node] / (n_leaves[node] - 1), int(node)) for node in np.flatnonzero(is_inner)]
    heapify(links)
    nodes, alphas, alpha = [], [], 0.0
    while links:
        strength, node = heappop(links)
        if not is_inner[node] or strength != gain[node] / (n_leaves[node] - 1):
            continue  # an ancestor has become a leaf, or the subtree has lost some since
        alpha = max(alpha, strength)
        nodes.append(node)
        alphas.append(alpha)
        below = [node]
        while below:  # nothing under a leaf is a link any more
            inner = below.pop()
            is_inner[inner] = False
            below += [child for child in (tree.left[inner], tree.right[inner]) if is_inner[child]]
        lost_gain, lost_leaves, above = gain[node], n_leaves[node] - 1, parent[node]
        while above != LEAF:
            gain[above] -= lost_gain
            n_leaves[above] -= lost_leaves
            heappush(links, (gain[above] / (n_leaves[above] - 1), int(above)))
            above = parent[above]
    return np.array(nodes, np.int64), np.array(alphas)


def pruned(tree: Tree, alpha: float, links: tuple[np.ndarray, np.ndarray] | None = None) -> Tree:
    """Return the smallest subtree of least cost at this price of a leaf; links: weakest_links(tree), where they are known."""
    nodes, alphas = weakest_links(tree) if links is None else links
    return cut_below(tree, nodes[alphas <= alpha])


def cut_below(tree: Tree, nodes: np.ndarray) -> Tree:
    """Return the tree in which these nodes are leaves."""
    left, right = tree.left.copy(), tree.right.copy()
    left[nodes] = right[nodes] = LEAF
    kept = np.zeros(len(tree), bool)
    kept[0] = True
    for node in range(len(tree)):
        if kept[node] and left[node] != LEAF:
            kept[[left[node], right[node]]] = True
    place = np.cumsum(kept) - 1
    is_leaf = left == LEAF
    arrays = {
        "feature": np.where(is_leaf, LEAF, tree.feature).astype(np.int32),
        "threshold": np.where(is_leaf, np.nan, tree.threshold),
        "left": np.where(is_leaf, LEAF, place[left]).astype(np.int32),
        "right": np.where(is_leaf, LEAF, place[right]).astype(np.int32),
        "default_left": tree.default_left & ~is_leaf,
        "value": tree.value,
        "gain": np.where(is_leaf, 0.0, tree.gain),
        "cover": tree.cover,
    }
    categories = {int(place[t]): codes for t, codes in tree.categories.items() if kept[t] and not is_leaf[t]}
    impurity = None if tree.impurity is None else tree.impurity[kept]
    return replace(tree, **{name: array[kept] for name, array in arrays.items()}, categories=categories, impurity=impurity)


def alphas_to_try(alphas: np.ndarray) -> np.ndarray:
    """Return the geometric middles between prices at which the tree changes, 0 first; at most MOST_ALPHAS."""
    changes = np.unique(np.concatenate([[0.0], alphas]))
    middles = np.append(np.sqrt(changes[:-1] * changes[1:]), changes[-1])

    return middles[np.unique(np.linspace(0, len(middles) - 1, MOST_ALPHAS).round().astype(int))]


def choose_alpha(
    alphas: np.ndarray,
    parts: list[tuple[np.ndarray, np.ndarray]],
    grow: Callable[[np.ndarray], Tree],
    loss: Callable[[Tree, np.ndarray], float],
    one_standard_error: bool,
) -> float:
    """Return the alpha with the least mean loss on held-out rows, of equals the largest.

    alphas: (m,) prices in units of the impurity, for each unit of weight; parts: (train rows, held-out rows) of each fold;
    grow(rows) -> unpruned tree; loss(tree, rows) -> mean loss. one_standard_error: take the largest alpha whose loss is within
    one standard error of the least, for a smaller tree about as good.
    """
    losses = np.empty((len(parts), len(alphas)))
    for fold, (train, held_out) in enumerate(parts):
        tree = grow(train)
        links = weakest_links(tree)
        for i, alpha in enumerate(alphas):
            losses[fold, i] = loss(pruned(tree, alpha * tree.cover[0], links), held_out)
    mean = losses.mean(axis=0)
    best = int(mean.argmin())
    allowed = losses[:, best].std(ddof=1) / np.sqrt(len(parts)) if one_standard_error else 0.0
    return float(alphas[np.flatnonzero(mean <= mean[best] + allowed).max()])
