"""A training as one file, whole or not at all: checkpoint.safetensors, tensors by name and the rest as JSON in its header.

It holds weights, the optimiser's state, averages and best weights, torch's random states and the place in the data, so that a
training that was killed goes on to the same end.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tenon.errors import RunFolderError
from tenon.files import new_file
from tenon.training.history import History
from tenon.training.state import State

NAME = "checkpoint.safetensors"
FORMAT = 1
COPIES = ("average", "best", "good")


def write_checkpoint(folder: Path, state: State, seed: int, n_rows: int) -> None:
    """Write where the training is. Raises OutputError where nothing can be written."""
    from safetensors.torch import save_file

    header = {
        "training": _identity(state, seed, n_rows), "history": state.history.to_json(),
        "epoch": state.epoch, "step": state.step, "scaler": state.scaler.state_dict(),
    }  # fmt: skip
    tensors = {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format) for name, tensor in _tensors(state).items()
    }
    with new_file(folder / NAME) as unfinished:
        save_file(tensors, unfinished, {"tenon": json.dumps(header)})


def read_checkpoint(folder: Path, state: State, seed: int, n_rows: int) -> None:
    """Bring the state to where the checkpoint in the folder is; nothing where there is none.

    Raises RunFolderError where it is of another training or cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / NAME
    if not path.exists():
        return
    try:
        with safe_open(path, "pt") as file:
            header = json.loads(file.metadata()["tenon"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise RunFolderError(f"{path} is damaged; delete it, and the training starts anew.") from error
    if header["training"] != _identity(state, seed, n_rows):
        raise RunFolderError(
            f"{path} is of another training: other settings, rows or network; delete it, or name another folder."
        )
    state.history = History(**header["history"])
    state.epoch, state.step = header["epoch"], header["step"]
    state.scaler.load_state_dict(header["scaler"])
    _take(state, tensors)


def _identity(state: State, seed: int, n_rows: int) -> dict[str, Any]:
    """What has to be the same for a training to go on."""
    shapes = {name: list(tensor.shape) for name, tensor in state.net.state_dict().items()}
    recipe = json.loads(json.dumps(asdict(state.recipe)))  # tuples become lists, as in the file
    return {"format": FORMAT, "recipe": recipe, "seed": seed, "n_rows": n_rows, "net": shapes}


def _tensors(state: State) -> dict[str, Tensor]:
    found = {f"net.{name}": tensor for name, tensor in state.net.state_dict().items()}
    for copy in COPIES:
        found |= {f"{copy}.{name}": tensor for name, tensor in (getattr(state, copy) or {}).items()}
    for i, student in enumerate(state.students):
        found |= {f"student.{i}.{name}": tensor for name, tensor in student.items()}
    for i, parameter in enumerate(state.trained):
        for key, value in state.optimiser.state[parameter].items():
            if value is not None:
                found[f"optimiser.{i}.{key}"] = torch.as_tensor(value)
    found["chance.cpu"] = torch.get_rng_state()
    if state.device.type == "cuda":
        found["chance.cuda"] = torch.cuda.get_rng_state(state.device)
    return found


def _take(state: State, tensors: dict[str, Tensor]) -> None:
    def part(name: str) -> dict[str, Tensor]:
        return {key.removeprefix(f"{name}."): tensor for key, tensor in tensors.items() if key.startswith(f"{name}.")}

    state.net.load_state_dict(part("net"))
    for copy in COPIES:
        if held := part(copy):
            setattr(state, copy, {name: tensor.to(state.device) for name, tensor in held.items()})
    for i in range(state.recipe.students):
        if held := part(f"student.{i}"):
            state.students.append({name: tensor.to(state.device) for name, tensor in held.items()})
    saved = state.optimiser.state_dict()
    saved["state"] = {i: held for i in range(len(state.trained)) if (held := part(f"optimiser.{i}"))}
    state.optimiser.load_state_dict(saved)
    torch.set_rng_state(tensors["chance.cpu"])
    if "chance.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["chance.cuda"], state.device)
