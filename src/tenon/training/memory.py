"""Memory while a network learns: what is free is given back, and where a batch does not fit, which one would."""

import ctypes
import sys
from collections.abc import Callable

import torch
from torch import Tensor

from tenon.errors import SettingsError


def too_large(error: Exception, ids: Tensor, backward: Callable[[Tensor], object]) -> Exception:
    """Return the error to raise: the same where it is not of memory, else one that says how many rows fit.

    ids : (n,) the batch's rows; backward(ids) : run them forwards and backwards. Halves are tried until one fits.
    """
    if not is_out_of_memory(error):
        return error
    n = len(ids)
    fits = n // 2
    while fits and not _fits(backward, ids[:fits]):
        fits //= 2
    if not fits:
        return SettingsError("not one row at a time fits into memory; take a smaller network, or shorter inputs.")
    return SettingsError(
        f"a batch of {n:,} rows does not fit into memory, one of {fits:,} does: set batch_size to {fits}, "
        f"and accumulate to {-(-n // fits)} for the same steps."
    )


def give_back() -> None:
    """Give free memory back to the system, as glibc does by itself only at the end of its heap.

    Batches of unequal lengths leave it in pieces that fit few later ones, so that a heap grows to a multiple of what is held.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def is_out_of_memory(error: Exception) -> bool:
    """Whether memory was short, on a GPU or (which torch tells as a plain RuntimeError) on a CPU."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _fits(backward: Callable[[Tensor], object], ids: Tensor) -> bool:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    try:
        backward(ids)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        return False
    return True
