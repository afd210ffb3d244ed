"""How long predictions take: models take turns, so that what else the machine does falls on all alike."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenon.data.dataset import Dataset
from tenon.method import Model
from tenon.watch import SILENT, Watch

UNTIMED = 2  # turns at the start, while caches fill and kernels are compiled
SECONDS = 10.0  # that all turns together take, about
FEWEST, MOST = 12, 200  # turns
BATCH = 32  # rows


@dataclass(frozen=True)
class Latency:
    """Seconds of one prediction."""

    p50: float
    p95: float


def latencies(
    models: Sequence[Model], rows: Dataset, size: int, seed: int, watch: Watch = SILENT, seconds: float = SECONDS
) -> list[Latency]:
    """Return how long each model takes to predict `size` rows, which are drawn anew for each turn and are the same for all.

    rows : as the models read them, without a target.
    """
    rng, times = np.random.default_rng([seed, size]), list[list[float]]()
    began = time.perf_counter()
    while len(times) < UNTIMED + MOST:
        some = rows.rows(np.sort(rng.choice(rows.row_ids, min(size, len(rows)), replace=False)))
        times.append([_seconds(model, some) for model in models])
        if len(times) == UNTIMED:
            began = time.perf_counter()
        n, passed = len(times) - UNTIMED, (time.perf_counter() - began) / seconds
        if n >= FEWEST and passed > 1:
            break
        watch.step(f"measuring how long they take for {size} row{'' if size == 1 else 's'}", _share(n, passed), 1)
    return [Latency(*np.percentile(of_one, [50, 95]).tolist()) for of_one in np.array(times[UNTIMED:]).T]


def _share(n: int, passed: float) -> float:
    """Return how much is over after n timed turns, below 0 before them. passed : share of the seconds."""
    return max(0.0, n / MOST, min(n / FEWEST, passed))


def _seconds(model: Model, rows: Dataset) -> float:
    began = time.perf_counter()
    model.predict_rows(rows)
    return time.perf_counter() - began
