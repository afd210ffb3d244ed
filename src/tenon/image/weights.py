"""Weights of a file into an image network, under the names that torchvision gives them too."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from torch import Tensor, nn

from tenon.training.weight_files import misfits, read_tensors, take

ADVICE = "Build it with the depth, channels and kind of size (up to 64 pixels, or more) that the file is of."


def load_weights(net: nn.Module, path: "Path | str") -> list[str]:
    """Give an image network of this room the weights in a file (`tenon.training.weight_files`).

    Returns the names in the network's heads (`net.heads`) that keep the values they had: those that the file lacks, or has in
    another shape since it knows other classes. Heads that only the file has are passed over. Raises ModelFileError where the file
    cannot be read, or anything else does not fit; the network is then as it was.
    """
    kept = take_weights(net, read_tensors(Path(path)), Path(path), ADVICE)
    return [name for name in kept if name.startswith(_heads(net))]


def take_weights(net: nn.Module, theirs: Mapping[str, Tensor], path: Path, advice: str) -> list[str]:
    """Give the network the weights that were read from the path; see `weight_files.take`."""
    return take(net.state_dict(), theirs, _may_lack(net), path, advice)


def fits(net: nn.Module, theirs: Mapping[str, Tensor]) -> bool:
    """Tell whether these weights are of such a network; its heads may be others."""
    return not misfits(net.state_dict(), theirs, _may_lack(net))


def _heads(net: nn.Module) -> tuple[str, ...]:
    """Return how the names of weights in its heads begin."""
    return tuple(f"{head}." for head in cast(tuple[str, ...], net.heads))  # to torch any attribute may be a tensor


def _may_lack(net: nn.Module) -> Callable[[str], bool]:
    heads = _heads(net)
    return lambda name: name.startswith(heads) or name.endswith("num_batches_tracked")  # which old files do not count
