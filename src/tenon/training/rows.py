"""What a network is trained on: anything with a length that gives a batch for row numbers."""

from typing import Any, Protocol

import torch
from torch import Tensor

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


def epoch_batches(n: int, size: int | None, seed: int, epoch: int) -> list[Tensor]:
    """Return the row numbers (b,) of each batch of an epoch, a function of seed and epoch alone.

    A single row that is left over goes with the batch before it: normalisation by batches needs two.
    """
    order = torch.randperm(n, generator=torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63))
    batches = list(order.split(size or n))
    if len(batches) > 1 and len(batches[-1]) == 1:
        batches[-2:] = [torch.cat(batches[-2:])]
    return batches
