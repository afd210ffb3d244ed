"""Train rows that networks are not trained on but judged by, epoch after epoch: how many, and which where only chance decides.

Inside a comparison the adapter chooses them, for it knows groups, copies and time; see `data.splits`.
"""

import numpy as np

from tenon.data.deal import choose_share, deal_folds

SHARE = 0.1  # of the train rows
FEWEST = 200  # with fewer rows none are held out: the few that were would say next to nothing
NO_PART = -1  # of rows that no network leaves out


def held_out_share(n_rows: int) -> float:
    """Return the share of so many train rows that is held out."""
    return SHARE if n_rows >= FEWEST else 0.0


def held_out_by_chance(classes: np.ndarray, seed: int) -> np.ndarray:
    """Return which rows are held out, (n,) bool. classes : (n,) int64 codes, whose shares are kept; all 0 for numbers."""
    share = held_out_share(len(classes))
    if not share:
        return np.zeros(len(classes), bool)
    return choose_share(np.arange(len(classes)), classes, share, np.random.default_rng(seed))


def parts_by_chance(classes: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Return the part of each row, (n_rows,) int64 from 0 to n - 1, classes in like shares; NO_PART where n is 1."""
    if n == 1:
        return np.full(len(classes), NO_PART)
    return deal_folds(np.arange(len(classes)), classes, n, np.random.default_rng(seed))
