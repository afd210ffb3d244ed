"""A fitted network as two files, its words as JSON and its weights as safetensors: nothing in them is ever run."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from safetensors.torch import load_file, save_file
from torch import Tensor

from tenon.files import reading

Estimator = TypeVar("Estimator")
Weights = Mapping[str, Tensor]
BROKEN = "surrogatepass"  # a token may hold half a character of UTF-16


def write_net(folder: Path, names: tuple[str, str], words: Mapping[str, Any], weights: Weights) -> None:
    """Write both files into a folder; names : of words and weights."""
    text = json.dumps(words, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / names[0]).write_bytes(text.encode("utf-8", BROKEN))
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, folder / names[1])


def read_net(
    folder: Path, names: tuple[str, str], what: str, made: Callable[[dict[str, Any], dict[str, Tensor]], Estimator]
) -> Estimator:
    """Return what `made` makes of the words and weights that `write_net` wrote.

    what : the estimator in words. Raises ModelFileError where a file cannot be read, or `made` fails on what it holds.
    """
    with reading(f"{folder} holds no {what} that can be read"):
        words = json.loads((folder / names[0]).read_bytes().decode("utf-8", BROKEN))
        return made(words, load_file(folder / names[1]))
