"""Weights of a file into an image network, under the names that torchvision gives them too."""

from pathlib import Path
from typing import cast

from torch import nn

from tenon.training.weight_files import read_tensors, take

ADVICE = "Build it with the depth, channels and kind of size (up to 64 pixels, or more) that the file is of."


def load_weights(net: nn.Module, path: "Path | str") -> list[str]:
    """Give an image network of this room the weights in a file (`tenon.training.weight_files`).

    Returns the names in the network's heads (`net.heads`) that keep the values they had: those that the file lacks, or has in
    another shape since it knows other classes. Heads that only the file has are passed over. Raises ModelFileError where the file
    cannot be read, or anything else does not fit; the network is then as it was.
    """
    heads = tuple(f"{head}." for head in cast(tuple[str, ...], net.heads))  # to torch any attribute of a module may be a tensor

    def may_lack(name: str) -> bool:
        return name.startswith(heads) or name.endswith("num_batches_tracked")  # which old files do not count

    kept = take(net.state_dict(), read_tensors(Path(path)), may_lack, Path(path), ADVICE)
    return [name for name in kept if name.startswith(heads)]
