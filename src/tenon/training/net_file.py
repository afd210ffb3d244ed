"""A fitted network as two files, its words as JSON and its weights as safetensors: nothing in them is ever run.

Weights of 64 bits are written in 32. A network may have layers of 8 bits (`tenon.nn.int8`), of which the words tell.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tenon.files import reading
from tenon.nn.int8 import int8_layers, put_int8

Estimator = TypeVar("Estimator")
INT8 = "int8"  # among the words: names of layers of 8 bits, where there are some
BROKEN = "surrogatepass"  # a token may hold half a character of UTF-16


def write_net(
    folder: Path, names: tuple[str, str], words: Mapping[str, Any], net: nn.Module, others: Mapping[str, Tensor] | None = None
) -> None:  # fmt: skip
    """Write both files into a folder; names : of words and weights.

    others : tensors beside the weights, whose names then begin with "net.".
    """
    told = {INT8: names_of_8_bits} if (names_of_8_bits := int8_layers(net)) else {}
    weights = {name: _single(tensor) for name, tensor in net.state_dict(prefix="" if others is None else "net.").items()}
    text = json.dumps({**words, **told}, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / names[0]).write_bytes(text.encode("utf-8", BROKEN))
    tensors = {**weights, **(others or {})}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / names[1])


def read_net(
    folder: Path, names: tuple[str, str], what: str, made: Callable[[dict[str, Any], dict[str, Tensor]], Estimator]
) -> Estimator:
    """Return what `made` makes of the words and weights that `write_net` wrote.

    what : the estimator in words. Raises ModelFileError where a file cannot be read, or `made` fails on what it holds.
    """
    with reading(f"{folder} holds no {what} that can be read"):
        words = json.loads((folder / names[0]).read_bytes().decode("utf-8", BROKEN))
        return made(words, load_file(folder / names[1]))


def put_weights(net: nn.Module, words: Mapping[str, Any], weights: Mapping[str, Tensor]) -> None:
    """Make a network that was built as the one that was written what that was, ready to answer."""
    put_int8(net, words.get(INT8, ()))
    net.load_state_dict(weights)
    net.eval()


def _single(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.dtype == torch.float64 else tensor
