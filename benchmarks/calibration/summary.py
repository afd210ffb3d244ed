"""Many boards of one cell into rows of figures: how often a false difference, what power, what coverage."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.stats import beta

from calibration.cell import ALL_METRICS, ROPE, Cell, Outcome

BINS = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)  # of P(better), for its calibration


def rows_of(cell: Cell, outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """One row of figures for each metric, size and protocol."""
    by_key: dict[tuple[str, int, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_key[outcome.key].append(outcome)
    return [_row(cell, key, boards) for key, boards in by_key.items()]


def upper_bound(errors: int, boards: int) -> float:
    """One-sided 95 % upper bound of a share (Clopper & Pearson)."""
    return 1.0 if errors == boards else float(beta.ppf(0.95, errors + 1, boards - errors))


def _row(cell: Cell, key: tuple[str, int, str], boards: list[Outcome]) -> dict[str, Any]:
    metric, m, splits = key
    tied, truth = np.array([board.tied for board in boards]), _truth(cell, boards)
    is_best = _is_best(cell, boards)
    errors = int((is_best & ~tied).any(axis=1).sum())
    level = np.array([board.level for board in boards])
    chosen = level.argmax(axis=1)[:, None]
    row = {
        "design": cell.design,
        "n": cell.n,
        "metric": metric,
        "m": m,
        "splits": splits,
        "boards": len(boards),
        "truth": cell.truth,
        "errors": errors,
        "error": errors / len(boards),
        "upper": upper_bound(errors, len(boards)),
        "naive": float(np.mean([board.naive for board in boards])),
        "power": float((~tied)[~is_best].mean()) if cell.truth == "half" else None,
        "score": ALL_METRICS[metric].from_level(float(truth.mean())),
        "gap": float(np.median(truth.max(axis=1) - truth.min(axis=1))),
        "coverage": None if cell.kind == "history" else _coverage(metric, boards, truth),
        "flattery": float(np.mean(np.take_along_axis(level - truth, chosen, 1))),
        "flattery_said": float(np.mean([board.optimism for board in boards])),
    }
    return row | ({"posterior": _calibration(boards, truth)} if cell.truth == "spread" else {})


def _truth(cell: Cell, boards: list[Outcome]) -> np.ndarray:
    """(boards, m) true levels: the mean over all samples of what models score on fresh rows."""
    fresh = np.array([board.fresh for board in boards])
    if cell.kind != "folds":
        return fresh  # of these very models
    if cell.truth == "equal":
        return np.full(fresh.shape, fresh.mean())
    if cell.truth == "half":
        means = fresh.mean(axis=0)
        means[::2], means[1::2] = means[::2].mean(), means[1::2].mean()
        return np.broadcast_to(means, fresh.shape)
    signal = np.array([board.signal for board in boards])
    return np.polyval(np.polyfit(signal.ravel(), fresh.ravel(), 3), signal)


def _is_best(cell: Cell, boards: list[Outcome]) -> np.ndarray:
    """(boards, m) bool: no method of the board is truly better."""
    m = len(boards[0].tied)
    if cell.truth == "spread":
        signal = np.array([board.signal for board in boards])
        return signal == signal.max(axis=1, keepdims=True)
    is_best = np.ones((len(boards), m), bool)
    if cell.truth == "half":
        is_best[:, 1::2] = False
    return is_best


def _coverage(metric: str, boards: list[Outcome], truth: np.ndarray) -> float:
    printed = np.vectorize(ALL_METRICS[metric].from_level)(truth)
    ends = np.array([board.interval for board in boards])
    return float(((ends[:, :, 0] <= printed) & (printed <= ends[:, :, 1])).mean())


def _calibration(boards: list[Outcome], truth: np.ndarray) -> list[list[float]]:
    """[said, true, pairs] for each bin of P(i better than j by more than the rope)."""
    pairs = np.concatenate([np.column_stack([np.full(len(board.p_better), b), board.p_better]) for b, board in enumerate(boards)])
    board, first, second, said = pairs[:, 0].astype(int), pairs[:, 1].astype(int), pairs[:, 2].astype(int), pairs[:, 3]
    is_better = truth[board, first] - truth[board, second] > ROPE
    of_bin = np.clip(np.searchsorted(BINS, said, side="right") - 1, 0, len(BINS) - 2)
    kept = [of_bin == b for b in range(len(BINS) - 1)]
    return [[float(said[rows].mean()), float(is_better[rows].mean()), int(rows.sum())] for rows in kept if rows.any()]
