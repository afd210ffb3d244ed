"""What label sets add to micro-F1, whose truth and predictions are labels of all rows together (Tsoumakas & Katakis 2007)."""

from collections.abc import Iterable, Sequence

import numpy as np


def label_counts(true: Iterable[Sequence[str]], said: Iterable[Sequence[str]]) -> np.ndarray:
    """Return (n, 3) float64: labels that are right, true labels, labels said, of each row.

    >>> label_counts([("a", "b"), ()], [("b",), ("c",)]).tolist()
    [[1.0, 2.0, 1.0], [0.0, 0.0, 1.0]]
    """
    counts = [
        (len({*of_truth} & {*of_guess}), len(of_truth), len(of_guess)) for of_truth, of_guess in zip(true, said, strict=True)
    ]
    return np.array(counts, np.float64).reshape(-1, 3)


def all_right(y: np.ndarray, counts: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Return (n,) float64, 1 where a row has all of its labels and no other, as the counts have it."""
    right, true, said = counts.T
    return ((right == true) & (right == said)).astype(np.float64)
