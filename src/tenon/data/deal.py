"""Deal units of rows (a row, a group, all copies of a text) to folds, or pick a share of them, keeping class shares.

Large units go first, each to the fold that lacks its classes most, then single rows level out what is left, class by class.
Units of like size are shuffled, so that repeats differ. Same idea as scikit-learn's StratifiedGroupKFold, but rows that
stand alone, nearly all of them as a rule, are dealt all at once, and folds are as even as whole units allow.
"""

import numpy as np


def deal_folds(units: np.ndarray, classes: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """Return the fold of each row, (n,) int64; with units of one row, folds differ by at most 1 row, in all and per class.

    units : (n,) int64, rows with the same number go together. classes : (n,) int64 from 0 on; one class for numbers.
    """
    unit_of_row, sizes, n_classes = _numbered(units, classes)
    load = np.zeros((n_folds, n_classes), np.int64)
    total = np.maximum(np.bincount(classes, minlength=n_classes), 1)
    fold_of_unit = np.full(len(sizes), -1)
    members = _class_counts(unit_of_row, classes, np.flatnonzero(sizes > 1), n_classes)
    for unit in _large_first(sizes, rng):
        here = members[unit]
        lacking = (1 / n_folds - load / total) @ here  # how much of these classes each fold still lacks
        best = np.flatnonzero(lacking >= lacking.max() - 1e-12)
        fold_of_unit[unit] = rng.choice(best)
        load[fold_of_unit[unit]] += here
    fold = fold_of_unit[unit_of_row]
    order = rng.permutation(n_folds)  # which fold gets the rows that do not divide evenly
    for k in range(n_classes):
        rows = rng.permutation(np.flatnonzero((fold < 0) & (classes == k)))
        fold[rows] = _level_out(load[:, k], load.sum(axis=1), order, len(rows))
        load[:, k] += np.bincount(fold[rows], minlength=n_folds)
    return fold


def _level_out(load: np.ndarray, total: np.ndarray, order: np.ndarray, n: int) -> np.ndarray:
    """Return folds for n rows, (n,) int64, so that the loads end as even as can be; ties go to the fold with fewest rows.

    load, total : (n_folds,) int64, rows of this class and of all classes that each fold holds already.
    """
    steps = np.repeat(np.arange(n), len(load)).reshape(n, len(load)) + load  # the load at which a fold takes its next row
    folds = np.broadcast_to(np.arange(len(load)), steps.shape)
    ranks = np.lexsort((order[folds.ravel()], total[folds.ravel()], steps.ravel()))
    return folds.ravel()[ranks[:n]]


def choose_share(units: np.ndarray, classes: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return which rows are chosen, (n,) bool: `share` of them in whole units, drawn at random.

    With units of one row, the chosen rows are within 1 row of the share, in all and per class. Larger units are taken in
    random order where they bring the chosen rows nearer to the share. At least one unit is chosen when share > 0.
    """
    unit_of_row, sizes, n_classes = _numbered(units, classes)
    chosen = np.zeros(len(units), bool)
    if share == 0:
        return chosen
    wanted = share * np.bincount(classes, minlength=n_classes)
    load = np.zeros(n_classes)
    large = rng.permutation(np.flatnonzero(sizes > 1))
    members = _class_counts(unit_of_row, classes, large, n_classes)
    is_taken = np.zeros(len(sizes), bool)
    for unit in large:
        here = members[unit]
        gain = here @ (2 * (wanted - load) - here)  # by how much the squared distance to `wanted` shrinks
        if gain > 0:
            is_taken[unit] = True
            load += here
    if len(large) == len(sizes) and not is_taken.any():
        is_taken[large[np.argmin(sizes[large])]] = True
    chosen |= is_taken[unit_of_row]
    is_single = sizes[unit_of_row] == 1
    carried = 0.0  # rounding of the classes so far, so that the sum is right too
    for k in range(n_classes):
        rows = rng.permutation(np.flatnonzero(is_single & (classes == k)))
        exact = wanted[k] - load[k] + carried
        n_taken = min(max(round(exact), 0), len(rows))
        carried = min(max(exact - n_taken, -0.5), 0.5)
        chosen[rows[:n_taken]] = True
    return chosen


def _numbered(units: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return (unit of each row counted from 0, rows of each unit, number of classes)."""
    _, unit_of_row, sizes = np.unique(units, return_inverse=True, return_counts=True)
    return unit_of_row, sizes, int(classes.max()) + 1


def _class_counts(unit_of_row: np.ndarray, classes: np.ndarray, wanted: np.ndarray, n_classes: int) -> dict[int, np.ndarray]:
    """Return the rows per class, (n_classes,) int64, of each of the wanted units."""
    place = np.full(unit_of_row.max() + 1, -1)
    place[wanted] = np.arange(len(wanted))
    is_wanted = place[unit_of_row] >= 0
    flat = place[unit_of_row[is_wanted]] * n_classes + classes[is_wanted]
    counts = np.bincount(flat, minlength=len(wanted) * n_classes).reshape(len(wanted), n_classes)
    return dict(zip(wanted.tolist(), counts, strict=True))


def _large_first(sizes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the units of more than one row by falling power of two of their size, shuffled within each power."""
    large = rng.permutation(np.flatnonzero(sizes > 1))
    return large[np.argsort(-np.floor(np.log2(sizes[large])), kind="stable")]
