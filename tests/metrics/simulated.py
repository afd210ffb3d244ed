"""Simulated boards: methods whose guesses on n rows are known by construction."""

import numpy as np

from tenon.metrics.evidence import Evidence, gather
from tenon.metrics.scores import METRICS


def folds_of(rng: np.random.Generator, n: int, n_repeats: int, n_folds: int) -> np.ndarray:
    """(R, n) int, equal sizes."""
    return np.stack([rng.permutation(np.arange(n) % n_folds) for _ in range(n_repeats)])


def guess_for(metric_name: str, signal: np.ndarray) -> np.ndarray:
    """Turn a real number per row, larger = more like class 1, into what the metric reads."""
    proba = 1 / (1 + np.exp(-signal))
    reads = METRICS[metric_name].reads
    if reads == "value":
        return signal
    return np.column_stack([1 - proba, proba]) if reads == "proba" else (proba > 0.5).astype(int)


def board_of(
    metric_name: str, strengths: tuple[float, ...], *, n: int = 300, n_repeats: int = 2, n_folds: int = 5, seed: int = 0
) -> Evidence:
    """Methods named a, b, ... that see the truth with these strengths through noise of rows and, smaller, of repeats."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=n)
    y = signal if METRICS[metric_name].reads == "value" else (signal + rng.normal(size=n) > 0).astype(int)
    noise = rng.normal(size=(len(strengths), n))
    guesses = [
        [
            guess_for(metric_name, strength * signal + 0.5 * own + 0.2 * rng.normal(size=n))
            for strength, own in zip(strengths, noise, strict=True)
        ]
        for _ in range(n_repeats)
    ]
    names = [chr(ord("a") + j) for j in range(len(strengths))]
    return gather(METRICS[metric_name], names, y, guesses, folds_of(rng, n, n_repeats, n_folds))
