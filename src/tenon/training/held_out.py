"""Train rows that networks are not trained on but judged by, epoch after epoch: how many, and which where only chance decides.

Inside a comparison the adapter chooses them, for it knows groups, copies and time; see `data.splits.put_aside`.
"""

import numpy as np

from tenon.data.deal import choose_share

SHARE = 0.1  # of the train rows
FEWEST = 200  # with fewer rows none are held out: the few that were would say next to nothing


def held_out_share(n_rows: int) -> float:
    """Return the share of so many train rows that is held out."""
    return SHARE if n_rows >= FEWEST else 0.0


def held_out_by_chance(classes: np.ndarray, seed: int) -> np.ndarray:
    """Return which rows are held out, (n,) bool. classes : (n,) int64 codes, whose shares are kept; all 0 for numbers."""
    return choose_share(np.arange(len(classes)), classes, held_out_share(len(classes)), np.random.default_rng(seed))


def folds_of(classes: np.ndarray, n: int, seed: int) -> list[np.ndarray]:
    """Return n times which rows are held out, (n_rows,) bool, each row once and classes in like shares; of one fold none are."""
    if n == 1:
        return [np.zeros(len(classes), bool)]
    order = np.random.default_rng(seed).permutation(len(classes))
    fold = np.empty(len(classes), np.int64)
    fold[order[np.argsort(classes[order], kind="stable")]] = np.arange(len(classes)) % n  # class by class, dealt in turns
    return [fold == k for k in range(n)]
