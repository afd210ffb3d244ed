"""A team of threads that run one kernel together and wait for one another at gates (single program, multiple data).

Each kernel gets `me`, its thread's number, and the number of threads, and does its share. Where all must be done before any
goes on, it calls `wait`. That needs no threading layer of Numba: it compiles in half the time and costs the same few
microseconds everywhere.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from tenon import ranges
from tenon.kernels import atomic_add, atomic_load, compiled_bare_inline, yield_processor

Item = TypeVar("Item")
Result = TypeVar("Result")

CELLS_PER_THREAD = 50_000  # fewer are done before the others have woken
ALONE = 100_000  # rows up to which waking other threads for one pass costs more than they save
_SPINS = 300  # looks at the gate before the processor is offered to others
_OPEN_FOR_EVER = 1 << 62


@compiled_bare_inline
def wait(gate: np.ndarray, n_threads: int) -> None:
    """Return when all n_threads have come here. gate : (1,) int64, the number of arrivals since the team was made."""
    if n_threads == 1:
        return
    here = atomic_add(gate, 0, 1)
    all_here = (here // n_threads + 1) * n_threads
    spins = 0
    while atomic_load(gate, 0) < all_here:
        spins += 1
        if spins > _SPINS:
            yield_processor()


@compiled_bare_inline
def share_of(n: int, me: int, n_threads: int) -> tuple[int, int]:
    """Return where my part of 0 … n-1 starts and stops; the parts of all threads together are the whole."""
    return n * me // n_threads, n * (me + 1) // n_threads


def threads(n_jobs: int | None) -> int:
    """Return how many threads n_jobs asks for: None all cores, -1 too (as in scikit-learn), -2 all but one.

    Raises SettingsError for more than `ranges.MOST_THREADS`.
    """
    if n_jobs is not None:
        ranges.whole("n_jobs", n_jobs, -ranges.MOST_THREADS, ranges.MOST_THREADS)
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if n_jobs is None or n_jobs == 0:
        return n_cores
    return int(n_jobs) if n_jobs > 0 else max(1, n_cores + 1 + int(n_jobs))


def threads_for(n_jobs: int, n_cells: int) -> int:
    """Return how many of n_jobs threads have enough to do; any number gives the same result."""
    return max(1, min(n_jobs, n_cells // CELLS_PER_THREAD))


class Team:
    """Threads kept for one fit; use it in a `with` statement."""

    def __init__(self, size: int):
        self.size = size
        self._pool = ThreadPoolExecutor(size) if size > 1 else None

    def run(self, kernel: Callable[..., Any], *args: Any, alone: bool = False) -> None:
        """Run kernel(me, n_threads, gate, *args) in every thread and return when all are through; alone : in this thread only."""
        gate = np.zeros(1, np.int64)
        if self._pool is None or alone:
            kernel(0, 1, gate, *args)
            return
        try:
            others = [self._pool.submit(kernel, me, self.size, gate, *args) for me in range(1, self.size)]
            kernel(0, self.size, gate, *args)
        except BaseException:  # Ctrl-C before all have started: nobody may wait for those who never come
            gate[0] = _OPEN_FOR_EVER
            raise
        for other in others:
            other.result()

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return function of each item, in their order; the threads take one item after the other."""
        return [*map(function, items)] if self._pool is None else [*self._pool.map(function, items)]

    def __enter__(self) -> "Team":
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()
