"""Where networks compute: on a GPU that PyTorch can use (CUDA), else on the processor. CUDA_VISIBLE_DEVICES="" hides GPUs.

A network lies on the processor, where it is made, read, written and asked about single rows. It is lent to the GPU while it
learns, and while it answers many rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from tenon.nn.int8 import int8_layers

WORTH = 64  # rows from which a network is moved to answer them


def fastest() -> torch.device:
    """Return the device on which networks compute fastest."""
    return torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else torch.device("cpu")


def gpu() -> dict[str, str]:
    """Return what the GPU is called, under "gpu"; nothing where there is none."""
    return {"gpu": torch.cuda.get_device_name()} if torch.cuda.is_available() else {}


@contextmanager
def lent(net: nn.Module, n_rows: int = WORTH) -> Iterator[torch.device]:
    """Let a network that lies on the processor compute on the fastest device in this block; yield where it is.

    n_rows : that it answers; for few of them it stays where it is, and always where it has layers of 8 bits, see `tenon.nn.int8`.
    """
    before = next(net.parameters()).device
    there = fastest() if before.type == "cpu" and n_rows >= WORTH and not int8_layers(net) else before
    if there == before:  # to go through all layers costs as much as to answer a short text
        yield there
        return
    try:
        net.to(there)
        yield there
    finally:
        net.to(before)
