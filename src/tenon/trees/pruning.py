"""Prune a grown tree: Σ N_t · H_t + α · leaves, its weakest links, and α by cross-validation.

With α as the price of a leaf, the best subtree is found by cutting weakest links one by one: the inner node whose subtree lowers
the cost least per leaf, g(t) = (R(t) - R(T_t)) / (|T_t| - 1), becomes a leaf (Breiman et al. 1984, chapter 3; section 3.4 for
cross-validation and the rule of one standard error). The subtrees so found are nested and hold the best one for every α, however
many children a node has.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from tenon import ranges
from tenon.trees.tree import LEAF

CV, CV_1SE = "cv", "cv-1se"  # what a price of a leaf may be besides a number
FOLDS = 5
MOST_ALPHAS = 50  # tried in cross-validation; of a longer path, evenly spaced ones

Links = tuple[np.ndarray, np.ndarray]
Part = tuple[np.ndarray, np.ndarray]


class Prunable(Protocol):
    """A grown tree of m nodes; children come after their parent."""

    @property
    def parent(self) -> np.ndarray:
        """(m,) int64, LEAF for the root."""

    @property
    def is_leaf(self) -> np.ndarray:
        """(m,) bool."""

    @property
    def risk(self) -> np.ndarray:
        """(m,) float64: N_t · H_t, the weight in a node times its impurity."""

    @property
    def weight(self) -> float:
        """Of all train rows."""

    def cut_below(self, nodes: np.ndarray) -> Self:
        """Return the tree in which these nodes are leaves."""


Pruned = TypeVar("Pruned", bound=Prunable)


def cost(tree: Prunable, alpha: float) -> float:
    """C_α(T) = Σ N_t · H_t + α · |T| over the leaves: N_t the weight in a leaf, H_t its impurity, |T| how many there are."""
    leaves = tree.is_leaf
    return float(tree.risk[leaves].sum() + alpha * leaves.sum())


def weakest_links(tree: Prunable) -> Links:
    """Return (nodes, alphas): the inner nodes in the order in which they become leaves, and the price of a leaf at which they do.

    alphas: (m,) in units of N_t · H_t, never falling; after the last only the root is left. A node whose ancestor goes first
    does not appear. Of equal links the one nearer to the root goes first.
    """
    parent, risk, is_inner = tree.parent.tolist(), tree.risk.tolist(), (~tree.is_leaf).tolist()
    n_leaves = [int(not inner) for inner in is_inner]
    risk_below = [0.0 if inner else alone for inner, alone in zip(is_inner, risk, strict=True)]  # of the leaves under a node
    children: list[list[int]] = [[] for _ in parent]
    for node in range(len(parent) - 1, 0, -1):
        above = parent[node]
        children[above].append(node)
        risk_below[above] += risk_below[node]
        n_leaves[above] += n_leaves[node]

    def strength(node: int) -> float:
        return (risk[node] - risk_below[node]) / (n_leaves[node] - 1)

    links = [(strength(node), node) for node in range(len(parent)) if is_inner[node]]
    heapify(links)
    nodes, alphas, alpha = [], [], 0.0
    while links:
        price, node = heappop(links)
        if not is_inner[node] or price != strength(node):
            continue  # an ancestor has become a leaf, or the subtree has lost some since
        alpha = max(alpha, price)
        nodes.append(node)
        alphas.append(alpha)
        below = [node]
        while below:  # nothing under a leaf is a link any more
            inner = below.pop()
            is_inner[inner] = False
            below += [child for child in children[inner] if is_inner[child]]
        more_risk, fewer_leaves, above = risk[node] - risk_below[node], n_leaves[node] - 1, parent[node]
        while above != LEAF:
            risk_below[above] += more_risk
            n_leaves[above] -= fewer_leaves
            heappush(links, (strength(above), above))
            above = parent[above]
    return np.array(nodes, np.int64), np.array(alphas)


def pruned(tree: Pruned, alpha: float, links: Links | None = None) -> Pruned:
    """Return the smallest subtree of least cost at this price of a leaf; links: weakest_links(tree), where they are known."""
    nodes, alphas = weakest_links(tree) if links is None else links
    return tree.cut_below(nodes[alphas <= alpha])


def alphas_to_try(alphas: np.ndarray) -> np.ndarray:
    """Return the geometric middles between prices at which the tree changes, 0 first, and last one for which only the root stays
    in the folds too; at most MOST_ALPHAS.
    """
    changes = np.unique(np.concatenate([[0.0], alphas]))
    middles = np.append(np.sqrt(changes[:-1] * changes[1:]), 2 * changes[-1])
    return middles[np.unique(np.linspace(0, len(middles) - 1, MOST_ALPHAS).round().astype(int))]


def alpha_by_cv(
    tree: Pruned,
    parts: list[Part],
    grow: Callable[[np.ndarray], Pruned],
    loss: Callable[[Pruned, np.ndarray], float],
    rule: str,
) -> float:
    """Return the price of a leaf of this tree with the least mean loss on held-out rows, of equals the largest.

    parts: (train rows, held-out rows) of each fold; none, and nothing is pruned. grow(rows) -> unpruned tree, whose leaves cost
    less in proportion to its weight; loss(tree, rows) -> mean loss. CV_1SE: take the largest price whose loss is within one
    standard error of the least, for a smaller tree about as good.
    """
    if not parts:
        return 0.0
    alphas = alphas_to_try(weakest_links(tree)[1])
    losses = np.empty((len(parts), len(alphas)))
    for fold, (train, held_out) in enumerate(parts):
        smaller = grow(train)
        links, share = weakest_links(smaller), smaller.weight / tree.weight
        for i, alpha in enumerate(alphas):
            losses[fold, i] = loss(pruned(smaller, alpha * share, links), held_out)
    mean = losses.mean(axis=0)
    best = int(mean.argmin())
    allowed = losses[:, best].std(ddof=1) / np.sqrt(len(parts)) if rule == CV_1SE else 0.0
    return float(alphas[np.flatnonzero(mean <= mean[best] + allowed).max()])


def folds(y: np.ndarray, is_class: bool, random_state: Any) -> list[Part]:
    """Return (train rows, held-out rows) of up to FOLDS folds, in equal shares of the classes where each has enough rows.

    y: (n,) numbers, or int64 codes of classes. Empty where no row can be held out that another one could tell of.
    """
    n_folds, sizes = min(FOLDS, len(y)), np.bincount(y) if is_class else np.array([len(y)])
    if n_folds < 2 or sizes.max() < 2:
        return []
    kind = StratifiedKFold if is_class and sizes.min() >= n_folds else KFold
    seed = ranges.seed_of(random_state)
    return list(kind(n_folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y))


def brier(proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Return the mean of Σ_k (p_k - [y = k])²; proba: (n, K), y: (n,) int64 codes, weight: (n,)."""
    truth = np.eye(proba.shape[1])[y]
    return float(np.average(((proba - truth) ** 2).sum(axis=1), weights=weight))
