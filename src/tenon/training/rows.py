"""What a network is trained on: anything with a length that gives a batch for row numbers."""

from typing import Any, Protocol

import torch
from torch import Tensor

POOL = 16  # batches whose rows are sorted by length together
Batch = tuple[tuple[Any, ...], Tensor]  # what the network is called with, and the targets (b, …)


class Rows(Protocol):
    """Rows to train on or to judge by. Chance in `batch` (augmentation) must come from torch's global generator."""

    def __len__(self) -> int: ...

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return rows ids (b,) int64 on the device."""
        ...


class TensorRows:
    """Rows that lie in memory as tensors (n, …): inputs, each given to the network as an argument of its own, and targets."""

    def __init__(self, *inputs: Tensor, targets: Tensor):
        self.inputs, self.targets = inputs, targets

    def __len__(self) -> int:
        return len(self.targets)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        return tuple(values[ids].to(device) for values in self.inputs), self.targets[ids].to(device)


def of_epoch(rows: Rows, epoch: int) -> Rows:
    """Return the rows as they are in an epoch: those that change from one to the next have a method `of_epoch` that tells."""
    return rows.of_epoch(epoch) if hasattr(rows, "of_epoch") else rows


def batches_of(rows: Rows, size: int | None, seed: int, epoch: int) -> list[Tensor]:
    """Return the row numbers (b,) of each batch of an epoch; rows with `lengths` (n,) come with those of like length."""
    lengths = getattr(rows, "lengths", None)
    return epoch_batches(len(rows), size, seed, epoch) if lengths is None else bucketed_batches(lengths, size, seed, epoch)


def epoch_batches(n: int, size: int | None, seed: int, epoch: int) -> list[Tensor]:
    """Return the row numbers (b,) of each batch of an epoch, a function of seed and epoch alone.

    A single row that is left over goes with the batch before it, unless batches are of one: normalisation by batches needs two.
    """
    return _cut(torch.randperm(n, generator=_chance(seed, epoch)), size or n)


def bucketed_batches(lengths: Tensor, size: int | None, seed: int, epoch: int) -> list[Tensor]:
    """The same for rows (n,) that a batch pads to its longest: rows of like length come together, so there is little to pad.

    Rows drawn at random for POOL batches are sorted by length and cut, and the batches are shuffled: their company changes from
    epoch to epoch.
    """
    size, chance = size or len(lengths), _chance(seed, epoch)
    pools = torch.randperm(len(lengths), generator=chance).split(POOL * size)
    sorted_rows = torch.cat([pool[lengths[pool].argsort(stable=True)] for pool in pools])
    batches = _cut(sorted_rows, size)
    return [batches[i] for i in torch.randperm(len(batches), generator=chance).tolist()]


def _cut(order: Tensor, size: int) -> list[Tensor]:
    batches = list(order.split(size))
    if size > 1 and len(batches) > 1 and len(batches[-1]) == 1:
        batches[-2:] = [torch.cat(batches[-2:])]
    return batches


def _chance(seed: int, epoch: int) -> torch.Generator:
    return torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63)
