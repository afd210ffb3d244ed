"""Weights from files that others wrote: .safetensors, or .pth and .pt, of which torch reads tensors only and runs nothing."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from tenon.errors import ModelFileError

READ = (
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,
)  # fmt: skip
SHOWN = 3  # layers that an error names
Weights = Mapping[str, Tensor]


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return what the file holds by name. Raises ModelFileError where it cannot be read."""
    if not path.is_file():
        raise ModelFileError(f"there is no file {path}; name one of weights, .safetensors or .pth.")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            found = load_file(path)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of pickles that are not torch's, which are refused in any case
                found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch and safetensors raise many kinds for files that are not theirs
        raise ModelFileError(
            f"{path} holds no weights that can be read: it is damaged or cut off, or holds more than tensors, of which nothing "
            "is run here. Save `net.state_dict()` alone."
        ) from error
    are_tensors = isinstance(found, dict) and all(isinstance(k, str) and isinstance(v, Tensor) for k, v in found.items())
    if not are_tensors:
        raise ModelFileError(f"{path} holds something else than tensors by name; save `net.state_dict()` alone.")
    return found


@torch.no_grad()
def take(ours: Weights, theirs: Weights, may_lack: Callable[[str], bool], path: Path, advice: str) -> list[str]:
    """Give a network's tensors, `ours`, the values of those in a file, `theirs`.

    may_lack : which of ours may keep the values they have, where the file has none or one of another shape, and which of theirs
    are passed over where we have none. Returns the names of ours that kept theirs. Raises ModelFileError, with advice, where
    anything else does not fit, and for numbers that are not finite, or of no kind in READ; all is then as it was.
    """
    if wrong := misfits(ours, theirs, may_lack):
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        told = "; ".join(_misfit(name, theirs, ours) for name in wrong[:SHOWN])
        raise ModelFileError(f"{path} does not fit this network: {told}{more}. {advice}")
    fitting = [name for name in ours if _fits(name, ours, theirs)]
    if unread := [name for name in fitting if theirs[name].dtype not in READ]:
        kind = str(theirs[unread[0]].dtype).removeprefix("torch.")
        raise ModelFileError(f"{path} holds {kind}, in {unread[0]} first, which is not read here; save its numbers as float32.")
    if odd := [name for name in fitting if not torch.stack(theirs[name].aminmax()).isfinite().all()]:
        raise ModelFileError(f"{path} holds numbers that are not finite, in {odd[0]} first; its training had come to grief.")
    for name in fitting:
        ours[name].copy_(theirs[name])
    return [name for name in ours if name not in fitting]


def misfits(ours: Weights, theirs: Weights, may_lack: Callable[[str], bool]) -> list[str]:
    """Return the names of tensors that do not fit; arguments as for `take`."""
    return [name for name in dict.fromkeys([*ours, *theirs]) if not _fits(name, ours, theirs) and not may_lack(name)]


def _fits(name: str, ours: Weights, theirs: Weights) -> bool:
    return name in theirs and name in ours and theirs[name].shape == ours[name].shape


def _misfit(name: str, theirs: Weights, ours: Weights) -> str:
    if name not in theirs:
        return f"{name} is missing in the file"
    if name not in ours:
        return f"{name} is only in the file"
    there, here = ("x".join(map(str, tensors[name].shape)) for tensors in (theirs, ours))
    return f"{name} is {there} in the file and {here} here"
