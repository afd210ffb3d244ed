"""How many threads PyTorch computes with: sums in another order have other last digits, so it is part of what is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tenon import ranges


@contextmanager
def threads(n: int | None) -> Iterator[None]:
    """Compute with n threads in this block; None, 0 and -1: with as many as the process has. Raises SettingsError."""
    ranges.whole("n_jobs", n, -ranges.MOST_THREADS, ranges.MOST_THREADS, or_none=True)
    before = torch.get_num_threads()
    if n is None or n <= 0:
        yield
        return
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)
