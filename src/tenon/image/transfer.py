"""What a network that starts from weights in a file learns anew, and when (Howard & Ruder 2018, arXiv:1801.06146, section 3.3).

head : its heads alone; all : everything, what was learnt before at a tenth of the rate; gradual : first the heads, then the upper
half of the layers too, then everything, in trainings of equal length. Means and deviations of batch norm follow the new images
in each, for these are not of the same colours as the old ones. Whether the file is of this network is looked at before.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from torch import nn

from tenon.image.kinds import KINDS, PUBLISHED
from tenon.image.weights import fits, take_weights
from tenon.training.in_turn import in_turn
from tenon.training.on_paper import on_paper
from tenon.training.recipe import Recipe
from tenon.training.weight_files import read_tensors

Learns = Literal["head", "all", "gradual"]
LEARNS = get_args(Learns)
ELSE = "the net that the file is of, and a longest_side of its kind, up to 64 pixels or more"  # what to give
OLD = 0.1  # rate of weights from the file, as a share of the heads' rate


def trainings(net: nn.Module, recipe: Recipe, learns: Learns) -> dict[str, Recipe]:
    """Return the recipes of trainings, one after the other, by what learns. net : with `heads`, names of its new layers."""
    heads = tuple((f"{head}.", 1.0) for head in net.heads)  # type: ignore[union-attr]  # a module's attribute may be a tensor
    head = (("", 0.0), *heads)
    everything = (("", OLD), *heads)
    if learns == "head":
        return in_turn(recipe, {"the heads": head})
    if learns == "all":
        return in_turn(recipe, {"everything": everything})
    layers = [name for name, child in _layers(net) if any(True for _ in child.parameters())]
    upper = tuple((f"{name}.", OLD) for name in layers[len(layers) // 2 :] if f"{name}." not in dict(heads))
    return in_turn(recipe, {"the heads": head, "the upper half": (*head, *upper), "everything": everything})


def check_weights(path: str, name: str, shape: Sequence[int]) -> None:
    """Raise ModelFileError where the file cannot be read, or is not of the network of this name in PUBLISHED.

    shape : height, width and channels of the images.
    """
    net, theirs, (height, width, _) = _on_paper(name, shape), read_tensors(Path(path)), shape
    advice = f"It is {name} for images of {width}x{height} pixels: "
    if not fits(net, theirs):
        others = (other for other in PUBLISHED if fits(_on_paper(other, shape), theirs))
        advice += f"give {', or '.join(f'--set transfer.net={other}' for other in others) or ELSE}."
    take_weights(net, theirs, Path(path), advice)


def _on_paper(name: str, shape: Sequence[int]) -> nn.Module:
    """Return a published network whose weights are names and shapes only."""
    kind, settings = PUBLISHED[name]
    with on_paper():
        return KINDS[kind].build(1, shape, settings)


def _layers(net: nn.Module) -> list[tuple[str, nn.Module]]:
    """Return the parts of a network from its images to its heads; those of a long sequence one by one."""
    found = []
    for name, child in net.named_children():
        is_long = isinstance(child, nn.Sequential) and name == "features"
        found += [(f"{name}.{inner}", part) for inner, part in child.named_children()] if is_long else [(name, child)]
    return found
