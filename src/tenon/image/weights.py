"""Weights of a file into a network: .safetensors, or .pth and .pt of which torch reads tensors only and runs nothing."""

from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from tenon.errors import ModelFileError

SHOWN = 3  # layers that an error names


def load_weights(net: nn.Module, path: "Path | str") -> list[str]:
    """Give an image network of this room the weights in a file, under the names that torchvision gives them too.

    Returns the names in the network's heads (`net.heads`) that keep the values they had: those that the file lacks, or has in
    another shape since it knows other classes. Heads that only the file has are passed over. Raises ModelFileError where the file
    cannot be read, or anything else does not fit; the network is then as it was.
    """
    path = Path(path)
    theirs, ours = _tensors(path), net.state_dict()
    kept = [name for name in ours if _is_head(net, name) and not _fits(name, theirs, ours)]
    wrong = [
        _misfit(name, theirs, ours)
        for name in dict.fromkeys([*ours, *theirs])
        if not _is_head(net, name) and not _fits(name, theirs, ours) and not name.endswith("num_batches_tracked")
    ]
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise ModelFileError(
            f"{path} does not fit this network: {'; '.join(wrong[:SHOWN])}{more}. "
            "Build it with the depth, channels and kind of size (up to 64 pixels, or more) that the file is of."
        )
    taken = {name: theirs[name] for name in ours if name in theirs and name not in kept}
    if odd := [name for name, tensor in taken.items() if not tensor.isfinite().all()]:
        raise ModelFileError(f"{path} holds numbers that are not finite, in {odd[0]} first; its training had come to grief.")
    net.load_state_dict(taken, strict=False)
    return kept


def _tensors(path: Path) -> dict[str, Tensor]:
    """Return what the file holds by name."""
    if not path.is_file():
        raise ModelFileError(f"there is no file {path}; name one of weights, .safetensors or .pth.")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            found = load_file(path)
        else:
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


def _is_head(net: nn.Module, name: str) -> bool:
    heads = cast(tuple[str, ...], net.heads)  # torch lets every attribute of a module pass for a tensor
    return name.startswith(tuple(f"{head}." for head in heads))


def _fits(name: str, theirs: dict[str, Tensor], ours: dict[str, Tensor]) -> bool:
    return name in theirs and name in ours and theirs[name].shape == ours[name].shape


def _misfit(name: str, theirs: dict[str, Tensor], ours: dict[str, Tensor]) -> str:
    if name not in theirs:
        return f"{name} is missing in the file"
    if name not in ours:
        return f"{name} is only in the file"
    there, here = ("x".join(map(str, tensors[name].shape)) for tensors in (theirs, ours))
    return f"{name} is {there} in the file and {here} here"
