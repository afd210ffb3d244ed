"""What a GPU does while something runs on it: seconds, how much of them it was busy, and the memory that was held at most.

Where there is none, the processor stands in, in small, so that scripts can be tried; its figures are never kept.
"""

import gc
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

HAS_GPU = torch.cuda.is_available()
DEVICE = torch.device("cuda" if HAS_GPU else "cpu")
NAME = torch.cuda.get_device_name() if HAS_GPU else "none"
PEAKS = {"H100": 989e12, "H200": 989e12}  # bf16 operations a second of matrix units, without sparsity, of NVIDIA's data sheets
LOOK_EVERY = 0.02  # seconds between looks at whether the card is busy
FEWEST_LOOKS = 10  # from which a share is told
Prepare = Callable[[], Callable[[], object]]  # what is not timed, and gives what is


class Turn(NamedTuple):
    """seconds of one run; busy : share of them, None where it was too short or nothing tells; megabytes at most beyond before."""

    seconds: float
    busy: float | None
    megabytes: float


class Looks(threading.Thread):
    """Looks at how busy the card is until it is asked for the share. What it says is of the last moments, so the first do not
    count.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.found: list[int] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        try:
            while HAS_GPU and not self.is_over.wait(LOOK_EVERY):
                self.found.append(torch.cuda.utilization())
        except ModuleNotFoundError:  # of NVIDIA's package nvidia-ml-py
            return

    def share(self) -> float | None:
        self.is_over.set()
        self.join()
        late = self.found[len(self.found) // 3 :]
        return statistics.mean(late) / 100 if len(late) >= FEWEST_LOOKS else None


def wait() -> None:
    if HAS_GPU:
        torch.cuda.synchronize()


def turn(prepare: Prepare) -> Turn:
    """Return what one run takes; memory also of what is prepared for it."""
    gc.collect()
    before = 0
    if HAS_GPU:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
    run = prepare()
    wait()
    looks = Looks()
    looks.start()
    began = time.perf_counter()
    run()
    wait()
    seconds = time.perf_counter() - began
    busy = looks.share()
    return Turn(seconds, busy, ((torch.cuda.max_memory_allocated() if HAS_GPU else 0) - before) / 1e6)


def turns(ways: dict[str, Prepare], rounds: int) -> dict[str, list[Turn]]:
    """Return the runs of all ways, which take turns; a round before warms up."""
    found: dict[str, list[Turn]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, prepare in ways.items():
            found[name] += [turn(prepare)] * (number > 0)
    return found


def beside(found: dict[str, list[Turn]], ours: str) -> dict[str, Any]:
    """Return medians of each way, and, of each, how many times as long as ours it took, in the middle, at least and at most."""
    told: dict[str, Any] = {"seconds": {}, "busy": {}, "megabytes": {}, "ratios": {}}
    for name, runs in found.items():
        told["seconds"][name] = statistics.median(run.seconds for run in runs)
        told["busy"][name] = _middle([run.busy for run in runs if run.busy is not None])
        told["megabytes"][name] = max(run.megabytes for run in runs)
        ratios = [run.seconds / own.seconds for run, own in zip(runs, found[ours], strict=True)]
        told["ratios"][name] = [statistics.median(ratios), min(ratios), max(ratios)]
    return told


def of_peak(operations: float, seconds: float) -> float | None:
    """Return which share of what the card could multiply these operations are; None of a card whose peak is not known."""
    peak = next((peak for card, peak in PEAKS.items() if card in NAME), None)
    return None if peak is None else operations / seconds / peak


def _middle(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
